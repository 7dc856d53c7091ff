"""The memo of a change or an early termination: written by the office beside what is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from boards.changes_shown import page_of
from boards.effort_memo_texts import (
    may_be_written,
    save_effort_memo,
    texts_of,
    usual_texts,
)
from boards.effort_memos import effort_memo_source, make_effort_memo, memo_key
from boards.forms import EffortMemoForm
from boards.models import AgendaItem, EffortMemo
from boards.queries import item_or_404
from boards.views.acts import act
from boards.views.memo import save_typed
from finsam.documents.documents import document_and_job
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.ui import Fact


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def effort_memo(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """Write the memo; saved as one types. The PDF is made by its own button, and in the packet."""
    found = _item(request, meeting, item)
    if request.method == "GET":
        return _page(request, found)
    form = EffortMemoForm(request.POST)

    def save(expected_revision: int) -> tuple[datetime, int]:
        saved = save_effort_memo(
            item=found,
            texts=form.texts(),
            expected_revision=expected_revision,
            actor=request.visitor.person(),
        )
        return saved.updated_at, saved.revision

    def stands() -> tuple[int, Mapping[str, str]]:
        return EffortMemo.objects.get(item=found).revision, texts_of(found)

    return save_typed(
        request,
        form,
        save,
        stands,
        again=lambda: _page(request, found, form, status=422),
        done="Tjänsteskrivelsen är sparad.",
        back=_url("effort_memo", found),
    )


@require_POST
@gate(*OFFICE)
def make(request: TenantRequest, meeting: int, item: int) -> HttpResponse:
    """Make the PDF and the Word file of what stands now; unchanged, the one there is stays."""
    found = _item(request, meeting, item)
    return act(
        request,
        lambda: make_effort_memo(item=found, actor=request.visitor.person()),
        done="Handlingen görs nu.",
        back=_url("effort_memo", found),
    )


def _item(request: TenantRequest, meeting: int, item: int) -> AgendaItem:
    found = item_or_404(request.visitor, meeting, item)
    if found.effort is None:
        raise Http404
    return found


def _page(
    request: TenantRequest, item: AgendaItem, form: EffortMemoForm | None = None, status: int = 200
) -> HttpResponse:
    memo = EffortMemo.objects.filter(item=item).select_related("record__case").first()
    by_hand, usual = (memo.texts if memo else {}), usual_texts(item)
    source, application = effort_memo_source(item, by_hand), item.treated_application
    document, job = document_and_job(memo_key(item))
    if form is None:
        revision = {"version": memo.revision if memo else 0}
        form = EffortMemoForm(texts=texts_of(item, by_hand), initial=revision)
    context = {
        "item": item,
        "meeting": item.meeting,
        "application": application,
        "form": form if may_be_written(item) else None,
        "memo": memo,
        "texts": [(heading, source[key]) for key, heading in form.HEADINGS if source[key]],
        "replaced": [
            (heading, usual[key]) for key, heading in form.HEADINGS if key in by_hand and usual[key]
        ],
        "clauses": source["clauses"],
        "facts": [Fact(term, value) for term, value in source["facts"] if value],
        "document": document,
        "job": job,
        "has_packet": item.meeting.packets.exists(),
        "make_url": _url("effort_memo_make", item),
        "matter_url": page_of(application, office=True)
        if item.change_id
        else reverse(
            "boards:office_termination", args=[request.association.slug, application.public_id]
        ),
    }
    return render(request, "boards/effort_memo.html", context, status=status)


def _url(name: str, item: AgendaItem) -> str:
    return reverse(f"boards:{name}", args=[item.meeting.association.slug, item.meeting_id, item.pk])
