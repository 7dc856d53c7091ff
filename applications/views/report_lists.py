"""All reports of all efforts in one list: the office's, and the parties' own."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from applications.forms_reports import ReportFilterForm
from applications.looks import REPORT
from applications.models import Report, ReportState
from applications.queries import ReportQuerySet
from applications.report_plan import HANDED_IN
from applications.views.office import READERS
from finsam import clock
from finsam.people.access import TenantRequest, gate
from finsam.typography import date_long
from finsam.ui import Cell, Column, Status

COLUMNS = [
    Column("Insats", sort="title"),
    Column("Rapport", sort="rapport"),
    Column("Program"),
    Column("Sista dag", sort="dag"),
    Column("Läge", sort="lage"),
]
SORTS = {"title": "application__title", "rapport": "name", "dag": "last_day", "lage": "state"}


@gate(*READERS)
@require_GET
def office(request: TenantRequest) -> HttpResponse:
    """What waits for the office first, then what the parties are to hand in."""
    return _listed(request, Report.objects.visible_to(request.visitor), of_office=True)


@gate(account=True)
@require_GET
def own(request: TenantRequest) -> HttpResponse:
    """What the person's parties are to hand in first."""
    return _listed(request, Report.objects.of_applicant(request.visitor), of_office=False)


def _listed(request: TenantRequest, rows: ReportQuerySet, *, of_office: bool) -> HttpResponse:
    form = ReportFilterForm(request.GET, association=request.association)
    found = (
        rows.of_told_grants(clock.now())
        .in_turn("submitted" if of_office else "open")
        .select_related("application__round__programme")
        .defer("content", "returned_message", "application__round__programme__definition")
    )
    if form.is_valid():
        found = form.narrow(found)
    asked = request.GET.get("sort", "")
    if order := SORTS.get(asked.lstrip("-")):
        found = found.order_by(f"-{order}" if asked.startswith("-") else order, "pk")
    page = Paginator(found, 50).get_page(request.GET.get("sida"))
    slug = request.association.slug
    context = {
        "form": form,
        "page": page,
        "columns": COLUMNS,
        "rows": [_row(one, slug, of_office=of_office) for one in page],
        "count": page.paginator.count,
        "of_office": of_office,
    }
    return render(request, "applications/report_list.html", context)


def _row(report: Report, slug: str, *, of_office: bool) -> list[Cell]:
    effort = report.application
    place = [slug, effort.public_id, report.key, report.occurrence]
    if not of_office:
        url = reverse("applications:report", args=place)
    elif report.submitted_at:
        url = reverse("applications:office_report", args=place)
    else:
        url = reverse("applications:office_reports", args=place[:2])
    return [
        Cell(effort.title),
        Cell(report.name or report.key, url=url),
        Cell(effort.round.programme.name),
        Cell(date_long(report.answer_by or report.due_on)),
        Cell(status=_look(report, of_office=of_office)),
    ]


def _look(report: Report, *, of_office: bool) -> Status:
    """Its state; a draft is the parties' own, so that the office sees that it is not handed in."""
    if report.state in HANDED_IN:
        return REPORT[report.state]
    if (report.answer_by or report.due_on) < clock.today():
        return Status("Försenad", "danger")
    if of_office and report.state == ReportState.DRAFT:
        return Status("Inte inlämnad", "neutral")
    return REPORT[report.state]
