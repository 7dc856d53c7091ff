"""Setting up programmes: read, altered part by part, looked at, put in force, copied, exported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import programme_editing as editing
from applications.forms_programme import FIXED, NewProgrammeForm, PartForm, table_names
from applications.models import Programme, Round
from applications.programme_definition import DefinitionError, definition_of
from applications.programme_export import programme_as_toml
from applications.programme_labels import PARTS, label_of, title_of
from applications.programme_patterns import begin_programme
from applications.round_readiness import readiness_of
from applications.template_versions import template_content
from finsam.errors import DomainError
from finsam.people.access import TenantRequest, gate
from finsam.people.models import RoleKind
from finsam.ui import Link

KEEPERS = (RoleKind.DIRECTOR, RoleKind.ADMINISTRATOR)
LONGEST_NUMBER = 9


@require_http_methods(["GET", "POST"])
@gate(*KEEPERS)
def programmes(request: TenantRequest) -> HttpResponse:
    """The association's programmes, whether somebody is at work on them, and a new one."""
    form = NewProgrammeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = begin_programme(
                association=request.association,
                actor=request.visitor.person(),
                **form.cleaned_data,
            )
        except DomainError as refusal:
            form.add_domain_error(refusal)
        else:
            messages.success(
                request, "Programmet är upplagt. Se igenom utkastet och sätt det i kraft."
            )
            return redirect("applications:programme", request.association.slug, made.slug)
    found = request.association.programmes.select_related("draft__updated_by")
    context = {
        "programmes": found.prefetch_related("rounds"),
        "form": form,
        "crumbs": [Link("Inställningar", _settings(request)), Link("Program")],
    }
    status = 422 if form.errors else 200
    return render(request, "applications/programmes/list.html", context, status=status)


@require_safe
@gate(*KEEPERS)
def programme(request: TenantRequest, programme: str) -> HttpResponse:
    """What a programme consists of, what is being altered, and what is left to do."""
    found = _programme_or_404(request, programme)
    definition, seen = editing.working_copy(found)
    rounds = found.rounds.select_related("template", "frame__association").prefetch_related(
        "invitations", "milestones"
    )
    context = {
        "programme": found,
        "seen": seen,
        "is_altered": seen > 0,
        "faults": _with_links(found, editing.faults_of(found, definition)) if seen else [],
        "parts": [
            (label, _place(found, place), _said(definition, place))
            for place, label in PARTS.items()
        ],
        "may_frame": request.visitor.is_office,
        "readiness": [(one, readiness_of(one)) for one in rounds.order_by("-opens_at")[:10]],
        "revisions": found.revisions.select_related("made_by")[:20],
        "templates": found.templates.all()[:20],
        "crumbs": [*_crumbs(request), Link(found.name)],
    }
    return render(request, "applications/programmes/programme.html", context)


@require_http_methods(["GET", "POST"])
@gate(*KEEPERS)
def part(request: TenantRequest, programme: str, part: str) -> HttpResponse:
    """One table or list of the definition; `grund` is the programme's own values."""
    found = _programme_or_404(request, programme)
    place = "" if part == "grund" else part
    definition, seen = editing.working_copy(found)
    try:
        shown = editing.part_of(definition, place)
    except LookupError:
        raise Http404 from None
    if request.method == "POST" and request.POST.get("do") != "save":
        return _act(request, found, place)
    form = None
    if not shown.is_list:
        form = PartForm(
            request.POST or None,
            shape=shown.shape,
            value=shown.value,
            fixed=_fixed(found, place, shown.value),
            initial={"seen": seen},
        )
    if form is not None and request.method == "POST" and form.is_valid():
        wanted = form
        try:
            editing.save_part(
                programme=found,
                place=place,
                values=wanted.values(),
                seen=wanted.cleaned_data["seen"],
                actor=request.visitor.person(),
            )
        except DomainError as refusal:
            wanted.add_error(None, refusal.message)
        else:
            messages.success(request, "Sparat i utkastet. Inget gäller förrän det sätts i kraft.")
            return redirect(_place(found, place))
    return _part_page(request, found, shown, form, seen)


