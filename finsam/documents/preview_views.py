"""Waiting for a look at something, and having it."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from finsam.documents.filenames import content_disposition
from finsam.documents.models import Preview
from finsam.documents.previews import ask_again, is_made, may_see, way_to
from finsam.people.access import TenantRequest, gate

PDF = "application/pdf"


def answer_preview(preview: Preview, *, shown: bool = False) -> HttpResponse:
    """The file when it is made, else the way to the page where one waits for it."""
    if not is_made(preview) or preview.made is None:
        return redirect(preview.get_absolute_url())
    response = HttpResponse(bytes(preview.made), content_type=PDF)
    response["Content-Disposition"] = content_disposition(preview.name, shown=shown)
    return response


@gate(public=True)
@never_cache
@require_safe
def preview_page(request: TenantRequest, preview: UUID) -> HttpResponse:
    """How far it has come: a page, or the part of one that polls."""
    found = _visible(request, preview)
    context = {"preview": found, "job": found.job, "crumbs": way_to(found)}
    if request.htmx:
        return render(request, "documents/preview_progress.html", context)
    return render(request, "documents/preview.html", context)


@gate(public=True)
@never_cache
@require_safe
def preview_file(request: TenantRequest, preview: UUID) -> HttpResponse:
    """The PDF itself, under its own name."""
    return answer_preview(_visible(request, preview, with_file=True))


@gate(public=True)
@require_POST
def preview_again(request: TenantRequest, preview: UUID) -> HttpResponse:
    """Try again what failed; harmless when it is under way or done."""
    found = ask_again(preview=_visible(request, preview), actor=request.visitor.user)
    return redirect(found.get_absolute_url())


def _visible(request: TenantRequest, public_id: UUID, *, with_file: bool = False) -> Preview:
    """The preview, if the visitor may see it; 404 to everyone else."""
    rows = Preview.objects.select_related("association", "job").defer("source")
    if not with_file:
        rows = rows.defer("source", "made")
    found: Preview = get_object_or_404(rows, association=request.association, public_id=public_id)
    if not may_see(request.visitor, found):
        raise Http404
    return found
