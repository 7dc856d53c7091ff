"""The application outside the portal: to print, and the empty form."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from applications.documents import draft_preview, empty_form_preview
from applications.freezing import content_as_read
from applications.models import Round
from applications.views.getting import own_application
from applications.word_form import application_docx, empty_form_docx
from finsam.documents.filenames import content_disposition
from finsam.documents.preview_views import answer_preview
from finsam.people.access import TenantRequest, gate

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@gate(account=True)
@require_safe
def draft(request: TenantRequest, application: UUID) -> HttpResponse:
    """The application as it stands, as PDF: at once if it has been made, else where one waits."""
    found = own_application(request, application)
    return answer_preview(draft_preview(found, content_as_read(found), request.visitor.person()))


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
    return answer_preview(empty_form_preview(_round(request, slug)))


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
