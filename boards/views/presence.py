"""Who is there: the roll call, arrivals and departures, conflicts of interest, corrections."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from boards import attendance, correcting_attendance, guests, recusals
from boards.forms import GuestForm, RecusalForm
from boards.forms_room import RollForm, TimesForm
from boards.models import Attendance, Meeting
from boards.queries import item_or_404, meeting_or_404, seat_in, whole_number
from boards.views.acts import act, act_with_form
from boards.views.room import item_url, present, room_again, room_back, room_page, room_url
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.ui import Link


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

    return act(request, run, done="", back=room_back(request, found))


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
def call_the_roll(request: TenantRequest, meeting: int) -> HttpResponse:
    """How every seat is filled, in one go."""
    found = meeting_or_404(request.visitor, meeting)
    form = RollForm(
        request.POST,
        meeting=found,
        present=attendance.presence(found),
        substitutes=attendance.substitutes(found.body, found.starts_at),
    )
    return act_with_form(
        request,
        form,
        lambda _data: attendance.call_the_roll(
            meeting=found, marks=form.marks(), actor=request.visitor.person()
        ),
        done="Uppropet är antecknat.",
        back=room_url(found),
        again=lambda: room_page(request, found, roll_form=form),
    )


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def correct(request: TenantRequest, meeting: int, seat: int) -> HttpResponse:
    """Set right when one person came and went, or strike a presence that never was."""
    found = meeting_or_404(request.visitor, meeting)
    person = seat_in(found, seat)
    rows = found.attendances.filter(seat=person).select_related("serves_for__user", "meeting")
    actor, back = request.visitor.person(), room_url(found)
    chosen = rows.filter(pk=whole_number(request.POST.get("row")) or 0).first()
    wrong = TimesForm(request.POST, row=chosen) if chosen is not None else None

    def page() -> HttpResponse:
        forms = [wrong if wrong and wrong.row.pk == row.pk else TimesForm(row=row) for row in rows]
        context = {
            "meeting": found,
            "person": person,
            "forms": forms,
            "wrong": wrong,
            "crumbs": [Link("Mötesrummet", back)],
        }
        return render(request, "boards/room_times.html", context, status=422 if wrong else 200)

    if chosen is None or wrong is None:
        return page() if request.method == "GET" else redirect(back)
    if request.POST.get("do") == "strike":
        return act(
            request,
            lambda: correcting_attendance.strike_attendance(attendance=chosen, actor=actor),
            done=f"Närvaron för {person.user.name} är struken.",
            back=back,
        )
    return act_with_form(
        request,
        wrong,
        lambda _data: correcting_attendance.correct_times(
            attendance=Attendance.objects.select_related("meeting", "seat").get(pk=chosen.pk),
            times=wrong.times(),
            actor=actor,
        ),
        done=f"Närvaron för {person.user.name} är rättad.",
        back=back,
        again=page,
    )


@require_POST
@gate(*OFFICE)
def declare_recusal(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """Note a conflict of interest, or take back one that was noted by mistake."""
    found = item_or_404(request.visitor, meeting, item, struck=True)
    actor = request.visitor.person()
    if request.POST.get("do") == "withdraw":
        seat = seat_in(found.meeting, request.POST.get("seat"))
        return act(
            request,
            lambda: recusals.withdraw_recusal(item=found, seat=seat, actor=actor),
            done="Jävet är återtaget.",
            back=item_url(found),
        )
    free = attendance.room_of(found.meeting).free
    form = RecusalForm(request.POST, present=present(found), substitutes=free)

    def run(data: dict[str, Any]) -> None:
        seat = seat_in(found.meeting, data["seat"])
        chosen = data["served_by"]
        recusals.declare_recusal(
            item=found,
            seat=seat,
            actor=actor,
            reason=data["reason"],
            served_by=(
                recusals.next_stand_in(found.meeting, found, seat)
                if chosen == "next"
                else seat_in(found.meeting, chosen)
                if chosen
                else None
            ),
        )

    return act_with_form(
        request,
        form,
        run,
        done="Jävet är antecknat.",
        back=item_url(found),
        again=lambda: room_again(request, found, recusal_form=form),
    )


@require_POST
@gate(*OFFICE)
def note_guest(request: TenantRequest, meeting: int) -> HttpResponse:
    """Somebody else is present, or was noted by mistake."""
    found = meeting_or_404(request.visitor, meeting)
    if request.POST.get("do") == "remove":
        return _remove_guest(request, found)
    form = GuestForm(request.POST)
    return act_with_form(
        request,
        form,
        lambda data: guests.note_guest(meeting=found, actor=request.visitor.person(), **data),
        done="Närvaron är antecknad.",
        back=room_back(request, found),
        again=lambda: room_page(request, found, guest_form=form),
    )


def _remove_guest(request: TenantRequest, found: Meeting) -> HttpResponse:
    guest = found.guests.filter(pk=whole_number(request.POST.get("guest")) or 0).first()
    if guest is None:
        return redirect(room_back(request, found))
    return act(
        request,
        lambda: guests.remove_guest(guest=guest, actor=request.visitor.person()),
        done=f"{guest.name} är borttagen ur närvaron.",
        back=room_back(request, found),
    )
