"""Minutes: written, sent to those who attest, attested, and announced."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from boards import attestation, notices
from boards import minutes as writing
from boards.after_attestation import promise_extract, promise_minutes
from boards.announcements import (
    Announcement,
    announcements_in,
    legal_force_of,
    whole_minutes,
)
from boards.corrections import meetings_for_correction, propose_correction
from boards.deadlines import attestation_due
from boards.documents_shown import shown, shown_of
from boards.figures import outdated_minutes
from boards.forms_minutes import CorrectionForm
from boards.models import Meeting, Minutes, MinutesState, Notice, Paragraph
from boards.queries import meeting_or_404, whole_number
from boards.views.acts import act, act_with_form
from finsam import clock
from finsam.documents.documents import job_for
from finsam.documents.models import Document
from finsam.errors import Conflict, DomainError
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.people.models import RoleKind
from finsam.ui import Status

LOOKS = {
    MinutesState.DRAFT: Status("Utkast"),
    MinutesState.WITH_ATTESTERS: Status("Hos justerarna", "warning"),
    MinutesState.ATTESTED: Status("Justerat", "success"),
}
BOARD_READERS = (*OFFICE, RoleKind.BOARD, RoleKind.CHAIR, RoleKind.AUDITOR)


def minutes_url(meeting: Meeting) -> str:
    return reverse("boards:minutes", args=[meeting.association.slug, meeting.pk])


def minutes_or_404(request: TenantRequest, meeting: int) -> Minutes:
    found: Minutes | None = getattr(meeting_or_404(request.visitor, meeting), "minutes", None)
    if found is None:
        raise Http404
    if found.state == MinutesState.DRAFT and not request.visitor.has(*OFFICE, RoleKind.AUDITOR):
        raise Http404
    return found


def _paragraph_or_404(found: Minutes, number: int) -> Paragraph:
    rows = found.paragraphs.select_related(
        "minutes__meeting__association", "minutes__meeting__body", "item__application__case"
    )
    row: Paragraph | None = rows.filter(number=number).first()
    if row is None:
        raise Http404
    return row


@require_GET
@gate(*BOARD_READERS)
def minutes(request: TenantRequest, meeting: int) -> HttpResponse:
    """The minutes as they stand, what is next, and who has attested."""
    found = minutes_or_404(request, meeting)
    prefetch_related_objects([found], *whole_minutes())
    people = found.meeting.attesters.select_related("seat__user", "seat__member")
    valid = {
        one.attester_id: one for one in found.attestations.filter(content_hash=found.content_hash)
    }
    attesters = [(one, valid.get(one.pk)) for one in people]
    mine = next(
        (row for row in attesters if row[0].seat.user_id == request.visitor.person().pk), None
    )
    content = writing.frozen_content(found)
    day = clock.stockholm(found.meeting.starts_at).date()
    context = {
        "minutes": found,
        "meeting": found.meeting,
        "content": content,
        "status": LOOKS[MinutesState(found.state)],
        "attesters": attesters,
        "mine": mine,
        "may_attest": mine is not None
        and found.state == MinutesState.WITH_ATTESTERS
        and mine[1] is None,
        "has_attested": bool(valid),
        "due": attestation_due(day),
        "is_overdue": found.state != MinutesState.ATTESTED and attestation_due(day) < clock.today(),
        "remark": found.remarks.select_related("user").first(),
        "announcements": _with_proofs(request, announcements_in(found)),
        "paragraphs": _with_links(found, content["paragraphs"]),
        "document": shown(request.visitor, f"minutes:{found.pk}"),
        "job": job_for(f"minutes:{found.pk}"),
        "legal_force": legal_force_of(
            [one for one in found.notices.all() if one.paragraph_id is None]
        ),
        "outdated": outdated_minutes(found) if found.state != MinutesState.ATTESTED else [],
        "is_office": request.visitor.is_office,
        "today": clock.today(),
    }
    return render(request, "boards/minutes.html", context)


def _with_proofs(
    request: TenantRequest, rows: list[Announcement]
) -> list[tuple[Announcement, Document | None]]:
    """Each announcement with its proof of posting, once that is made."""
    proofs = shown_of(request.visitor, [row.proof_key for row in rows])
    return [(row, proofs.get(row.proof_key)) for row in rows]


def _with_links(found: Minutes, said: list[dict[str, Any]]) -> list[tuple[Any, Any, Any]]:
    """Each § as it stands, with its row and what corrects it or is corrected by it."""
    rows = {row.number: row for row in found.paragraphs.all()}
    return [
        (one, rows[one["number"]], getattr(rows[one["number"]].item, "correction", None))
        for one in said
    ]


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def paragraph(request: TenantRequest, meeting: int, number: int) -> HttpResponse:
    """Edit the texts of one paragraph; the decision itself stands as recorded."""
    found = minutes_or_404(request, meeting)
    row = _paragraph_or_404(found, number)
    if request.method == "GET":
        return _paragraph_page(request, found.meeting, row, row.texts)
    sent = {key: request.POST[key] for key in writing.EDITABLE if key in request.POST}
    texts = {key: _lines(text) for key, text in sent.items()}
    version = whole_number(request.POST.get("version"))
    try:
        writing.edit_paragraph(
            paragraph=row,
            texts=texts,
            expected_revision=-1 if version is None else version,
            actor=request.visitor.person(),
        )
    except Conflict as refusal:
        row.refresh_from_db()
        return _paragraph_page(request, found.meeting, row, {**row.texts, **texts}, refusal)
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"§ {row.number} är sparad.")
    return redirect(minutes_url(found.meeting))


def _lines(text: str) -> str:
    """With newlines of one sign, which browsers send as two: else equal texts would differ."""
    return text.replace("\r\n", "\n")


def _paragraph_page(
    request: TenantRequest,
    meeting: Meeting,
    row: Paragraph,
    texts: dict[str, str],
    refusal: Conflict | None = None,
) -> HttpResponse:
    """The paragraph's form; after a conflict with one's own text, and the saved one beside it."""
    context = {
        "paragraph": row,
        "meeting": meeting,
        "refusal": refusal,
        "fields": [
            (key, label, texts.get(key, ""), _lines(row.texts.get(key, "")))
            for key, label in EDIT_LABELS
        ],
        "back": minutes_url(meeting),
    }
    return render(request, "boards/paragraph.html", context, status=409 if refusal else 200)


EDIT_LABELS = (
    ("background", "Ärendet"),
    ("motions", "Yrkanden"),
    ("proposition_order", "Propositionsordning"),
    ("note", "Anteckning"),
    ("sent_to", "Beslutet skickas till"),
)


@require_POST
@gate(*OFFICE)
def advance(request: TenantRequest, meeting: int) -> HttpResponse:
    """Compose anew, send to the attesters, take back, or make the document."""
    found = minutes_or_404(request, meeting)
    actor = request.visitor.person()

    steps = {
        "compose": (
            lambda: writing.compose_anew(minutes=found, actor=actor),
            "Texterna är uppdaterade.",
        ),
        "send": (
            lambda: attestation.hand_to_attesters(minutes=found, actor=actor),
            "Protokollet är skickat till justerarna.",
        ),
        "take-back": (
            lambda: writing.take_back_from_attesters(minutes=found, actor=actor),
            "Protokollet är ett utkast igen.",
        ),
        "document": (lambda: promise_minutes(found, actor), "Dokumentet görs nu."),
    }
    chosen = steps.get(request.POST.get("do", ""))
    if chosen is None:
        raise Http404
    return act(request, chosen[0], done=chosen[1], back=minutes_url(found.meeting))


@require_POST
@gate(RoleKind.BOARD, RoleKind.CHAIR)
def attest(request: TenantRequest, meeting: int) -> HttpResponse:
    """Attest with one's password; done once however often it is pressed."""
    found = minutes_or_404(request, meeting)
    return act(
        request,
        lambda: attestation.attest(
            minutes=found,
            actor=request.visitor.person(),
            password=request.POST.get("password", ""),
            seen_hash=request.POST.get("content_hash", ""),
        ),
        done="Tack, du har justerat protokollet.",
        back=minutes_url(found.meeting),
    )


