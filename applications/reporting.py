"""A report of a granted effort: begun, handed in, and the office's word on it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from applications.models import Application, Report, ReportState, ReportVersion
from applications.payments import claiming_parties
from applications.report_dates import DueReport
from applications.report_measures import Measure, measures_of
from applications.report_paper import promise_report
from applications.report_plan import owed_by, owes_reports
from applications.report_words import PEOPLE
from applications.sending import tell_office, tell_people
from finsam import clock
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.people.access import visitor_for
from finsam.people.models import User
from finsam.registry.canonical import digest
from finsam.registry.events import record_event
from finsam.registry.models import Direction
from finsam.registry.register import register_record
from finsam.typography import date_long

S = ReportState
WRITABLE = (S.DRAFT, S.RETURNED)


def due_report(application: Application, key: str, occurrence: int) -> DueReport:
    """The report that the application owes under the key. Raises NotPossible when it owes none."""
    for owed in owed_by(application):
        if (owed.definition.key, owed.occurrence) == (key, occurrence):
            return owed
    raise NotPossible("not_owed", "Den rapporten ska inte lämnas för insatsen.")


def may_write(application: Application, actor: User) -> bool:
    """Whether the person has a role for one of the parties that are members."""
    visitor = visitor_for(application.association, actor)
    return bool(claiming_parties(application, visitor))


def begin_report(*, application: Application, key: str, occurrence: int, actor: User) -> Report:
    """The report under way, begun where there is none; writes `report_begun`.

    Raises NotAllowed without a role for a party, NotPossible when the report is not owed.
    """
    require_writer(application, actor)
    owed = due_report(application, key, occurrence)
    with transaction.atomic():
        Application.objects.select_for_update().get(pk=application.pk)
        report, _ = Report.objects.get_or_create(
            application=application,
            key=key,
            occurrence=occurrence,
            defaults={"name": owed.name, "due_on": owed.due},
        )
        if report.state == S.OWED:
            report.state, report.created_at = S.DRAFT, clock.now()
            report.save(update_fields=["state", "created_at"])
            _tell(report, "report_begun", actor)
    return report


def submit_report(*, report: Report, actor: User) -> Report:
    """Hand it to the office: frozen with its hash, registered, its document and receipt promised.

    By the lead party; handed in again it is handed in once. Raises NotPossible, naming what is
    missing, while something that must be answered is not.
    """
    with transaction.atomic():
        report = locked_report(report)
        application = report.application
        if not any(
            party.is_lead
            for party in claiming_parties(application, visitor_for(application.association, actor))
        ):
            raise NotAllowed("lead_only", "Huvudmannen lämnar in rapporten.")
        if report.state in (S.SUBMITTED, S.ACCEPTED):
            return report
        missing = what_is_missing(report)
        if missing:
            raise NotPossible("incomplete", f"Det här saknas: {'; '.join(missing)}.")
        version = _freeze(report, actor)
        owed = due_report(application, report.key, report.occurrence)
        record = register_record(
            case=application.registered_case,
            direction=Direction.IN,
            subject=f"{owed.name}: {application.title}"[:250],
            correspondent=application.parties.get(is_lead=True).name,
            actor=actor,
        )
        promise_report(report, version, owed, record)
        _tell(report, "report_submitted", actor, sha256=report.sha256)
        _send_receipts(report, owed.name, record.number, actor)
    return report


def accept_report(*, report: Report, seen_hash: str, actor: User) -> Report:
    """Accept it, by the office; accepted again it is accepted once. Writes `report_accepted`.

    Raises Conflict when what was handed in is another than what was seen.
    """
    with transaction.atomic():
        report = locked_report(report)
        _require_office(report, actor)
        if report.state == S.ACCEPTED and report.sha256 == seen_hash:
            return report
        _require_submitted(report)
        if report.sha256 != seen_hash:
            raise Conflict(
                "changed_since_seen",
                "Rapporten har ändrats sedan du öppnade sidan. Läs den på nytt.",
            )
        report.state, report.accepted_at, report.accepted_by = S.ACCEPTED, clock.now(), actor
        report.save(update_fields=["state", "accepted_at", "accepted_by"])
        _tell(report, "report_accepted", actor, sha256=seen_hash)
    return report


def return_report(*, report: Report, message: str, answer_by: date, actor: User) -> Report:
    """Send it back with a question and a last day, by the office. Writes `report_returned`."""
    text = message.strip()
    if not text:
        raise DomainError("message_missing", "Skriv vad som behöver kompletteras.", "message")
    if answer_by <= clock.today():
        raise DomainError("day_passed", "Ge en dag som inte har varit.", "answer_by")
    with transaction.atomic():
        report = locked_report(report)
        _require_office(report, actor)
        if report.state == S.RETURNED and report.returned_message == text:
            return report
        _require_submitted(report)
        report.state, report.returned_message, report.answer_by = S.RETURNED, text, answer_by
        report.revision += 1
        report.save(update_fields=["state", "returned_message", "answer_by", "revision"])
        _tell(report, "report_returned", actor, answer_by=answer_by.isoformat())
        tell_people(
            report.application,
            event_key=f"report:{report.pk}:{report.revision}:returned",
            subject=f"Rapporten behöver kompletteras: {report.application.title}",
            template="mail/report_returned.txt",
            context={"message": text, "last_day": date_long(answer_by)},
        )
    return report


def what_is_missing(report: Report) -> list[str]:
    """What must be answered before it can be handed in, in the order of the page."""
    return [text for missing in missing_by_part(report).values() for text in missing]


def missing_by_part(report: Report) -> dict[str, list[str]]:
    """The parts that the report has, in order, each with what is missing in it."""
    definition = due_report(report.application, report.key, report.occurrence).definition
    measures = measures_asked(report)
    content = report.content
    answers, outcomes = content.get("answers", {}), content.get("outcomes", {})
    people = content.get("participants", {})
    found: dict[str, list[str]] = {}
    if definition.questions:
        found["answers"] = [
            question.prompt
            for question in definition.questions
            if question.required and answers.get(question.key) in (None, "", False)
        ]
    if measures:
        found["outcomes"] = [
            f"utfall för ”{measure.indicator or measure.text}”"
            for measure in measures
            if outcomes.get(measure.key) is None
        ]
    if definition.asks_participants:
        is_missing = None in [people.get(key) for key in PEOPLE]
        found["participants"] = ["antal deltagare"] if is_missing else []
    return found


def measures_asked(report: Report) -> list[Measure]:
    """The targets that the report answers with outcomes."""
    definition = due_report(report.application, report.key, report.occurrence).definition
    return measures_of(report.application) if definition.asks_indicators else []


def _freeze(report: Report, actor: User) -> ReportVersion:
    highest = report.versions.aggregate(highest=Max("number"))["highest"] or 0
    mark = digest(report.content)
    version = ReportVersion.objects.create(
        report=report, number=highest + 1, content=report.content, sha256=mark, created_by=actor
    )
    report.state, report.sha256 = S.SUBMITTED, mark
    report.submitted_at, report.submitted_by = clock.now(), actor
    report.returned_message, report.answer_by = "", None
    report.revision += 1
    report.save(
        update_fields=[
            "state", "sha256", "submitted_at", "submitted_by", "returned_message", "answer_by",
            "revision",
        ]
    )  # fmt: skip
    return version


def _send_receipts(report: Report, name: str, number: str, actor: User) -> None:
    """A receipt to the parties' people, and word to the office."""
    application, template = report.application, "mail/report_received.txt"
    event_key = f"report:{report.pk}:{report.revision}"
    subject = f"{name} mottagen: {application.title}"
    context = {"name": name, "number": number, "sha256": report.sha256}
    tell_people(
        application,
        event_key=event_key,
        subject=subject,
        template=template,
        context=context,
        also=actor,
    )
    tell_office(
        application,
        event_key=f"{event_key}:office",
        subject=subject,
        template=template,
        context=context,
    )


