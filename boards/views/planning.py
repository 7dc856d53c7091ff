"""Planning meetings: the list, the agenda, the notice, the packet."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.models import Application
from boards import agenda, dispatch
from boards.agenda import READY_FOR
from boards.deadlines import dispatch_day, round_countdown
from boards.documents_shown import meeting_documents
from boards.effort_memos import changed_since_packet
from boards.figures import outdated_of
from boards.forms import ItemForm, MeetingForm
from boards.models import (
    BodyKind,
    ItemKind,
    Meeting,
    MeetingMode,
    MeetingPacket,
    MeetingState,
)
from boards.packet import make_packet
from boards.queries import final_memos_of, item_or_404, meeting_or_404, meetings_visible_to
from boards.timetable import DIRECTOR, Deadline, deadlines_of, next_deadline
from boards.timetable import OFFICE as THE_OFFICE
from boards.views.acts import act, act_with_form
from boards.views.room import FOLLOWERS, room_url
from finsam import clock
from finsam.errors import DomainError
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.ui import Status, Step

MEETING_LOOKS = {
    MeetingState.PLANNED: Status("Planerat"),
    MeetingState.CALLED: Status("Kallat", "info"),
    MeetingState.ONGOING: Status("Pågår", "warning"),
    MeetingState.ADJOURNED: Status("Ajournerat", "warning"),
    MeetingState.CLOSED: Status("Avslutat", "success"),
    MeetingState.CANCELLED: Status("Inställt", "danger"),
}


TURNS = (THE_OFFICE, DIRECTOR)
UNDER_WAY = (MeetingState.ONGOING, MeetingState.ADJOURNED)


def meeting_url(meeting: Meeting) -> str:
    return reverse("boards:meeting", args=[meeting.association.slug, meeting.pk])


@require_GET
@gate(*OFFICE)
def meetings(request: TenantRequest) -> HttpResponse:
    """All meetings, the coming ones first."""
    found = meetings_visible_to(request.visitor)
    coming = found.filter(starts_at__gte=clock.now()).order_by("starts_at")[:20]
    past = Paginator(found.filter(starts_at__lt=clock.now()), 50).get_page(request.GET.get("sida"))
    context = {"coming": coming, "past": past, "looks": MEETING_LOOKS}
    return render(request, "boards/meetings.html", context)


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def plan(request: TenantRequest) -> HttpResponse:
    form = MeetingForm(request.POST or None, association=request.association)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            meeting = agenda.plan_meeting(
                body=data["body"],
                starts_at=data["starts_at"],
                ends_at=data["ends_at"],
                place=data["place"],
                mode=MeetingMode(data["mode"]),
                is_public=data["is_public"],
                actor=request.visitor.person(),
            )
        except DomainError as refusal:
            form.add_error("day" if refusal.field == "starts_at" else None, refusal.message)
        else:
            return redirect(meeting_url(meeting))
    status = 422 if form.is_bound else 200
    return render(request, "boards/plan.html", {"form": form}, status=status)


@require_GET
@gate(*FOLLOWERS)
def meeting(request: TenantRequest, meeting: int) -> HttpResponse:
    """A meeting's page: agenda, documents, and what is next for whom."""
    found = meeting_or_404(request.visitor, meeting)
    day = clock.stockholm(found.starts_at).date()
    days = request.association.dispatch_days
    is_board = found.body.kind == BodyKind.BOARD
    can_edit = request.visitor.is_office and found.state in ("planned", "called")
    prefetch_related_objects(
        [found], Prefetch("packets", MeetingPacket.objects.select_related("job"))
    )
    items = list(found.items.select_related("application__case", "decision", "recommendation"))
    to_decide = [one for one in items if one.application and one.kind == ItemKind.DECISION]
    memos = final_memos_of(to_decide) if is_board and can_edit else {}
    documents = meeting_documents(found, request.visitor)
    packet = documents["packet"] if is_board and can_edit else None
    context = {
        "meeting": found,
        "is_board": is_board,
        "status": MEETING_LOOKS[MeetingState(found.state)],
        "items": items,
        "can_edit": can_edit,
        "outdated": outdated_of(request.association, memos.values()) if memos else [],
        "ready": _ready(found) if can_edit else [],
        "missing": dispatch.without_memo(to_decide, memos) if is_board and can_edit else [],
        "steps": _steps(found) if is_board else [],
        "dispatch_day": dispatch_day(day, days),
        "countdown": round_countdown(day, days) if is_board and can_edit else [],
        "changed": changed_since_packet(packet, items) if packet else [],
        **documents,
    }
    return render(request, "boards/meeting.html", context)


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def add_item(request: TenantRequest, meeting: int) -> HttpResponse:
    """Add a free item; applications that are ready are added by their own button."""
    found = meeting_or_404(request.visitor, meeting)
    form = ItemForm(request.POST or None)
    back = _back(found)

    def page() -> HttpResponse:
        ready = _ready(found) if found.state in UNDER_WAY else []
        context = {"form": form, "meeting": found, "back": back, "ready": ready}
        status = 422 if form.is_bound else 200
        return render(request, "boards/item_form.html", context, status=status)

    if request.method == "GET":
        return page()
    return act_with_form(
        request,
        form,
        lambda data: agenda.add_item(
            meeting=found,
            actor=request.visitor.person(),
            **{**data, "kind": ItemKind(data["kind"])},
        ),
        done="Ärendet står på dagordningen.",
        back=back,
        again=page,
    )


