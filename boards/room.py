"""What the meeting room shows: the items, the one at hand with its figures, and the presence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from applications.freezing import latest_received
from boards.attendance import Presence, presence, substitutes, suggest_substitutes
from boards.forms import DecisionForm, MotionForm, RecommendationForm
from boards.models import (
    AgendaItem,
    BodyKind,
    ItemKind,
    ItemState,
    Meeting,
    MeetingState,
    Outcome,
    Seat,
    VoteChoice,
)
from boards.queries import final_memo
from boards.sitting import FORMAL_CLAUSES
from boards.wordings import decision_clauses
from finsam.people.access import Visitor
from finsam.ui import Status, Task

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
    is_recused: bool = False
    substitutes: list[Seat] = field(default_factory=list)


def room_context(
    meeting: Meeting, visitor: Visitor, chosen: int | None = None, **forms: Any
) -> dict[str, Any]:
    """Everything that the room's page needs, for the item chosen or the current one."""
    items = list(meeting.items.select_related("application__case", "decision"))
    item = _item(items, chosen)
    found = presence(meeting, item)
    runs = visitor.is_office and meeting.state == MeetingState.ONGOING
    context: dict[str, Any] = {
        "meeting": meeting,
        "is_board": meeting.body.kind == BodyKind.BOARD,
        "runs_meeting": runs,
        "may_note": visitor.is_office
        and meeting.state in (MeetingState.CALLED, MeetingState.ONGOING),
        "tasks": [_task(meeting, one, item) for one in items],
        "item": item,
        "presence": found,
        "quorum": _quorum(found),
        "seats": _seat_rows(meeting, item, found),
        "others": _other_substitutes(meeting, found),
        "all_done": all(one.state == ItemState.DONE for one in items),
    }
    if item is not None:
        context.update(_item_context(meeting, item, found, forms))
    return context


def _item(items: list[AgendaItem], chosen: int | None) -> AgendaItem | None:
    by_pk = {one.pk: one for one in items}
    if chosen in by_pk:
        return by_pk[chosen]
    current = [one for one in items if one.state == ItemState.CURRENT]
    return current[0] if current else (items[0] if items else None)


def _task(meeting: Meeting, one: AgendaItem, chosen: AgendaItem | None) -> Task:
    url = f"{reverse('boards:room', args=[meeting.association.slug, meeting.pk])}?arende={one.pk}"
    here = chosen is not None and one.pk == chosen.pk
    return Task(
        f"{one.position} {one.title}", "" if here else url, ITEM_LOOKS[ItemState(one.state)]
    )


def _quorum(found: Presence) -> Status:
    text = f"{len(found.serving)} av {len(found.seats)}"
    if found.is_quorate:
        return Status(f"Beslutsför: {text}", "success")
    return Status(f"Inte beslutsför: {text}, krävs {found.needed}", "danger")


def _seat_rows(meeting: Meeting, item: AgendaItem | None, found: Presence) -> list[SeatRow]:
    filled = {one.filled.pk: one for one in found.serving}
    recused = {seat.pk for seat in found.recused}
    rows = []
    for seat in found.seats:
        one = filled.get(seat.pk)
        choices = [] if one else suggest_substitutes(meeting, seat)
        number = item.position if item else ""
        if seat.pk in recused:
            note = f"{one.seat.user.name} tjänstgör" if one else "ingen ersättare tjänstgör"
            rows.append(SeatRow(seat, Status(f"jäv, ärende {number}", "warning"), note, True, True))
        elif one and one.serves_for:
            row = SeatRow(
                seat, Status("ersättare", "info"), f"{one.seat.user.name} tjänstgör", True
            )
            rows.append(row)
        elif one:
            status = (
                Status("på distans", "info") if one.is_remote else Status("på plats", "success")
            )
            rows.append(SeatRow(seat, status, "", True, False, suggest_substitutes(meeting, seat)))
        else:
            rows.append(SeatRow(seat, Status("frånvarande"), "", False, False, choices))
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
    meeting: Meeting, item: AgendaItem, found: Presence, forms: dict[str, Any]
) -> dict[str, Any]:
    serving = [(str(one.seat.pk), one.seat.user.name) for one in found.serving]
    context: dict[str, Any] = {
        "is_done": item.state == ItemState.DONE,
        "is_formal": item.kind in FORMAL_CLAUSES,
        "formal_clause": FORMAL_CLAUSES[item.kind][1] if item.kind in FORMAL_CLAUSES else "",
        "elects": item.kind == ItemKind.ATTESTERS,
        "serving": found.serving,
        "vote_choices": VoteChoice.choices,
        "motions": item.motions.filter(withdrawn_at=None).select_related(
            "seat__user", "seat__member"
        ),
        "dissents": item.dissents.select_related("seat__user", "seat__member"),
        "decision": getattr(item, "decision", None),
    }
    if item.kind != ItemKind.DECISION:
        return context
    if meeting.body.kind == BodyKind.COUNCIL:
        return {**context, **_council_context(item, forms)}
    context["motion_form"] = forms.get("motion_form") or MotionForm(seats=serving)
    return {**context, **_decision_context(item, forms)}


def _council_context(item: AgendaItem, forms: dict[str, Any]) -> dict[str, Any]:
    if item.application is None:
        return {}
    version = latest_received(item.application)
    return {
        "requested": version.requested_amount if version else None,
        "assessments": item.assessments.exclude(seat=None).select_related(
            "criterion", "seat__user"
        ),
        "recommendation": getattr(item, "recommendation", None),
        "recommendation_form": forms.get("recommendation_form")
        or RecommendationForm(
            item=item, initial={"amount": version.requested_amount if version else None}
        ),
    }


def _decision_context(item: AgendaItem, forms: dict[str, Any]) -> dict[str, Any]:
    application = item.application
    if application is None:
        return {"decision_form": forms.get("decision_form") or DecisionForm(item=item)}
    memo = final_memo(application)
    frame = application.round.frame
    version = latest_received(application)
    proposed = memo.proposed_amount if memo else None
    initial = {
        "outcome": memo.proposed_outcome if memo else Outcome.GRANTED,
        "amount": proposed,
        "frame": frame,
        "conditions": memo.conditions if memo else "",
    }
    return {
        "requested": version.requested_amount if version else None,
        "recommendation": application.recommendations.first(),
        "memo": memo,
        "frame": frame,
        "left_after": frame.remaining - (proposed or 0) if frame else None,
        "proposed_clauses": decision_clauses(
            application=application,
            outcome=initial["outcome"],
            amount=proposed,
            frame=frame,
        ),
        "decision_form": forms.get("decision_form") or DecisionForm(item=item, initial=initial),
    }
