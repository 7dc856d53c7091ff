"""Annexes of an application: added, downloaded, taken away."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from applications.annexes import add_annex, remove_annex
from applications.completeness import overview_of
from applications.drafting import require_writable, section_of_kind
from applications.forms import AnnexForm
from applications.freezing import live_annexes
from applications.models import Annex, Application, SectionKind
from applications.privacy import personal_numbers_in_annexes
from applications.views.getting import crumbs, keeps_text, own_application, place, refused
from applications.views.writing import section_context
from finsam.documents.downloads import serve_file
from finsam.documents.guard.kinds import KINDS
from finsam.documents.uploads import QUOTA_FILES, QUOTA_MEGABYTES, StorageFull
from finsam.errors import DomainError
from finsam.people.access import TenantRequest, gate
from finsam.ui import FileItem, Status


@keeps_text
@gate(account=True)
@require_http_methods(["GET", "POST"])
def annexes(request: TenantRequest, application: UUID) -> HttpResponse:
    """The annexes with the form that adds one."""
    found = own_application(request, application)
    form = AnnexForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            annex = add_annex(
                application=found,
                file=form.cleaned_data["file"],
                title=form.cleaned_data["title"],
                actor=request.visitor.person(),
            )
        except DomainError as error:
            form.add_domain_error(error)
            status = 507 if isinstance(error, StorageFull) else 422
        else:
            messages.success(request, f"”{annex.title}” är tillagd.")
            return redirect(place("annexes", found))
    elif form.errors:
        status = 422
    overview = overview_of(found)
    there = live_annexes(found)
    context = {
        **section_context(request, found, overview, overview.section_of(SectionKind.ANNEXES)),
        "form": form,
        "personal_numbers": personal_numbers_in_annexes(there),
        "files": [_file(found, annex) for annex in there],
        "used": sum(annex.upload.file.size for annex in there),
        "most_files": QUOTA_FILES,
        "most_megabytes": QUOTA_MEGABYTES,
    }
    return render(request, "applications/applicant/annexes.html", context, status=status)


@gate(account=True)
@require_safe
def download(request: TenantRequest, application: UUID, annex: int) -> HttpResponseBase:
    """The file exactly as it was sent."""
    found = own_application(request, application)
    return serve_file(request, _annex(found, annex).upload.file)


@gate(account=True)
@require_http_methods(["GET", "POST"])
def remove(request: TenantRequest, application: UUID, annex: int) -> HttpResponse:
    """The page before an annex is taken away, and the removal."""
    found = own_application(request, application)
    chosen = _annex(found, annex)
    try:
        if request.method == "POST":
            remove_annex(annex=chosen, actor=request.visitor.person())
            messages.success(request, f"”{chosen.title}” är borttagen.")
            return redirect(place("annexes", found))
        require_writable(found, section_of_kind(found, SectionKind.ANNEXES))
    except DomainError as error:
        return refused(request, found, error)
    context = {
        "application": found,
        "annex": chosen,
        "url": place("remove_annex", found, chosen.pk),
        "cancel_url": place("annexes", found),
        "crumbs": crumbs(found, "Ta bort bilaga"),
    }
    return render(request, "applications/applicant/remove_annex.html", context)


def _annex(application: Application, pk: int) -> Annex:
    rows = application.annexes.select_related("upload__file", "application__association")
    return get_object_or_404(rows, pk=pk)


def _file(application: Application, annex: Annex) -> FileItem:
    file = annex.upload.file
    kind = KINDS.get(annex.upload.kind)
    checked = annex.upload.is_checked_for_virus
    may_remove = application.is_draft and application.signing_version_id is None
    return FileItem(
        name=annex.title,
        url=place("annex", application, annex.pk),
        kind=KIND_WORDS.get(annex.upload.kind, "Bild" if kind else "Fil"),
        size=file.size,
        added=annex.added_at,
        by=annex.added_by.name,
        status=None if checked else Status("Ej viruskontrollerad", "neutral"),
        note="" if annex.title == file.name else file.name,
        remove_url=place("remove_annex", application, annex.pk) if may_remove else "",
    )


KIND_WORDS = {"pdf": "PDF", "docx": "Word", "xlsx": "Excel"}
