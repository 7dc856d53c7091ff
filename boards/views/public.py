"""What everyone may read of the boards: announced minutes and published decisions."""

from __future__ import annotations

from datetime import date

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from boards.announcements import announced, announcements
from boards.documents_shown import shown
from boards.masked_minutes import hidden_paragraphs, masked_copy
from boards.models import Minutes, MinutesState
from boards.notices_shown import notices_shown
from boards.open_data import as_csv, as_json, open_grants
from boards.queries import whole_number
from finsam.documents.filenames import content_disposition
from finsam.people.access import TenantRequest, gate
from finsam.typography import date_long
from finsam.ui import Cell, Column, Link


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
    """The minutes with what is secret masked, or the whole where nothing is; `paragraf` names a §
    that was attested alone. While the copy is being made: how far it is. Starts no work.
    """
    rows = Minutes.objects.select_related("meeting__association", "meeting__body")
    found = get_object_or_404(rows, meeting=meeting, meeting__association=request.association)
    number = whole_number(request.GET.get("paragraf"))
    key, title, within = _announced_part(found, number)
    if not hidden_paragraphs(request.association, **within):
        whole = shown(request.visitor, key)
        if whole is None:
            raise Http404
        return redirect(whole)
    copy, job = masked_copy(request.visitor, key)
    if copy is not None and not request.htmx:
        return redirect(copy)
    here = request.get_full_path()
    board = reverse("boards:notice_board", args=[request.association.slug])
    context = {
        "job": job,
        "copy": copy,
        "here": here,
        "heading": title,
        "crumbs": [Link("Anslagstavla", board), Link("Maskerad kopia")],
    }
    name = "masked_progress" if request.htmx else "masked_waiting"
    return render(request, f"boards/{name}.html", context)


def _announced_part(found: Minutes, number: int | None) -> tuple[str, str, dict[str, int]]:
    """The key, the heading and the § told, of attested minutes or of a § attested alone."""
    if number is None:
        if found.state != MinutesState.ATTESTED:
            raise Http404
        return f"minutes:{found.pk}", f"Protokoll {found.meeting}", {"minutes": found.pk}
    alone = found.paragraphs.exclude(attested_at=None)
    one = get_object_or_404(alone, number=number)
    return f"paragraph:{one.pk}", f"§\u00a0{number}, {found.meeting}", {"pk": one.pk}


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