@require_safe
@gate(*KEEPERS)
def preview(request: TenantRequest, programme: str) -> HttpResponse:
    """The template as applicants will meet it, of the working copy."""
    found = _programme_or_404(request, programme)
    definition, seen = editing.working_copy(found)
    sections: list[dict[str, Any]] = []
    faults: list[Any] = []
    try:
        whole = definition_of(definition, file=f"{found.slug}.toml")
        sections = template_content(whole)
    except DefinitionError:
        faults = _with_links(found, editing.faults_of(found, definition))
    context = {
        "programme": found,
        "is_altered": seen > 0,
        "intro": (definition.get("template") or {}).get("intro", ""),
        "sections": sections,
        "faults": faults,
        "crumbs": [*_crumbs(request), Link(found.name, _own(found)), Link("Förhandsvisning")],
    }
    return render(request, "applications/programmes/preview.html", context)


@require_safe
@gate(*KEEPERS)
def export(request: TenantRequest, programme: str) -> HttpResponse:
    """The programme in force as its definition file."""
    found = _programme_or_404(request, programme)
    try:
        text = programme_as_toml(found)
    except DefinitionError as error:
        messages.error(request, error.message)
        return redirect(_own(found))
    answer = HttpResponse(text, content_type="application/toml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{found.slug}.toml"'
    return answer


@require_POST
@gate(*KEEPERS)
def put_in_force(request: TenantRequest, programme: str) -> HttpResponse:
    found = _programme_or_404(request, programme)
    return _run(
        request,
        lambda: editing.put_in_force(
            programme=found, seen=_seen(request), actor=request.visitor.person()
        ),
        "Ändringarna gäller. Ansökningar som är påbörjade behåller sina frågor och regler.",
        _own(found),
    )


@require_POST
@gate(*KEEPERS)
def discard(request: TenantRequest, programme: str) -> HttpResponse:
    found = _programme_or_404(request, programme)
    return _run(
        request,
        lambda: editing.discard_changes(
            programme=found, seen=_seen(request), actor=request.visitor.person()
        ),
        "Utkastet är kastat. Programmet är som förut.",
        _own(found),
    )


@require_POST
@gate(*KEEPERS)
def copy_round(request: TenantRequest, programme: str) -> HttpResponse:
    """Next year's round out of an earlier one, in the working copy."""
    found = _programme_or_404(request, programme)
    made: list[int] = []

    def run() -> None:
        _, number = editing.copy_round(
            programme=found,
            slug=request.POST.get("round", ""),
            seen=_seen(request),
            actor=request.visitor.person(),
        )
        made.append(number)

    done = "Omgången är kopierad med dagarna ett år senare. Gå igenom den; ramen sätts på nytt."
    answer = _run(request, run, done, _own(found))
    return redirect(_place(found, f"rounds.{made[0]}")) if made else answer


def _act(request: TenantRequest, found: Programme, place: str) -> HttpResponse:
    """Add, remove or move a row."""
    do, row = request.POST.get("do"), request.POST.get("row", "")
    wanted: dict[str, Any] = {
        "programme": found,
        "seen": _seen(request),
        "actor": request.visitor.person(),
    }
    there = f"{place}.{row}" if place else row
    if do == "add":
        made: list[int] = []
        answer = _run(
            request,
            lambda: made.append(editing.add_row(place=place, **wanted)[0]),
            "En tom rad är tillagd. Fyll i den.",
            _place(found, place),
        )
        return redirect(_place(found, f"{place}.{made[0]}")) if made else answer
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "remove": (lambda: editing.remove_part(place=there, **wanted), "Borttaget ur utkastet."),
        "up": (lambda: editing.move_row(place=there, up=True, **wanted), ""),
        "down": (lambda: editing.move_row(place=there, up=False, **wanted), ""),
    }
    if do not in acts:
        raise Http404
    run, done = acts[do]
    return _run(request, run, done, _place(found, place))


