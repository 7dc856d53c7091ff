"""Deciding on changes that the parties ask for: the director by delegation, or the board."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from applications.changing import delegation_of, settle_change, withdraw_change
from applications.models import ChangeRequest, ChangeState
from applications.transitions import EFFORT
from boards.addenda import begin_addendum
from boards.delegation import hold_next_agenda, record_delegated_decision
from boards.effort_agenda import locked_matter, put_once
from boards.effort_decisions import change_clauses
from boards.errors import MeetingRefusal
from boards.locking import lock_meeting
from boards.models import (
    AgendaItem,
    DelegateFunction,
    ItemState,
    Meeting,
    MeetingState,
    Outcome,
    Paragraph,
)
from finsam import clock
from finsam.errors import NotAllowed, NotPossible
from finsam.people.access import OFFICE, visitor_for
from finsam.people.models import RoleKind, User

DECIDED = (Outcome.APPROVED, Outcome.REJECTED)


def decide_change(
    *, change: ChangeRequest, approves: bool, decision: str, actor: User
) -> ChangeRequest:
    """Decide on a change on the board's behalf; it is reported to the board (FL 10 §).

    By the director, of a kind that the board has delegated. Decided already in the same way,
    nothing happens. Raises NotAllowed for others, NotPossible where it is the board's.
    """
    association = change.application.association
    with transaction.atomic():
        hold_next_agenda(association)
        found = locked_matter(change)
        if not visitor_for(association, actor).has(RoleKind.DIRECTOR):
            raise NotAllowed("not_director", "Ändringar inom delegationen avgörs av chefen.")
        delegation = delegation_of(association)
        if found.state == ChangeState.SUBMITTED:
            if found.kind not in delegation.kinds:
                raise NotPossible(
                    "boards_own", "Den här ändringen är inte delegerad. Sätt upp den på ett möte."
                )
            _require_off_agenda(found)
        was = found.state
        settled = settle_change(
            change=found, approves=approves, decision=decision, by_board=False, actor=actor
        )
        if was == ChangeState.SUBMITTED:
            outcome = "godkänns" if approves else "avslås"
            record_delegated_decision(
                association=association,
                decided_by=actor,
                function=DelegateFunction.DIRECTOR,
                decided_on=clock.today(),
                subject=f"{found}, {found.application.title}",
                text=f"Begäran {outcome}. {settled.decision}",
                basis=delegation.basis,
                actor=actor,
            )
            begin_addendum(settled, actor, None)
    return settled


def put_change_on_agenda(*, change: ChangeRequest, meeting: Meeting, actor: User) -> AgendaItem:
    """Put a change on the agenda of a meeting of the board; put there already, it is there once."""
    with transaction.atomic():
        meeting = lock_meeting(meeting)
        found = locked_matter(change)
        if not visitor_for(meeting.association, actor).has(*OFFICE):
            raise NotAllowed("not_office", "Dagordningen skrivs av kansliet.")
        if found.state != ChangeState.SUBMITTED:
            raise MeetingRefusal("not_open", "Begäran är redan avgjord eller återkallad.")
        return put_once(
            meeting=meeting,
            matter=found,
            there=items_under_way(found).first(),
            what="Begäran",
            title=f"{found}: {found.application.title}",
            background=f"Parterna begär en ändring. {found.reason}",
            clauses=change_clauses(found),
            actor=actor,
        )


def take_back_change(*, change: ChangeRequest, actor: User) -> ChangeRequest:
    """Withdraw a change that the board has not decided on, by the lead party."""
    with transaction.atomic():
        found = locked_matter(change)
        if found.agenda_items.filter(decision__outcome__in=DECIDED, retracted_at=None).exists():
            raise NotPossible("decided", "Styrelsen har behandlat begäran. Vänta på protokollet.")
        return withdraw_change(change=found, actor=actor)


def carry_out_change(paragraph: Paragraph, actor: User) -> None:
    """The minutes are attested: the board's decision on a change holds from now.

    Of an effort that has ended meanwhile nothing is changed.
    """
    change, decision = paragraph.item.change, paragraph.item.decision
    if change is None or decision.outcome not in DECIDED:
        return
    found = locked_matter(change)
    if found.state != ChangeState.SUBMITTED:
        return
    goes_on = found.application.state in EFFORT
    clauses = "; ".join(decision.clauses)
    settled = settle_change(
        change=found,
        approves=goes_on and decision.outcome == Outcome.APPROVED,
        decision=clauses if goes_on else f"Insatsen pågår inte längre. {clauses}",
        by_board=True,
        actor=actor,
    )
    begin_addendum(settled, actor, paragraph.item)


def items_under_way(change: ChangeRequest) -> QuerySet[AgendaItem]:
    """Where the board is to decide on it, or has and the minutes are not attested; at most one."""
    found: QuerySet[AgendaItem] = AgendaItem.objects.filter(change=change)
    put_off = {
        "state": ItemState.DONE,
        "decision__outcome__in": [Outcome.REFERRED_BACK, Outcome.TABLED],
    }
    return found.exclude(meeting__state=MeetingState.CANCELLED).exclude(**put_off)


def _require_off_agenda(change: ChangeRequest) -> None:
    there = items_under_way(change).first()
    if there is not None:
        raise NotPossible("at_board", f"Begäran står på dagordningen för {there.meeting}.")
