"""Deciding an application at the board: motions, votes, and the grant within the money there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from applications.freezing import latest_received
from applications.models import Application
from applications.transitions import apply_transition
from boards.attendance import Presence, require_quorum
from boards.errors import MeetingRefusal
from boards.models import AgendaItem, Decision, Meeting, Motion, Outcome, Seat, Vote, VoteChoice
from boards.sitting import require_ongoing, settle
from boards.wordings import decision_clauses
from budgets.frames import reserve_grant
from budgets.models import Frame
from finsam import clock
from finsam.errors import Conflict
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.typography import kronor

TRANSITION_OF: dict[str, str] = {
    Outcome.GRANTED: "grant",
    Outcome.PARTLY_GRANTED: "grant_partly",
    Outcome.REJECTED: "reject",
    Outcome.REFERRED_BACK: "refer_back",
    Outcome.TABLED: "table",
}
GRANTS = (Outcome.GRANTED, Outcome.PARTLY_GRANTED)


@dataclass(frozen=True)
class Count:
    """The result of an open vote by name."""

    yes: int
    no: int
    abstain: int
    chair: VoteChoice | None

    @property
    def is_tie(self) -> bool:
        return self.yes == self.no

    @property
    def passed(self) -> bool:
        """Simple majority; the chair's own vote settles a tie (KL 4:25, 6:33)."""
        return self.chair == VoteChoice.YES if self.is_tie else self.yes > self.no


def count_votes(votes: Mapping[int, VoteChoice], chair_id: int | None) -> Count:
    """Count votes keyed by the voter's seat."""
    choices = list(votes.values())
    return Count(
        choices.count(VoteChoice.YES),
        choices.count(VoteChoice.NO),
        choices.count(VoteChoice.ABSTAIN),
        votes.get(chair_id) if chair_id is not None else None,
    )


