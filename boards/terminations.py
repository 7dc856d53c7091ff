"""Bringing an early termination to the board: proposed, put on an agenda, changed, taken back."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from applications.models import Application, Termination, TerminationGround, TerminationState
from applications.terminating import drop_termination, propose_termination, revise_termination
from boards.effort_agenda import locked_matter, proposal_of, put_once
from boards.effort_decisions import GROUNDS, termination_clauses
from boards.effort_memos import promise_effort_memos
from boards.errors import MeetingRefusal
from boards.locking import lock_meeting
from boards.models import AgendaItem, ItemKind, ItemState, Meeting, MeetingState
from finsam.people.models import User
from finsam.typography import kronor


def propose_to_board(
    *,
    application: Application,
    meeting: Meeting | None,
    ground: TerminationGround,
    reason: str,
    stops_on: date,
    claims_until: date,
    actor: User,
) -> Termination:
    """Propose an early termination and, when a meeting is named, put it on its agenda."""
    with transaction.atomic():
        if meeting is not None:
            meeting = lock_meeting(meeting)
        termination = propose_termination(
            application=application,
            ground=ground,
            reason=reason,
            stops_on=stops_on,
            claims_until=claims_until,
            actor=actor,
        )
        if meeting is not None:
            put_on_agenda(termination=termination, meeting=meeting, actor=actor)
    return termination


def put_on_agenda(*, termination: Termination, meeting: Meeting, actor: User) -> AgendaItem:
    """Put a proposal on the agenda of a meeting of the board; put there already, it is there once.

    Raises MeetingRefusal when it waits on another meeting, or has been decided.
    """
    with transaction.atomic():
        meeting = lock_meeting(meeting)
        termination = locked_matter(termination)
        if termination.state != TerminationState.PROPOSED:
            raise MeetingRefusal("not_proposed", "Förslaget är redan avgjort eller återtaget.")
        return put_once(
            meeting=meeting,
            matter=termination,
            there=open_items(termination).first(),
            what="Förslaget",
            title=f"Förtida avslut av {termination.application.title}",
            background=_background(termination),
            clauses=termination_clauses(termination),
            actor=actor,
        )


def change_proposal(
    *,
    termination: Termination,
    ground: TerminationGround,
    reason: str,
    stops_on: date,
    claims_until: date,
    expected_revision: int,
    actor: User,
) -> Termination:
    """Change the proposal, and what the agenda says of it where it waits to be decided."""
    with transaction.atomic():
        waiting = open_items(termination).select_related("meeting").first()
        if waiting is not None:
            lock_meeting(waiting.meeting)
        termination = revise_termination(
            termination=termination,
            ground=ground,
            reason=reason,
            stops_on=stops_on,
            claims_until=claims_until,
            expected_revision=expected_revision,
            actor=actor,
        )
        open_items(termination).update(
            background=_background(termination),
            proposal=proposal_of(termination_clauses(termination)),
        )
        promise_effort_memos(open_items(termination).select_related("meeting__body"), actor)
    return termination


def drop_proposal(*, termination: Termination, actor: User) -> Termination:
    """Take the proposal back. Refused while it stands on an agenda: take it off there first."""
    with transaction.atomic():
        locked = locked_matter(termination)
        waiting = open_items(locked).first()
        if waiting is not None:
            raise MeetingRefusal(
                "on_agenda",
                f"Förslaget står på dagordningen för {waiting.meeting}. Ta bort ärendet där först; "
                "är kallelsen skickad avgör styrelsen det.",
            )
        return drop_termination(termination=locked, actor=actor)


def open_items(termination: Termination) -> QuerySet[AgendaItem]:
    """Where it waits to be decided; at most one."""
    found: QuerySet[AgendaItem] = AgendaItem.objects.filter(
        termination=termination, kind=ItemKind.DECISION
    )
    held = (MeetingState.CLOSED, MeetingState.CANCELLED)
    return found.exclude(state=ItemState.DONE).exclude(meeting__state__in=held)


def _background(termination: Termination) -> str:
    """What the item and its memo say of the matter."""
    application = termination.application
    grant = application.grant
    money = (
        f"Av beviljade {kronor(grant.amount)} är {kronor(grant.paid)} utbetalt och "
        f"{kronor(grant.unpaid)} återstår."
        if grant
        else ""
    )
    ground = f"Avslutet grundas på {GROUNDS[termination.ground]}."
    case = application.registered_case.number
    head = f"{application.title}, dnr {case}. {money}".strip()
    return f"{head}\n\n{ground} {termination.reason}\n\n{CLAUSE}"


CLAUSE = (
    "Ett beslut till någons fördel kan ändras bara på särskild grund. Avtalet säger att styrelsen "
    "kan avsluta insatsen i förtid, till exempel om förbundets medel minskar eller om avtalet inte "
    "följs."
)
