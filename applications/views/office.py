"""The office's pages: the list of applications and the review of one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import review
from applications.comparison import changes_between
from applications.forms_office import (
    AssociationForm,
    ExtensionForm,
    FilterForm,
    SupplementForm,
)
from applications.freezing import keep_received, latest_received
from applications.intake import grant_extension, intake_days, taken_up
from applications.looks import APPLICATION, POINT
from applications.models import (
    Application,
    ApplicationState,
    ApplicationVersion,
    PointVerdict,
    ReviewPoint,
    Round,
    VersionPurpose,
)
from applications.next_step import after_decision
from applications.returning import returns_money
from applications.transitions import require_possible
from finsam.documents.documents import document_for
from finsam.documents.downloads import serve_file
from finsam.errors import DomainError
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.people.models import RoleKind
from finsam.ui import Cell, Column, Link

READERS = (*OFFICE, RoleKind.AUDITOR)
RECEIVED = (VersionPurpose.SUBMISSION, VersionPurpose.SUPPLEMENT)
SORTS = {"title": "title", "inkom": "submitted_at", "lage": "state", "dnr": "case__running_number"}
COLUMNS = [
    Column("Insats", sort="title"),
    Column("Dnr", sort="dnr"),
    Column("Huvudman"),
    Column("Sökt, kr", numeric=True),
    Column("Läge", sort="lage"),
]


@require_safe
@gate(*READERS)
def office_list(request: TenantRequest) -> HttpResponse:
    """All that has been received: filtered, searched, sorted, fifty a page."""
    form = FilterForm(request.GET, association=request.association)
    found = _filtered(request, form)
    page = Paginator(found, 50).get_page(request.GET.get("sida"))
    context = {
        "form": form,
        "page": page,
        "columns": COLUMNS,
        "rows": [_row(request, one) for one in page],
        "count": page.paginator.count,
        "rounds": request.association.rounds.exclude(closes_at=None).order_by("-closes_at")[:5],
    }
    return render(request, "applications/office/list.html", context)


def _filtered(request: TenantRequest, form: FilterForm) -> QuerySet[Application]:
    versions = ApplicationVersion.objects.filter(purpose__in=RECEIVED).defer("content")
    found = (
        Application.objects.visible_to(request.visitor)
        .received()
        .select_related("case", "round")
        .prefetch_related(
            Prefetch("versions", versions.order_by("-number"), to_attr="received_versions"),
            "parties",
        )
    )
    if form.is_valid():
        found = form.narrow(found)
    asked = request.GET.get("sort", "")
    order = SORTS.get(asked.lstrip("-"), "submitted_at")
    return found.order_by(f"-{order}" if asked.startswith("-") or not asked else order, "pk")


def _row(request: TenantRequest, one: Application) -> list[Cell]:
    versions = one.received_versions  # type: ignore[attr-defined]
    lead = next((party.name for party in one.parties.all() if party.is_lead), "")
    return [
        Cell(one.title, url=application_url(one, request.association.slug), note=one.round.name),
        Cell(one.case.number if one.case else ""),
        Cell(lead),
        Cell(amount=versions[0].requested_amount if versions else None),
        Cell(status=APPLICATION[one.state]),
    ]


def application_url(application: Application, slug: str) -> str:
    return reverse("applications:office_application", args=[slug, application.public_id])


def office_crumbs(application: Application, *more: Link) -> list[Link]:
    """The office's way to a page of the application."""
    slug = application.association.slug
    return [
        Link("Ansökningar", reverse("applications:office_list", args=[slug])),
        Link(application.title, application_url(application, slug)),
        *more,
    ]


def application_or_404(request: TenantRequest, public_id: UUID) -> Application:
    """A received application; a draft is nobody's here."""
    found = (
        Application.objects.filter(association=request.association, public_id=public_id)
        .received()
        .select_related("case", "round__programme", "round__frame__account", "template", "lot")
        .select_related("association", "budget", "thread", "idea", "grant__paid_account")
        .first()
    )
    if found is None:
        raise Http404
    return found


