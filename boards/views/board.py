"""The board member's own page: next meeting, the packet, what is new, what to attest."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from boards.dispatch import packet_key
from boards.documents_shown import shown
from boards.models import (
    BodyKind,
    Meeting,
    PacketDownload,
    PrivateNote,
)
from boards.queries import item_or_404, minutes_to_attest, paragraphs_to_attest, seats_of
from finsam import clock
from finsam.people.access import TenantRequest, gate
from finsam.people.models import RoleKind


@require_GET
@gate(RoleKind.BOARD, RoleKind.CHAIR)
def home(request: TenantRequest) -> HttpResponse:
    """Calm: one meeting, one packet, one thing to do."""
    user = request.visitor.person()
    bodies = seats_of(request.visitor, BodyKind.BOARD).values("body")
    meetings = Meeting.objects.filter(association=request.association, body__in=bodies)
    coming = (
        meetings.filter(state__in=["called", "ongoing"])
        .select_related("body")
        .order_by("starts_at")
        .first()
    )
    context = {
        "coming": coming,
        "to_attest": minutes_to_attest(request.visitor),
        "paragraphs_to_attest": paragraphs_to_attest(request.visitor),
        "past": meetings.filter(state="closed").select_related("body", "minutes")[:12],
        **(_packet(request, coming) if coming else {}),
    }
    if coming:
        notes = dict(
            PrivateNote.objects.filter(user=user, item__meeting=coming).values_list(
                "item_id", "text"
            )
        )
        items = coming.items.select_related("application__case")
        context["items"] = [(item, notes.get(item.pk, "")) for item in items]
    return render(request, "boards/board_home.html", context)


@require_POST
@gate(RoleKind.BOARD, RoleKind.CHAIR)
def download(request: TenantRequest, meeting: int) -> HttpResponse:
    """Note the download, to tell next time what is new since, and hand out the packet."""
    bodies = seats_of(request.visitor, BodyKind.BOARD).values("body")
    found = Meeting.objects.filter(
        association=request.association, body__in=bodies, pk=meeting
    ).first()
    if found is None:
        raise Http404
    packet = found.packets.exclude(sent_at=None).first()
    document = shown(request.visitor, packet_key(found), version=packet.version) if packet else None
    if packet is None:
        return redirect(reverse("boards:board_home", args=[request.association.slug]))
    if document is None:  # a conflict of interest: there the packet without those items is had
        return redirect("boards:packet_documents", request.association.slug, found.pk)
    PacketDownload.objects.create(packet=packet, user=request.visitor.person(), at=clock.now())
    return redirect(document.get_absolute_url())


@require_POST
@gate(RoleKind.BOARD, RoleKind.CHAIR)
def note(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """Keep a private note on an item: nobody else reads it."""
    found = item_or_404(request.visitor, meeting, item)
    PrivateNote.objects.update_or_create(
        item=found,
        user=request.visitor.person(),
        defaults={"text": request.POST.get("text", "")[:8000], "updated_at": clock.now()},
    )
    url = reverse("boards:board_home", args=[request.association.slug])
    return redirect(f"{url}#arende-{found.pk}")


def _packet(request: TenantRequest, meeting: Meeting) -> dict[str, object]:
    packet = meeting.packets.exclude(sent_at=None).select_related("job").first()
    if packet is None:
        return {"packet": None}
    mine = PacketDownload.objects.filter(user=request.visitor.person(), packet__meeting=meeting)
    last = mine.select_related("packet").order_by("-at").first()
    return {
        "packet": packet,
        "packet_document": shown(request.visitor, packet_key(meeting), version=packet.version),
        "last_download": last,
        "is_new": last is None or last.packet_id != packet.pk,
    }
