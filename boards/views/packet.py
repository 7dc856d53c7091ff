"""The packet to read: all of it, only what is new, or one item; on a phone too."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from boards.models import BodyKind, Meeting, MeetingPacket
from boards.packet_extracts import item_key, promise_item, promise_without, without_key
from boards.packet_shown import Extract, extracts_of, latest_packet, packet_page, recused_in
from boards.queries import meeting_or_404
from boards.views.acts import act
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.people.models import RoleKind

READERS = (*OFFICE, RoleKind.BOARD, RoleKind.CHAIR, RoleKind.AUDITOR)


@require_GET
@gate(*READERS)
def documents(request: TenantRequest, meeting: int) -> HttpResponse:
    """The packet item by item, with what each reader may take down."""
    found = _board_meeting(request, meeting)
    context = {"meeting": found, **packet_page(found, request.visitor)}
    return render(request, "boards/packet.html", context)


@require_http_methods(["GET", "POST"])
@gate(*READERS)
def item(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """Have one item made as a file of its own; asked by htmx it says how far that is."""
    found, packet = _packet(request, meeting)
    if item in recused_in(packet, request.visitor):
        raise Http404
    key = item_key(packet, item)
    if request.method == "POST":
        return act(
            request,
            lambda: promise_item(packet=packet, item=item, actor=request.visitor.person()),
            done="",
            back=f"{_url(found)}#arende-{item}",
        )
    return _progress(request, packet, key, reverse("boards:packet_item", args=[*_at(found), item]))


@require_http_methods(["GET", "POST"])
@gate(*READERS)
def without(request: TenantRequest, meeting: int) -> HttpResponse:
    """For one who has a conflict of interest: the packet without those items."""
    found, packet = _packet(request, meeting)
    recused = recused_in(packet, request.visitor)
    if not recused:
        raise Http404
    if request.method == "POST":
        return act(
            request,
            lambda: promise_without(packet=packet, items=recused, actor=request.visitor.person()),
            done="",
            back=_url(found),
        )
    key = without_key(packet, recused)
    return _progress(request, packet, key, reverse("boards:packet_without", args=_at(found)))


def _progress(request: TenantRequest, packet: MeetingPacket, key: str, here: str) -> HttpResponse:
    """The fragment that polls; without htmx the page it is part of."""
    if not request.htmx:
        return redirect(_url(packet.meeting))
    extract = extracts_of(packet, [key]).get(key, Extract())
    if extract.job is None:
        raise Http404
    context = {"extract": extract, "here": here, "back": _url(packet.meeting)}
    return render(request, "boards/packet_extract.html", context)


def _packet(request: TenantRequest, meeting: int) -> tuple[Meeting, MeetingPacket]:
    found = _board_meeting(request, meeting)
    packet = latest_packet(found, request.visitor)
    if packet is None:
        raise Http404
    return found, packet


def _board_meeting(request: TenantRequest, meeting: int) -> Meeting:
    """A meeting of the board that the visitor may see; the council has no packet."""
    found = meeting_or_404(request.visitor, meeting)
    if found.body.kind != BodyKind.BOARD:
        raise Http404
    return found


def _at(meeting: Meeting) -> tuple[str, int]:
    return meeting.association.slug, meeting.pk


def _url(meeting: Meeting) -> str:
    return reverse("boards:packet_documents", args=_at(meeting))
