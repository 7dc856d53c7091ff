"""The reports of a granted effort: written by its parties, accepted or sent back by the office."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from applications.closing import close_effort, follow_up_words, what_remains
from applications.forms_reports import ReturnForm
from applications.looks import REPORT
from applications.models import Application, Report, ReportState
from applications.report_dates import DueReport
from applications.report_measures import measures_of
from applications.report_paper import document_key
from applications.report_plan import owed_by, owes_reports
from applications.report_words import PEOPLE, count_shown
from applications.reporting import (
    accept_report,
    return_report,
)
from applications.transitions import require_possible
from applications.views.getting import crumbs, own_application
from applications.views.office import (
    READERS,
    application_or_404,
    application_url,
    office_crumbs,
)
from budgets.payment_use import use_of
from budgets.views.getting import status_of_refusal
from finsam import clock
from finsam.documents.documents import document_and_job
from finsam.errors import DomainError
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.typography import date_long, moment_long
from finsam.ui import Fact, Link, Status, Task

S = ReportState


@dataclass(frozen=True)
class ReportPlace:
    """A report that is owed, and what has been written of it."""

    application: Application
    owed: DueReport
    report: Report | None


@gate(account=True)
@require_GET
def own_list(request: TenantRequest, application: UUID) -> HttpResponse:
    """The reports that the effort owes, each with its last day and how far it is."""
    found = own_application(request, application)
    return _list(request, found, "report", crumbs(found, "Rapporter"))


@gate(*READERS)
@require_GET
def office_reports(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """The same for the office."""
    found = application_or_404(request, public_id)
    return _list(request, found, "office_report", office_crumbs(found, Link("Rapporter")))


@gate(*OFFICE)
@require_http_methods(["GET", "POST"])
def close(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """What remains before the effort is closed, or the question and the closing."""
    found = application_or_404(request, public_id)
    back = application_url(found, request.association.slug)
    try:
        if request.method == "POST":
            close_effort(application=found, actor=request.visitor.person())
            messages.success(request, "Insatsen är avslutad.")
            return redirect(back)
        require_possible(found, "close")
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect(back)
    context = {
        "application": found,
        "remains": what_remains(found),
        "follow_up": follow_up_words(found),
        "back": back,
    }
    return render(request, "applications/office/close.html", context)


@gate(*READERS)
@require_http_methods(["GET", "POST"])
def office_one(request: TenantRequest, public_id: UUID, report: str, number: int) -> HttpResponse:
    """What has been handed in beside its targets, and the office's word on it."""
    found = application_or_404(request, public_id)
    here = place_of(found, report, number)
    if here.report is None or not here.report.submitted_at:
        raise Http404
    returning = request.POST.get("gor") == "ater"
    form = ReturnForm(request.POST if returning else None)
    status, refused = 200, []
    if request.method == "POST":
        if not request.visitor.is_office:
            raise Http404
        try:
            done = _judge(request, here.report, form)
        except DomainError as refusal:
            status, refused = status_of_refusal(refusal), [(refusal.message, "")]
        else:
            if done:
                messages.success(request, done)
                return redirect(request.path)
            status = 422
    link = Link(
        "Rapporter",
        reverse("applications:office_reports", args=[found.association.slug, found.public_id]),
    )
    context = {
        **context_of(here, exact=request.visitor.is_office, handed_in=True),
        "may_judge": request.visitor.is_office and here.report.state == S.SUBMITTED,
        "form": form,
        "refused": refused,
        "crumbs": office_crumbs(found, link, Link(here.owed.name)),
    }
    return render(request, "applications/office/report.html", context, status=status)