def _part_page(
    request: TenantRequest,
    found: Programme,
    shown: editing.Part,
    form: PartForm | None,
    seen: int,
) -> HttpResponse:
    above, _, last = shown.place.rpartition(".")
    inside = [] if shown.is_list else [_inside(found, shown, name) for name in _inner_names(shown)]
    rows = [
        (title_of(row, f"{shown.place}.{at}"), _place(found, f"{shown.place}.{at}"), at)
        for at, row in enumerate(shown.value if shown.is_list else (), start=1)
    ]
    heading = PARTS.get(shown.place) or label_of(last)
    if last.isdecimal():
        heading = title_of(shown.value, shown.place)
    context = {
        "programme": found,
        "heading": heading,
        "form": form,
        "is_list": shown.is_list,
        "rows": rows,
        "inside": inside,
        "seen": seen,
        "back": _place(found, above) if shown.place and above else _own(found),
        "crumbs": [*_crumbs(request), Link(found.name, _own(found)), *_way(found, shown.place)],
    }
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "applications/programmes/part.html", context, status=status)


def _inner_names(shown: editing.Part) -> list[str]:
    return [] if shown.place == "" else list(table_names(shown.shape))


def _inside(found: Programme, shown: editing.Part, name: str) -> dict[str, Any]:
    place = f"{shown.place}.{name}"
    value = shown.value.get(name)
    return {
        "label": label_of(name),
        "url": _place(found, place),
        "name": name,
        "count": len(value) if isinstance(value, list) else None,
        "may_go": editing.is_optional(shown.shape, name) and bool(value),
        "is_absent": not value and not isinstance(value, list),
    }


def _way(found: Programme, place: str) -> list[Link]:
    steps = place.split(".") if place else []
    definition, _ = editing.working_copy(found)
    links = []
    for at in range(1, len(steps) + 1):
        here = ".".join(steps[:at])
        text = PARTS.get(here) or label_of(steps[at - 1])
        if steps[at - 1].isdecimal():
            text = title_of(editing.part_of(definition, here).value, here)
        links.append(Link(text, _place(found, here) if at < len(steps) else ""))
    return links or [Link(PARTS[""])]


def _fixed(found: Programme, place: str, value: Any) -> set[str]:
    """What other things hang on once it is there: addresses, and keys of what is in force."""
    if place == "":
        return {*FIXED, "slug"}
    if place.startswith("rounds.") and place.count(".") == 1:
        slug = value.get("slug")
        there = slug and Round.objects.filter(programme=found, slug=slug).exists()
        return {"slug"} if there else set()
    return set()


def _said(definition: dict[str, Any], place: str) -> str:
    value = definition.get(place) if place else definition
    if isinstance(value, list):
        return str(len(value))
    return "" if value else "används inte"


def _with_links(found: Programme, faults: list[editing.Fault]) -> list[tuple[str, str]]:
    return [(one.text, _place(found, one.place)) for one in faults]


def _run(request: TenantRequest, run: Callable[[], object], done: str, back: str) -> HttpResponse:
    try:
        run()
    except DomainError as refusal:
        messages.error(request, refusal.message)
    except LookupError:
        raise Http404 from None
    else:
        if done:
            messages.success(request, done)
    return redirect(back)


def _seen(request: TenantRequest) -> int:
    said = request.POST.get("seen", "")
    return int(said) if said.isdecimal() and len(said) < LONGEST_NUMBER else -1


def _programme_or_404(request: TenantRequest, slug: str) -> Programme:
    rows = Programme.objects.select_related("association")
    return get_object_or_404(rows, association=request.association, slug=slug)


def _own(found: Programme) -> str:
    return reverse("applications:programme", args=[found.association.slug, found.slug])


def _place(found: Programme, place: str) -> str:
    args = [found.association.slug, found.slug, place or "grund"]
    return reverse("applications:programme_part", args=args)


def _settings(request: TenantRequest) -> str:
    return reverse("applications:settings", args=[request.association.slug])


def _crumbs(request: TenantRequest) -> list[Link]:
    url = reverse("applications:programmes", args=[request.association.slug])
    return [Link("Inställningar", _settings(request)), Link("Program", url)]
