"""The office's page for the archive package of a case."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from finsam.documents.archiving import archive_case, last_archive_job
from finsam.documents.downloads import serve_file
from finsam.documents.models import ArchivePackage
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.registry.models import Case
from finsam.ui import FileItem, Link

MOST_SHOWN = 20


@gate(*OFFICE)
@require_http_methods(["GET", "POST"])
def case(request: TenantRequest, year: int, number: int) -> HttpResponse:
    """The packages made of a case, how far the next one is, and the button that makes one."""
    found = _case(request, year, number)
    here = reverse("documents:archive", args=[request.association.slug, year, number])
    if request.method == "POST":
        archive_case(case=found, actor=request.visitor.person())
        return redirect(here)
    job = last_archive_job(found)
    context: dict[str, Any] = {
        "case": found,
        "job": job,
        "url": here,
        "is_done": job and job.state == "done",
    }
    if request.htmx:
        return render(request, "documents/archive_progress.html", context)
    packages = _packages(found).select_related("job__requested_by")[:MOST_SHOWN]
    context |= {
        "files": [_item(found, package) for package in packages],
        "crumbs": [
            Link("Diarium", reverse("registry:register", args=[request.association.slug])),
            Link(
                found.number,
                reverse("registry:case", args=[request.association.slug, year, number]),
            ),
            Link("Arkivpaket"),
        ],
    }
    return render(request, "documents/archive.html", context)


@gate(*OFFICE)
@require_safe
def download(request: TenantRequest, year: int, number: int, package: int) -> HttpResponseBase:
    """A package as a zip file."""
    rows = _packages(_case(request, year, number))
    return serve_file(request, get_object_or_404(rows, pk=package).file)


def _case(request: TenantRequest, year: int, number: int) -> Case:
    rows = Case.objects.visible_to(request.visitor).select_related("association")
    found: Case = get_object_or_404(rows, year=year, running_number=number)
    return found


def _packages(case: Case) -> QuerySet[ArchivePackage]:
    return ArchivePackage.objects.filter(case=case).select_related("file")


def _item(case: Case, package: ArchivePackage) -> FileItem:
    by = package.job.requested_by
    place = [case.association.slug, case.year, case.running_number, package.pk]
    return FileItem(
        name=package.file.name,
        url=reverse("documents:archive_package", args=place),
        kind="Zip",
        size=package.file.size,
        added=package.made_at,
        by=by.name if by else "",
    )
