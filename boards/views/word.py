"""Minutes and memos that go out as Word files and come back, compared before they are taken."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from boards import memos, word_returns
from boards.document_sources import memo_source
from boards.forms_minutes import WordFileForm
from boards.models import DecisionMemo, MemoState, WordReturn
from boards.queries import whole_number
from boards.views.acts import act
from boards.views.memo import application_or_404, memo_url
from boards.views.minutes import minutes_or_404, minutes_url
from boards.word_files import write_memo
from finsam.documents.documents import preview_source
from finsam.documents.filenames import content_disposition
from finsam.errors import DomainError
from finsam.people.access import OFFICE, TenantRequest, gate

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_POST
@gate(*OFFICE)
def minutes_upload(request: TenantRequest, meeting: int) -> HttpResponse:
    """Take in the edited file and go to the comparison."""
    found = minutes_or_404(request, meeting)
    form = WordFileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, "Välj filen som du vill lämna in.")
        return redirect(minutes_url(found.meeting))
    try:
        kept = word_returns.return_minutes(
            minutes=found, file=form.cleaned_data["file"], actor=request.visitor.person()
        )
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect(minutes_url(found.meeting))
    return redirect("boards:minutes_compare", request.association.slug, found.meeting.pk, kept.pk)


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def minutes_compare(request: TenantRequest, meeting: int, returned: int) -> HttpResponse:
    """The file beside the draft, § by §; those chosen are taken."""
    found = minutes_or_404(request, meeting)
    kept: WordReturn | None = (
        found.word_returns.select_related("upload__file").filter(pk=returned).first()
    )
    if kept is None:
        raise Http404
    back = minutes_url(found.meeting)
    if request.method == "POST":
        chosen = {
            number: revision
            for said in request.POST.getlist("take")
            if (number := whole_number(said)) is not None
            and (revision := whole_number(request.POST.get(f"revision-{number}"))) is not None
        }
        return act(
            request,
            lambda: word_returns.take_minutes(
                kept=kept, chosen=chosen, actor=request.visitor.person()
            ),
            done="Texterna du valde är tagna ur filen."
            if chosen
            else "Inget valdes, så protokollet är som förut.",
            back=back,
        )
    rows = word_returns.compare_minutes(kept)
    context = {
        "meeting": found.meeting,
        "kept": kept,
        "rows": [row for row in rows if row.differences or row.fixed or row.is_missing],
        "same": sum(1 for row in rows if not row.differences and not row.is_missing),
        "can_take": any(row.can_be_taken for row in rows),
        "back": back,
    }
    return render(request, "boards/minutes_compare.html", context)


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def memo_file(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """GET hands out the draft as a Word file; POST takes it back in to be compared."""
    memo = _draft_or_404(request, public_id)
    back = memo_url(memo.application)
    if request.method == "GET":
        title = f"Beslutsunderlag {memo.application.title}"
        case = memo.application.case
        source = preview_source(
            association=request.association,
            kind="decision_memo",
            title=title,
            source=memo_source(memo),
            number=case.number if case else "",
        )
        answer = HttpResponse(write_memo(source), content_type=DOCX)
        answer["Content-Disposition"] = content_disposition(f"{title}.docx")
        return answer
    form = WordFileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, "Välj filen som du vill lämna in.")
        return redirect(back)
    try:
        kept = word_returns.return_memo(
            memo=memo, file=form.cleaned_data["file"], actor=request.visitor.person()
        )
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect(back)
    return redirect("boards:memo_compare", request.association.slug, public_id, kept.pk)


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def memo_compare(request: TenantRequest, public_id: UUID, returned: int) -> HttpResponse:
    """The file beside the memo, heading by heading; taken in part, or whole as the final one."""
    memo = _draft_or_404(request, public_id)
    kept: WordReturn | None = (
        memo.word_returns.select_related("upload__file", "memo__application__association")
        .filter(pk=returned)
        .first()
    )
    if kept is None:
        raise Http404
    if request.method == "POST":
        as_final = request.POST.get("do") == "final"
        revision = whole_number(request.POST.get("version"))
        return act(
            request,
            lambda: word_returns.take_memo(
                kept=kept,
                keys=request.POST.getlist("take"),
                as_final=as_final,
                expected_revision=-1 if revision is None else revision,
                actor=request.visitor.person(),
            ),
            done="Filen är underlagets slutliga version."
            if as_final
            else "Texterna du valde är tagna ur filen.",
            back=memo_url(memo.application),
        )
    context = {
        "memo": memo,
        "application": memo.application,
        "kept": kept,
        "rows": word_returns.compare_memo(kept),
        "proposal": word_returns.proposal_in(kept),
        "back": memo_url(memo.application),
    }
    return render(request, "boards/memo_compare.html", context)


@require_POST
@gate(*OFFICE)
def memo_drop(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Choose the file away: the memo is written in the portal again."""
    memo = _draft_or_404(request, public_id)
    return act(
        request,
        lambda: memos.choose_final_file(memo=memo, upload=None, actor=request.visitor.person()),
        done="Underlaget skrivs i portalen igen. Filen finns kvar.",
        back=memo_url(memo.application),
    )


def _draft_or_404(request: TenantRequest, public_id: UUID) -> DecisionMemo:
    application = application_or_404(request, public_id)
    found: DecisionMemo | None = (
        application.memos.filter(state=MemoState.DRAFT)
        .select_related("author", "final_file")
        .first()
    )
    if found is None:
        raise Http404
    found.application = application
    return found
