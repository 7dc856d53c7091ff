"""What everyone may read of the boards: announced minutes and published decisions."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from boards.deadlines import legal_force_day
from boards.documents_shown import shown_of
from boards.models import Minutes, MinutesState, Notice
from finsam.people.access import TenantRequest, gate


@require_GET
@gate(public=True)
def notice_board(request: TenantRequest) -> HttpResponse:
    """The digital notice page: attested minutes, where and when they were announced."""
    found = (
        Minutes.objects.filter(
            meeting__association=request.association, state=MinutesState.ATTESTED
        )
        .select_related("meeting__body", "meeting__association")
        .prefetch_related("notices__notice_board")
        .order_by("-attested_at")
    )
    page = Paginator(found, 20).get_page(request.GET.get("sida"))
    documents = shown_of(request.visitor, [f"minutes:{one.pk}" for one in page])
    rows = [
        {
            "minutes": minutes,
            "notices": list(minutes.notices.all()),
            "legal_force": _legal_force(list(minutes.notices.all())),
            "document": documents.get(f"minutes:{minutes.pk}"),
        }
        for minutes in page
    ]
    return render(request, "boards/notice_board.html", {"rows": rows, "page": page})


def _legal_force(notices: list[Notice]) -> object:
    days = [notice.posted_on for notice in notices]
    return legal_force_day(max(day for day in days if day)) if days and all(days) else None
