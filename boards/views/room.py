"""The meeting in the room: run by the secretary, followed by those who have a seat."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from boards import attendance, council, decisions, guests, minutes, recusals, sitting
from boards.forms import (
    DecisionForm,
    DissentForm,
    GuestForm,
    MotionForm,
    RecommendationForm,
    RecusalForm,
)
from boards.models import AgendaItem, BodyKind, Meeting, MeetingState
from boards.queries import item_or_404, meeting_or_404, seat_in, whole_number
from boards.room import room_context, wording_context
from boards.views.acts import act, act_with_form
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
    return _room(request, found, whole_number(request.GET.get("arende")))


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
    free = attendance.free_substitutes(found.meeting)
    form = RecusalForm(request.POST, present=_present(found), substitutes=free)

    def run(data: dict[str, Any]) -> None:
        recusals.declare_recusal(
            item=found,
            seat=seat_in(found.meeting, data["seat"]),
            actor=request.visitor.person(),
            reason=data["reason"],
            served_by=seat_in(found.meeting, data["served_by"]) if data["served_by"] else None,
        )

    return act_with_form(
        request,
        form,
        run,
        done="Jävet är antecknat.",
        back=_item_url(found),
        again=lambda: _again(request, found, recusal_form=form),
    )


@require_POST
@gate(*OFFICE)
def put_motion(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    found = item_or_404(request.visitor, meeting, item)
    form = MotionForm(request.POST, present=_present(found), free=found.application_id is None)

    def run(data: dict[str, Any]) -> None:
        decisions.put_motion(
            item=found,
            seat=seat_in(found.meeting, data["seat"]),
            text=data["text"],
            outcome=data["outcome"],
            amount=data.get("amount"),
            actor=request.visitor.person(),
        )

    return act_with_form(
        request,
        form,
        run,
        done="Yrkandet är antecknat.",
        back=_item_url(found),
        again=lambda: _again(request, found, motion_form=form),
    )


@require_POST
@gate(*OFFICE)
def withdraw_motion(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    found = item_or_404(request.visitor, meeting, item)
    motion = found.motions.filter(pk=whole_number(request.POST.get("motion")) or 0).first()
    if motion is None:
        raise Http404
    return act(
        request,
        lambda: decisions.withdraw_motion(motion=motion, actor=request.visitor.person()),
        done="Yrkandet är återtaget.",
        back=_item_url(found),
    )


@require_POST
@gate(*OFFICE)
def decide(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """Record the decision; the money is reserved in the same moment."""
    found = item_or_404(request.visitor, meeting, item)
    form = DecisionForm(request.POST, item=found, present=_present(found))

    def run(data: dict[str, Any]) -> None:
        decisions.record_decision(
            item=found,
            outcome=data["outcome"],
            amount=data.get("amount"),
            frame=data.get("frame"),
            conditions=data["conditions"],
            reason=data["reason"],
            proposition_order=data["proposition_order"],
            votes=form.votes(),
            immediate_attestation=data["immediate_attestation"],
            actor=request.visitor.person(),
        )

    return act_with_form(
        request,
        form,
        run,
        done=f"Beslutet i ”{found.title}” är registrerat.",
        back=room_url(found.meeting),
        again=lambda: _again(request, found, decision_form=form),
    )


@require_GET
@gate(*OFFICE)
def wording(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """How the decision will read, while it is being filled in; changes nothing."""
    found = item_or_404(request.visitor, meeting, item)
    form = DecisionForm(request.GET, item=found, present=_present(found))
    form.is_valid()
    return render(request, "boards/room_wording.html", wording_context(found, form.cleaned_data))


@require_POST
@gate(*OFFICE)
def announce_dissent(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    found = item_or_404(request.visitor, meeting, item)
    form = DissentForm(request.POST, present=_present(found))

    def run(data: dict[str, Any]) -> None:
        sitting.announce_dissent(
            item=found,
            seat=seat_in(found.meeting, data["seat"]),
            text=data["text"],
            actor=request.visitor.person(),
        )

    return act_with_form(
        request,
        form,
        run,
        done="Reservationen är antecknad.",
        back=_item_url(found),
        again=lambda: _again(request, found, dissent_form=form),
    )


@require_POST
@gate(*OFFICE)
def recommend(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """The council's common assessment and its recommendation."""
    found = item_or_404(request.visitor, meeting, item)
    if found.application is None:
        raise Http404
    form = RecommendationForm(request.POST, item=found)

    def run(data: dict[str, Any]) -> None:
        council.record_recommendation(
            item=found,
            kind=data["kind"],
            amount=data["amount"],
            text=data["text"],
            views=form.views(),
            differing_views=data["differing_views"],
            actor=request.visitor.person(),
        )

    return act_with_form(
        request,
        form,
        run,
        done=f"Rekommendationen om ”{found.title}” är registrerad.",
        back=room_url(found.meeting),
        again=lambda: _again(request, found, recommendation_form=form),
    )


