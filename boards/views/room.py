"""The meeting in the room: run by the secretary, followed by those who have a seat."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from boards import attendance, council, decisions, minutes, sitting
from boards.forms import DecisionForm, MotionForm, RecommendationForm
from boards.models import (
    AgendaItem,
    BodyKind,
    ItemKind,
    ItemState,
    Meeting,
    VoteChoice,
)
from boards.queries import item_or_404, meeting_or_404, seat_in
from boards.room import room_context
from boards.views.acts import act
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.people.models import RoleKind

FOLLOWERS = (*OFFICE, RoleKind.BOARD, RoleKind.CHAIR, RoleKind.COUNCIL, RoleKind.AUDITOR)


def room_url(meeting: Meeting) -> str:
    return reverse("boards:room", args=[meeting.association.slug, meeting.pk])


@require_GET
@gate(*FOLLOWERS)
def room(request: TenantRequest, meeting: int) -> HttpResponse:
    """The three columns: items, the one at hand, and who is there."""
    found = meeting_or_404(request.visitor, meeting)
    chosen = request.GET.get("arende", "")
    context = room_context(found, request.visitor, int(chosen) if chosen.isdigit() else None)
    return render(request, "boards/room.html", context)


@require_POST
@gate(*OFFICE)
def open_meeting(request: TenantRequest, meeting: int) -> HttpResponse:
    found = meeting_or_404(request.visitor, meeting)
    return act(
        request,
        lambda: sitting.open_meeting(meeting=found, actor=request.visitor.person()),
        done="Mötet är öppnat.",
        back=room_url(found),
    )


@require_POST
@gate(*OFFICE)
def note_attendance(request: TenantRequest, meeting: int) -> HttpResponse:
    """Somebody comes (on site, remote, or to serve for another) or goes."""
    found = meeting_or_404(request.visitor, meeting)
    seat = seat_in(found, request.POST.get("seat"))
    served = request.POST.get("serves_for")
    actor = request.visitor.person()

    def run() -> None:
        if request.POST.get("do") == "leave":
            attendance.leave(meeting=found, seat=seat, actor=actor)
        else:
            attendance.arrive(
                meeting=found,
                seat=seat,
                serves_for=seat_in(found, served) if served else None,
                is_remote=request.POST.get("do") == "remote",
                actor=actor,
            )

    return act(request, run, done="", back=_back(request, found))


@require_POST
@gate(*OFFICE)
def arrive_all(request: TenantRequest, meeting: int) -> HttpResponse:
    """Note every ordinary member as present: then take away those who are missing."""
    found = meeting_or_404(request.visitor, meeting)
    here = set(found.attendances.filter(left_at=None).values_list("seat_id", flat=True))

    def run() -> None:
        for seat in attendance.ordinary_seats(found.body, found.starts_at):
            if seat.pk not in here:
                attendance.arrive(meeting=found, seat=seat, actor=request.visitor.person())

    return act(
        request, run, done="Alla ledamöter är antecknade som närvarande.", back=room_url(found)
    )


@require_POST
@gate(*OFFICE)
def take_up(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    found = item_or_404(request.visitor, meeting, item)
    return act(
        request,
        lambda: sitting.take_up(item=found, actor=request.visitor.person()),
        done="",
        back=room_url(found.meeting),
    )


@require_POST
@gate(*OFFICE)
def finish_formal(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    found = item_or_404(request.visitor, meeting, item)
    note = request.POST.get("note", "")
    return act(
        request,
        lambda: sitting.finish_formal_item(item=found, actor=request.visitor.person(), note=note),
        done=f"”{found.title}” är klart.",
        back=room_url(found.meeting),
    )


@require_POST
@gate(*OFFICE)
def elect_attesters(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    found = item_or_404(request.visitor, meeting, item)
    seats = [seat_in(found.meeting, pk) for pk in request.POST.getlist("seats")]
    return act(
        request,
        lambda: sitting.elect_attesters(item=found, seats=seats, actor=request.visitor.person()),
        done="Justerare är valda.",
        back=room_url(found.meeting),
    )


@require_POST
@gate(*OFFICE)
def declare_recusal(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    found = item_or_404(request.visitor, meeting, item)
    seat = seat_in(found.meeting, request.POST.get("seat"))
    served_by = request.POST.get("served_by")
    return act(
        request,
        lambda: attendance.declare_recusal(
            item=found,
            seat=seat,
            actor=request.visitor.person(),
            reason=request.POST.get("reason", ""),
            served_by=seat_in(found.meeting, served_by) if served_by else None,
        ),
        done=f"Jäv för {seat.user.name} är antecknat.",
        back=_item_url(found),
    )


@require_POST
@gate(*OFFICE)
def put_motion(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    found = item_or_404(request.visitor, meeting, item)
    form = MotionForm(request.POST, seats=_serving(found))
    if not form.is_valid():
        return _again(request, found, motion_form=form)
    data = form.cleaned_data
    return act(
        request,
        lambda: decisions.put_motion(
            item=found,
            seat=seat_in(found.meeting, data["seat"]),
            text=data["text"],
            outcome=data["outcome"],
            amount=data["amount"],
            actor=request.visitor.person(),
        ),
        done="Yrkandet är antecknat.",
        back=_item_url(found),
    )


@require_POST
@gate(*OFFICE)
def decide(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """Record the decision; the money is reserved in the same moment."""
    found = item_or_404(request.visitor, meeting, item)
    form = DecisionForm(request.POST, item=found)
    if not form.is_valid():
        return _again(request, found, decision_form=form)
    data = form.cleaned_data
    votes = _votes(request, found) if data["vote"] else None
    return act(
        request,
        lambda: decisions.record_decision(
            item=found,
            outcome=data["outcome"],
            amount=data["amount"],
            frame=data["frame"],
            conditions=data["conditions"],
            reason=data["reason"],
            proposition_order=data["proposition_order"],
            votes=votes,
            immediate_attestation=data["immediate_attestation"],
            actor=request.visitor.person(),
        ),
        done=f"Beslutet i ”{found.title}” är registrerat.",
        back=room_url(found.meeting),
    )


@require_POST
@gate(*OFFICE)
def announce_dissent(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    found = item_or_404(request.visitor, meeting, item)
    seat = seat_in(found.meeting, request.POST.get("seat"))
    return act(
        request,
        lambda: sitting.announce_dissent(
            item=found, seat=seat, text=request.POST.get("text", ""), actor=request.visitor.person()
        ),
        done=f"Reservation från {seat.user.name} är antecknad.",
        back=_item_url(found),
    )


@require_POST
@gate(*OFFICE)
def recommend(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """The council's common assessment and its recommendation."""
    found = item_or_404(request.visitor, meeting, item)
    form = RecommendationForm(request.POST, item=found)
    if not form.is_valid():
        return _again(request, found, recommendation_form=form)
    data = form.cleaned_data
    return act(
        request,
        lambda: council.record_recommendation(
            item=found,
            kind=data["kind"],
            amount=data["amount"],
            text=data["text"],
            views=form.views(),
            differing_views=data["differing_views"],
            actor=request.visitor.person(),
        ),
        done=f"Rekommendationen om ”{found.title}” är registrerad.",
        back=room_url(found.meeting),
    )


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def close(request: TenantRequest, meeting: int) -> HttpResponse:
    """Confirm and close: the paragraphs get their numbers and cannot be taken back."""
    found = meeting_or_404(request.visitor, meeting)
    is_board = found.body.kind == BodyKind.BOARD
    if request.method == "POST":
        run = minutes.close_meeting if is_board else council.close_council_meeting
        view = "boards:minutes" if is_board else "boards:meeting"
        back = reverse(view, args=[found.association.slug, found.pk])
        left = found.items.exclude(state=ItemState.DONE).filter(kind=ItemKind.DECISION).exists()
        return act(
            request,
            lambda: run(meeting=found, actor=request.visitor.person()),
            done="Mötet är avslutat.",
            back=room_url(found) if left else back,
        )
    left_items = [item.title for item in sitting.unfinished_items(found)]
    context = {"meeting": found, "left": left_items, "is_board": is_board, "back": room_url(found)}
    return render(request, "boards/close.html", context)


def _again(request: TenantRequest, item: AgendaItem, **forms: Any) -> HttpResponse:
    """The room once more, with what was typed and what is wrong with it."""
    context = room_context(item.meeting, request.visitor, item.pk, **forms)
    return render(request, "boards/room.html", context, status=422)


def _serving(item: AgendaItem) -> list[tuple[str, str]]:
    present = attendance.presence(item.meeting, item)
    return [(str(one.seat.pk), one.seat.user.name) for one in present.serving]


def _votes(request: HttpRequest, item: AgendaItem) -> dict[int, VoteChoice]:
    found = {}
    for one in attendance.presence(item.meeting, item).serving:
        choice = request.POST.get(f"vote-{one.seat.pk}", "")
        if choice in VoteChoice.values:
            found[one.seat.pk] = VoteChoice(choice)
    return found


def _item_url(item: AgendaItem) -> str:
    return f"{room_url(item.meeting)}?arende={item.pk}"


def _back(request: HttpRequest, meeting: Meeting) -> str:
    chosen = request.POST.get("arende", "")
    return f"{room_url(meeting)}?arende={chosen}" if chosen.isdigit() else room_url(meeting)
