"""The chain of events, for those who must be able to follow what was done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from finsam.people.access import TenantRequest, gate
from finsam.people.models import RoleKind
from finsam.registry.forms import EventSearch, asked
from finsam.registry.models import Event
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
