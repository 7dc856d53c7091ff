"""Deciding an application at the board: motions, votes, and the grant within the money there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from applications.freezing import latest_received
from applications.models import Application
from applications.transitions import apply_transition
from boards.attendance import require_quorum
from boards.effort_decisions import effort_clauses, require_effort_outcome, take_effect
from boards.errors import MeetingRefusal
from boards.locking import lock_item, lock_meeting, require_ongoing
from boards.models import (
    AgendaItem,
    BodyKind,
    Decision,
    ItemKind,
    ItemState,
    Meeting,
    Motion,
    Outcome,
    Seat,
    Vote,
    VoteChoice,
)
from boards.outcomes import (
    GRANTS,
    TRANSITION_OF,
    free_clauses,
    require_free_outcome,
    require_outcome_on_application,
    require_source,
    require_what_is_sought,
)
from boards.quorum import Presence, presiding
from boards.sitting import settle
from boards.votes import count_votes, require_all_voted, require_won
from boards.wordings import decision_clauses
from budgets.frames import reserve_grant
from budgets.models import Frame
from finsam import clock
from finsam.errors import Conflict
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.typography import kronor


def put_motion(
    *, item: AgendaItem, seat: Seat, text: str, outcome: Outcome, amount: int | None, actor: User
) -> Motion:
    """Note a proposal put forward at the meeting by one who serves; noted twice it is one."""
    with transaction.atomic():
        meeting = require_ongoing(item.meeting)
        item = lock_item(item)
        if item.state == ItemState.DONE:
            raise MeetingRefusal("item_done", "Ärendet är avgjort; det går inte att yrka mer.")
        if not require_quorum(meeting, item).serves(seat):
            raise MeetingRefusal(
                "not_serving", f"{seat.user.name} tjänstgör inte i ärendet och kan inte yrka."
            )
        if not text.strip():
            raise MeetingRefusal("motion_empty", "Skriv vad yrkandet går ut på.", "text")
        said = {"seat": seat, "text": text.strip(), "outcome": outcome, "amount": amount}
        same = Motion.objects.filter(item=item, withdrawn_at=None, **said).first()
        if same is not None:
            return same
        motion = Motion.objects.create(item=item, moved_at=clock.now(), **said)
        record_event(
            association=meeting.association,
            actor=actor,
            action="motion_put",
            obj=motion,
            case=item.told_in,
            payload={"item": item.pk, "seat": seat.pk, "outcome": outcome, "amount": amount},
        )
    return motion


def withdraw_motion(*, motion: Motion, actor: User) -> Motion:
    """Take a motion back before the item is decided: the minutes then leave it out (KL 5:66)."""
    with transaction.atomic():
        meeting = require_ongoing(motion.item.meeting)
        motion = Motion.objects.select_for_update(of=("self",)).get(pk=motion.pk)
        if motion.withdrawn_at is not None:
            return motion
        if Decision.objects.filter(item=motion.item_id).exists():
            raise MeetingRefusal("item_done", "Ärendet är avgjort; yrkandet står kvar.")
        motion.withdrawn_at = clock.now()
        motion.save(update_fields=["withdrawn_at"])
        record_event(
            association=meeting.association,
            actor=actor,
            action="motion_withdrawn",
            obj=motion,
            case=motion.item.told_in,
            payload={"item": motion.item_id, "seat": motion.seat_id},
        )
    return motion


def record_decision(
    *,
    item: AgendaItem,
    outcome: Outcome,
    actor: User,
    amount: int | None = None,
    frame: Frame | None = None,
    conditions: str = "",
    reason: str = "",
    proposition_order: str = "",
    votes: Mapping[int, VoteChoice] | None = None,
    immediate_attestation: bool = False,
) -> Decision:
    """Record what the board decided on an item, once, and reserve the money at once.

    `amount` in whole kronor. A grant needs its source of funds (KL 11:15 through FL 21 §): the
    frame, from which the sum is reserved in the same transaction. `votes` by the voter's seat;
    None when no vote was asked for. The same decision again gives the one that is there, another
    is a Conflict. Raises NotQuorate, MeetingRefusal, and InsufficientFunds (saying what is left).
    """
    said = Said(
        outcome,
        amount if outcome in GRANTS else None,
        frame if outcome in GRANTS else None,
        conditions.strip(),
        proposition_order.strip(),
        immediate_attestation,
    )
    with transaction.atomic():
        meeting = lock_meeting(item.meeting)
        item = lock_item(item)
        clauses = _clauses(item, said, reason)
        earlier = Decision.objects.filter(item=item).select_related("item", "frame").first()
        if earlier is not None:
            return _same_decision(earlier, said, clauses, votes)
        meeting = require_ongoing(meeting)
        present = _require_decidable(meeting, item, said, clauses)
        casting = _record_votes(meeting, item, present, votes)
        return _write(item, said, clauses, casting, present, actor)


@dataclass(frozen=True)
class Said:
    """A decision as it was asked to be recorded."""

    outcome: Outcome
    amount: int | None
    frame: Frame | None
    conditions: str
    proposition_order: str
    immediate_attestation: bool


def _clauses(item: AgendaItem, said: Said, reason: str) -> list[str]:
    """The att-clauses; on an item without application those that were written, one a line."""
    if item.effort is not None:
        return effort_clauses(item, said.outcome, reason)
    if item.application is None:
        return free_clauses(said.outcome, reason)
    if said.outcome not in TRANSITION_OF:
        return []
    return decision_clauses(
        application=item.application,
        outcome=said.outcome,
        amount=said.amount,
        frame=said.frame,
        reason=reason,
    )


def _same_decision(
    decision: Decision, said: Said, clauses: list[str], votes: Mapping[int, VoteChoice] | None
) -> Decision:
    """The decision that is there, when it is the same one pressed twice; else a Conflict."""
    there = Said(
        Outcome(decision.outcome),
        decision.amount,
        decision.frame,
        decision.conditions,
        decision.proposition_order,
        decision.immediate_attestation,
    )
    voted = dict(decision.item.votes.values_list("seat_id", "choice"))
    if (there, decision.clauses, voted) != (said, clauses, dict(votes or {})):
        raise Conflict(
            "already_decided",
            f"”{decision.item.title}” är redan avgjort: {decision.get_outcome_display().lower()}"
            + (f" {kronor(decision.amount)}" if decision.amount else "")
            + ". Det nya beslutet registrerades inte.",
        )
    return decision


def _require_decidable(
    meeting: Meeting, item: AgendaItem, said: Said, clauses: list[str]
) -> Presence:
    """Who takes part; raises when the body, the quorum or the content does not hold."""
    if meeting.body.kind != BodyKind.BOARD:
        raise MeetingRefusal(
            "only_the_board_decides",
            f"{meeting.body.name} bereder och rekommenderar; bara styrelsen beslutar.",
        )
    if item.kind != ItemKind.DECISION:
        raise MeetingRefusal("not_a_decision", "Ärendet är inte ett beslutsärende.")
    present = require_quorum(meeting, item)
    if item.effort is not None:
        require_effort_outcome(item, said.outcome)
    elif item.application is None:
        require_free_outcome(said.outcome, clauses)
    else:
        _require_complete(item.application, said)
    return present


def _write(
    item: AgendaItem,
    said: Said,
    clauses: list[str],
    casting: bool,
    present: Presence,
    actor: User,
) -> Decision:
    grant = None
    if said.frame is not None and said.amount is not None:
        grant = reserve_grant(
            frame=said.frame,
            amount=said.amount,
            key=f"decision-item-{item.pk}",
            actor=actor,
            name=item.treated_application.title,
            lot=item.treated_application.lot,
        )
    decision = settle(
        item=item,
        actor=actor,
        present=present,
        outcome=said.outcome,
        clauses=clauses,
        amount=said.amount,
        frame=said.frame,
        grant=grant,
        conditions=said.conditions,
        proposition_order=said.proposition_order,
        casting_vote=casting,
        immediate_attestation=said.immediate_attestation,
    )
    if item.application is not None:
        # An outcome is shown when its own minutes are attested, whatever was shown before.
        changes = {"outcome_public_at": None, **({"grant": grant} if grant else {})}
        apply_transition(
            item.application,
            TRANSITION_OF[said.outcome],
            actor=actor,
            payload={"item": item.pk},
            **changes,
        )
    take_effect(item, said.outcome, actor)
    return decision


def _require_complete(application: Application, said: Said) -> None:
    require_outcome_on_application(said.outcome)
    if said.outcome in GRANTS:
        require_source(said.amount, said.frame, application.association_id)
        version = latest_received(application)
        sought = version.requested_amount if version else 0
        require_what_is_sought(said.outcome, said.amount or 0, sought)


def _record_votes(
    meeting: Meeting, item: AgendaItem, present: Presence, votes: Mapping[int, VoteChoice] | None
) -> bool:
    """Keep an open vote by name (KL 5:53–56); gives whether the casting vote settled it."""
    if votes is None:
        return False
    require_all_voted(votes, present)
    leader = presiding(meeting, present)
    count = count_votes(votes, leader.pk if leader else None)
    require_won(count, leader)
    Vote.objects.bulk_create(
        [Vote(item=item, seat_id=seat, choice=choice) for seat, choice in votes.items()]
    )
    return count.is_tie
