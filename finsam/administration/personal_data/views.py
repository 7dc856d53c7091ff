"""The page on which a person's data are found, handed out and erased."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from finsam.administration.forms import PersonForm
from finsam.administration.personal_data.erasing import erase_person, erasure_plan
from finsam.administration.personal_data.export import export_person
from finsam.administration.personal_data.traces import Person, Trace, traces_of
from finsam.errors import DomainError
from finsam.people.access import TenantRequest, gate
from finsam.people.models import RoleKind, User
from finsam.typography import date_long, plural
from finsam.ui import Cell, Column, Link

MOST_SHOWN = 300


@gate(RoleKind.ADMINISTRATOR, RoleKind.DIRECTOR)
@never_cache
@require_http_methods(["GET", "POST"])
def personal_data(request: TenantRequest) -> HttpResponse:
    """Search, take out, erase; `do` in the form says which."""
    form = PersonForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "crumbs": _crumbs(request)}
    if form.is_bound and form.is_valid():
        user = _user(request, form.cleaned_data["email"])
        person = Person(form.cleaned_data["name"], form.cleaned_data["email"], user)
        try:
            answer = _done(request, person)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            if answer is not None:
                return answer
            context |= _found(request, person)
    status = 422 if form.errors else 200
    return render(request, "administration/personal_data.html", context, status=status)


def _done(request: TenantRequest, person: Person) -> HttpResponse | None:
    """What was asked for, but the search."""
    actor, done = request.visitor.person(), request.POST.get("do")
    if done == "export":
        data = export_person(association=request.association, person=person, actor=actor)
        answer = HttpResponse(data, content_type="application/zip")
        answer["Content-Disposition"] = 'attachment; filename="registerutdrag.zip"'
        return answer
    if done == "erase" and request.POST.get("confirm") == "yes":
        if person.user is None:
            raise DomainError("no_such_person", "Ingen med den adressen har en roll här.", "email")
        case = erase_person(association=request.association, user=person.user, actor=actor)
        messages.success(request, f"Uppgifterna är raderade. Protokollet finns i {case.number}.")
        return redirect(reverse("administration:people", args=[request.association.slug]))
    return None


def _found(request: TenantRequest, person: Person) -> dict[str, Any]:
    """The places, and what an erasure would do where there is an account."""
    traces = traces_of(request.association, person)
    may_erase = person.user is not None and request.visitor.has(RoleKind.ADMINISTRATOR)
    plan = (
        erasure_plan(association=request.association, user=person.user)
        if may_erase and person.user
        else []
    )
    return {
        "person": person,
        "is_searched": True,
        "count": plural(len(traces), "ställe", "ställen"),
        "is_cut": len(traces) > MOST_SHOWN,
        "columns": [Column("Var"), Column("Nummer"), Column("Uppgift"), Column("Dag")],
        "rows": [_row(trace) for trace in traces[:MOST_SHOWN]],
        "plan_columns": [Column("Uppgifter"), Column("Antal", numeric=True), Column("Åtgärd")],
        "plan": [[Cell(step.what), Cell(str(step.count)), Cell(step.measure)] for step in plan],
    }


def _row(trace: Trace) -> list[Cell]:
    return [
        Cell(trace.place),
        Cell(trace.number or "–"),
        Cell(trace.field or "–", note=trace.excerpt),
        Cell(date_long(trace.day) if trace.day else "–"),
    ]


def _user(request: TenantRequest, email: str) -> User | None:
    """Who has the address and has or had a role here; another association's people are not."""
    held = User.objects.filter(roles__association=request.association, email=email.lower())
    return held.distinct().first() if email else None


def _crumbs(request: TenantRequest) -> list[Link]:
    people = reverse("administration:people", args=[request.association.slug])
    return [Link("Personer och roller", people), Link("En persons uppgifter")]
