"""Writing a report of a granted effort, handing it in, and the office's word on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from applications.models import Application, Report, ReportState, ReportVersion
from applications.payments import claiming_parties
from applications.programme_definition.shape import ReportQuestion
from applications.programme_definition.values import ReportAnswer
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
MOST = 1_000_000


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
    _require_writer(application, actor)
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


def save_part(
    *, report: Report, part: str, values: Mapping[str, Any], seen: str, actor: User
) -> Report:
    """Keep one of PARTS as it is written; the same again changes nothing. Writes `report_saved`.

    `seen` is the part's mark when it was read (`mark_of`): who writes in another part is not in
    the way. Raises Conflict when somebody saved this part in between, DomainError for a value of
    a wrong kind.
    """
    _require_writer(report.application, actor)
    kept = _checked(report, part, values)
    with transaction.atomic():
        report = _locked(report)
        _require_writable(report)
        if kept == report.content.get(part):
            return report
        if mark_of(report, part) != seen:
            raise Conflict(
                "report_changed",
                "Någon annan har sparat avsnittet i mellantiden. Inget av ert är borta: båda "
                "texterna visas. Ta med det som ska stå och spara igen.",
            )
        report.content = {**report.content, part: kept}
        report.revision += 1
        report.save(update_fields=["content", "revision"])
        _tell(report, "report_saved", actor, part=part)
    return report


def mark_of(report: Report, part: str) -> str:
    """A mark of what a part says now."""
    return digest(report.content.get(part, {}))


def submit_report(*, report: Report, actor: User) -> Report:
    """Hand it to the office: frozen with its hash, registered, its document and receipt promised.

    By the lead party; handed in again it is handed in once. Raises NotPossible, naming what is
    missing, while something that must be answered is not.
    """
    with transaction.atomic():
        report = _locked(report)
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
        report = _locked(report)
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
        report = _locked(report)
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
    measures = _measures(report)
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


def _measures(report: Report) -> list[Measure]:
    definition = due_report(report.application, report.key, report.occurrence).definition
    return measures_of(report.application) if definition.asks_indicators else []


def _checked(report: Report, part: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The part with only what the report asks for, each value of its kind."""
    definition = due_report(report.application, report.key, report.occurrence).definition
    if part == "outcomes":
        return {one.key: _outcome(values.get(one.key), one) for one in _measures(report)}
    if part == "participants" and definition.asks_participants:
        return {key: _number(values.get(key), PEOPLE[key]) for key in PEOPLE}
    if part != "answers":
        raise NotPossible("no_part", "Rapporten har inget sådant avsnitt.")
    return {one.key: _answer(one, values.get(one.key)) for one in definition.questions}


def _answer(question: ReportQuestion, value: Any) -> Any:
    if question.answer is ReportAnswer.NUMBER:
        return _number(value, question.prompt)
    return bool(value) if question.answer is ReportAnswer.CONFIRM else str(value or "").strip()


def _outcome(value: Any, measure: Measure) -> int | None:
    number = _number(value, measure.text)
    if number is not None and measure.is_percent and number > 100:
        raise DomainError("over_hundred", f"{measure.text}: högst 100 procent.")
    return number


def _number(value: Any, name: str) -> int | None:
    if value is None or value == "":
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST:
        raise DomainError("not_a_number", f"{name}: skriv ett helt tal, 0 eller mer.")
    return value


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


def _locked(report: Report) -> Report:
    found: Report = (
        Report.objects.select_for_update(of=("self",))
        .select_related(
            "application__association", "application__round__programme", "application__grant"
        )
        .get(pk=report.pk)
    )
    return found


def _require_writer(application: Application, actor: User) -> None:
    if not owes_reports(application):
        raise NotPossible("no_reports", "Rapporter lämnas för en beviljad insats.")
    if not may_write(application, actor):
        raise NotAllowed("not_the_partys", "Bara den som har en roll för en part kan rapportera.")


def _require_writable(report: Report) -> None:
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
