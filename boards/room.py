"""What the meeting room shows: the items, the one at hand with its figures, and the presence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Exists, OuterRef, When
from django.urls import reverse

from boards.attendance import presence, room_of
from boards.effort_decisions import effort_clauses, outcomes_of
from boards.forms import (
    DecisionForm,
    DissentForm,
    GuestForm,
    MotionForm,
    RecommendationForm,
    RecusalForm,
)
from boards.forms_room import ElectionForm, RollForm
from boards.known import KNOWN, KnownMemo, known_of
from boards.models import (
    AgendaItem,
    BodyKind,
    ItemKind,
    ItemState,
    Meeting,
    MeetingState,
    Outcome,
    ParticipationCorrection,
    Seat,
    VoteChoice,
)
from boards.outcomes import GRANTS
from boards.queries import hidden_from
from boards.quorum import Presence, Room, presiding
from boards.recusals import suggested_recusals
from boards.sitting import FORMAL_CLAUSES, leaders
from boards.votes import Count, count_votes
from boards.wordings import decision_clauses, propositions
from finsam.people.access import Visitor
from finsam.ui import Status

ITEM_LOOKS = {
    ItemState.WAITING: None,
    ItemState.CURRENT: Status("nu", "info"),
    ItemState.DONE: Status("klart", "success"),
}


@dataclass(frozen=True)
class SeatRow:
    """One line of the list of presence."""

    seat: Seat
    status: Status
    note: str = ""
    is_here: bool = False
    is_remote: bool = False
    substitutes: list[Seat] = field(default_factory=list)


@dataclass(frozen=True)
class Tally:
    """An open vote while it is being noted: `left` have not been asked yet."""

    count: Count
    left: int
    leader: Seat | None


def room_context(
    meeting: Meeting,
    visitor: Visitor,
    chosen: int | None = None,
    *,
    motion: int | None = None,
    **forms: Any,
) -> dict[str, Any]:
    """Everything that the room's page needs, for the item chosen or the current one.

    `motion` is the one that the form of the decision is filled in from.
    """
    items = _items_shown(meeting, visitor)
    item: Any = _item(items, chosen)
    room = room_of(meeting)
    found = presence(meeting, item, room, is_corrected=bool(item and item.is_corrected))
    is_hidden = bool(item and item.is_hidden)
    open_states = (MeetingState.CALLED, MeetingState.ONGOING, MeetingState.ADJOURNED)
    may_note = visitor.is_office and meeting.state in open_states
    context: dict[str, Any] = {
        "meeting": meeting,
        "is_board": meeting.body.kind == BodyKind.BOARD,
        "runs_meeting": visitor.is_office and meeting.state == MeetingState.ONGOING,
        "may_note": may_note,
        "tasks": [_task(meeting, one, item) for one in items],
        "item": item,
        "presence": found,
        "quorum": _quorum(found),
        "seats": _seat_rows(item, found, room),
        "others": _other_substitutes(found, room),
        "guests": meeting.guests.order_by("pk"),
        "guest_form": forms.get("guest_form") or GuestForm(),
        "all_done": all(one.state == ItemState.DONE for one in items),
        "is_hidden": is_hidden,
        "is_chosen": chosen is not None,
        "current": next((one for one in items if one.state == ItemState.CURRENT), None),
    }
    if may_note and meeting.state == MeetingState.CALLED:
        context |= _before_opening(meeting, found, room, forms)
    if item is not None and not is_hidden:
        said = {"motion": motion, "room": room, **forms}
        context |= _item_context(meeting, item, found, visitor, said)
    return context


def _items_shown(meeting: Meeting, visitor: Visitor) -> list[Any]:
    """The items with all that the page tells of them, and whether the visitor may see each."""
    items: list[Any] = list(
        meeting.items.select_related(
            "application__case",
            "application__round__frame__account",
            "application__round__programme",
            "application__association",
            "decision",
            "recommendation",
            "replaces__decision__frame",
            "termination__application__case",
            "termination__application__association",
            "termination__application__grant__frame",
            "change__application__case",
            "change__application__association",
            "change__application__grant__frame",
        ).annotate(
            **KNOWN,
            is_hidden=Case(When(hidden_from(visitor), then=True), default=False),
            is_corrected=Exists(ParticipationCorrection.objects.filter(item=OuterRef("pk"))),
        )
    )
    for one in items:
        one.meeting = meeting
    return items


def _before_opening(
    meeting: Meeting, found: Presence, room: Room, forms: dict[str, Any]
) -> dict[str, Any]:
    """The roll call, and whom those present may choose to lead when no chair has come."""
    roll = forms.get("roll_form") or RollForm(
        meeting=meeting, present=found, substitutes=room.substitutes
    )
    needs_leader = meeting.body.kind == BodyKind.BOARD and not leaders(meeting, found)
    chosen = [one.seat for one in found.serving] if needs_leader else []
    return {"roll_form": roll, "may_lead": chosen}


def _item(items: list[AgendaItem], chosen: int | None) -> AgendaItem | None:
    by_pk = {one.pk: one for one in items}
    if chosen in by_pk:
        return by_pk[chosen]
    current = [one for one in items if one.state == ItemState.CURRENT]
    if current:
        return current[0]
    left = [one for one in items if one.state == ItemState.WAITING]
    return next(iter([*left, *reversed(items)]), None)


def _task(meeting: Meeting, one: AgendaItem, chosen: AgendaItem | None) -> dict[str, Any]:
    return {
        "url": f"{reverse('boards:room', args=[meeting.association.slug, meeting.pk])}"
        f"?arende={one.pk}",
        "position": one.position,
        "text": one.title,
        "status": ITEM_LOOKS[ItemState(one.state)],
        "is_shown": chosen is not None and one.pk == chosen.pk,
    }


def _quorum(found: Presence) -> Status:
    text = f"{len(found.serving)} av {len(found.seats)}"
    if found.is_quorate:
        return Status(f"Beslutsför: {text}", "success")
    return Status(f"Inte beslutsför: {text}, krävs {found.needed}", "danger")


def _seat_rows(item: AgendaItem | None, found: Presence, room: Room) -> list[SeatRow]:
    filled = {one.filled.pk: one for one in found.serving}
    recused = {seat.pk for seat in found.recused}
    rows = []
    for seat in found.seats:
        one = filled.get(seat.pk)
        if seat.pk in recused:
            note = f"{one.seat.user.name} tjänstgör" if one else "ingen ersättare tjänstgör"
            status = Status(f"jäv, ärende {item.position if item else ''}", "warning")
            rows.append(SeatRow(seat, status, note, seat.pk in room.here))
        elif one and one.serves_for:
            note = f"{one.seat.user.name} tjänstgör"
            rows.append(SeatRow(seat, Status("ersättare", "info"), note))
        elif one and one.is_remote:
            rows.append(SeatRow(seat, Status("på distans", "info"), "", True, True))
        elif one:
            rows.append(SeatRow(seat, Status("på plats", "success"), "", True))
        else:
            same = [other for other in room.free if other.member_id == seat.member_id]
            rows.append(SeatRow(seat, Status("frånvarande"), substitutes=same))
    return rows


def _other_substitutes(found: Presence, room: Room) -> list[SeatRow]:
    serving = {one.seat.pk for one in found.serving}
    looks = {True: Status("på plats", "success"), False: Status("inte här")}
    return [
        SeatRow(seat, looks[seat.pk in room.here], "", seat.pk in room.here)
        for seat in room.substitutes
        if seat.pk not in serving
    ]


def _item_context(
    meeting: Meeting,
    item: AgendaItem,
    found: Presence,
    visitor: Visitor,
    forms: dict[str, Any],
) -> dict[str, Any]:
    is_board = meeting.body.kind == BodyKind.BOARD
    context: dict[str, Any] = {
        "is_done": item.state == ItemState.DONE,
        "is_formal": item.kind in FORMAL_CLAUSES,
        "formal_clause": FORMAL_CLAUSES[item.kind][1] if item.kind in FORMAL_CLAUSES else "",
        "elects": item.kind == ItemKind.ATTESTERS,
        "serving": found.serving,
        "decision": getattr(item, "decision", None),
        "recusal_form": forms.get("recusal_form")
        or RecusalForm(present=found, substitutes=forms["room"].free),
        "was_corrected": item.replaces_id is not None,
        "ask_recusal": [],
    }
    if item.concerns is not None and item.state != ItemState.DONE and visitor.is_office:
        context["ask_recusal"] = _to_ask(item, found)
    if item.application is not None:
        context |= known_of(item, visitor)
    if item.kind != ItemKind.DECISION:
        return context
    context |= {
        "motions": item.motions.filter(withdrawn_at=None).select_related(
            "seat__user", "seat__member"
        ),
        "dissents": item.dissents.select_related("seat__user", "seat__member"),
        "votes": item.votes.select_related("seat__user"),
    }
    if not is_board:
        return {**context, **_council_context(item, context.get("requested"), forms)}
    context["motion_form"] = forms.get("motion_form") or MotionForm(present=found, item=item)
    context["dissent_form"] = forms.get("dissent_form") or DissentForm(present=found)
    if item.concerns is None:
        context["election_form"] = forms.get("election_form") or ElectionForm()
    if context["is_done"]:
        return context
    return {**context, **_decision_context(item, found, context.get("memo"), forms)}


def _to_ask(item: AgendaItem, found: Presence) -> list[tuple[Seat, str]]:
    """Who should be asked about a conflict of interest, and why."""
    recused = {seat.pk for seat in found.recused}
    seats = {one.pk: one for one in (*found.seats, *(one.seat for one in found.serving))}
    why = suggested_recusals(item, [one for one in seats.values() if one.pk not in recused])
    return [(seats[pk], reason) for pk, reason in why.items()]


def _council_context(
    item: AgendaItem, requested: int | None, forms: dict[str, Any]
) -> dict[str, Any]:
    if item.application is None:
        return {}
    return {
        "assessments": item.assessments.exclude(seat=None).select_related(
            "criterion", "seat__user"
        ),
        "own_recommendation": getattr(item, "recommendation", None),
        "recommendation_form": forms.get("recommendation_form")
        or RecommendationForm(item=item, initial={"amount": requested}),
    }


def _decision_context(
    item: AgendaItem, found: Presence, memo: KnownMemo | None, forms: dict[str, Any]
) -> dict[str, Any]:
    form = forms.get("decision_form")
    application = item.application
    if item.effort is not None:
        start = {"outcome": outcomes_of(item)[0], **_from_motion(item, found, forms.get("motion"))}
        form = form or DecisionForm(item=item, present=found, initial=start)
        return {"decision_form": form, **wording_context(item, {**start, **_as_written(form)})}
    if application is None:
        start = {"outcome": Outcome.APPROVED, "reason": item.proposal}
        start |= _from_motion(item, found, forms.get("motion"))
        return {"decision_form": form or DecisionForm(item=item, present=found, initial=start)}
    frame = application.round.frame
    proposed = memo.proposed_amount if memo else None
    outcome = memo.proposed_outcome if memo else Outcome.GRANTED
    initial = {
        "outcome": outcome,
        "amount": proposed,
        "frame": frame,
        "conditions": memo.conditions if memo else "",
        **_from_struck(item),
        **_from_motion(item, found, forms.get("motion")),
    }
    return {
        "frame": frame,
        "decision_form": form or DecisionForm(item=item, present=found, initial=initial),
        "tally": tally(item, found, form) if form else None,
        **wording_context(item, {**initial, **_as_written(form)}),
    }


def _from_struck(item: AgendaItem) -> dict[str, Any]:
    """What was recorded wrongly, to change only what was wrong."""
    struck = item.replaces
    decision = getattr(struck, "decision", None) if struck else None
    if decision is None:
        return {}
    fields = ("outcome", "amount", "frame", "conditions", "proposition_order")
    return {field: getattr(decision, field) for field in fields}


def _from_motion(item: AgendaItem, found: Presence, motion: int | None) -> dict[str, Any]:
    """The decision as a motion wants it, with the propositions that lead there."""
    if motion is None:
        return {}
    motions = list(item.motions.filter(withdrawn_at=None).select_related("seat__user"))
    chosen = next((one for one in motions if one.pk == motion), None)
    if chosen is None:
        return {}
    leader = presiding(item.meeting, found)
    filled = {
        "outcome": chosen.outcome,
        "proposition_order": propositions(motions, chosen, leader),
    }
    if item.concerns is None:
        return {**filled, "reason": chosen.text}
    return {**filled, "amount": chosen.amount} if chosen.amount else filled


def tally(item: AgendaItem, found: Presence, form: DecisionForm) -> Tally | None:
    """The votes that are filled in so far, and who wins; None when no vote is asked for."""
    said = _as_written(form)
    if not said.get("vote"):
        return None
    votes = {
        seat.pk: VoteChoice(said[name]) for name, seat in form.voters.items() if said.get(name)
    }
    leader = presiding(item.meeting, found)
    count = count_votes(votes, leader.pk if leader else None)
    return Tally(count, len(form.voters) - len(votes), leader)


def _as_written(form: DecisionForm | None) -> dict[str, Any]:
    """What a form that is shown again was sent with, as far as it could be read."""
    return getattr(form, "cleaned_data", {}) if form else {}


def wording_context(item: AgendaItem, said: Mapping[str, Any]) -> dict[str, Any]:
    """The att-clauses of a decision as filled in so far, and what is then left of the frame."""
    outcome, amount, frame = said.get("outcome"), said.get("amount"), said.get("frame")
    if item.effort is not None and outcome:
        clauses = effort_clauses(item, outcome, said.get("reason", ""))
        return {"clauses": clauses, "wording_item": item}
    if item.application is None or not outcome:
        return {"clauses": [], "wording_item": item}
    grants = outcome in GRANTS
    return {
        "wording_item": item,
        "clauses": decision_clauses(
            application=item.application,
            outcome=outcome,
            amount=amount,
            frame=frame,
            reason=said.get("reason", ""),
            lead_party=(getattr(item, "known_lead", None) or {}).get("name", ""),
        ),
        "grants": grants,
        "frame_chosen": frame,
        "left_after": frame.remaining - amount if grants and frame and amount else None,
    }
