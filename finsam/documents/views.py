"""Reading documents, seeing how far one has come, and checking one in public."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from finsam.documents.documents import JOB_KIND, may_follow
from finsam.documents.downloads import serve_file
from finsam.documents.forms import CheckForm
from finsam.documents.kinds import may_read
from finsam.documents.models import Document
from finsam.documents.verification import look_behind, verify_code, verify_file
from finsam.jobs.models import Job
from finsam.jobs.promise import try_again
from finsam.people.access import TenantRequest, gate
from finsam.ui import Link

# A larger file that is not ours is not read further for a seal.
MOST_LOOKED_BEHIND = 60 * 1024 * 1024
TOO_MANY = (
    "Härifrån har många handlingar kontrollerats på kort tid. Vänta en minut och kontrollera igen."
)


@gate(public=True)
@never_cache
@require_safe
def document(request: TenantRequest, *, short_id: str) -> HttpResponseBase:
    """The document as PDF, shown in the browser."""
    return serve_file(request, _readable(request, short_id).pdf, shown=True)


@gate(public=True)
@never_cache
@require_safe
def document_docx(request: TenantRequest, *, short_id: str) -> HttpResponseBase:
    """The document as Word file, where there is one."""
    found = _readable(request, short_id)
    if found.docx is None:
        raise Http404
    return serve_file(request, found.docx)


@gate(account=True)
@never_cache
@require_safe
def job(request: TenantRequest, *, job_id: int) -> HttpResponse:
    """How far the making of a document has come: a page, or the part of one that polls."""
    found = _job(request, job_id)
    context = {
        "job": found,
        "made": Document.objects.filter(job=found).first(),
        "without_retry": not _may_retry(request, found),
    }
    if request.htmx:
        return render(request, "documents/progress.html", context)
    return render(request, "documents/job.html", context)


@gate(account=True)
@require_POST
def job_again(request: TenantRequest, *, job_id: int) -> HttpResponse:
    """Try a failed document again; harmless when it is under way or done."""
    found = _job(request, job_id)
    if not _may_retry(request, found):
        raise Http404
    try_again(job=found, actor=request.visitor.person())
    return redirect("documents:job", request.association.slug, found.pk)


@never_cache
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Anyone may check whether a document is the one that was issued; thirty times a minute."""
    verdict, altered, checked, status = None, None, False, 200
    posted = request.method == "POST"
    form = CheckForm(request.POST, request.FILES) if posted else CheckForm()
    if posted and not ratelimit.consume(request, action="check_document"):
        form.add_error(None, TOO_MANY)
        status = 429
    elif posted and form.is_valid():
        checked, file = True, form.cleaned_data["file"]
        if file:
            verdict = verify_file(file.chunks())
            if verdict is None and file.size <= MOST_LOOKED_BEHIND:
                file.seek(0)
                altered = look_behind(file.read())
        else:
            verdict = verify_code(form.cleaned_data["short_id"], form.cleaned_data["check_code"])
    context = {
        "form": form,
        "verdict": verdict,
        "altered": altered,
        "checked": checked,
        "by_file": checked and bool(form.cleaned_data["file"]),
        "crumbs": [Link("Alla förbund", reverse("home")), Link("Kontrollera en handling")],
    }
    return render(request, "documents/verify.html", context, status=status)


def _readable(request: TenantRequest, short_id: str) -> Document:
    """The document of the association, if the visitor may read it; 404 to everyone else."""
    found = get_object_or_404(
        Document.objects.with_files(), association=request.association, short_id=short_id
    )
    if not may_read(request.visitor, found):
        raise Http404
    return found


def _job(request: TenantRequest, job_id: int) -> Job:
    """A job that makes a document here which the visitor asked for, or may read once made."""
    found = get_object_or_404(
        Job.objects.select_related("association"),
        association=request.association,
        kind=JOB_KIND,
        pk=job_id,
    )
    if not may_follow(request.visitor, found):
        raise Http404
    return found


def _may_retry(request: TenantRequest, job: Job) -> bool:
    """The office, and who asked for it; who only waits for it is told to turn to the office."""
    return request.visitor.is_office or job.requested_by_id == request.visitor.person().pk
