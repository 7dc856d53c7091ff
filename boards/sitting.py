"""The meeting itself: opened, item by item, and closed with its paragraph numbers given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from boards.attendance import presence, require_quorum
from boards.delegation import report
from boards.errors import MeetingRefusal
from boards.locking import lock_item, lock_meeting, require_ongoing
from boards.models import (
    AgendaItem,
    AttestationFunction,
    Attester,
    BodyKind,
    Decision,
    Dissent,
    ItemKind,
    ItemState,
    Meeting,
    MeetingState,
    Outcome,
    Participation,
    Seat,
    SeatFunction,
)
from boards.quorum import Presence
from finsam import clock
from finsam.errors import Conflict
from finsam.people.models import User
from finsam.registry.events import record_event

FORMAL_CLAUSES: dict[str, tuple[Outcome, str]] = {
    ItemKind.OPENING: (Outcome.NOTED, "förklara mötet öppnat"),
    ItemKind.AGENDA: (Outcome.APPROVED, "fastställa dagordningen"),
    ItemKind.PREVIOUS_MINUTES: (Outcome.NOTED, "lägga föregående protokoll till handlingarna"),
    ItemKind.INFORMATION: (Outcome.NOTED, "notera informationen"),
    ItemKind.REPORT: (Outcome.NOTED, "lägga anmälan till handlingarna"),
    ItemKind.DELEGATION: (
        Outcome.NOTED,
        "lägga redovisningen av delegationsbeslut till handlingarna",
    ),
    ItemKind.CLOSING: (Outcome.NOTED, "förklara mötet avslutat"),
}
NEED_NO_QUORUM = (ItemKind.OPENING, ItemKind.CLOSING)


def open_meeting(*, meeting: Meeting, actor: User, chair: Seat | None = None) -> Meeting:
    """Begin the meeting; led by the chair, or a vice chair when the chair is not there."""
    with transaction.atomic():
        meeting = lock_meeting(meeting)
        if meeting.state == MeetingState.ONGOING:
            return meeting
        if meeting.state != MeetingState.CALLED:
            raise MeetingRefusal("not_called", "Skicka kallelsen först; sedan kan mötet öppnas.")
        meeting.chair = _require_here(meeting, chair) if chair else _present_chair(meeting)
        chair_id = meeting.chair.pk if meeting.chair else None
        meeting.state = MeetingState.ONGOING
        meeting.opened_at = clock.now()
        meeting.save(update_fields=["state", "opened_at", "chair"])
        first = meeting.items.filter(state=ItemState.WAITING).order_by("position").first()
        if first:
            _make_current(meeting, first)
        _record(meeting, actor, "meeting_opened", chair=chair_id)
    return meeting


def take_up(*, item: AgendaItem, actor: User) -> AgendaItem:
    """Make an item the current one; the order of the agenda may be left."""
    with transaction.atomic():
        meeting = require_ongoing(item.meeting)
        item = lock_item(item)
        if item.state == ItemState.DONE:
            raise MeetingRefusal("item_done", f"”{item.title}” är redan avgjort på det här mötet.")
        if item.state == ItemState.CURRENT:
            return item
        _make_current(meeting, item)
        _record(meeting, actor, "item_taken_up", item=item.pk)
    return item


def finish_formal_item(*, item: AgendaItem, actor: User, note: str = "") -> Decision:
    """Settle an item that needs no vote, with its usual wording; pressed twice it happens once."""
    if item.kind not in FORMAL_CLAUSES:
        raise MeetingRefusal("needs_decision", "Ärendet behöver ett beslut: välj utfall.")
    outcome, clause = FORMAL_CLAUSES[item.kind]
    with transaction.atomic():
        meeting = lock_meeting(item.meeting)
        earlier = settled_before(item, outcome, [clause])
        if earlier is not None:
            return earlier
        meeting = require_ongoing(meeting)
        present = presence(meeting, item)
        if meeting.body.kind == BodyKind.BOARD and item.kind not in NEED_NO_QUORUM:
            present = require_quorum(meeting, item)
        if meeting.body.kind == BodyKind.BOARD and item.kind == ItemKind.CLOSING:
            _require_all_else_done(meeting)
        return settle(
            item=item,
            actor=actor,
            present=present,
            outcome=outcome,
            clauses=[clause],
            background=_told(item, note),
        )


def _require_all_else_done(meeting: Meeting) -> None:
    """The § that ends the meeting is the last: its number follows the order taken."""
    left = [one for one in unfinished_items(meeting) if one.kind != ItemKind.CLOSING]
    if left:
        raise MeetingRefusal(
            "items_left",
            f"”{left[0].title}” återstår. Avgör eller bordlägg det innan mötet förklaras avslutat.",
        )


def _told(item: AgendaItem, note: str) -> str:
    """What the minutes say of a formal item; delegated decisions are listed by themselves."""
    listed = report(item) if item.kind == ItemKind.DELEGATION else ""
    return "\n".join(text for text in (listed, note.strip()) if text)


def elect_attesters(*, item: AgendaItem, seats: Sequence[Seat], actor: User) -> Decision:
    """Elect who attests the minutes beside the chair (KL 5:69); pressed twice it happens once."""
    names = " och ".join(f"{seat.user.name} ({seat.member})" for seat in seats)
    clauses = [f"utse {names} att jämte ordföranden justera protokollet"]
    with transaction.atomic():
        meeting = lock_meeting(item.meeting)
        earlier = settled_before(item, Outcome.ELECTED, clauses)
        if earlier is not None:
            return earlier
        meeting = require_ongoing(meeting)
        present = require_quorum(meeting, item)
        chair = _require_electable(meeting, present, seats)
        Attester.objects.filter(meeting=meeting).delete()
        Attester.objects.create(meeting=meeting, seat=chair, function=AttestationFunction.CHAIR)
        Attester.objects.bulk_create(
            Attester(meeting=meeting, seat=seat, function=AttestationFunction.ATTESTER)
            for seat in seats
        )
        return settle(
            item=item, actor=actor, present=present, outcome=Outcome.ELECTED, clauses=clauses
        )


def _require_electable(meeting: Meeting, present: Presence, seats: Sequence[Seat]) -> Seat:
    """The meeting's chair; raises when somebody chosen cannot attest beside the chair."""
    chair = meeting.chair
    if chair is None or not seats:
        raise MeetingRefusal("no_attester", "Välj minst en justerare.", "seats")
    for seat in seats:
        if seat.pk == chair.pk or not present.serves(seat):
            raise MeetingRefusal(
                "attester_not_serving",
                f"{seat.user.name} kan inte väljas: justeraren ska tjänstgöra på mötet och vara "
                "någon annan än ordföranden.",
                "seats",
            )
    return chair