def locked_report(report: Report) -> Report:
    """The report read anew, its row locked until the transaction ends."""
    found: Report = (
        Report.objects.select_for_update(of=("self",))
        .select_related(
            "application__association", "application__round__programme", "application__grant"
        )
        .get(pk=report.pk)
    )
    return found


def require_writer(application: Application, actor: User) -> None:
    """Raises NotAllowed without a role for a party, NotPossible when no reports are owed."""
    if not owes_reports(application):
        raise NotPossible("no_reports", "Rapporter lämnas för en beviljad insats.")
    if not may_write(application, actor):
        raise NotAllowed("not_the_partys", "Bara den som har en roll för en part kan rapportera.")


def require_writable(report: Report) -> None:
    """Raises NotPossible once it is handed in."""
    if report.state not in WRITABLE:
        raise NotPossible("handed_in", "Rapporten är inlämnad och kan inte ändras.")


def _require_submitted(report: Report) -> None:
    if report.state != S.SUBMITTED:
        raise NotPossible("not_handed_in", "Rapporten väntar inte på kansliet. Läs om sidan.")


def _require_office(report: Report, actor: User) -> None:
    if not visitor_for(report.application.association, actor).is_office:
        raise NotAllowed("office_only", "Kansliet tar ställning till rapporten.")


def _tell(report: Report, action: str, actor: User, **more: Any) -> None:
    record_event(
        association=report.application.association,
        actor=actor,
        action=action,
        obj=report,
        case=report.application.case,
        payload={"report": report.key, "occurrence": report.occurrence, **more},
    )
