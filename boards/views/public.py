"""What everyone may read of the boards: announced minutes and published decisions."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from boards.announcements import announced, announcements
from boards.documents_shown import shown_of
from finsam.people.access import TenantRequest, gate


@require_GET
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
