"""The board member's own page: next meeting, the packet, what is new, what to attest."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from applications.sending import application_key
from boards.consultation import statements_of
from boards.dispatch import packet_key
from boards.documents_shown import made_of, shown
from boards.effort_memos import memo_key as effort_memo_key
from boards.masked_minutes import BOARD_ROLES
from boards.models import (
    BodyKind,
    ItemState,
    Meeting,
    MeetingState,
    PacketDownload,
    PrivateNote,
)
from boards.packet_shown import latest_packet, recused_in
from boards.queries import (
    final_memo,
    item_or_404,
    minutes_to_attest,
    paragraphs_to_attest,
    recused_items,
    require_not_recused,
    seats_of,
)
from boards.reading import (
    WHOLE,
    notes_on,
    passages_of,
    save_note,
)
from boards.recusals import declare_own_recusal
from boards.views.acts import act
from finsam import clock
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.people.models import RoleKind

NOTERS = (RoleKind.BOARD, RoleKind.CHAIR, RoleKind.COUNCIL)
READERS = (*OFFICE, RoleKind.BOARD, RoleKind.CHAIR, RoleKind.COUNCIL, RoleKind.AUDITOR)


@require_GET
@gate(RoleKind.BOARD, RoleKind.CHAIR)
def home(request: TenantRequest) -> HttpResponse:
    """Calm: one meeting, one packet, one thing to do."""
    user = request.visitor.person()
    bodies = seats_of(request.visitor, BodyKind.BOARD).values("body")
    meetings = Meeting.objects.filter(association=request.association, body__in=bodies)
    coming = (
        meetings.filter(state__in=["called", "ongoing", "adjourned"])
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
        hidden = recused_items(request.visitor, coming)
        noted = set(
            PrivateNote.objects.filter(user=user, item__meeting=coming)
            .exclude(text="")
            .values_list("item_id", flat=True)
        )
        items = coming.items.select_related("application__case")
        context["items"] = [(item, item.pk in noted, item.pk in hidden) for item in items]
    return render(request, "boards/board_home.html", context)


@require_POST
@gate(RoleKind.BOARD, RoleKind.CHAIR)
def download(request: TenantRequest, meeting: int) -> HttpResponse:
    """Note the download, to tell next time what is new since, and hand out the packet.

    One who is recused is taken to the page where the packet without those items is had.
    """
    found = _own_meeting_or_404(request, meeting)
    packet = latest_packet(found, request.visitor)
    if packet is None:
        return redirect(reverse("boards:board_home", args=[request.association.slug]))
    PacketDownload.objects.create(packet=packet, user=request.visitor.person(), at=clock.now())
    document = shown(request.visitor, packet_key(found), version=packet.version)
    if document is None:
        return redirect("boards:packet_documents", request.association.slug, found.pk)
    return redirect(document.get_absolute_url())


@require_GET
@gate(*READERS)
def item(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """One item to read: its text heading by heading with one's own notes, and its documents."""
    found = item_or_404(request.visitor, meeting, item)
    require_not_recused(request.visitor, found)
    visitor = request.visitor
    is_board = found.meeting.body.kind == BodyKind.BOARD
    application = found.application
    memo = final_memo(application) if application else None
    notes = notes_on(found, visitor.person())
    # Whoever gets here sees the item and has no conflict of interest in it: that is the rule of
    # its application's document, and for the board that of its memo.
    reads_memo = visitor.is_office or visitor.has(*BOARD_ROLES)
    memo_key = f"memo:{memo.pk}" if memo else ""
    if found.is_about_effort:
        memo_key = effort_memo_key(found)
    memo_key = memo_key if reads_memo else ""
    key = application_key(application) if application else ""
    documents = made_of([memo_key, key])
    context = {
        "item": found,
        "meeting": found.meeting,
        "passages": passages_of(found, memo, notes),
        "whole_note": notes.get(WHOLE),
        "may_note": visitor.has(*NOTERS),
        "may_recuse": visitor.has(*NOTERS)
        and found.state != ItemState.DONE
        and found.meeting.state != MeetingState.CLOSED,
        "statements": statements_of(application) if application else [],
        "has_packet": is_board and latest_packet(found.meeting, visitor) is not None,
        "memo_document": documents.get(memo_key),
        "application_document": documents.get(key),
    }
    return render(request, "boards/item.html", context)


@require_POST
@gate(*NOTERS)
def note(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """Keep a private note on an item or a passage of it: nobody else reads it."""
    found = item_or_404(request.visitor, meeting, item)
    require_not_recused(request.visitor, found)
    place = request.POST.get("place", "")
    save_note(
        item=found, place=place, text=request.POST.get("text", ""), user=request.visitor.person()
    )
    messages.success(request, "Anteckningen är sparad. Bara du ser den.")
    url = reverse("boards:item", args=[request.association.slug, meeting, item])
    return redirect(f"{url}#{place or 'anteckning'}")


@require_POST
@gate(*NOTERS)
def recuse_oneself(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """Declare one's own conflict of interest; the item's documents are gone from that moment."""
    found = item_or_404(request.visitor, meeting, item)
    is_council = found.meeting.body.kind == BodyKind.COUNCIL
    home = "boards:council_home" if is_council else "boards:board_home"
    return act(
        request,
        lambda: declare_own_recusal(
            item=found, actor=request.visitor.person(), reason=request.POST.get("reason", "")
        ),
        done=f"Du har anmält jäv i ”{found.title}”. Du ser inte längre ärendets handlingar.",
        back=reverse(home, args=[request.association.slug]),
    )


def _own_meeting_or_404(request: TenantRequest, meeting: int) -> Meeting:
    bodies = seats_of(request.visitor, BodyKind.BOARD).values("body")
    found = Meeting.objects.filter(
        association=request.association, body__in=bodies, pk=meeting
    ).first()
    if found is None:
        raise Http404
    return found


def _packet(request: TenantRequest, meeting: Meeting) -> dict[str, object]:
    """The packet as the visitor gets it, and what is new since it was last downloaded."""
    visitor = request.visitor
    packet = latest_packet(meeting, visitor)
    if packet is None:
        return {"packet": None}
    recused = recused_in(packet, visitor)
    left_out = [
        f"{row['position']} {row['title']}"
        for row in packet.source["items"]
        if row["pk"] in recused
    ]
    downloads = PacketDownload.objects.filter(user=visitor.person(), packet__meeting=meeting)
    last = downloads.select_related("packet").order_by("-at").first()
    newer = meeting.packets.exclude(sent_at=None).filter(
        version__gt=last.packet.version if last else packet.version
    )
    changes = [
        change
        for one in newer.order_by("version")
        for change in one.changes
        if not any(str(change).startswith(f"{name}:") for name in left_out)
    ]
    return {
        "packet": packet,
        "left_out": left_out,
        "last_download": last,
        "is_new": last is None or last.packet_id != packet.pk,
        "changes": list(dict.fromkeys(changes)),
    }
