"""The meeting in the room: run by the secretary, followed by those who have a seat."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from boards import attendance, council, decisions, minutes, sitting
from boards.forms import (
    DecisionForm,
    DissentForm,
    MotionForm,
    RecommendationForm,
)
from boards.models import AgendaItem, BodyKind, Meeting, MeetingState
from boards.queries import item_or_404, meeting_or_404, seat_in, whole_number
from boards.quorum import Presence
from boards.room import room_context, tally, wording_context
from boards.views.acts import act, act_with_form
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.people.models import RoleKind

FOLLOWERS = (*OFFICE, RoleKind.BOARD, RoleKind.CHAIR, RoleKind.COUNCIL, RoleKind.AUDITOR)


def room_url(meeting: Meeting) -> str:
    """The meeting's room."""
    return reverse("boards:room", args=[meeting.association.slug, meeting.pk])


@require_GET
@gate(*FOLLOWERS)
def room(request: TenantRequest, meeting: int) -> HttpResponse:
    """The three columns: items, the one at hand, and who is there."""
    found = meeting_or_404(request.visitor, meeting)
    motion = whole_number(request.GET.get("yrkande"))
    return room_page(request, found, whole_number(request.GET.get("arende")), motion=motion)


@require_GET
@gate(*FOLLOWERS)
def live(request: TenantRequest, meeting: int) -> HttpResponse:
    """What has changed since the page was read: nothing (204), or its parts anew.

    Opened by itself it leads to the page that it is a part of.
    """
    found = meeting_or_404(request.visitor, meeting)
    if not request.htmx:
        return redirect(room_url(found))
    if whole_number(request.GET.get("puls")) == found.pulse:
        return HttpResponse(status=204)
    chosen = whole_number(request.GET.get("arende"))
    context = room_context(found, request.visitor, chosen)
    context["is_live"] = True
    return render(request, "boards/room_live.html", context)


@require_POST
@gate(*OFFICE)
def open_meeting(request: TenantRequest, meeting: int) -> HttpResponse:
    found = meeting_or_404(request.visitor, meeting)
    chosen = request.POST.get("chair")
    chair = seat_in(found, chosen) if chosen else None
    return act(
        request,
        lambda: sitting.open_meeting(meeting=found, actor=request.visitor.person(), chair=chair),
        done="Mötet är öppnat.",
        back=room_url(found),
    )


@require_POST
@gate(*OFFICE)
def take_up(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    found = item_or_404(request.visitor, meeting, item, struck=True)
    return act(
        request,
        lambda: sitting.take_up(item=found, actor=request.visitor.person()),
        done="",
        back=room_url(found.meeting),
    )


@require_POST
@gate(*OFFICE)
def finish_formal(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    found = item_or_404(request.visitor, meeting, item, struck=True)
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
    found = item_or_404(request.visitor, meeting, item, struck=True)
    seats = [seat_in(found.meeting, pk) for pk in request.POST.getlist("seats")]
    return act(
        request,
        lambda: sitting.elect_attesters(item=found, seats=seats, actor=request.visitor.person()),
        done="Justerare är valda.",
        back=room_url(found.meeting),
    )


@require_POST
@gate(*OFFICE)
def put_motion(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    found = item_or_404(request.visitor, meeting, item, struck=True)
    form = MotionForm(request.POST, present=present(found), item=found)

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
        back=item_url(found),
        again=lambda: room_again(request, found, motion_form=form),
    )


@require_POST
@gate(*OFFICE)
def withdraw_motion(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    found = item_or_404(request.visitor, meeting, item, struck=True)
    motion = found.motions.filter(pk=whole_number(request.POST.get("motion")) or 0).first()
    if motion is None:
        raise Http404
    return act(
        request,
        lambda: decisions.withdraw_motion(motion=motion, actor=request.visitor.person()),
        done="Yrkandet är återtaget.",
        back=item_url(found),
    )


@require_POST
@gate(*OFFICE)
def decide(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """Record the decision; the money is reserved in the same moment."""
    found = item_or_404(request.visitor, meeting, item, struck=True)
    form = DecisionForm(request.POST, item=found, present=present(found))

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
        again=lambda: room_again(request, found, decision_form=form),
    )


@require_GET
@gate(*OFFICE)
def wording(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """How the decision will read, while it is being filled in; changes nothing."""
    found = item_or_404(request.visitor, meeting, item, struck=True)
    form = DecisionForm(request.GET, item=found, present=present(found))
    form.is_valid()
    context = wording_context(found, form.cleaned_data)
    context["tally"] = tally(found, present(found), form)
    return render(request, "boards/room_wording.html", context)


@require_POST
@gate(*OFFICE)
def announce_dissent(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    found = item_or_404(request.visitor, meeting, item, struck=True)
    form = DissentForm(request.POST, present=present(found))

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
        back=item_url(found),
        again=lambda: room_again(request, found, dissent_form=form),
    )


@require_POST
@gate(*OFFICE)
def recommend(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """The council's common assessment and its recommendation."""
    found = item_or_404(request.visitor, meeting, item, struck=True)
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
        again=lambda: room_again(request, found, recommendation_form=form),
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


def room_again(request: TenantRequest, item: AgendaItem, **forms: Any) -> HttpResponse:
    """The room once more, with what was typed and what is wrong with it."""
    return room_page(request, item.meeting, item.pk, **forms)


def room_page(
    request: TenantRequest,
    meeting: Meeting,
    chosen: int | None = None,
    *,
    motion: int | None = None,
    **forms: Any,
) -> HttpResponse:
    """The room, with the form that was refused when there is one."""
    wrong = next(iter(forms.values()), None)
    context = room_context(meeting, request.visitor, chosen, motion=motion, **forms)
    context |= {"wrong": wrong, "wrong_form": next(iter(forms), "")}
    return render(request, "boards/room.html", context, status=422 if wrong else 200)


def present(item: AgendaItem) -> Presence:
    """Who serves in the item."""
    return attendance.presence(item.meeting, item)


def item_url(item: AgendaItem) -> str:
    """The room, showing an item."""
    return f"{room_url(item.meeting)}?arende={item.pk}"


def room_back(request: HttpRequest, meeting: Meeting) -> str:
    """The room, showing the item that the form was sent from."""
    chosen = whole_number(request.POST.get("arende"))
    return f"{room_url(meeting)}?arende={chosen}" if chosen else room_url(meeting)
