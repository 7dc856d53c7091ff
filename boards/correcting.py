"""What was recorded wrongly at a meeting, set right before it ends.

A correction is of the record, never of what the body decided: the wrong record stays, struck,
beside the right one, the event says what was wrong, and the money goes back the way it came. When
the body itself changes its mind that is another decision, on an item of its own.
"""

from __future__ import annotations

from django.db import transaction

from applications.transitions import apply_transition
from boards.effort_decisions import take_back_effect
from boards.errors import MeetingRefusal
from boards.locking import lock_meeting, require_ongoing
from boards.models import (
    AgendaItem,
    Attester,
    Decision,
    ItemKind,
    ItemState,
    Meeting,
    Motion,
    Paragraph,
    Recommendation,
    Recusal,
)
from budgets.annulment import annul_grant
from finsam import clock
from finsam.people.models import User
from finsam.registry.events import record_event

KEPT = (
    "position",
    "kind",
    "title",
    "application",
    "termination",
    "change",
    "presenter",
    "presents_at",
    "background",
    "proposal",
    "taken_order",
    "started_at",
)


def correct_item(*, item: AgendaItem, reason: str, actor: User) -> AgendaItem:
    """Strike a wrongly recorded settlement and take the item up anew; gives the new item.

    The grant's reservation is reversed and the application is at the board again. The motions and
    conflicts of interest that were noted follow along; votes, reservations and the decision are
    recorded anew. The item keeps its place among the paragraphs. Struck twice it is struck once.
    Refused once the meeting has ended, and when the paragraph is being attested at once.
    """
    with transaction.atomic():
        meeting = lock_meeting(item.meeting)
        item = (
            AgendaItem.everything.select_for_update(of=("self",))
            .select_related("application__case", "application__association", "meeting")
            .get(pk=item.pk)
        )
        if item.retracted_at is not None:
            return AgendaItem.objects.get(replaces=item)
        _require_correctable(require_ongoing(meeting, "Rättelser görs innan mötet avslutas."), item)
        if not reason.strip():
            raise MeetingRefusal("reason_missing", "Skriv vad som blev fel.", "reason")
        was = _undo(item, actor)
        fresh = _write_anew(item, reason.strip()[:400])
        record_event(
            association=meeting.association,
            actor=actor,
            action="item_corrected",
            obj=item,
            case=item.told_in,
            payload={"replaced_by": fresh.pk, "reason": item.retraction, "was": was},
        )
    return fresh


def _require_correctable(meeting: Meeting, item: AgendaItem) -> None:
    if item.state != ItemState.DONE:
        raise MeetingRefusal("not_decided", f"”{item.title}” är inte avgjort, så inget är fel än.")
    fixed = Paragraph.objects.filter(item=item).first()
    if fixed is not None and fixed.is_fixed:
        raise MeetingRefusal(
            "paragraph_fixed",
            f"§\u00a0{fixed.number} är omedelbart justerad eller väntar på det. Ta tillbaka "
            "paragrafen först, eller skriv rättelsen som ett eget ärende.",
        )


def _undo(item: AgendaItem, actor: User) -> dict[str, object]:
    """Take back what followed from the settlement; gives what it was."""
    if item.kind == ItemKind.ATTESTERS:
        Attester.objects.filter(meeting=item.meeting).delete()
    recommendation = Recommendation.objects.filter(item=item).first()
    if recommendation is not None:
        return {"recommendation": recommendation.kind, "amount": recommendation.amount}
    decision = Decision.objects.filter(item=item).select_related("grant").first()
    if decision is None:
        return {}
    if decision.grant is not None:
        annul_grant(
            grant=decision.grant,
            key=f"decision-item-{item.pk}-corrected",
            actor=actor,
            note=f"Fel antecknat beslut: {item.title}"[:200],
        )
    if item.application is not None:
        apply_transition(
            item.application,
            "retract_decision",
            actor=actor,
            payload={"item": item.pk},
            grant=None,
        )
    take_back_effect(item, decision.outcome, actor)
    return {
        "outcome": decision.outcome,
        "amount": decision.amount,
        "clauses": decision.clauses,
        "casting_vote": decision.casting_vote,
    }


def _write_anew(item: AgendaItem, reason: str) -> AgendaItem:
    """The same item once more, at hand, with what was truly said about it."""
    kept = {field: getattr(item, field) for field in KEPT}
    item.retracted_at, item.retraction, item.taken_order = clock.now(), reason, None
    item.save(update_fields=["retracted_at", "retraction", "taken_order"])
    item.meeting.items.filter(state=ItemState.CURRENT).update(state=ItemState.WAITING)
    fresh: AgendaItem = AgendaItem.objects.create(
        meeting=item.meeting, state=ItemState.CURRENT, replaces=item, **kept
    )
    Recusal.objects.bulk_create(
        Recusal(
            item=fresh,
            seat_id=one.seat_id,
            served_by_id=one.served_by_id,
            reason=one.reason,
            declared_at=one.declared_at,
            declared_by_id=one.declared_by_id,
        )
        for one in item.recusals.all()
    )
    Motion.objects.bulk_create(
        Motion(
            item=fresh,
            seat_id=one.seat_id,
            text=one.text,
            outcome=one.outcome,
            amount=one.amount,
            moved_at=one.moved_at,
        )
        for one in item.motions.filter(withdrawn_at=None)
    )
    item.notes.update(item=fresh)
    item.assessments.update(item=fresh)
    item.delegated_decisions.update(item=fresh)
    Paragraph.objects.filter(item=item).update(item=fresh)
    return fresh
