"""The budget of an application: sums, findings, and the workbook out and in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from applications.budgeting import (
    budget_context,
    round_budget_context,
    save_budget,
    take_workbook,
)
from applications.completeness import overview_of
from applications.forms import DomainForm
from applications.models import Application, Round, SectionKind
from applications.reading import budget_tables
from applications.views.getting import (
    forget_kept,
    keeps_text,
    own_application,
    place,
    refused,
    take_kept,
)
from applications.views.looks import page_tables
from applications.views.writing import section_context
from budgets.check import CheckResult
from budgets.editor import ACTION, Editor
from budgets.findings import Finding
from budgets.workbook import empty_workbook, export_workbook
from finsam.documents.filenames import content_disposition
from finsam.documents.uploads import StorageFull
from finsam.errors import Conflict, DomainError
from finsam.people.access import TenantRequest, gate
from finsam.ui import Cell, Column, Status

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class WorkbookForm(DomainForm):
    file = forms.FileField(
        label="Ifylld arbetsbok (.xlsx)",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "Välj arbetsboken först.", "empty": "Filen är tom."},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


@keeps_text
@gate(account=True)
@require_http_methods(["GET", "POST"])
def budget(request: TenantRequest, application: UUID) -> HttpResponse:
    """The budget's page; a workbook sent here becomes the budget, or says cell by cell why not."""
    found = own_application(request, application)
    if request.method == "POST" and (request.htmx or ACTION in request.POST):
        return _edit(request, found)
    form = WorkbookForm(
        request.POST or None,
        request.FILES or None,
        initial={"version": found.budget.version},
    )
    refusal: CheckResult | None = None
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            result = take_workbook(
                application=found,
                file=form.cleaned_data["file"],
                expected_version=form.cleaned_data["version"],
                actor=request.visitor.person(),
            )
        except Conflict as error:
            return refused(request, found, error)
        except DomainError as error:
            form.add_domain_error(error)
            status = 507 if isinstance(error, StorageFull) else 422
        else:
            if result.is_imported:
                messages.success(request, "Arbetsboken är inläst och ersatte budgeten.")
                return redirect(place("budget", found))
            refusal, status = result.check, 422
    elif form.errors:
        status = 422
    context = _page(request, found) | {
        "form": form,
        "refusal_rows": _rows(refusal.findings) if refusal else [],
    }
    return render(request, "applications/applicant/budget.html", context, status=status)


def _edit(request: TenantRequest, application: Application) -> HttpResponse:
    """The tables as they were typed: sums while one types, more rows, or saving."""
    editor = Editor.sent(request.POST, budget_context(application))
    if request.htmx:
        return render(request, "budgets/_editor_moved.html", {"editor": editor})
    status, conflict = 200, ""
    if request.POST[ACTION] == "spara":
        status = 422
        if editor.is_readable:
            try:
                save_budget(
                    application=application,
                    content=editor.content,
                    expected_version=editor.version,
                    actor=request.visitor.person(),
                )
            except Conflict as error:
                status, conflict = 409, error.message
                editor.version = application.budget.version
            except DomainError as error:
                return refused(request, application, error)
            else:
                forget_kept(request)
                messages.success(request, "Budgeten är sparad.")
                return redirect(place("budget", application))
    context = _page(request, application) | {
        "form": WorkbookForm(initial={"version": application.budget.version}),
        "editor": editor,
        "conflict": conflict,
    }
    return render(request, "applications/applicant/budget.html", context, status=status)


def _page(request: TenantRequest, application: Application) -> dict[str, Any]:
    """What the budget's page always shows: sums, findings, the tables to write in and to read."""
    overview = overview_of(application)
    part = overview.section_of(SectionKind.BUDGET)
    context = section_context(request, application, overview, part)
    checked = context["overview"].budget
    facts = budget_context(application)
    kept = take_kept(request)
    editor = Editor.sent(_texts(kept), facts) if kept else Editor.of(application.budget, facts)
    return context | {
        "editor": editor,
        "checked": checked,
        "summary": checked.summary,
        "tables": page_tables(budget_tables(checked.content, checked.summary)),
        "finding_columns": [Column("Var"), Column("Vad som behöver göras"), Column("Slag")],
        "finding_rows": _rows(checked.findings),
        "money": application.lot.planned_amount if application.lot else None,
    }


@gate(account=True)
@require_GET
def workbook(request: TenantRequest, application: UUID) -> HttpResponse:
    """The budget as it stands, as a workbook."""
    found = own_application(request, application)
    try:
        data = export_workbook(found.budget, budget_context(found))
    except DomainError as error:
        return refused(request, found, error)
    return _xlsx(data, f"Budget {found.title}.xlsx")


@gate(public=True)
@require_GET
def empty(request: TenantRequest, slug: str) -> HttpResponse:
    """The round's empty workbook, for everybody."""
    rounds = Round.objects.select_related("programme", "template", "association", "frame__account")
    found = get_object_or_404(rounds, association=request.association, slug=slug)
    return _xlsx(empty_workbook(round_budget_context(found)), f"Budget {found.name}.xlsx")


def _texts(kept: QueryDict) -> dict[str, str]:
    return {name: str(value) for name, value in kept.items()}


def _rows(findings: tuple[Finding, ...]) -> list[list[Cell]]:
    return [
        [
            Cell(finding.place or "Arbetsboken"),
            Cell(finding.message),
            Cell(
                status=Status("Måste rättas", "danger")
                if finding.is_error
                else Status("Att se över", "warning")
            ),
        ]
        for finding in findings
    ]


def _xlsx(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=XLSX)
    response["Content-Disposition"] = content_disposition(name)
    return response
