"""The national follow-up at the office: all efforts with what each lacks, one effort, the sheet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications.forms_national import NationalForm, RegisteredForm
from applications.models import Application
from applications.national_follow_up import (
    WARNING,
    NationalRow,
    efforts_to_register,
    mark_registered,
    national_sheet,
    rows_of,
    save_national,
)
from applications.views.office import READERS, office_crumbs
from budgets.views.getting import status_of_refusal
from finsam.documents.filenames import content_disposition
from finsam.documents.guard.kinds import KINDS
from finsam.errors import DomainError
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.typography import date_long
from finsam.ui import Cell, Column, Link, Status

COLUMNS = [Column("Insats"), Column("Typ"), Column("Det här saknas"), Column("Läge")]


@gate(*READERS)
@require_safe
def every(request: TenantRequest) -> HttpResponse:
    """Each registration with what it lacks, fifty efforts a page."""
    page = Paginator(efforts_to_register(request.association), 50).get_page(request.GET.get("sida"))
    context = {
        "page": page,
        "columns": COLUMNS,
        "rows": [_row(request, row) for one in page for row in rows_of(one)],
        "warning": WARNING,
    }
    return render(request, "applications/office/national.html", context)


@gate(*READERS)
@require_safe
def sheet(request: TenantRequest) -> HttpResponse:
    """The same, with every field, as an .xlsx."""
    response = HttpResponse(
        national_sheet(request.association), content_type=KINDS["xlsx"].media_type
    )
    name = f"Nationell uppföljning {request.association.short_name}.xlsx"
    response["Content-Disposition"] = content_disposition(name)
    return response


@gate(*OFFICE)
@require_http_methods(["GET", "POST"])
def one(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """What an effort lacks, its direction and method, and that it is registered."""
    found = efforts_to_register(request.association).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    entries = list(found.national_entries.all())
    registering = request.POST.get("gor") == "registrera"
    typed = request.POST or None
    form = NationalForm(None if registering else typed, entries=entries)
    day = RegisteredForm(typed if registering else None)
    status = 200
    if request.method == "POST":
        status = _keep(request, found, day if registering else form)
        if status == 200:
            return redirect(request.path)
    rows = rows_of(found)
    everything = reverse("applications:national", args=[request.association.slug])
    context = {
        "application": found,
        "rows": rows,
        "form": form,
        "day": day,
        "refused_form": day if registering else form,
        "missing": list(dict.fromkeys(name for row in rows for name in row.missing)),
        "registered_on": next((e.registered_on for e in entries if e.registered_on), None),
        "warning": WARNING,
        "crumbs": office_crumbs(found, Link("Nationell uppföljning")),
        "back": everything,
    }
    return render(request, "applications/office/national_one.html", context, status=status)


def _keep(request: TenantRequest, found: Application, form: NationalForm | RegisteredForm) -> int:
    """Save, or note the registration; the status of the answer."""
    if not form.is_valid():
        return 422
    actor = request.visitor.person()
    try:
        if isinstance(form, RegisteredForm):
            mark_registered(application=found, on=form.cleaned_data["on"], actor=actor)
            done = "Insatsen är antecknad som registrerad."
        else:
            save_national(application=found, said=form.said, actor=actor)
            done = "Uppgifterna är sparade."
    except DomainError as refusal:
        form.add_refusal(refusal)
        return status_of_refusal(refusal)
    messages.success(request, done)
    return 200


def _row(request: TenantRequest, row: NationalRow) -> list[Cell]:
    entry, place = row.entry, [request.association.slug, row.application.public_id]
    url = reverse("applications:national_effort", args=place)
    missing: Any = row.missing
    if entry and entry.registered_on:
        status, note = Status("Registrerad", "success"), date_long(entry.registered_on)
    else:
        status, note = Status(*(("Inte klar", "warning") if missing else ("Klar", "info"))), ""
    return [
        Cell(row.application.title, url=url if request.visitor.is_office else ""),
        Cell(entry.get_type_display() if entry else ""),
        Cell(", ".join(missing)),
        Cell(status=status, note=note),
    ]
