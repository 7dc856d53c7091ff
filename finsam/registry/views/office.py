"""The chain of events, for those who must follow what was done, and the office's secrecy marks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from finsam.errors import DomainError
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.people.models import RoleKind
from finsam.registry.forms import EventSearch, SecrecyForm, asked
from finsam.registry.models import Case, Event, Record
from finsam.registry.secrecy import lift_secrecy, mark_secrecy, marks_of
from finsam.registry.wording import fact_name
from finsam.typography import moment_long, plural
from finsam.ui import Cell, Column, Fact, Link

PER_PAGE = 50
READERS = (RoleKind.OFFICER, RoleKind.DIRECTOR, RoleKind.AUDITOR)


@gate(*READERS)
def events(request: TenantRequest) -> HttpResponse:
    """Who did what and when, newest first; by case, person and days."""
    form = EventSearch(request.GET)
    found = Event.objects.visible_to(request.visitor).asked_for(**asked(form))
    page = Paginator(found.select_related("case"), PER_PAGE).get_page(request.GET.get("sida"))
    return render(
        request,
        "registry/events.html",
        {
            "form": form,
            "page": page,
            "rows": [_row(request, event) for event in page],
            "columns": [
                Column("Nr", numeric=True), Column("Tidpunkt"), Column("Händelse"),
                Column("Vem"), Column("Ärende"),
            ],
            "count": plural(page.paginator.count, "händelse", "händelser"),
        },
    )  # fmt: skip


@gate(*READERS)
def event(request: TenantRequest, sequence: int) -> HttpResponse:
    """One event with all that was written down of it."""
    visible = Event.objects.visible_to(request.visitor).select_related("case")
    found = get_object_or_404(visible, sequence=sequence)
    return render(
        request,
        "registry/event.html",
        {
            "event": found,
            "facts": _facts(request, found),
            "payload": [Fact(fact_name(key), value) for key, value in _lines(found.payload)],
            "proof": [
                Fact("Händelsens kontrollsumma", found.hash),
                Fact("Föregående händelses", found.previous_hash or "Detta är den första"),
                Fact("Uppgifternas kontrollsumma", found.payload_digest),
            ],
            "crumbs": [
                Link("Händelser", reverse("registry:events", args=[request.association.slug])),
                Link(f"Händelse {found.sequence}"),
            ],
        },
    )


@gate(*OFFICE)
@require_http_methods(["GET", "POST"])
def secrecy(request: TenantRequest, year: int, number: int, sequence: int = 0) -> HttpResponse:
    """Mark a record as secret, or without `sequence` the whole case; and take the mark away."""
    cases = Case.objects.visible_to(request.visitor).select_related("association")
    case = get_object_or_404(cases, year=year, running_number=number)
    records = case.records.select_related("case__association")
    marked: Case | Record = get_object_or_404(records, sequence=sequence) if sequence else case
    form = SecrecyForm(request.POST or None, initial={"section": marked.secrecy_section})
    actor = request.visitor.person()
    back = reverse("registry:case", args=[request.association.slug, year, number])
    if request.POST.get("do") == "lift":
        lift_secrecy(marked=marked, actor=actor)
        messages.success(request, f"{marked.number} är inte längre sekretessmarkerad.")
        return redirect(back)
    if form.is_bound and form.is_valid():
        try:
            mark_secrecy(marked=marked, actor=actor, **form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"{marked.number} är sekretessmarkerad.")
            return redirect(back)
    context = {
        "form": form,
        "marked": marked,
        "is_case": marked is case,
        "title": case.title if marked is case else marked.subject,  # type: ignore[union-attr]
        "marks": [_mark(found) for found in marks_of(marked)],
        "back": back,
        "crumbs": [
            Link("Diarium", reverse("registry:register", args=[request.association.slug])),
            Link(case.number, back),
            Link("Sekretess"),
        ],
    }
    status = 422 if form.errors else 200
    return render(request, "registry/secrecy.html", context, status=status)


def _mark(found: Event) -> Fact:
    section = found.payload.get("secrecy_section") or "Markeringen hävd"
    return Fact(moment_long(found.at), f"{section}, {found.actor_name or 'portalen'}")


def _row(request: TenantRequest, found: Event) -> list[Cell]:
    slug = request.association.slug
    return [
        Cell(str(found.sequence)),
        Cell(moment_long(found.at)),
        Cell(found.action_name, url=reverse("registry:event", args=[slug, found.sequence])),
        Cell(found.actor_name or "Portalen", note=found.actor_roles),
        _case_cell(slug, found),
    ]


def _case_cell(slug: str, found: Event) -> Cell:
    if found.case is None:
        return Cell("–")
    case = found.case
    return Cell(
        case.number, url=reverse("registry:case", args=[slug, case.year, case.running_number])
    )


def _facts(request: TenantRequest, found: Event) -> list[Fact]:
    case = _case_cell(request.association.slug, found)
    return [
        Fact("Tidpunkt", moment_long(found.at)),
        Fact("Vem", found.actor_name or "Portalen"),
        Fact("Roller då", found.actor_roles or "–"),
        Fact("Ärende", case.text, url=case.url),
        Fact("Gäller", f"{_kind(found.object_type)} {found.object_id}"),
        Fact("Anrop", found.request_id or "–"),
    ]


def _kind(object_type: str) -> str:
    """What an object is called; a kind that is no longer in the portal, by its old name."""
    try:
        return str(apps.get_model(object_type)._meta.verbose_name)
    except LookupError:
        return object_type


def _lines(value: Any, name: str = "") -> list[tuple[str, str]]:
    """A payload as lines of name and value; what lies inside is named part by part."""
    if isinstance(value, Mapping):
        parts = [(f"{name}.{key}" if name else str(key), part) for key, part in value.items()]
    elif isinstance(value, list):
        parts = [(f"{name}.{number}", part) for number, part in enumerate(value, 1)]
    else:
        return [(name, _shown(value))]
    return [line for inner, part in parts for line in _lines(part, inner)]


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "ja" if value else "nej"
    return str(value)