@require_POST
@gate(RoleKind.BOARD, RoleKind.CHAIR)
def send_back(request: TenantRequest, meeting: int) -> HttpResponse:
    """An attester sends the minutes back with a remark; they are a draft again."""
    found = minutes_or_404(request, meeting)
    return act(
        request,
        lambda: attestation.send_back(
            minutes=found,
            actor=request.visitor.person(),
            remark=request.POST.get("remark", ""),
            seen_hash=request.POST.get("content_hash", ""),
        ),
        done="Protokollet är skickat tillbaka till sekreteraren med din anmärkning.",
        back=reverse("boards:board_home", args=[request.association.slug]),
    )


@require_POST
@gate(*OFFICE)
def extract(request: TenantRequest, meeting: int, number: int) -> HttpResponse:
    """Make the certified extract of one paragraph, or show the one there is."""
    row = _paragraph_or_404(minutes_or_404(request, meeting), number)
    document = shown(request.visitor, f"extract:{row.pk}")
    if document is not None:
        return redirect(document.get_absolute_url())
    return act(
        request,
        lambda: promise_extract(row, request.visitor.person()),
        done=f"Utdraget av §\u00a0{row.number} görs nu. Det finns här om en stund.",
        back=f"{minutes_url(row.minutes.meeting)}#p-{row.number}",
    )


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def correct(request: TenantRequest, meeting: int, number: int) -> HttpResponse:
    """Propose the correction of an attested paragraph at a meeting to come."""
    row = _paragraph_or_404(minutes_or_404(request, meeting), number)
    if not row.is_frozen:
        raise Http404
    choices = list(meetings_for_correction(row))
    form = CorrectionForm(request.POST or None, meetings=choices)
    back = f"{minutes_url(row.minutes.meeting)}#p-{row.number}"

    def again() -> HttpResponse:
        context = {"paragraph": row, "meeting": row.minutes.meeting, "form": form, "back": back}
        context["has_meetings"] = bool(choices)
        status = 422 if form.is_bound else 200
        return render(request, "boards/correct.html", context, status=status)

    if request.method == "GET":
        return again()
    return act_with_form(
        request,
        form,
        lambda data: propose_correction(
            paragraph=row,
            meeting=next(one for one in choices if str(one.pk) == data["meeting"]),
            text=data["text"],
            actor=request.visitor.person(),
        ),
        done="Rättelsen står på det kommande mötets dagordning.",
        back=back,
        again=again,
    )


@require_POST
@gate(*OFFICE)
def note_notice(request: TenantRequest, meeting: int, notice: int) -> HttpResponse:
    """Note that a board has posted or taken down the announcement."""
    found = minutes_or_404(request, meeting)
    row: Notice | None = found.notices.filter(pk=notice).first()
    if row is None:
        raise Http404
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        day = clock.today()
    actor = request.visitor.person()
    run = (
        (lambda: notices.remove_notice(notice=row, removed_on=day, actor=actor))
        if request.POST.get("do") == "remove"
        else (lambda: notices.post_notice(notice=row, posted_on=day, actor=actor))
    )
    return act(
        request, run, done=f"{row.notice_board} är antecknad.", back=minutes_url(found.meeting)
    )
