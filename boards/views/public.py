"""What everyone may read of the boards: announced minutes and published decisions."""

from __future__ import annotations

from datetime import date

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from boards.announcements import announced, announcements
from boards.documents_shown import shown_of
from boards.open_data import as_csv, as_json, open_grants
from finsam.documents.filenames import content_disposition
from finsam.people.access import TenantRequest, gate
from finsam.typography import date_long
from finsam.ui import Cell, Column


@require_safe
@gate(public=True)
def notice_board(request: TenantRequest) -> HttpResponse:
    """The digital notice page: what was attested, where and when it was announced."""
    page = Paginator(announcements(request.association), 20).get_page(request.GET.get("sida"))
    rows = announced(list(page))
    documents = shown_of(request.visitor, [row.document_key for row in rows])
    context = {
        "rows": [(row, documents.get(row.document_key)) for row in rows],
        "page": page,
    }
    return render(request, "boards/notice_board.html", context)


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
