"""The office's list of background work: what waits, goes on, is done or has failed."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from finsam.jobs.handlers import title_of, unlisted_kinds
from finsam.jobs.models import Job, JobQuerySet, JobState
from finsam.jobs.promise import try_again
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.ui import Link, Status

PER_PAGE = 50
LOOKS = {
    JobState.WAITING: Status("Väntar", "neutral"),
    JobState.RUNNING: Status("Pågår", "info"),
    JobState.DONE: Status("Klart", "success"),
    JobState.FAILED: Status("Misslyckat", "danger"),
}
TABS = (
    ("", "Alla"),
    (JobState.FAILED, "Misslyckade"),
    (JobState.RUNNING, "Pågår"),
    (JobState.WAITING, "Väntar"),
)


@dataclass(frozen=True)
class Row:
    """A job as the office reads it."""

    job: Job
    title: str
    status: Status
    can_be_retried: bool


@gate(*OFFICE)
def jobs(request: TenantRequest) -> HttpResponse:
    """All jobs of the association, newest first; one state at a time if asked for."""
    found = _listed(request)
    counts = dict(found.order_by().values_list("state").annotate(Count("pk")))
    state = request.GET.get("lage", "")
    if state in JobState.values:
        found = found.filter(state=state)
    # What a job was given to work with can be long and is nobody's business here.
    page = Paginator(found.defer("arguments", "error_detail"), PER_PAGE).get_page(
        request.GET.get("sida")
    )
    return render(
        request,
        "jobs/jobs.html",
        {
            "page": page,
            "rows": [_row(job) for job in page],
            "tabs": _tabs(request, state, counts),
            "failed": counts.get(JobState.FAILED, 0),
        },
    )


@gate(*OFFICE)
@require_POST
def retry(request: TenantRequest, job: int) -> HttpResponse:
    """Give a failed job its attempts anew; pressing twice does it once."""
    found = get_object_or_404(_listed(request), pk=job)
    try_again(job=found, actor=request.visitor.person())
    messages.success(request, f"Nytt försök: {title_of(found.kind)}.")
    return redirect("jobs:jobs", request.association.slug)


def _listed(request: TenantRequest) -> JobQuerySet:
    rows: JobQuerySet = Job.objects.filter(association=request.association)
    return rows.exclude(kind__in=unlisted_kinds())


def _row(job: Job) -> Row:
    state = JobState(job.state)
    return Row(job, title_of(job.kind), LOOKS[state], state == JobState.FAILED)


def _tabs(request: TenantRequest, state: str, counts: dict[str, int]) -> list[Link]:
    address = reverse("jobs:jobs", args=[request.association.slug])
    total = sum(counts.values())
    return [
        Link(
            f"{text} ({counts.get(value, 0) if value else total})",
            f"{address}?lage={value}" if value else address,
            current=value == state,
        )
        for value, text in TABS
    ]
