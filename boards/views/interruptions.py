"""Breaks, corrections and elections in the room; a meeting that is moved or cancelled."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from boards import adjourning, correcting, elections, rescheduling
from boards.forms import MeetingForm
from boards.forms_room import ElectionForm, ReasonForm
from boards.models import Meeting, MeetingMode
from boards.queries import item_or_404, meeting_or_404
from boards.views.acts import act, act_with_form
from boards.views.room import item_url, room_again, room_url
from finsam import clock
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.ui import Link


@require_POST
@gate(*OFFICE)
def pause(request: TenantRequest, meeting: int) -> HttpResponse:
    """Adjourn the meeting, or take it up again."""
    found = meeting_or_404(request.visitor, meeting)
    actor, back = request.visitor.person(), room_url(found)
    if request.POST.get("do") == "resume":
        return act(
            request,
            lambda: adjourning.resume(meeting=found, actor=actor),
            done="Mötet är återupptaget.",
            back=back,
        )
    reason = request.POST.get("reason", "")
    return act(
        request,
        lambda: adjourning.adjourn(meeting=found, actor=actor, reason=reason),
        done="Mötet är ajournerat.",
        back=back,
    )


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def correct_item(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """Say what was recorded wrongly, see what that takes back, and take the item up anew."""
    found = item_or_404(request.visitor, meeting, item, struck=True)
    form = ReasonForm(request.POST or None)

    def page() -> HttpResponse:
        context = {
            "meeting": found.meeting,
            "item": found,
            "decision": getattr(found, "decision", None),
            "votes": found.votes.select_related("seat__user"),
            "dissents": found.dissents.select_related("seat__user", "seat__member"),
            "form": form,
            "back": item_url(found),
            "crumbs": [Link("Mötesrummet", item_url(found))],
        }
        status = 422 if form.is_bound else 200
        return render(request, "boards/room_correct.html", context, status=status)

    if request.method == "GET":
        return page()
    return act_with_form(
        request,
        form,
        lambda data: correcting.correct_item(
            item=found, reason=data["reason"], actor=request.visitor.person()
        ),
        done=f"”{found.title}” är uppe igen. Anteckna det som gäller.",
        back=room_url(found.meeting),
        again=page,
    )


@require_POST
@gate(*OFFICE)
def elect(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """Record an election on a free item."""
    found = item_or_404(request.visitor, meeting, item, struck=True)
    form = ElectionForm(request.POST)
    return act_with_form(
        request,
        form,
        lambda data: elections.elect(
            item=found,
            task=data["task"],
            nominees=form.nominees(),
            places=data["places"],
            actor=request.visitor.person(),
        ),
        done=f"Valet i ”{found.title}” är antecknat.",
        back=room_url(found.meeting),
        again=lambda: room_again(request, found, election_form=form),
    )


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def move(request: TenantRequest, meeting: int) -> HttpResponse:
    """Another time, place or form; those called are told."""
    found = meeting_or_404(request.visitor, meeting)
    form = MeetingForm(
        request.POST or None, association=request.association, initial=_as_it_is(found)
    )
    del form.fields["body"]

    def page() -> HttpResponse:
        context = {"form": form, "meeting": found, "back": _meeting_url(found)}
        status = 422 if form.is_bound else 200
        return render(request, "boards/meeting_move.html", context, status=status)

    if request.method == "GET":
        return page()
    return act_with_form(
        request,
        form,
        lambda data: rescheduling.change_meeting(
            meeting=found,
            starts_at=data["starts_at"],
            ends_at=data["ends_at"],
            place=data["place"],
            mode=MeetingMode(data["mode"]),
            is_public=data["is_public"],
            actor=request.visitor.person(),
        ),
        done="Mötet är ändrat.",
        back=_meeting_url(found),
        again=page,
    )


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def cancel(request: TenantRequest, meeting: int) -> HttpResponse:
    """Confirm, say why, and cancel the meeting."""
    found = meeting_or_404(request.visitor, meeting)
    form = ReasonForm(request.POST or None)
    form.fields["reason"].label = "Varför ställs mötet in?"

    def page() -> HttpResponse:
        context = {"form": form, "meeting": found, "back": _meeting_url(found)}
        status = 422 if form.is_bound else 200
        return render(request, "boards/meeting_cancel.html", context, status=status)

    if request.method == "GET":
        return page()
    return act_with_form(
        request,
        form,
        lambda data: rescheduling.cancel_meeting(
            meeting=found, reason=data["reason"], actor=request.visitor.person()
        ),
        done="Mötet är inställt.",
        back=_meeting_url(found),
        again=page,
    )


def _as_it_is(meeting: Meeting) -> dict[str, object]:
    starts = clock.stockholm(meeting.starts_at)
    return {
        "day": starts.date(),
        "starts": starts.time(),
        "ends": clock.stockholm(meeting.ends_at).time() if meeting.ends_at else None,
        "place": meeting.place,
        "mode": meeting.mode,
        "is_public": meeting.is_public,
    }


def _meeting_url(meeting: Meeting) -> str:
    return reverse("boards:meeting", args=[meeting.association.slug, meeting.pk])