def settled_before(item: AgendaItem, outcome: Outcome, clauses: list[str]) -> Decision | None:
    """The decision when the item is settled already in the same way; another way is a Conflict."""
    earlier: Decision | None = (
        Decision.objects.filter(item=lock_item(item)).select_related("item").first()
    )
    if earlier is not None and (earlier.outcome, earlier.clauses) != (outcome, clauses):
        raise Conflict(
            "already_decided",
            f"”{earlier.item.title}” är redan avgjort på det här mötet. Inget har ändrats.",
        )
    return earlier


def announce_dissent(*, item: AgendaItem, seat: Seat, text: str, actor: User) -> Dissent:
    """Note a reservation: before the meeting ends, by one who took part (KL 4:27).

    Announced again with the same words nothing happens.
    """
    with transaction.atomic():
        meeting = require_ongoing(
            item.meeting,
            "En reservation ska anmälas innan mötet avslutas (4 kap. 27 § kommunallagen).",
        )
        item = lock_item(item)
        if item.state != ItemState.DONE:
            raise MeetingRefusal("not_decided", "Reservera dig när beslutet är fattat.")
        if not presence(meeting, item).serves(seat):
            raise MeetingRefusal(
                "took_no_part",
                f"{seat.user.name} deltog inte i beslutet och kan därför inte reservera sig "
                "(4 kap. 27 § kommunallagen).",
            )
        same = Dissent.objects.filter(item=item, seat=seat, text=text.strip()).first()
        if same is not None:
            return same
        dissent, _ = Dissent.objects.update_or_create(
            item=item, seat=seat, defaults={"text": text.strip(), "announced_at": clock.now()}
        )
        _record(meeting, actor, "dissent_announced", item=item.pk, seat=seat.pk)
    return dissent