@require_POST
@gate(*OFFICE)
def add_application(request: TenantRequest, meeting: int) -> HttpResponse:
    """Put an application that is ready on the agenda."""
    found = meeting_or_404(request.visitor, meeting)
    wanted = request.POST.get("application", "")
    application = next((one for one in _ready(found) if str(one.public_id) == wanted), None)

    def run() -> None:
        if application is None:
            raise DomainError("not_ready", "Ansökan är inte klar för mötet, eller står redan där.")
        agenda.add_item(
            meeting=found,
            title=application.title,
            application=application,
            presenter=request.association.director_title.capitalize(),
            actor=request.visitor.person(),
        )

    title = application.title if application else ""
    return act(request, run, done=f"”{title}” står på dagordningen.", back=_back(found))


@require_POST
@gate(*OFFICE)
def change_item(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """Move an item up or down, or take it off."""
    found = item_or_404(request.visitor, meeting, item)
    actor = request.visitor.person()
    do = request.POST.get("do")

    def run() -> None:
        if do == "remove":
            agenda.remove_item(item=found, actor=actor)
        else:
            agenda.move_item(item=found, up=do == "up", actor=actor)

    return act(request, run, done="", back=meeting_url(found.meeting))


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def call(request: TenantRequest, meeting: int) -> HttpResponse:
    """Confirm and send the notice to all members and substitutes."""
    found = meeting_or_404(request.visitor, meeting)
    if request.method == "POST":
        return act(
            request,
            lambda: dispatch.send_notice(meeting=found, actor=request.visitor.person()),
            done="Kallelsen är skickad.",
            back=meeting_url(found),
        )
    context = {"meeting": found, "seats": dispatch.invited_seats(found), "back": meeting_url(found)}
    return render(request, "boards/call.html", context)


@require_POST
@gate(*OFFICE)
def packet(request: TenantRequest, meeting: int) -> HttpResponse:
    """Make the packet, or a new version of it when something has changed."""
    found = meeting_or_404(request.visitor, meeting)
    return act(
        request,
        lambda: make_packet(meeting=found, actor=request.visitor.person()),
        done="Paketet görs nu. Sidan visar hur långt det har kommit.",
        back=meeting_url(found),
    )


@require_POST
@gate(*OFFICE)
def send_packet(request: TenantRequest, meeting: int) -> HttpResponse:
    found = meeting_or_404(request.visitor, meeting)

    def run() -> None:
        latest = found.packets.first()
        if latest is None:
            raise DomainError("no_packet", "Gör paketet först.")
        dispatch.send_packet(packet=latest, actor=request.visitor.person())

    return act(request, run, done="Handlingarna är utskickade.", back=meeting_url(found))


def _back(meeting: Meeting) -> str:
    """Items that are added while the meeting goes on are added from its room."""
    return room_url(meeting) if meeting.state in UNDER_WAY else meeting_url(meeting)


def _ready(meeting: Meeting) -> list[Application]:
    """Applications that can go to this meeting."""
    states = READY_FOR.get(BodyKind(meeting.body.kind), ())
    taken = meeting.items.filter(application__isnull=False).values("application")
    found = (
        Application.objects.filter(association=meeting.association, state__in=states)
        .exclude(pk__in=taken)
        .select_related("case")
        .order_by("title")
    )
    return list(found[:100])


def _steps(meeting: Meeting) -> list[Step]:
    """The days that lead to the meeting and on from it, counted from the meeting's day."""
    found = deadlines_of(meeting)
    now = next_deadline(found)
    return [
        Step(
            one.text,
            one.on,
            "done" if one.done else "now" if one is now else "coming",
            _step_note(one) if one is now else "",
        )
        for one in found
    ]


def _step_note(one: Deadline) -> str:
    turn = f"{one.whose}s tur" if one.whose in TURNS else ""
    return f"Försenat. {turn}".strip() if one.is_late else turn
