"""The application outside the portal: to print, and the empty form."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from applications.documents import draft_pdf, empty_form_pdf
from applications.freezing import content_of
from applications.models import Round
from applications.views.getting import own_application
from applications.word_form import application_docx, empty_form_docx
from finsam.documents.filenames import content_disposition
from finsam.people.access import TenantRequest, gate

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@gate(account=True)
@require_GET
def draft(request: TenantRequest, application: UUID) -> HttpResponse:
    """The application as it stands, as PDF."""
    found = own_application(request, application)
    return as_file(draft_pdf(found, content_of(found)), "application/pdf", f"{found.title}.pdf")


@gate(account=True)
@require_GET
def word(request: TenantRequest, application: UUID) -> HttpResponse:
    """The application as it stands, as a Word file to write on in."""
    found = own_application(request, application)
    return as_file(application_docx(found), DOCX, f"{found.title}.docx")


@gate(public=True)
@require_GET
def empty_pdf(request: TenantRequest, slug: str) -> HttpResponse:
    """The round's form to print, for everybody."""
    found = _round(request, slug)
    return as_file(empty_form_pdf(found), "application/pdf", f"Blankett {found.name}.pdf")


@gate(public=True)
@require_GET
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