def _list(request: TenantRequest, found: Application, page: str, way: list[Link]) -> HttpResponse:
    if not owes_reports(found):
        raise Http404
    owed = owed_by(found)
    written = {(one.key, one.occurrence): one for one in found.reports.begun()}
    of_office = page == "office_report"
    tasks = []
    for each in owed:
        report = written.get((each.definition.key, each.occurrence))
        if of_office and report is not None and not report.submitted_at:
            report = None
        address = reverse(
            f"applications:{page}",
            args=[found.association.slug, found.public_id, each.definition.key, each.occurrence],
        )
        tasks.append(
            Task(
                each.name,
                "" if of_office and report is None else address,
                _look(each, report),
                f"Senast {date_long(each.due)}",
            )
        )
    context = {"application": found, "tasks": tasks, "crumbs": way}
    return render(request, "applications/reports.html", context)


def _look(owed: DueReport, report: Report | None) -> Status:
    if report is not None and report.state != S.DRAFT:
        return REPORT[report.state]
    if owed.due < clock.today():
        return Status("Försenad", "danger")
    return REPORT[report.state if report is not None else S.OWED]


def place_of(found: Application, key: str, number: int) -> ReportPlace:
    for each in owed_by(found):
        if (each.definition.key, each.occurrence) == (key, number):
            rows = found.reports.begun().select_related(
                "submitted_by", "accepted_by", "application__association",
                "application__round__programme",
            )  # fmt: skip
            return ReportPlace(found, each, rows.filter(key=key, occurrence=number).first())
    raise Http404("not owed")


def _judge(request: TenantRequest, report: Report, form: ReturnForm) -> str:
    """Do what was asked; what was done in words, or nothing when the form has faults."""
    actor = request.visitor.person()
    if request.POST.get("gor") == "godkann":
        accept_report(report=report, seen_hash=request.POST.get("sett", ""), actor=actor)
        return "Rapporten är godkänd."
    if not form.is_valid():
        return ""
    said = form.cleaned_data
    return_report(report=report, message=said["message"], answer_by=said["answer_by"], actor=actor)
    return "Rapporten är skickad åter, och parterna har fått ett mejl."


def context_of(here: ReportPlace, *, exact: bool, handed_in: bool = False) -> dict[str, Any]:
    report, definition = here.report, here.owed.definition
    content = report.content if report else {}
    if handed_in and report:
        version = report.versions.first()
        content = version.content if version else {}
    measures = measures_of(here.application) if definition.asks_indicators else []
    grant = here.application.grant
    return {
        "application": here.application,
        "owed": here.owed,
        "report": report,
        "status": _look(here.owed, report),
        "answers": [
            (question.prompt, _shown(content.get("answers", {}).get(question.key)))
            for question in definition.questions
        ],
        "measures": [
            (measure, content.get("outcomes", {}).get(measure.key)) for measure in measures
        ],
        "people": [
            (label, count_shown(content.get("participants", {}).get(key), exact=exact))
            for key, label in PEOPLE.items()
            if definition.asks_participants
        ],
        "money": use_of(grant) if definition.asks_money and grant else [],
        "asks_money": definition.asks_money,
        "facts": _facts(here),
        **_paper(report),
    }


def _paper(report: Report | None) -> dict[str, Any]:
    """The document of what was handed in last, or how far it is."""
    document, job = document_and_job(document_key(report)) if report else (None, None)
    return {"document": document, "job": job}


def _shown(value: Any) -> str:
    if value is True:
        return "Ja"
    return "" if value in (None, False) else str(value)


def _facts(here: ReportPlace) -> list[Fact]:
    report = here.report
    facts = [Fact("Ska lämnas senast", date_long(here.owed.due))]
    if report and report.submitted_by and report.submitted_at:
        who = f"{report.submitted_by.name}, {moment_long(report.submitted_at)}"
        facts.append(Fact("Inlämnad", who))
        facts.append(Fact("Kontrollsumma (SHA-256)", report.sha256))
    if report and report.accepted_by and report.accepted_at:
        who = f"{report.accepted_by.name}, {moment_long(report.accepted_at)}"
        facts.append(Fact("Godkänd", who))
    return facts
