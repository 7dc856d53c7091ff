"""Closing an effort: its reports accepted, its last claim paid; then the follow-up remains."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from applications.models import Application, ApplicationState, Report, ReportState
from applications.next_step import AfterDecision, NextStep, provide_after_decision
from applications.programme_definition.values import ReportKind
from applications.report_dates import DueReport
from applications.report_plan import owed_by
from applications.returning import due_day, next_unsettled
from applications.sending import tell_people
from applications.transitions import apply_transition, require_possible
from budgets.models import Grant, PaymentRequest, PaymentState
from finsam.errors import NotPossible
from finsam.people.models import User
from finsam.registry.models import Direction
from finsam.registry.register import register_record
from finsam.typography import date_long, enumerate_words, kronor

S = ApplicationState
UNPAID = (PaymentState.SUBMITTED, PaymentState.CHECKED, PaymentState.APPROVED)


def close_effort(*, application: Application, actor: User) -> Application:
    """End an effort that is reported and paid; writes `application_close` and tells the parties.

    By the office; closed already, nothing happens. Raises NotPossible, naming what remains. Unused
    money went back with the last claim: closing moves none.
    """
    with transaction.atomic():
        locked: Application = (
            Application.objects.select_for_update(of=("self",))
            .select_related("association", "case", "round__programme")
            .get(pk=application.pk)
        )
        if locked.state == S.CLOSED:
            return locked
        require_possible(locked, "close")
        remains = what_remains(locked)
        if remains:
            raise NotPossible("not_finished", f"Det här återstår: {'; '.join(remains)}.")
        closed = apply_transition(locked, "close", actor=actor)
        register_record(
            case=closed.registered_case,
            direction=Direction.OUT,
            subject=f"Insatsen är avslutad: {closed.title}"[:250],
            correspondent=closed.parties.get(is_lead=True).name,
            actor=actor,
        )
        tell_people(
            closed,
            event_key=f"closed:{closed.pk}",
            subject=f"Insatsen är avslutad: {closed.title}",
            template="mail/closed.txt",
            context={"follow_up": follow_up_words(closed)},
        )
    return closed


def what_remains(application: Application) -> list[str]:
    """What keeps the effort from being closed, each thing in words that say what to do."""
    states = _report_states(application)
    found = [
        f"{_lowered(owed.name)} ska godkännas"
        for owed in owed_by(application)
        if not _is_follow_up(owed) and states.get(_place(owed)) != ReportState.ACCEPTED
    ]
    grant = Grant.objects.filter(pk=application.grant_id or 0).first()
    if grant is None:
        return found
    if grant.closed_at is None:
        found.append("slutrekvisitionen ska godkännas, så att det som inte används släpps")
    waiting = PaymentRequest.objects.filter(grant=grant, state__in=UNPAID)
    found.extend(
        f"rekvisition {one.number} på {kronor(one.amount)} ska betalas eller skickas åter"
        for one in waiting.order_by("number")
    )
    return found


def follow_up_words(application: Application) -> str:
    """When the implementation is followed up; empty where the programme asks for none."""
    days = [date_long(owed.due) for owed in owed_by(application) if _is_follow_up(owed)]
    return enumerate_words(days)


@provide_after_decision
def next_of_effort(application: Application) -> AfterDecision | None:
    """Whose turn it is while the effort runs, and once it is closed."""
    if application.state not in (S.RUNNING, S.CLOSED):
        return None
    states = _report_states(application)
    owed = owed_by(application)
    read = [one for one in owed if states.get(_place(one)) == ReportState.SUBMITTED]
    unwritten = [
        one
        for one in owed
        if states.get(_place(one)) not in (ReportState.SUBMITTED, ReportState.ACCEPTED)
        and (application.state == S.CLOSED) == _is_follow_up(one)
    ]
    heading = "Insatsen är avslutad" if application.state == S.CLOSED else "Insatsen är igång"
    if application.state == S.RUNNING and not read and not unwritten:
        money = _money_left(application, heading)
        if money is not None:
            return money
    return AfterDecision(
        _for_applicant(application, heading, unwritten),
        _for_office(application, heading, read, unwritten),
    )


def _money_left(application: Application, heading: str) -> AfterDecision | None:
    """All is reported: the last claim to send, or to check and pay; None where all is paid."""
    grant = Grant.objects.filter(pk=application.grant_id or 0).first()
    if grant is None:
        return None
    waiting = PaymentRequest.objects.filter(grant=grant, state__in=UNPAID).order_by("number")
    numbers = enumerate_words([str(number) for number in waiting.values_list("number", flat=True)])
    mine, action = _url("payments", application), "Till rekvisitionerna"
    all_ = reverse("budgets:payment_requests", args=[application.association.slug])
    office = f"{all_}?bidrag={grant.pk}"
    if numbers:
        text = f"Alla rapporter är lämnade. Rekvisition {numbers} väntar på kansliet."
        turn = f"{application.association.office_name.capitalize()}s tur"
        return AfterDecision(
            NextStep(heading, text, turn, url=mine, action=action),
            NextStep(heading, text, turn, url=office, action=action),
        )
    if grant.closed_at is not None:
        return None
    text = "Alla rapporter är lämnade. Slutrekvisitionen återstår, innan insatsen kan avslutas."
    return AfterDecision(
        NextStep(heading, text, "Er tur", url=mine, action=action),
        NextStep(heading, text, "Parternas tur", url=office, action=action),
    )


def _for_applicant(application: Application, heading: str, unwritten: list[DueReport]) -> NextStep:
    if not unwritten and (year := next_unsettled(application)):
        return NextStep(
            heading,
            f"Alla rapporter är lämnade. Återföringen för {year} stäms av med kansliet.",
            f"{application.association.office_name.capitalize()}s tur",
            due_day(application, year.year),
            "Stäms av senast",
            _url("returns", application),
            "Till återföringen",
        )
    if not unwritten:
        return NextStep(heading, "Alla rapporter är lämnade.")
    first = unwritten[0]
    return NextStep(
        heading,
        f"Nästa är {_lowered(first.name)}.",
        "Er tur",
        first.due,
        "Lämna senast",
        _url("reports", application),
        "Till rapporterna",
    )


def _for_office(
    application: Application, heading: str, read: list[DueReport], unwritten: list[DueReport]
) -> NextStep:
    whose = f"{application.association.office_name.capitalize()}s tur"
    reports = _url("office_reports", application)
    if read:
        text = f"{enumerate_words([one.name for one in read])} väntar på er."
        return NextStep(heading, text, whose, url=reports, action="Läs rapporterna")
    if unwritten:
        first = unwritten[0]
        text = f"Parterna lämnar {_lowered(first.name)}."
        return NextStep(
            heading, text, "Parternas tur", first.due, url=reports, action="Till rapporterna"
        )
    if application.state == S.CLOSED and (year := next_unsettled(application)):
        return NextStep(
            heading,
            f"Allt är rapporterat. Återföringen för {year} ska stämmas av.",
            whose,
            due_day(application, year.year),
            "Stäms av senast",
            _url("office_returns", application),
            "Till återföringen",
        )
    if application.state == S.CLOSED:
        return NextStep(heading, "Allt är rapporterat.", url=reports, action="Till rapporterna")
    close = _url("close_effort", application)
    text = "Alla rapporter är godkända. Insatsen kan avslutas."
    return NextStep(heading, text, whose, url=close, action="Avsluta insatsen")


def _report_states(application: Application) -> dict[tuple[str, int], str]:
    rows = Report.objects.filter(application=application)
    return {(key, number): state for key, number, state in rows.values_list(
        "key", "occurrence", "state"
    )}  # fmt: skip


def _place(owed: DueReport) -> tuple[str, int]:
    return owed.definition.key, owed.occurrence


def _is_follow_up(owed: DueReport) -> bool:
    return owed.definition.kind is ReportKind.FOLLOW_UP


def _lowered(name: str) -> str:
    return name[:1].lower() + name[1:]


def _url(name: str, application: Application) -> str:
    return reverse(
        f"applications:{name}", args=[application.association.slug, application.public_id]
    )
