"""The register as everyone may search it; the office sees the whole."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from finsam.people.access import TenantRequest, gate
from finsam.registry.forms import RegisterSearch, asked
from finsam.registry.links import addresses_of
from finsam.registry.models import Case, Record, may_see_whole_register
from finsam.typography import date_long, plural
from finsam.ui import Cell, Column, Fact, Link, Status

PER_PAGE = 50


@gate(public=True)
def register(request: TenantRequest) -> HttpResponse:
    """Search by number, title and subject; newest first."""
    visible = Case.objects.visible_to(request.visitor)
    years = visible.order_by("-year").values_list("year", flat=True).distinct()
    form = RegisterSearch(request.GET, years=list(years))
    words, year = (asked(form).get(name) for name in ("q", "year"))
    found = visible.matching(words or "", request.visitor)
    if year:
        found = found.filter(year=year)
    page = Paginator(found.with_record_count(request.visitor), PER_PAGE).get_page(
        request.GET.get("sida")
    )
    return render(
        request,
        "registry/register.html",
        {
            "form": form,
            "page": page,
            "rows": [_case_row(request, case) for case in page],
            "columns": [
                Column("Diarienummer"), Column("Ärende"), Column("Öppnat"),
                Column("Handlingar", numeric=True),
            ],
            "count": plural(page.paginator.count, "ärende", "ärenden"),
            "is_open": request.association.public_register,
            "sees_all": may_see_whole_register(request.visitor),
        },
    )  # fmt: skip


@gate(public=True)
def case(request: TenantRequest, year: int, number: int) -> HttpResponse:
    """One case with its records."""
    visible = Case.objects.visible_to(request.visitor).select_related("association")
    found = get_object_or_404(visible, year=year, running_number=number)
    sees_all = may_see_whole_register(request.visitor)
    records = Record.objects.visible_to(request.visitor).filter(case=found)
    page = Paginator(records.select_related("case"), PER_PAGE).get_page(request.GET.get("sida"))
    addresses = addresses_of(list(page), request.visitor)
    columns = [
        Column("Nummer", whole=True),
        Column("Datum", whole=True),
        Column("Handling"),
        Column("In eller ut"),
    ]
    if sees_all:
        columns.append(Column("Avsändare eller mottagare"))
    if request.visitor.is_office:
        columns.append(Column("Sekretess"))
    facts = [Fact("Öppnat", date_long(found.opened_at))]
    if sees_all and found.secrecy_section:
        facts.append(Fact("Sekretess", found.secrecy_section))
    return render(
        request,
        "registry/case.html",
        {
            "case": found,
            "facts": facts,
            "page": page,
            "rows": [_record_row(record, addresses, request) for record in page],
            "columns": columns,
            "sees_all": sees_all,
            "is_office": request.visitor.is_office,
            "crumbs": [
                Link("Diarium", reverse("registry:register", args=[request.association.slug])),
                Link(found.number),
            ],
        },
    )


def _case_row(request: TenantRequest, found: Case) -> list[Cell]:
    address = reverse(
        "registry:case", args=[request.association.slug, found.year, found.running_number]
    )
    return [
        Cell(found.number, url=address),
        Cell(found.title, note="Sekretess" if found.secrecy_section else ""),
        Cell(date_long(found.opened_at)),
        Cell(str(found.record_count)),  # type: ignore[attr-defined]
    ]


def _record_row(record: Record, addresses: dict[int, str], request: TenantRequest) -> list[Cell]:
    secret = f"Sekretess, {record.secrecy_section}" if record.secrecy_section else ""
    cells = [
        Cell(record.number),
        Cell(date_long(record.registered_at)),
        Cell(record.subject, url=addresses.get(record.pk, ""), note=secret),
        Cell(status=Status(record.get_direction_display())),
    ]
    if may_see_whole_register(request.visitor):
        cells.append(Cell(record.correspondent or "–"))
    if request.visitor.is_office:
        case = record.case
        place = [request.association.slug, case.year, case.running_number, record.sequence]
        url = reverse("registry:record_secrecy", args=place)
        cells.append(Cell("Ändra" if secret else "Markera", url=url))
    return cells