def settle(
    *,
    item: AgendaItem,
    actor: User,
    present: Presence,
    outcome: Outcome,
    clauses: list[str],
    background: str = "",
    **fields: object,
) -> Decision:
    """Write the decision and finish the item; the caller holds the meeting's lock."""
    item = lock_item(item)
    if item.state == ItemState.DONE:
        raise MeetingRefusal("item_done", f"”{item.title}” är redan avgjort på det här mötet.")
    decision = Decision(
        item=item,
        outcome=outcome,
        clauses=clauses,
        recorded_by=actor,
        decided_at=clock.now(),
        **fields,
    )
    decision.save(force_insert=True)
    if background:
        item.background = background
    mark_done(item, decision.decided_at, present)
    record_event(
        association=item.meeting.association,
        actor=actor,
        action="decision_recorded",
        obj=decision,
        case=item.told_in,
        payload={
            "item": item.pk,
            "outcome": outcome,
            "amount": decision.amount,
            "clauses": clauses,
            "casting_vote": decision.casting_vote,
        },
    )
    _take_following(item.meeting)
    return decision


def mark_done(item: AgendaItem, moment: datetime, present: Presence) -> None:
    """Finish an item: its place in the order taken decides its §; who took part is kept."""
    Participation.objects.bulk_create(
        Participation(item=item, seat=one.seat, serves_for=one.serves_for, is_remote=one.is_remote)
        for one in present.serving
    )
    last = item.meeting.items.aggregate(last=Max("taken_order"))["last"] or 0
    item.state = ItemState.DONE
    # An item that is written anew keeps the place that it had.
    item.taken_order = item.taken_order or last + 1
    item.finished_at = moment
    item.save(update_fields=["state", "taken_order", "finished_at", "background"])


def take_next(meeting: Meeting, item: AgendaItem) -> None:
    """Finish an item that leads to no decision, and go on to the next in the agenda's order."""
    mark_done(item, clock.now(), presence(meeting, item))
    _take_following(meeting)


def unfinished_items(meeting: Meeting) -> list[AgendaItem]:
    """What must be settled or tabled before the meeting can be closed."""
    return list(meeting.items.exclude(state=ItemState.DONE).order_by("position"))


def _require_here(meeting: Meeting, chair: Seat) -> Seat:
    if not presence(meeting).serves(chair):
        raise MeetingRefusal(
            "chair_not_here",
            f"{chair.user.name} tjänstgör inte. Den som leder mötet väljs bland dem som gör det.",
        )
    return chair


def leaders(meeting: Meeting, found: Presence) -> list[Seat]:
    """The chair and vice chairs who serve, in that order."""
    leading = (SeatFunction.CHAIR, SeatFunction.VICE_CHAIR)
    here = {one.seat.pk for one in found.serving}
    return [seat for seat in found.seats if seat.function in leading and seat.pk in here]


def _present_chair(meeting: Meeting) -> Seat | None:
    """Who of the chair and vice chairs is there; a council may do without."""
    found = leaders(meeting, presence(meeting))
    if found:
        return found[0]
    if meeting.body.kind != BodyKind.BOARD:
        return None
    raise MeetingRefusal(
        "no_chair",
        "Varken ordföranden eller en vice ordförande är på plats. Anteckna närvaron först, eller "
        "låt dem som är här välja vem som leder mötet.",
    )


def _make_current(meeting: Meeting, item: AgendaItem) -> None:
    meeting.items.filter(state=ItemState.CURRENT).exclude(pk=item.pk).update(
        state=ItemState.WAITING
    )
    item.state = ItemState.CURRENT
    item.started_at = item.started_at or clock.now()
    item.save(update_fields=["state", "started_at"])


def _take_following(meeting: Meeting) -> None:
    following = meeting.items.filter(state=ItemState.WAITING).order_by("position").first()
    if following:
        _make_current(meeting, following)


def _record(meeting: Meeting, actor: User, action: str, **payload: object) -> None:
    record_event(
        association=meeting.association,
        actor=actor,
        action=action,
        obj=meeting,
        case=meeting.case,
        payload=payload,
    )
