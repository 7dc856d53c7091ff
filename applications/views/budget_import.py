"""A workbook that was sent in for a budget: what it would change, to take or leave.

A sheet of the applicants' own is first shown as it is understood, to be confirmed or corrected.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from applications.budget_imports import (
    Look,
    choose,
    confirm,
    leave_workbook,
    look_at,
    marked_copy,
    take_differences,
    unconfirm,
)
from applications.models import Application
from applications.views.budget_mapping import chosen_in, mapping_page
from applications.views.getting import crumbs, own_application, place, refused
from budgets.findings import Finding
from budgets.models import ImportState, WorkbookImport
from finsam.documents.downloads import serve_file
from finsam.documents.filenames import content_disposition
from finsam.documents.guard.kinds import KINDS
from finsam.errors import Conflict, DomainError
from finsam.people.access import TenantRequest, gate
from finsam.typography import plural
from finsam.ui import Cell, Column, Link, Status

XLSX = KINDS["xlsx"].media_type
SHOWN = 10
VERSION = re.compile(r"[0-9]{1,9}")
LOOKS = {
    ImportState.OPEN: Status("Väntar på er", "warning"),
    ImportState.TAKEN: Status("Inläst", "success"),
    ImportState.LEFT: Status("Inte inläst", "neutral"),
    ImportState.REFUSED: Status("Gick inte att läsa", "danger"),
}
IMPORT_COLUMNS = [Column("Fil"), Column("Id"), Column("Inlämnad"), Column("Av"), Column("Läge")]
FINDING_COLUMNS = [Column("Cell"), Column("Vad som behöver göras", prose=True), Column("Slag")]


@gate(account=True)
@require_http_methods(["GET", "POST"])
def sent(request: TenantRequest, application: UUID, workbook: int) -> HttpResponse:
    """The page of a sent workbook, and what is chosen on it."""
    found = own_application(request, application)
    kept = _kept(found, workbook)
    if kept.state == ImportState.REFUSED:
        return render(request, "applications/applicant/workbook.html", _page(found, kept))
    try:
        if request.method == "POST":
            return _act(request, found, kept)
        return _show(request, found, kept, look_at(found, kept))
    except DomainError as error:
        return refused(request, found, error)


@gate(account=True)
@require_safe
def original(request: TenantRequest, application: UUID, workbook: int) -> HttpResponseBase:
    """The file exactly as it was sent; one that was refused stays with the office."""
    found = own_application(request, application)
    kept = get_object_or_404(_rows(found), pk=workbook, upload__state="accepted")
    return serve_file(request, kept.upload.file)


@gate(account=True)
@require_safe
def marked(request: TenantRequest, application: UUID, workbook: int) -> HttpResponse:
    """A copy of the workbook with the findings in their cells."""
    found = own_application(request, application)
    kept = get_object_or_404(_rows(found), pk=workbook, upload__state="accepted")
    try:
        data = marked_copy(look_at(found, kept))
    except DomainError as error:
        return refused(request, found, error)
    response = HttpResponse(data, content_type=XLSX)
    name = kept.upload.file.name.removesuffix(".xlsx")
    response["Content-Disposition"] = content_disposition(f"{name} med fynd.xlsx")
    return response


def import_rows(application: Application) -> list[list[Cell]]:
    """The latest workbooks that were sent in, the newest first, also those that failed."""
    return [
        [
            Cell(kept.upload.file.name, url=place("sent_workbook", application, kept.pk)),
            Cell(kept.upload.reference),
            Cell(f"{kept.created_at:%Y-%m-%d}"),
            Cell(kept.created_by.name),
            Cell(status=LOOKS[ImportState(kept.state)]),
        ]
        for kept in _rows(application)[:SHOWN]
    ]


def _rows(application: Application) -> Any:
    return WorkbookImport.objects.filter(budget=application.budget).select_related(
        "upload__file", "created_by", "budget__association"
    )


def _kept(application: Application, pk: int) -> WorkbookImport:
    found: WorkbookImport = get_object_or_404(_rows(application), pk=pk)
    return found


def _act(request: TenantRequest, application: Application, kept: WorkbookImport) -> HttpResponse:
    """What the pressed button asks for."""
    action, actor = request.POST.get("gor", ""), request.visitor.person()
    here = place("sent_workbook", application, kept.pk)
    if action == "ta":
        return _take(request, application, kept)
    if action == "lamna":
        leave_workbook(application=application, sent=kept, actor=actor)
        messages.success(request, "Ingenting lästes in. Filen finns kvar i listan.")
        return redirect(place("budget", application))
    if action == "andra-tolkning":
        unconfirm(application=application, sent=kept, actor=actor)
        return redirect(here)
    look = look_at(application, kept)
    if look.own is None:
        return redirect(here)
    choices = chosen_in(request.POST, look.own)
    choose(application=application, sent=kept, choices=choices, actor=actor)
    kept.choices = choices.as_json()
    if action == "bekrafta":
        try:
            confirm(application=application, sent=kept, actor=actor)
        except DomainError as error:
            return _show(request, application, kept, look_at(application, kept), error.message)
    return redirect(here)


def _take(request: TenantRequest, application: Application, kept: WorkbookImport) -> HttpResponse:
    version = request.POST.get("version", "")
    try:
        count = take_differences(
            application=application,
            sent=kept,
            keys=request.POST.getlist("andring"),
            expected_version=int(version) if VERSION.fullmatch(version) else 0,
            actor=request.visitor.person(),
        )
    except Conflict as error:
        look = look_at(application, kept)
        message = f"{error.message} Nedan står skillnaderna mot budgeten som den är nu."
        return _show(request, application, kept, look, message, status=409)
    messages.success(request, f"{plural(count, 'ändring', 'ändringar')} lästes in i budgeten.")
    return redirect(place("budget", application))


def _show(
    request: TenantRequest,
    application: Application,
    kept: WorkbookImport,
    look: Look,
    fault: str = "",
    *,
    status: int = 200,
) -> HttpResponse:
    context = _page(application, kept) | {"fault": fault, "look": look}
    if fault and status == 200:
        status = 422
    if look.needs_mapping and look.own is not None and kept.is_open:
        context |= mapping_page(look.own)
        page = "applications/applicant/workbook_mapping.html"
        return render(request, page, context, status=status)
    context |= {
        "differences": look.differences,
        "proposed": sum(each.is_proposed for each in look.differences),
        "groups": _groups(look.check.findings),
        "finding_columns": FINDING_COLUMNS,
        "version": application.budget.version,
        "may_take": kept.is_open and look.check.can_be_taken,
    }
    return render(request, "applications/applicant/workbook.html", context, status=status)


def _page(application: Application, kept: WorkbookImport) -> dict[str, Any]:
    upload = kept.upload
    return {
        "application": application,
        "kept": kept,
        "status": LOOKS[ImportState(kept.state)],
        "crumbs": [
            *crumbs(application, "")[:2],
            Link("Budget", place("budget", application)),
            Link(upload.file.name),
        ],
    }


def _groups(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """The findings sheet by sheet, what must be mended first."""
    by_sheet: dict[str, list[Finding]] = {}
    for finding in sorted(findings, key=lambda each: not each.is_error):
        by_sheet.setdefault(finding.sheet or "Arbetsboken", []).append(finding)
    return [
        {
            "sheet": sheet,
            "errors": sum(each.is_error for each in found),
            "rows": [
                [
                    Cell(each.cell or "hela"),
                    Cell(each.message),
                    Cell(
                        status=Status("Måste rättas", "danger")
                        if each.is_error
                        else Status("Att se över", "warning")
                    ),
                ]
                for each in found
            ],
        }
        for sheet, found in by_sheet.items()
    ]
