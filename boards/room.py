"""What the meeting room shows: the items, the one at hand with its figures, and the presence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from applications.freezing import latest_received
from applications.models import Application
from boards.attendance import Presence, free_substitutes, presence, substitutes
from boards.decisions import GRANTS
from boards.documents_shown import shown
from boards.forms import (
    DecisionForm,
    DissentForm,
    GuestForm,
    MotionForm,
    RecommendationForm,
    RecusalForm,
)
from boards.models import (
    AgendaItem,
    BodyKind,
    ItemKind,
    ItemState,
    Meeting,
    MeetingState,
    Outcome,
    Seat,
)
from boards.queries import final_memo, recused_items
from boards.sitting import FORMAL_CLAUSES
from boards.wordings import decision_clauses
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


def room_context(
    meeting: Meeting, visitor: Visitor, chosen: int | None = None, **forms: Any
) -> dict[str, Any]:
    """Everything that the room's page needs, for the item chosen or the current one."""
    items = list(
        meeting.items.select_related(
            "application__case", "application__round__frame", "application__round__programme"
        ).select_related("application__association", "decision", "recommendation")
    )
    for one in items:
        one.meeting = meeting
    item = _item(items, chosen)
    found = presence(meeting, item)
    hidden = recused_items(visitor, meeting)
    may_note = visitor.is_office and meeting.state in (MeetingState.CALLED, MeetingState.ONGOING)
    context: dict[str, Any] = {
        "meeting": meeting,
        "is_board": meeting.body.kind == BodyKind.BOARD,
        "runs_meeting": visitor.is_office and meeting.state == MeetingState.ONGOING,
        "may_note": may_note,
        "tasks": [_task(meeting, one, item) for one in items],
        "item": item,
        "presence": found,
        "quorum": _quorum(found),
        "seats": _seat_rows(meeting, item, found),
        "others": _other_substitutes(meeting, found),
        "guests": meeting.guests.order_by("pk"),
        "guest_form": forms.get("guest_form") or GuestForm(),
        "all_done": all(one.state == ItemState.DONE for one in items),
        "is_hidden": item is not None and item.pk in hidden,
    }
    if item is not None and item.pk not in hidden:
        context |= _item_context(meeting, item, found, visitor, forms)
    return context


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


def _seat_rows(meeting: Meeting, item: AgendaItem | None, found: Presence) -> list[SeatRow]:
    filled = {one.filled.pk: one for one in found.serving}
    recused = {seat.pk for seat in found.recused}
    free = free_substitutes(meeting)
    here = set(meeting.attendances.filter(left_at=None).values_list("seat_id", flat=True))
    rows = []
    for seat in found.seats:
        one = filled.get(seat.pk)
        if seat.pk in recused:
            note = f"{one.seat.user.name} tjänstgör" if one else "ingen ersättare tjänstgör"
            status = Status(f"jäv, ärende {item.position if item else ''}", "warning")
            rows.append(SeatRow(seat, status, note, seat.pk in here))
        elif one and one.serves_for:
            note = f"{one.seat.user.name} tjänstgör"
            rows.append(SeatRow(seat, Status("ersättare", "info"), note))
        elif one and one.is_remote:
            rows.append(SeatRow(seat, Status("på distans", "info"), "", True, True))
        elif one:
            rows.append(SeatRow(seat, Status("på plats", "success"), "", True))
        else:
            same = [other for other in free if other.member_id == seat.member_id]
            rows.append(SeatRow(seat, Status("frånvarande"), substitutes=same))
    return rows


def _other_substitutes(meeting: Meeting, found: Presence) -> list[SeatRow]:
    here = set(meeting.attendances.filter(left_at=None).values_list("seat_id", flat=True))
    serving = {one.seat.pk for one in found.serving}
    return [
        SeatRow(
            seat,
            Status("på plats", "success") if seat.pk in here else Status("inte här"),
            "",
            seat.pk in here,
        )
        for seat in substitutes(meeting.body, meeting.starts_at)
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
        "motions": item.motions.filter(withdrawn_at=None).select_related(
            "seat__user", "seat__member"
        ),
        "dissents": item.dissents.select_related("seat__user", "seat__member"),
        "votes": item.votes.select_related("seat__user"),
        "decision": getattr(item, "decision", None),
        "recusal_form": forms.get("recusal_form")
        or RecusalForm(present=found, substitutes=free_substitutes(meeting)),
    }
    if item.application is not None:
        context |= _known(item.application, visitor)
    if item.kind != ItemKind.DECISION:
        return context
    if not is_board:
        return {**context, **_council_context(item, context.get("requested"), forms)}
    free = item.application is None
    context["motion_form"] = forms.get("motion_form") or MotionForm(present=found, free=free)
    context["dissent_form"] = forms.get("dissent_form") or DissentForm(present=found)
    return {**context, **_decision_context(item, found, context.get("memo"), forms)}


def _known(application: Application, visitor: Visitor) -> dict[str, Any]:
    """What is sought, recommended and proposed, and where to read it."""
    version = latest_received(application)
    memo = final_memo(application)
    return {
        "requested": version.requested_amount if version else None,
        "recommendation": application.recommendations.first(),
        "memo": memo,
        "memo_document": shown(visitor, f"memo:{memo.pk}") if memo else None,
    }


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
    item: AgendaItem, found: Presence, memo: Any, forms: dict[str, Any]
) -> dict[str, Any]:
    form = forms.get("decision_form")
    application = item.application
    if application is None:
        start = {"outcome": Outcome.APPROVED, "reason": item.proposal}
        return {"decision_form": form or DecisionForm(item=item, present=found, initial=start)}
    frame = application.round.frame
    proposed = memo.proposed_amount if memo else None
    outcome = memo.proposed_outcome if memo else Outcome.GRANTED
    initial = {
        "outcome": outcome,
        "amount": proposed,
        "frame": frame,
        "conditions": memo.conditions if memo else "",
    }
    return {
        "frame": frame,
        "decision_form": form or DecisionForm(item=item, present=found, initial=initial),
        **wording_context(item, {**initial, **_as_written(form)}),
    }


def _as_written(form: DecisionForm | None) -> dict[str, Any]:
    """What a form that is shown again was sent with, as far as it could be read."""
    return getattr(form, "cleaned_data", {}) if form else {}


def wording_context(item: AgendaItem, said: Mapping[str, Any]) -> dict[str, Any]:
    """The att-clauses of a decision as filled in so far, and what is then left of the frame."""
    outcome, amount, frame = said.get("outcome"), said.get("amount"), said.get("frame")
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
        ),
        "grants": grants,
        "frame_chosen": frame,
        "left_after": frame.remaining - amount if grants and frame and amount else None,
    }