def put_motion(
    *, item: AgendaItem, seat: Seat, text: str, outcome: Outcome, amount: int | None, actor: User
) -> Motion:
    """Note a proposal put forward at the meeting by one who serves."""
    with transaction.atomic():
        meeting = require_ongoing(item.meeting)
        if not require_quorum(meeting, item).serves(seat):
            raise MeetingRefusal(
                "not_serving", f"{seat.user.name} tjänstgör inte i ärendet och kan inte yrka."
            )
        if not text.strip():
            raise MeetingRefusal("motion_empty", "Skriv vad yrkandet går ut på.", "text")
        motion = Motion.objects.create(
            item=item,
            seat=seat,
            text=text.strip(),
            outcome=outcome,
            amount=amount,
            moved_at=clock.now(),
        )
        record_event(
            association=meeting.association,
            actor=actor,
            action="motion_put",
            obj=motion,
            case=item.application.case if item.application else meeting.case,
            payload={"item": item.pk, "seat": seat.pk, "outcome": outcome, "amount": amount},
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
    """Record what the body decided on an application, once, and reserve the money at once.

    `amount` in whole kronor. A grant needs its source of funds (KL 11:15 through FL 21 §): the
    frame, from which the sum is reserved in the same transaction. Raises NotQuorate,
    MeetingRefusal, and InsufficientFunds (saying what is left) when the frame does not suffice.
    """
    with transaction.atomic():
        meeting = require_ongoing(item.meeting)
        item = (
            AgendaItem.objects.select_for_update(of=("self",))
            .select_related("application")
            .get(pk=item.pk)
        )
        earlier = Decision.objects.filter(item=item).first()
        if earlier is not None:
            return _same_decision(earlier, outcome, amount, frame)
        present = require_quorum(meeting, item)
        application = item.application
        if application is None:
            return settle(item=item, actor=actor, outcome=outcome, clauses=[reason.strip()])
        _require_complete(application, outcome, amount, frame)
        casting = _record_votes(meeting, item, present, votes)
        clauses = decision_clauses(
            application=application, outcome=outcome, amount=amount, frame=frame, reason=reason
        )
        grant = None
        if outcome in GRANTS and frame is not None and amount is not None:
            grant = reserve_grant(
                frame=frame, amount=amount, key=f"decision-item-{item.pk}", actor=actor
            )
        decision = settle(
            item=item,
            actor=actor,
            outcome=outcome,
            clauses=clauses,
            amount=amount if outcome in GRANTS else None,
            frame=frame if outcome in GRANTS else None,
            grant=grant,
            conditions=conditions.strip(),
            proposition_order=proposition_order.strip(),
            casting_vote=casting,
            immediate_attestation=immediate_attestation,
        )
        changes = {"grant": grant} if grant else {}
        apply_transition(
            application, TRANSITION_OF[outcome], actor=actor, payload={"item": item.pk}, **changes
        )
    return decision


def _same_decision(
    decision: Decision, outcome: Outcome, amount: int | None, frame: Frame | None
) -> Decision:
    """The decision that is there, when it is the same one pressed twice; else a Conflict."""
    asked = (outcome, amount, frame) if outcome in GRANTS else (outcome, None, None)
    if asked != (decision.outcome, decision.amount, decision.frame):
        raise Conflict(
            "already_decided",
            f"”{decision.item.title}” är redan avgjort: {decision.get_outcome_display().lower()}"
            + (f" {kronor(decision.amount)}" if decision.amount else "")
            + ". Det nya beslutet registrerades inte.",
        )
    return decision


def _require_complete(
    application: Application, outcome: Outcome, amount: int | None, frame: Frame | None
) -> None:
    if outcome not in TRANSITION_OF:
        raise MeetingRefusal(
            "wrong_outcome", "Välj bifall, delvis bifall, avslag, återremiss eller bordläggning."
        )
    if outcome not in GRANTS:
        return
    if not amount or amount <= 0:
        raise MeetingRefusal(
            "amount_missing", "Skriv beloppet som beviljas, i hela kronor.", "amount"
        )
    if frame is None:
        raise MeetingRefusal(
            "source_missing",
            "Ange hur beslutet finansieras (11 kap. 15 § kommunallagen): välj ram.",
            "frame",
        )
    if frame.association_id != application.association_id:
        raise MeetingRefusal("wrong_frame", "Ramen hör inte till det här förbundet.", "frame")
    version = latest_received(application)
    requested = version.requested_amount if version else 0
    if amount > requested:
        raise MeetingRefusal(
            "more_than_sought",
            "Beloppet är högre än det som söks. Bevilja högst det sökta beloppet.",
            "amount",
        )
    if outcome == Outcome.GRANTED and amount != requested:
        raise MeetingRefusal(
            "granted_is_whole",
            "Bifall betyder hela det sökta beloppet. Välj delvis bifall för ett lägre belopp.",
            "amount",
        )
    if outcome == Outcome.PARTLY_GRANTED and amount == requested:
        raise MeetingRefusal(
            "partly_is_less", "Beloppet är det sökta. Välj bifall i stället.", "amount"
        )


def _record_votes(
    meeting: Meeting, item: AgendaItem, present: Presence, votes: Mapping[int, VoteChoice] | None
) -> bool:
    """Keep an open vote by name; gives whether the casting vote settled it."""
    if not votes:
        return False
    serving = {one.seat.pk for one in present.serving}
    if not set(votes) <= serving:
        raise MeetingRefusal("voter_not_serving", "Bara de som tjänstgör i ärendet får rösta.")
    count = count_votes(votes, meeting.chair.pk if meeting.chair else None)
    if count.is_tie and count.chair not in (VoteChoice.YES, VoteChoice.NO):
        raise MeetingRefusal(
            "tie_unsettled",
            "Det är lika många ja som nej. Ordföranden avgör med sin röst: anteckna ordförandens ja eller nej.",
        )
    if not count.passed:
        raise MeetingRefusal(
            "vote_lost",
            f"Nej-sidan vann med {count.no} röster mot {count.yes}. Registrera beslutet enligt "
            "motförslaget, med rösterna ställda mot det.",
        )
    Vote.objects.bulk_create(
        [Vote(item=item, seat_id=seat, choice=choice) for seat, choice in votes.items()]
    )
    return count.is_tie
