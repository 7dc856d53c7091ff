"""Writing a report: its parts, what remains in each, and handing it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from applications.completeness import Progress
from applications.forms_reports import ReportPartForm
from applications.models import Report
from applications.payments import claiming_parties
from applications.report_measures import measures_of
from applications.report_saving import ReportConflict, mark_of, save_part
from applications.reporting import WRITABLE, begin_report, missing_by_part, submit_report
from applications.views.both_texts import conflict_page, keep_name
from applications.views.getting import (
    crumbs,
    forget_kept,
    is_autosave,
    keeps_text,
    own_application,
    place,
    take_kept,
)
from applications.views.looks import PROGRESS
from applications.views.reports import ReportPlace, context_of, place_of
from budgets.views.getting import status_of_refusal
from finsam import clock
from finsam.errors import DomainError, NotAllowed
from finsam.people.access import TenantRequest, gate
from finsam.ui import Link, Task

# The parts of a report: their place in the address, and their heading.
PIECES = {
    "answers": ("fragor", "Svar på frågorna"),
    "outcomes": ("utfall", "Mål och utfall"),
    "participants": ("deltagare", "Deltagare"),
}


@dataclass(frozen=True)
class Writing:
    """A part being written, and the parts that follow it."""

    here: ReportPlace
    report: Report
    part: str
    after: list[str]
    form: ReportPartForm


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
            raise PermissionDenied("role")
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


@keeps_text
@gate(account=True)
@require_http_methods(["GET", "POST"])
def own_part(
    request: TenantRequest, application: UUID, report: str, number: int, piece: str
) -> HttpResponse:
    """One part of the report, saved as one types; the next one follows."""
    found = own_application(request, application)
    here = place_of(found, report, number)
    if not claiming_parties(found, request.visitor):
        raise PermissionDenied("role")
    if here.report is None or here.report.state not in WRITABLE:
        text = "Rapporten är inlämnad eller inte påbörjad."
        if is_autosave(request):
            return JsonResponse({"message": text}, status=422)
        messages.info(request, text)
        return redirect(_own_url(here))
    parts = list(missing_by_part(here.report))
    part = next((one for one in parts if PIECES[one][0] == piece), None)
    if part is None:
        raise Http404
    kept = take_kept(request) if request.method == "GET" else None
    form = ReportPartForm(
        request.POST or None,
        initial=kept.dict() if kept else None,
        report=here.report,
        part=part,
        definition=here.owed.definition,
        measures=measures_of(found) if part == "outcomes" else [],
    )
    writing = Writing(here, here.report, part, parts[parts.index(part) + 1 :], form)
    if request.method == "POST" and form.is_valid():
        return _save(request, writing)
    if request.method == "POST" and is_autosave(request):
        return JsonResponse({"message": form.first_error}, status=422)
    return _part_page(request, writing, has_kept=kept is not None)


def _part_page(
    request: TenantRequest, writing: Writing, *, has_kept: bool = False, status: int = 0
) -> HttpResponse:
    here, part = writing.here, writing.part
    context = {
        "application": here.application,
        "owed": here.owed,
        "heading": PIECES[part][1],
        "form": writing.form,
        "has_kept": has_kept,
        "autosave_key": f"user-{request.user.pk}:report-{writing.report.pk}:{part}",
        "goes_on": bool(writing.after),
        "back": _own_url(here),
        "crumbs": _part_crumbs(writing),
    }
    status = status or (422 if writing.form.errors else 200)
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
        raise PermissionDenied(refusal.message) from refusal
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect(request.path)


def _save(request: TenantRequest, writing: Writing) -> HttpResponse:
    """Keep what was written; a word to the saving script, or the way on."""
    try:
        saved = save_part(
            report=writing.report,
            part=writing.part,
            values=_chosen(request, writing),
            seen=writing.form.cleaned_data["version"],
            actor=request.visitor.person(),
        )
    except ReportConflict as conflict:
        return _conflict(request, writing, conflict)
    except DomainError as refusal:
        if is_autosave(request):
            return JsonResponse({"message": refusal.message}, status=422)
        writing.form.add_refusal(refusal)
        return _part_page(request, writing, status=status_of_refusal(refusal))
    forget_kept(request)
    if is_autosave(request):
        when = f"{clock.stockholm(clock.now()):%H.%M}"
        mark = mark_of(saved, writing.part)
        return JsonResponse({"saved": when, "version": mark, "message": ""})
    messages.success(request, "Avsnittet är sparat.")
    goes_on = writing.after and request.POST.get("action") == "next"
    return redirect(_own_url(writing.here, writing.after[0] if goes_on else ""))


def _chosen(request: TenantRequest, writing: Writing) -> dict[str, Any]:
    """The answers written; after a conflict without those where the others' was chosen."""
    said = writing.form.values
    stored = writing.report.content.get(writing.part, {})
    for key in list(said):
        choice = request.POST.get(keep_name(writing.form.field_of(key)[0]), "")
        if choice == "theirs":
            del said[key]
        elif choice == "both" and stored.get(key) and isinstance(said[key], str):
            said[key] = f"{stored[key]}\n\n{said[key]}"
    return said


def _conflict(request: TenantRequest, writing: Writing, conflict: ReportConflict) -> HttpResponse:
    """Both texts of each answer that two have changed."""
    clashes = []
    for clash in conflict.clashes:
        name, field = writing.form.field_of(clash.key)
        clashes.append(
            {
                "heading": field.label,
                "mine": _words(clash.mine),
                "theirs": _words(clash.theirs),
                "name": keep_name(name),
                "may_join": isinstance(clash.mine, str),
            }
        )
    return conflict_page(
        request,
        message=conflict.message,
        clashes=clashes,
        version=mark_of(conflict.report, writing.part),
        url=request.path,
        crumbs=[*_part_crumbs(writing), Link("Två texter")],
    )


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "Ja" if value else ""
    return "" if value is None else str(value)


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


def _part_crumbs(writing: Writing) -> list[Link]:
    here = writing.here
    mine = Link(PIECES[writing.part][1], _own_url(here, writing.part))
    return [*_own_crumbs(here)[:-1], Link(here.owed.name, _own_url(here)), mine]
