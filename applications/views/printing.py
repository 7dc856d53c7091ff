"""The application outside the portal: to print, and the empty form."""

from __future__ import annotations

from threading import BoundedSemaphore
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from applications.documents import draft_pdf, empty_form_pdf
from applications.freezing import content_as_read
from applications.models import Application, Round
from applications.views.getting import own_application, refused
from applications.word_form import application_docx, empty_form_docx
from finsam.documents.filenames import content_disposition
from finsam.errors import NotPossible
from finsam.people.access import TenantRequest, gate

# A draft is kept nowhere, so each look at it is rendered anew, in a child process with limits.
DRAFTS_AT_ONCE = BoundedSemaphore(2)  # "of one web process, the rest of whose threads stay free"
LONGEST_WAIT = 3.0  # "seconds"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@gate(account=True)
@require_safe
def draft(request: TenantRequest, application: UUID) -> HttpResponse:
    """The application as it stands, as PDF; few at a time, so that other pages are not kept."""
    found = own_application(request, application)
    if not DRAFTS_AT_ONCE.acquire(timeout=LONGEST_WAIT):
        return _busy(request, found)
    try:
        pdf = draft_pdf(found, content_as_read(found))
    finally:
        DRAFTS_AT_ONCE.release()
    return as_file(pdf, "application/pdf", f"{found.title}.pdf")


def _busy(request: TenantRequest, application: Application) -> HttpResponse:
    error = NotPossible(
        "busy", "Många hämtar sina utkast just nu. Försök igen om en halv minut; inget är förlorat."
    )
    response = refused(request, application, error)
    response.status_code = 503
    response["Retry-After"] = "30"
    return response


@gate(account=True)
@require_safe
def word(request: TenantRequest, application: UUID) -> HttpResponse:
    """The application as it stands, as a Word file to write on in."""
    found = own_application(request, application)
    return as_file(application_docx(found), DOCX, f"{found.title}.docx")


@gate(public=True)
@require_safe
def empty_pdf(request: TenantRequest, slug: str) -> HttpResponse:
    """The round's form to print, for everybody."""
    found = _round(request, slug)
    return as_file(empty_form_pdf(found), "application/pdf", f"Blankett {found.name}.pdf")


@gate(public=True)
@require_safe
def empty_word(request: TenantRequest, slug: str) -> HttpResponse:
    """The round's form as a Word file, for everybody."""
    found = _round(request, slug)
    return as_file(empty_form_docx(found), DOCX, f"Blankett {found.name}.docx")


def _round(request: TenantRequest, slug: str) -> Round:
    rows = Round.objects.select_related("programme", "template", "association")
    return get_object_or_404(
        rows, association=request.association, slug=slug, template__isnull=False
    )


def as_file(data: bytes, content_type: str, name: str) -> HttpResponse:
    """Bytes as a download with that name."""
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = content_disposition(name)
    return response
