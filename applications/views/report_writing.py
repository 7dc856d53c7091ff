"""Writing a report: its parts, what remains in each, and handing it in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from applications.completeness import Progress
from applications.forms_reports import ReportPartForm
from applications.models import Report
from applications.payments import claiming_parties
from applications.report_measures import measures_of
from applications.reporting import (
    WRITABLE,
    begin_report,
    mark_of,
    missing_by_part,
    save_part,
    submit_report,
)
from applications.views.getting import crumbs, own_application, place
from applications.views.looks import PROGRESS
from applications.views.reports import ReportPlace, context_of, place_of
from budgets.views.getting import status_of_refusal
from finsam.errors import Conflict, DomainError, NotAllowed
from finsam.people.access import TenantRequest, gate
from finsam.ui import Link, Task

# The parts of a report: their place in the address, and their heading.
PIECES = {
    "answers": ("fragor", "Svar på frågorna"),
    "outcomes": ("utfall", "Mål och utfall"),
    "participants": ("deltagare", "Deltagare"),
}


@gate(account=True)
@require_http_methods(["GET", "POST"])
def own(request: TenantRequest, application: UUID, report: str, number: int) -> HttpResponse:
    """The parts to write with what remains in each; once it is handed in, what it says."""
    found = own_application(request, application)
    here = place_of(found, report, number)
    mine = claiming_parties(found, request.visitor)
    refused: list[tuple[str, str]] = []
    status = 200
    if request.method == "POST":
        if not mine:
            raise PermissionDenied("report")
        if request.POST.get("gor") == "borja":
            return _begin(request, here)
        if here.report is None:
            raise Http404
        try:
            submit_report(report=here.report, actor=request.visitor.person())
        except DomainError as refusal:
            refused, status = [(refusal.message, "")], status_of_refusal(refusal)
        else:
            messages.success(request, "Rapporten är inlämnad till kansliet.")
            return redirect(request.path)
    writes = bool(mine) and here.report is not None and here.report.state in WRITABLE
    missing = missing_by_part(here.report) if writes and here.report else {}
    context = {
        **context_of(here, exact=True),
        "refused": refused,
        "writes": writes,
        "parts": [_part_task(here, part, lacks) for part, lacks in missing.items()],
        "missing": [text for lacks in missing.values() for text in lacks],
        "may_begin": bool(mine) and here.report is None,
        "leads": any(party.is_lead for party in mine),
        "crumbs": _own_crumbs(here),
    }
    return render(request, "applications/applicant/report.html", context, status=status)


@gate(account=True)
@require_http_methods(["GET", "POST"])
def own_part(
    request: TenantRequest, application: UUID, report: str, number: int, piece: str
) -> HttpResponse:
    """One part of the report to write and save; the next one follows."""
    found = own_application(request, application)
    here = place_of(found, report, number)
    if not claiming_parties(found, request.visitor):
        raise PermissionDenied("report")
    back = _own_url(here)
    if here.report is None or here.report.state not in WRITABLE:
        messages.info(request, "Rapporten är inlämnad eller inte påbörjad.")
        return redirect(back)
    parts = list(missing_by_part(here.report))
    part = next((one for one in parts if PIECES[one][0] == piece), None)
    if part is None:
        raise Http404
    form = ReportPartForm(
        request.POST or None,
        report=here.report,
        part=part,
        definition=here.owed.definition,
        measures=measures_of(found) if part == "outcomes" else [],
    )
    after = parts[parts.index(part) + 1 :]
    status, theirs = 200, list[tuple[str, Any]]()
    if request.method == "POST":
        status, theirs = _keep(request, here.report, part, form)
        if status == 200:
            goes_on = after and request.POST.get("gor") == "vidare"
            return redirect(_own_url(here, after[0]) if goes_on else back)
    context = {
        "application": found,
        "owed": here.owed,
        "heading": PIECES[part][1],
        "form": form,
        "theirs": theirs,
        "goes_on": bool(after),
        "back": back,
        "crumbs": [
            *_own_crumbs(here)[:-1],
            Link(here.owed.name, back),
            Link(PIECES[part][1]),
        ],
    }
    return render(request, "applications/applicant/report_part.html", context, status=status)


def _begin(request: TenantRequest, here: ReportPlace) -> HttpResponse:
    try:
        begin_report(
            application=here.application,
            key=here.owed.definition.key,
            occurrence=here.owed.occurrence,
            actor=request.visitor.person(),
        )
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.code) from refusal
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect(request.path)


def _keep(
    request: TenantRequest, report: Report, part: str, form: ReportPartForm
) -> tuple[int, list[tuple[str, Any]]]:
    """Save the part; the status, and what others have written instead."""
    if not form.is_valid():
        return 422, []
    try:
        save_part(
            report=report,
            part=part,
            values=form.values,
            seen=form.cleaned_data["seen"],
            actor=request.visitor.person(),
        )
    except DomainError as refusal:
        theirs: list[tuple[str, Any]] = []
        if isinstance(refusal, Conflict):
            saved = Report.objects.get(pk=report.pk)
            theirs = form.differing(saved.content.get(part, {}))
            # Next time it is saved knowingly over what is shown.
            form.data = {**request.POST.dict(), "seen": mark_of(saved, part)}
        form.add_refusal(refusal)
        return status_of_refusal(refusal), theirs
    messages.success(request, "Avsnittet är sparat.")
    return 200, []


def _part_task(here: ReportPlace, part: str, lacks: list[str]) -> Task:
    """A part with how far it is."""
    begun = bool(here.report and here.report.content.get(part))
    progress = Progress.STARTED if begun else Progress.NOT_STARTED
    note = f"{len(lacks)} svar saknas" if lacks and begun else ""
    status = PROGRESS[progress if lacks else Progress.FILLED]
    return Task(PIECES[part][1], _own_url(here, part), status, note)


def _own_url(here: ReportPlace, part: str = "") -> str:
    names = [here.owed.definition.key, here.owed.occurrence]
    if not part:
        return place("report", here.application, *names)
    return place("report_part", here.application, *names, PIECES[part][0])


def _own_crumbs(here: ReportPlace) -> list[Link]:
    found = here.application
    way = crumbs(found, here.owed.name)
    return [*way[:-1], Link("Rapporter", place("reports", found)), way[-1]]
