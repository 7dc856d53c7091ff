"""The office's pages for handing out documents of a case."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from finsam.documents.models import Release
from finsam.documents.preview_views import answer_preview
from finsam.documents.release.forms import MaskForm, RefusalForm
from finsam.documents.release.masks import Mask, of_page, without_hidden
from finsam.documents.release.pages import NotReleasable, texts_of
from finsam.documents.release.releasing import (
    Original,
    ask_look,
    mask_hits,
    originals_of,
    refuse_release,
    release_copy,
)
from finsam.documents.storage import open_file
from finsam.errors import DomainError
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.people.models import User
from finsam.registry.models import Case
from finsam.typography import enumerate_words
from finsam.ui import FileItem, Link, Status

MOST_SHOWN = 50
NOT_YET = ("copy_not_made", "copy_failed")
TONES = {"whole": "success", "masked": "info", "refused": "warning"}


@gate(*OFFICE)
@require_safe
def case(request: TenantRequest, year: int, number: int) -> HttpResponse:
    """What can be asked for in a case, and what has been decided."""
    found = _case(request, year, number)
    decided = Release.objects.filter(case=found).select_related(
        "decided_by", "record__case", "job__document__association", "file", "document"
    )[:MOST_SHOWN]
    context = {
        "case": found,
        "files": [
            FileItem(
                name=original.title,
                url=_place(found, "release", original.reference),
                note=f"Sekretess, {original.secrecy_section}" if original.secrecy_section else "",
                size=original.file.size,
                added=original.file.created_at,
            )
            for original in originals_of(found)
        ],
        "decided": [_decision(release) for release in decided],
        "crumbs": _crumbs(found, Link("Lämna ut")),
    }
    return render(request, "documents/releases.html", context)


@gate(*OFFICE)
@never_cache
@require_http_methods(["GET", "POST"])
def release(request: TenantRequest, year: int, number: int, original: str) -> HttpResponse:
    """Mark, look at what it leads to, and decide; `do` in the form says which."""
    found = _case(request, year, number)
    asked = _original(found, original)
    try:
        texts = texts_of(open_file(asked.file), asked.file.name)
    except NotReleasable as fault:
        messages.info(request, fault.message)
        texts = []
    done = request.POST.get("do", "")
    sent = request.POST if request.method == "POST" else None
    marking = MaskForm(sent if done != "refuse" else None, pages=len(texts))
    refusal = RefusalForm(sent if done == "refuse" else None)
    form = refusal if done == "refuse" else marking
    context: dict[str, Any] = {}
    if sent is not None and form.is_valid():
        try:
            answer = _done(request, asked, done, marking, refusal)
        except DomainError as error:
            form.add_domain_error(error)
            if error.code in NOT_YET:
                # Nothing is marked anew: one waits here, and hands it out when one has seen it.
                context = _review(asked, marking.masks(), request.visitor.person())
        else:
            if isinstance(answer, HttpResponse):
                return answer
            context = answer
        context |= {"review": _reviewed(texts, marking.masks())} if context else {}
    context |= {
        "case": found,
        "original": asked,
        "texts": texts,
        "form": marking,
        "refusal": refusal,
        "key": request.POST.get("key") or uuid.uuid4().hex,
        "crumbs": _crumbs(found, Link("Lämna ut", _place(found, "releases")), Link(asked.number)),
    }
    status = 422 if form.errors else 200
    return render(request, "documents/release.html", context, status=status)


def _done(
    request: TenantRequest, asked: Original, done: str, marking: MaskForm, refusal: RefusalForm
) -> HttpResponse | dict[str, Any]:
    """What a valid form leads to: a page, a file, or what the review shows."""
    actor, key = request.visitor.person(), request.POST.get("key", "")[:64]
    if done == "refuse":
        refuse_release(
            case=asked.case, original=asked, key=key, actor=actor, **refusal.cleaned_data
        )
        messages.success(request, "Beslutet är registrerat. Det görs som handling i bakgrunden.")
        return redirect(_place(asked.case, "releases"))
    masks = marking.masks()
    if done == "change":
        return {}
    if done == "preview":
        return answer_preview(ask_look(asked, masks, actor), shown=True)
    if done == "issue":
        release_copy(case=asked.case, original=asked, masks=masks, key=key, actor=actor)
        messages.success(request, "Utlämnandet är registrerat.")
        return redirect(_place(asked.case, "releases"))
    return _review(asked, masks, actor)


def _review(asked: Original, masks: list[Mask], actor: User) -> dict[str, Any]:
    """What the masks hide, and the copy to look through: promised, under way or made."""
    hits = mask_hits(asked, masks)
    return {
        "look": ask_look(asked, masks, actor) if masks else None,
        "hits": [(mask, enumerate_words([str(page) for page in pages])) for mask, pages in hits],
        "is_masked": bool(masks),
        "is_reviewed": True,
    }


def _reviewed(texts: list[str], masks: list[Mask]) -> list[str]:
    """Each page's text as the copy will have it."""
    shown = []
    for number, text in enumerate(texts, 1):
        whole = of_page(masks, number)
        shown.append(whole.label if whole else without_hidden(text, masks))
    return shown


def _case(request: TenantRequest, year: int, number: int) -> Case:
    rows = Case.objects.visible_to(request.visitor).select_related("association")
    found: Case = get_object_or_404(rows, year=year, running_number=number)
    return found


def _original(case: Case, reference: str) -> Original:
    for original in originals_of(case):
        if original.reference == reference:
            return original
    raise Http404


def _place(case: Case, name: str, *more: str) -> str:
    place = [case.association.slug, case.year, case.running_number, *more]
    return reverse(f"documents:{name}", args=place)


def _crumbs(case: Case, *more: Link) -> list[Link]:
    slug = case.association.slug
    own = reverse("registry:case", args=[slug, case.year, case.running_number])
    return [
        Link("Diarium", reverse("registry:register", args=[slug])),
        Link(case.number, own),
        *more,
    ]


def _decision(release: Release) -> FileItem:
    made = getattr(release.job, "document", None) if release.job else None
    return FileItem(
        name=release.record.subject,
        url=made.get_absolute_url() if made else "",
        kind=release.record.number,
        added=release.decided_at,
        by=release.decided_by.name,
        status=Status(release.get_outcome_display(), TONES[release.outcome]),  # type: ignore[arg-type]
        note="" if made or not release.job else "Handlingen görs i bakgrunden.",
    )
