"""Where an early termination stands: who has the ball, what remains, and the office's tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from applications.models import (
    Application,
    ApplicationState,
    Report,
    ReportState,
    Termination,
    TerminationState,
)
from applications.next_step import AfterDecision, NextStep, provide_after_decision
from applications.report_dates import DueReport
from applications.report_plan import owed_by
from applications.terminating import at_office, sent_back, termination_of
from boards.models import AgendaItem, ItemState, MeetingState
from budgets.models import Grant, PaymentRequest
from budgets.models.payments import AT_OFFICE
from finsam import clock
from finsam.typography import date_long, enumerate_words, kronor
from finsam.ui import Status, Task

HEADING = "Finansieringen avslutas i förtid"
LOOKS: dict[str, Status] = {
    TerminationState.PROPOSED: Status("Föreslaget", "info"),
    TerminationState.DECIDED: Status("Beslutat", "warning"),
}


@dataclass(frozen=True)
class ItemRow:
    """An item of the board about the effort's early termination, and how it went."""

    item: AgendaItem
    words: str
    waits: bool


def items_of(application: Application) -> list[ItemRow]:
    """Where the board has had it, or is to have it, the latest first."""
    found = AgendaItem.objects.filter(termination__application=application)
    rows = found.select_related("meeting__body", "decision").order_by("-meeting__starts_at")
    return [_row(item) for item in rows]


def _row(item: AgendaItem) -> ItemRow:
    decision = getattr(item, "decision", None)
    if decision is not None:
        return ItemRow(item, decision.get_outcome_display(), waits=False)
    waits = item.meeting.state not in (MeetingState.CLOSED, MeetingState.CANCELLED)
    return ItemRow(item, "Väntar på beslut" if waits else "Inte behandlat", waits)


@dataclass(frozen=True)
class Remaining:
    """What is left of the grant of an effort that was ended early, and what waits."""

    termination: Termination
    grant: Grant
    waiting: list[PaymentRequest]
    sent_back: list[PaymentRequest]

    @property
    def may_be_claimed(self) -> bool:
        return self.grant.closed_at is None and clock.today() <= self.termination.claims_until

    @property
    def may_be_released(self) -> bool:
        told = self.termination.public_at is not None
        return (
            told and self.grant.closed_at is None and not self.may_be_claimed and not self.waiting
        )

    @property
    def numbers_waiting(self) -> str:
        return enumerate_words([str(one.number) for one in self.waiting])

    @property
    def numbers_sent_back(self) -> str:
        return enumerate_words([str(one.number) for one in self.sent_back])


def remaining_of(termination: Termination) -> Remaining | None:
    """The grant's figures with what waits; None where nothing was granted. Three queries."""
    rows = Grant.objects.select_related("account", "paid_account", "frame")
    grant = rows.filter(pk=termination.application.grant_id or 0).first()
    if grant is None:
        return None
    return Remaining(termination, grant, at_office(grant), sent_back(grant))


@provide_after_decision
def next_of_terminated(application: Application) -> AfterDecision | None:
    """The final claim, then the office's release of the rest, then the final report."""
    if application.state != ApplicationState.TERMINATED:
        return None
    termination = termination_of(application)
    if termination is None:
        return None
    termination.application = application
    if termination.public_at is None:
        text = "Parterna får veta det när protokollet är justerat."
        url, action = _url("boards:office_termination", application), "Till avslutet"
        step = NextStep(
            "Förtida avslut är beslutat", text, "Justerarnas tur", url=url, action=action
        )
        return AfterDecision(None, step)
    remaining = remaining_of(termination)
    if remaining is not None and remaining.grant.closed_at is None:
        return _claiming(application, termination, remaining)
    return _reporting(application)


