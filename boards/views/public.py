"""What everyone may read of the boards: announced minutes and published decisions."""

from __future__ import annotations

from datetime import date

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from boards.announcements import announced, announcements
from boards.documents_shown import shown
from boards.masked_minutes import masked_copy
from boards.models import Minutes, MinutesState
from boards.notices_shown import notices_shown
from boards.open_data import as_csv, as_json, open_grants
from finsam.documents.filenames import content_disposition
from finsam.documents.preview_views import answer_preview
from finsam.people.access import TenantRequest, gate
from finsam.typography import date_long
from finsam.ui import Cell, Column


@require_safe
@gate(public=True)
def notice_board(request: TenantRequest) -> HttpResponse:
    """The digital notice page: what was attested, where and when it was announced."""
    page = Paginator(announcements(request.association), 20).get_page(request.GET.get("sida"))
    context = {"rows": notices_shown(request.visitor, announced(list(page))), "page": page}
    return render(request, "boards/notice_board.html", context)


@never_cache
@require_safe
@gate(public=True)
def masked_minutes(request: TenantRequest, meeting: int) -> HttpResponse:
    """The minutes with what is secret masked, or the whole where nothing is."""
    rows = Minutes.objects.select_related("meeting__association", "meeting__body")
    found = get_object_or_404(
        rows,
        meeting=meeting,
        meeting__association=request.association,
        state=MinutesState.ATTESTED,
    )
    copy = masked_copy(found)
    if copy is not None:
        return answer_preview(copy)
    whole = shown(request.visitor, f"minutes:{found.pk}")
    if whole is None:
        raise Http404
    return redirect(whole)


@require_safe
@gate(public=True)
def open_data_page(request: TenantRequest) -> HttpResponse:
    """What is published as open data, and the files to fetch."""
    grants = open_grants(request.association)
    page = Paginator(grants[::-1], 50).get_page(request.GET.get("sida"))
    context = {
        "page": page,
        "count": len(grants),
        "columns": [
            Column("Datum"), Column("Insats"), Column("Till"), Column("Belopp, kr", numeric=True),
        ],
        "rows": [
            [
                Cell(date_long(date.fromisoformat(grant["awardDate"]))),
                Cell(grant["title"]),
                Cell(grant["recipientOrganization"][0]["name"]),
                Cell(amount=grant["amountAwarded"]),
            ]
            for grant in page
        ],
    }  # fmt: skip
    return render(request, "boards/open_data.html", context)


@require_safe
@gate(public=True)
def open_data_json(request: TenantRequest) -> HttpResponse:
    """The grants in the 360Giving standard."""
    return _open_file(as_json(request.association), "application/json", "json", request)


@require_safe
@gate(public=True)
def open_data_csv(request: TenantRequest) -> HttpResponse:
    """The same as a table."""
    return _open_file(as_csv(request.association), "text/csv; charset=utf-8", "csv", request)


def _open_file(data: bytes, kind: str, ending: str, request: TenantRequest) -> HttpResponse:
    response = HttpResponse(data, content_type=kind)
    name = f"beviljade bidrag {request.association.slug}.{ending}"
    response["Content-Disposition"] = content_disposition(name)
    return response
