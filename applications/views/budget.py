"""The budget of an application: sums, findings, and the workbook out and in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from applications.budget_imports import receive_workbook
from applications.budget_parts import (
    NotOwnPart,
    mark_budget_part,
    own_names,
    parties_written_for,
)
from applications.budgeting import (
    budget_context,
    check_budget_of,
    round_budget_context,
    save_budget,
)
from applications.completeness import overview_of
from applications.models import Application, Round, SectionKind
from applications.reading import budget_tables
from applications.views.budget_import import IMPORT_COLUMNS, import_rows
from applications.views.getting import (
    crumbs,
    forget_kept,
    keeps_text,
    own_application,
    place,
    refused,
    take_kept,
)
from applications.views.looks import page_tables
from applications.views.writing import section_context
from budgets.editor import ACTION, Editor, explained_figure
from budgets.explanation import explain_all
from budgets.findings import Finding
from budgets.workbook import empty_workbook, export_workbook
from finsam.documents.filenames import content_disposition
from finsam.documents.uploads import StorageFull
from finsam.errors import Conflict, DomainError
from finsam.forms import DomainForm
from finsam.people.access import TenantRequest, gate
from finsam.ui import Cell, Column, Link, Status

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class WorkbookForm(DomainForm):
    file = forms.FileField(
        label="Ifylld arbetsbok (.xlsx)",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "Välj arbetsboken först.", "empty": "Filen är tom."},
    )


@keeps_text
@gate(account=True)
@require_http_methods(["GET", "POST"])
def budget(request: TenantRequest, application: UUID) -> HttpResponse:
    """The budget's page: its tables to write in, and the way in for workbooks."""
    found = own_application(request, application, with_people=True)
    if request.method == "POST" and "del" in request.POST:
        return _mark(request, found)
    if request.method == "POST" and (request.htmx or ACTION in request.POST):
        return _edit(request, found)
    form = WorkbookForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            sent = receive_workbook(
                application=found,
                file=form.cleaned_data["file"],
                actor=request.visitor.person(),
            )
        except DomainError as error:
            form.add_domain_error(error)
            status = 507 if isinstance(error, StorageFull) else 422
        else:
            return redirect(place("sent_workbook", found, sent.pk))
    elif form.errors:
        status = 422
    context = _page(request, found) | {"form": form}
    return render(request, "applications/applicant/budget.html", context, status=status)


def _mark(request: TenantRequest, application: Application) -> HttpResponse:
    """A party says that it is done with its part of the budget, or that it is not."""
    pk = request.POST["del"]
    party = get_object_or_404(
        application.parties.select_related("application__association", "application__template"),
        pk=int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 19 else 0,
    )
    done = request.POST.get("klar") == "ja"
    try:
        mark_budget_part(party=party, done=done, actor=request.visitor.person())
    except DomainError as error:
        return refused(request, application, error)
    what = "är klar" if done else "är inte längre klar"
    messages.success(request, f"{party.name} {what} med sin del av budgeten.")
    return redirect(f"{place('budget', application)}#delar")


def _parts(request: TenantRequest, application: Application) -> list[dict[str, Any]]:
    """Each party with its cost and whether it is done, and whether the visitor may say so."""
    mine = parties_written_for(application, request.visitor.person(), request.visitor)
    leads = any(party.is_lead for party in mine)
    return [
        {"party": party, "is_mine": party in mine, "may_mark": leads or party in mine}
        for party in application.parties.all()
        if party.member_id
    ]


def _edit(request: TenantRequest, application: Application) -> HttpResponse:
    """The tables as they were typed: sums while one types, more rows, or saving."""
    mine = own_names(application, request.visitor.person(), request.visitor)
    editor = Editor.sent(request.POST, budget_context(application), mine)
    if request.htmx:
        moved = {"editor": editor, "explain_url": place("budget_explained", application)}
        return render(request, "budgets/_editor_moved.html", moved)
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
            except NotOwnPart as error:
                status, conflict = 403, error.message
            except DomainError as error:
                return refused(request, application, error)
            else:
                forget_kept(request)
                messages.success(request, "Budgeten är sparad.")
                return redirect(place("budget", application))
    context = _page(request, application) | {
        "form": WorkbookForm(),
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
    facts = budget_context(application, overview.given)
    kept = take_kept(request)
    mine = own_names(application, request.visitor.person(), request.visitor)
    editor = (
        Editor.sent(_texts(kept), facts, mine)
        if kept
        else Editor.of(application.budget, facts, mine, checked.content)
    )
    return context | {
        "editor": editor,
        "checked": checked,
        "summary": checked.summary,
        "parts": _parts(request, application),
        "imports": import_rows(application),
        "import_columns": IMPORT_COLUMNS,
        "own_part": mine,
        "explain_url": place("budget_explained", application),
        "tables": page_tables(budget_tables(checked.content, checked.summary)),
        "finding_columns": [
            Column("Var"),
            Column("Vad som behöver göras", prose=True),
            Column("Slag"),
        ],
        "finding_rows": _rows(checked.findings),
        "money": application.lot.planned_amount if application.lot else None,
    }


@gate(account=True)
@require_safe
def explained(request: TenantRequest, application: UUID) -> HttpResponse:
    """How each computed figure of the budget came about, as it is saved."""
    found = own_application(request, application)
    groups = explain_all(check_budget_of(found).content)
    context = {
        "application": found,
        "groups": [
            (heading, [explained_figure(each, place("budget", found)) for each in explanations])
            for heading, explanations in groups.items()
        ],
        "crumbs": [
            *crumbs(found, "")[:2],
            Link("Budget", place("budget", found)),
            Link("Så räknas summorna"),
        ],
    }
    return render(request, "applications/applicant/budget_explained.html", context)


@gate(account=True)
@require_safe
def workbook(request: TenantRequest, application: UUID) -> HttpResponse:
    """The budget as it stands, as a workbook."""
    found = own_application(request, application)
    try:
        data = export_workbook(found.budget, budget_context(found))
    except DomainError as error:
        return refused(request, found, error)
    return _xlsx(data, f"Budget {found.title}.xlsx")


@gate(public=True)
@require_safe
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