def _claiming(
    application: Application, termination: Termination, remaining: Remaining
) -> AfterDecision:
    left = kronor(remaining.grant.unpaid)
    stop = f"Finansieringen upphör från och med {date_long(termination.stops_on)}."
    payments = _url("applications:payments", application)
    office = _url("boards:office_termination", application)
    turn = f"{application.association.office_name.capitalize()}s tur"
    last = (termination.claims_until, "Slutrekvisition senast")
    if remaining.waiting:
        what = f"Rekvisition {remaining.numbers_waiting} väntar på kansliet."
        applicant = NextStep(
            HEADING, f"{stop} {what} Av bidraget återstår {left}.", turn, *last, payments, "Läs"
        )
        return AfterDecision(
            applicant, NextStep(HEADING, f"{stop} {what}", turn, *last, office, "Till avslutet")
        )
    if remaining.may_be_claimed:
        text = f"{stop} Av bidraget återstår {left}."
        return AfterDecision(
            NextStep(
                HEADING,
                f"{text} Det som inte har rekvirerats då återförs till förbundet.",
                "Er tur",
                *last,
                payments,
                "Till rekvisitionerna",
            ),
            NextStep(HEADING, text, "Parternas tur", *last, office, "Till avslutet"),
        )
    over = "Sista dag för slutrekvisition har passerat."
    return AfterDecision(
        NextStep(HEADING, f"{over} Kansliet återför {left} till förbundet.", turn),
        NextStep(
            "Återför det som inte har rekvirerats",
            f"{over} {left} återstår av bidraget.",
            turn,
            *last,
            office,
            "Se och återför",
        ),
    )


def _reporting(application: Application) -> AfterDecision:
    """All is claimed or released: what is left is to report."""
    heading = "Insatsen är avslutad i förtid"
    rows = Report.objects.filter(application=application)
    states = {(key, number): state for key, number, state in rows.values_list(
        "key", "occurrence", "state"
    )}  # fmt: skip
    owed = [(one, states.get((one.definition.key, one.occurrence))) for one in owed_by(application)]
    handed_in = (ReportState.SUBMITTED, ReportState.ACCEPTED)
    turn = f"{application.association.office_name.capitalize()}s tur"
    mine = _url("applications:reports", application)
    office = _url("applications:office_reports", application)
    to_write = [one for one, state in owed if state not in handed_in]
    if to_write:
        text, said = f"{to_write[0].name} återstår.", (to_write[0].due, "Lämna senast")
        action = "Till rapporterna"
        return AfterDecision(
            NextStep(heading, text, "Er tur", *said, mine, action),
            NextStep(heading, text, "Parternas tur", *said, office, action),
        )
    to_read = [one for one, state in owed if state == ReportState.SUBMITTED]
    if to_read:
        text = f"{_names(to_read)} väntar på kansliet."
        return AfterDecision(
            NextStep(heading, text, turn, url=mine, action="Till rapporterna"),
            NextStep(heading, text, turn, url=office, action="Läs rapporterna"),
        )
    done = "Allt är rekvirerat och rapporterat."
    return AfterDecision(
        NextStep(heading, done), NextStep(heading, done, url=office, action="Till rapporterna")
    )


def _names(owed: list[DueReport]) -> str:
    return enumerate_words([one.name for one in owed])


def _url(name: str, application: Application) -> str:
    return reverse(name, args=[application.association.slug, application.public_id])


def terminations_to_work_on() -> QuerySet[Termination]:
    """Proposals that stand on no agenda, and what is told and past its last day to be released."""
    over = Q(state=ItemState.DONE) | Q(
        meeting__state__in=[MeetingState.CLOSED, MeetingState.CANCELLED]
    )
    waiting = AgendaItem.objects.filter(termination=OuterRef("pk")).exclude(over)
    claims = PaymentRequest.objects.filter(
        grant=OuterRef("application__grant"), state__in=AT_OFFICE
    )
    unplaced = Q(state=TerminationState.PROPOSED) & ~Exists(waiting)
    unclaimed = Q(
        state=TerminationState.DECIDED,
        public_at__isnull=False,
        claims_until__lt=clock.today(),
        application__grant__closed_at=None,
    ) & ~Exists(claims)
    return Termination.objects.filter(unplaced | unclaimed)


def termination_task(application: Application, state: str, day: date) -> Task:
    """For the overview: a proposal to put on an agenda, or money to release after `day`."""
    url = _url("boards:office_termination", application)
    if state == TerminationState.PROPOSED:
        note = f"Föreslås upphöra från och med {date_long(day)}"
        text = f"Sätt upp förtida avslut på ett möte: {application.title}"
        return Task(text, url, None, note, clock.today())
    note = f"{kronor(application.grant.unpaid)} har inte rekvirerats" if application.grant else ""
    return Task(f"Återför outnyttjade medel: {application.title}", url, None, note, day)
