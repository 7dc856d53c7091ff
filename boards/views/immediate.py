"""Immediate attestation of one item: the text is fixed, read and attested during the meeting."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from boards import immediate
from boards.attendance import presence
from boards.documents_shown import shown
from boards.minutes_content import paragraph_as_shown, paragraph_texts
from boards.models import AgendaItem, BodyKind, ItemState, Paragraph
from boards.queries import item_or_404, require_not_recused, seat_in
from boards.views.acts import act
from boards.views.minutes import BOARD_READERS
from finsam.documents.documents import job_for
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.people.models import RoleKind


def immediate_url(item: AgendaItem) -> str:
    meeting = item.meeting
    return reverse("boards:immediate", args=[meeting.association.slug, meeting.pk, item.pk])


def _item_or_404(request: TenantRequest, meeting: int, item: int) -> AgendaItem:
    """A settled item of the board that the visitor may read."""
    found = item_or_404(request.visitor, meeting, item)
    if found.meeting.body.kind != BodyKind.BOARD or found.state != ItemState.DONE:
        raise Http404
    require_not_recused(request.visitor, found)
    return found


def _paragraph(item: AgendaItem) -> Paragraph | None:
    rows = Paragraph.objects.select_related(
        "minutes__meeting__association", "item__application__case"
    )
    return rows.filter(item=item).first()


@require_GET
@gate(*BOARD_READERS)
def page(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """The text as it stands or was fixed, who attests it, and what is next for whom."""
    found = _item_or_404(request, meeting, item)
    paragraph = _paragraph(found)
    people = list(
        paragraph.attestations.select_related("seat__user", "seat__member") if paragraph else ()
    )
    user = request.visitor.person()
    mine = next((one for one in people if one.seat.user_id == user.pk), None)
    is_fixed = paragraph is not None and paragraph.is_fixed
    if not is_fixed and not request.visitor.is_office:
        raise Http404
    taken = presence(found.meeting, found)
    proposed = [] if is_fixed else immediate.attesters_of(found, taken)
    context = {
        "item": found,
        "meeting": found.meeting,
        "paragraph": paragraph,
        "shown": paragraph_as_shown(paragraph)
        if paragraph
        else {"heading": found.title, **paragraph_texts(found, 0)},
        "is_fixed": is_fixed,
        "is_office": request.visitor.is_office,
        "people": people,
        "proposed": proposed,
        "may_choose": [one.seat for one in taken.serving if len(proposed) == 1][1:],
        "may_attest": mine is not None and mine.attested_at is None,
        "may_release": is_fixed and not any(one.attested_at for one in people),
        "document": shown(request.visitor, f"paragraph:{paragraph.pk}") if paragraph else None,
        "job": job_for(f"paragraph:{paragraph.pk}") if paragraph else None,
    }
    return render(request, "boards/immediate.html", context)


@require_POST
@gate(*OFFICE)
def advance(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """Fix the text for those who attest, or take it back."""
    found = _item_or_404(request, meeting, item)
    actor = request.visitor.person()
    chosen = request.POST.get("attester")
    attester = seat_in(found.meeting, chosen) if chosen else None

    def run() -> object:
        if request.POST.get("do") != "release":
            return immediate.fix_paragraph(item=found, actor=actor, attester=attester)
        paragraph = _paragraph(found)
        if paragraph is None:
            raise Http404
        return immediate.release_paragraph(paragraph=paragraph, actor=actor)

    return act(request, run, done="", back=immediate_url(found))


@require_POST
@gate(RoleKind.BOARD, RoleKind.CHAIR)
def attest(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """Attest the paragraph with one's password."""
    found = _item_or_404(request, meeting, item)
    paragraph = _paragraph(found)
    if paragraph is None or not paragraph.is_fixed:
        raise Http404
    return act(
        request,
        lambda: immediate.attest_paragraph(
            paragraph=paragraph,
            actor=request.visitor.person(),
            password=request.POST.get("password", ""),
            seen_hash=request.POST.get("content_hash", ""),
        ),
        done=f"Tack, du har justerat §\u00a0{paragraph.number}.",
        back=immediate_url(found),
    )