@require_safe
@gate(*READERS)
def application(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """The application on one side, the checklist on the other."""
    found = application_or_404(request, public_id)
    return render(request, "applications/office/application.html", _context(request, found))


def _context(request: TenantRequest, found: Application, **more: Any) -> dict[str, Any]:
    version = keep_received(found)
    held = getattr(found, "review", None)
    points = list(held.points.all()) if held else []
    may_work = request.visitor.is_office
    after = after_decision(found)
    return {
        "application": found,
        "crumbs": [office_crumbs(found)[0], Link(found.title)],
        "further": after.office if after else None,
        "status": APPLICATION[found.state],
        "version": version,
        "taken_up": taken_up(found),
        "content": version.content if version else {},
        "review": held,
        "groups": _grouped(points),
        "points_left": sum(1 for point in points if point.verdict == PointVerdict.OPEN),
        "verdicts": [one for one in PointVerdict.choices if one[0] != PointVerdict.OPEN],
        "comments": _comments(found),
        "annexes": _received_annexes(found, version),
        "supplements": found.supplements.prefetch_related("sections"),
        "document": document_for(f"application:{found.public_id}"),
        "may_judge": may_work
        and found.state in (ApplicationState.IN_REVIEW, ApplicationState.RETURNED),
        "may_work": may_work,
        "granted_in_part": found.grant is not None
        and version is not None
        and found.grant.original_amount < version.requested_amount,
        "returns_money": returns_money(found),
        "grant_url": reverse(
            "budgets:account", args=[found.association.slug, found.grant.account_id]
        )
        if found.grant
        else "",
        "has_changes": version is not None and version.purpose == VersionPurpose.SUPPLEMENT,
        "supplement_form": more.get("supplement_form") or SupplementForm(template=found.template),
    }


def _received_annexes(found: Application, version: ApplicationVersion | None) -> Any:
    """The annexes as they were received: what is being changed now is the applicant's own."""
    rows = version.content.get("annexes", []) if version else []
    kept = [row["sha256"] for row in rows]
    return found.annexes.filter(upload__file__sha256__in=kept).select_related("upload__file")


@require_safe
@gate(*READERS)
def annex(request: TenantRequest, public_id: UUID, annex: int) -> HttpResponseBase:
    """An annex of an application that has been received, to be saved."""
    found = application_or_404(request, public_id)
    row = _received_annexes(found, latest_received(found)).filter(pk=annex).first()
    if row is None:
        raise Http404
    return serve_file(request, row.upload.file)


def _grouped(points: list[ReviewPoint]) -> list[tuple[str, list[tuple[ReviewPoint, Any]]]]:
    names = list(dict.fromkeys(point.group for point in points))
    return [
        (name, [(point, POINT[point.verdict]) for point in points if point.group == name])
        for name in names
    ]


def _comments(found: Application) -> dict[str, list[Any]]:
    by_section: dict[str, list[Any]] = {}
    for comment in found.comments.select_related("section", "author"):
        by_section.setdefault(comment.section.key, []).append(comment)
    return by_section


@require_POST
@gate(*OFFICE)
def begin(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = application_or_404(request, public_id)
    return _act(
        request,
        found,
        lambda: review.begin_review(application=found, actor=request.visitor.person()),
        "Granskningen har börjat. Checklistan är ifylld med det portalen själv ser.",
    )


@require_POST
@gate(*OFFICE)
def judge(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Save the whole checklist: each point with its verdict and note."""
    found = application_or_404(request, public_id)

    def run() -> None:
        for point in ReviewPoint.objects.filter(review__application=found).select_related(
            "review__application"
        ):
            said = request.POST.get(f"verdict-{point.pk}", point.verdict)
            verdict = said if said in PointVerdict.values else point.verdict
            note = request.POST.get(f"note-{point.pk}", point.note)
            if (verdict, note.strip()) != (point.verdict, point.note):
                review.judge_point(
                    point=point,
                    verdict=PointVerdict(verdict),
                    note=note,
                    actor=request.visitor.person(),
                )

    return _act(request, found, run, "Checklistan är sparad.")


@require_POST
@gate(*OFFICE)
def comment(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = application_or_404(request, public_id)
    section = found.template.sections.filter(key=request.POST.get("section", "")).first()
    if section is None:
        raise Http404
    return _act(
        request,
        found,
        lambda: review.comment_on_section(
            application=found,
            section=section,
            body=request.POST.get("body", ""),
            is_internal=request.POST.get("internal") == "on",
            actor=request.visitor.person(),
        ),
        "Kommentaren är sparad.",
        f"#avsnitt-{section.key}",
    )


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def supplement(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Ask for completion of chosen sections, with a last day."""
    found = application_or_404(request, public_id)
    if request.method == "GET" and (turned := _turned_back(request, found, "request_supplement")):
        return turned
    form = SupplementForm(request.POST or None, template=found.template)
    back = application_url(found, request.association.slug)
    if request.method == "POST" and form.is_valid():
        try:
            review.request_supplement(
                application=found, actor=request.visitor.person(), **form.cleaned_data
            )
        except DomainError as refusal:
            if turned := _turned_back(request, found, "request_supplement"):
                return turned
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, "Begäran om komplettering är skickad.")
            return redirect(back)
    context = {
        "application": found,
        "form": form,
        "back": back,
    }
    status = 422 if form.is_bound else 200
    return render(request, "applications/office/supplement.html", context, status=status)


@require_POST
@gate(*OFFICE)
def resume(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = application_or_404(request, public_id)
    return _act(
        request,
        found,
        lambda: review.resume_review(application=found, actor=request.visitor.person()),
        "Granskningen fortsätter utan kompletteringen.",
    )


@require_POST
@gate(*OFFICE)
def finish(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """On to preparation; a refusal keeps the summary that was written."""
    found = application_or_404(request, public_id)
    summary = request.POST.get("summary", "")
    try:
        review.finish_review(application=found, summary=summary, actor=request.visitor.person())
    except DomainError as refusal:
        if turned := _turned_back(request, found, "prepare"):
            return turned
        messages.error(request, refusal.message)
        context = {**_context(request, found), "typed_summary": summary}
        return render(request, "applications/office/application.html", context, status=422)
    messages.success(request, "Granskningen är klar och ansökan har gått till beredning.")
    return redirect(application_url(found, request.association.slug))


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def dismiss(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Write off, after confirmation and with a reason."""
    found = application_or_404(request, public_id)
    if request.method == "GET" and (turned := _turned_back(request, found, "dismiss")):
        return turned
    if request.method == "POST":
        return _act(
            request,
            found,
            lambda: review.dismiss_application(
                application=found,
                reason=request.POST.get("reason", ""),
                actor=request.visitor.person(),
            ),
            "Ansökan är avskriven.",
        )
    context = {"application": found, "back": application_url(found, request.association.slug)}
    return render(request, "applications/office/dismiss.html", context)


@require_safe
@gate(*READERS)
def changes(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """What the completion changed, against the version that was returned."""
    found = application_or_404(request, public_id)
    answered = found.supplements.exclude(answer_version=None).select_related(
        "base_version", "answer_version"
    )
    latest = answered.first()
    if latest is None or latest.answer_version is None:
        raise Http404
    context = {
        "application": found,
        "request_row": latest,
        "changes": changes_between(latest.base_version.content, latest.answer_version.content),
        "back": application_url(found, request.association.slug),
    }
    return render(request, "applications/office/changes.html", context)


@require_http_methods(["GET", "POST"])
@gate(RoleKind.DIRECTOR, RoleKind.ADMINISTRATOR)
def settings(request: TenantRequest) -> HttpResponse:
    """The association's own settings, and the way to its people and members."""
    form = AssociationForm(request.POST or None, instance=request.association)
    if request.method == "POST" and form.is_valid():
        form.record(request.visitor.person())
        messages.success(request, "Inställningarna är sparade.")
        return redirect("applications:settings", request.association.slug)
    status = 422 if form.is_bound else 200
    return render(request, "applications/office/settings.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@gate(*OFFICE)
def extensions(request: TenantRequest, slug: str) -> HttpResponse:
    """Who has been given more time in a round, and why; another is given here."""
    rows = Round.objects.select_related("association", "programme")
    found = get_object_or_404(rows, association=request.association, slug=slug)
    form = ExtensionForm(request.POST or None, association=request.association)
    if request.method == "POST" and form.is_valid():
        try:
            grant_extension(round=found, actor=request.visitor.person(), **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, "Anståndet är givet, och de sökande har fått ett mejl.")
            return redirect("applications:extensions", request.association.slug, found.slug)
    context = {
        "round": found,
        "form": form,
        "extensions": found.extensions.select_related("member", "granted_by"),
        "days": intake_days(found),
    }
    status = 422 if form.is_bound else 200
    return render(request, "applications/office/extensions.html", context, status=status)


def _turned_back(request: TenantRequest, found: Application, action: str) -> HttpResponse | None:
    """Back to the application with the reason, when its state no longer lets the act be taken."""
    try:
        require_possible(found, action)
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect(application_url(found, request.association.slug))
    return None


def _act(
    request: TenantRequest, found: Application, run: Any, done: str, place: str = ""
) -> HttpResponse:
    try:
        run()
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, done)
    return redirect(application_url(found, request.association.slug) + place)