@require_POST
@gate(*OFFICE)
def note_guest(request: TenantRequest, meeting: int) -> HttpResponse:
    """Somebody else is present, or was noted by mistake."""
    found = meeting_or_404(request.visitor, meeting)
    actor = request.visitor.person()
    if request.POST.get("do") == "remove":
        guest = found.guests.filter(pk=whole_number(request.POST.get("guest")) or 0).first()
        if guest is None:
            return redirect(_back(request, found))
        return act(
            request,
            lambda: guests.remove_guest(guest=guest, actor=actor),
            done=f"{guest.name} är borttagen ur närvaron.",
            back=_back(request, found),
        )
    form = GuestForm(request.POST)
    return act_with_form(
        request,
        form,
        lambda data: guests.note_guest(meeting=found, actor=actor, **data),
        done="Närvaron är antecknad.",
        back=_back(request, found),
        again=lambda: _room(request, found, guest_form=form),
    )


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def close(request: TenantRequest, meeting: int) -> HttpResponse:
    """Confirm and close: the paragraphs get their numbers and cannot be taken back."""
    found = meeting_or_404(request.visitor, meeting)
    is_board = found.body.kind == BodyKind.BOARD
    left = _left(found)
    if request.method == "POST":
        run = minutes.close_meeting if is_board else council.close_council_meeting
        view = "boards:minutes" if is_board else "boards:meeting"
        back = reverse(view, args=[found.association.slug, found.pk])
        return act(
            request,
            lambda: run(meeting=found, actor=request.visitor.person()),
            done="Mötet är avslutat.",
            back=room_url(found) if left or found.state == MeetingState.CALLED else back,
        )
    context = {"meeting": found, "left": left, "is_board": is_board, "back": room_url(found)}
    return render(request, "boards/close.html", context)


def _left(meeting: Meeting) -> list[str]:
    """What has to be settled before the meeting can be closed."""
    is_board = meeting.body.kind == BodyKind.BOARD
    found = sitting.unfinished_items(meeting)
    return [item.title for item in found if is_board or item.application_id]


def _again(request: TenantRequest, item: AgendaItem, **forms: Any) -> HttpResponse:
    """The room once more, with what was typed and what is wrong with it."""
    return _room(request, item.meeting, item.pk, **forms)


def _room(
    request: TenantRequest, meeting: Meeting, chosen: int | None = None, **forms: Any
) -> HttpResponse:
    wrong = next(iter(forms.values()), None)
    context = room_context(meeting, request.visitor, chosen, **forms)
    context |= {"wrong": wrong, "wrong_form": next(iter(forms), "")}
    return render(request, "boards/room.html", context, status=422 if wrong else 200)


def _present(item: AgendaItem) -> attendance.Presence:
    return attendance.presence(item.meeting, item)


def _item_url(item: AgendaItem) -> str:
    return f"{room_url(item.meeting)}?arende={item.pk}"


def _back(request: HttpRequest, meeting: Meeting) -> str:
    chosen = whole_number(request.POST.get("arende"))
    return f"{room_url(meeting)}?arende={chosen}" if chosen else room_url(meeting)
