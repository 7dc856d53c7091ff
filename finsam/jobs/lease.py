"""Taking a job, keeping it and letting it go; the attempts column is the fencing token."""

from __future__ import annotations

import os
import platform
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, connections, transaction
from django.db.models import F
from django.db.models.functions import Now

from finsam import clock
from finsam.jobs import limits
from finsam.jobs.models import Job, JobQuerySet, JobState

ABANDONED = (
    "Arbetet avbröts flera gånger utan att bli klart. Försök igen, och hör av dig till driften"
    " om det händer på nytt."
)
LONGEST_WORK = timedelta(minutes=20)


class LeaseLostError(Exception):
    """Another worker has the job now; what this one made must not be kept."""


def claim(job_id: int | None = None) -> Job | None:
    """Lend a due job (the given one, or the oldest) to this process, or None if there is none.

    One guarded UPDATE decides: of two workers that see the same row, one changes it.
    """
    due: JobQuerySet = Job.objects.due()
    if job_id is not None:
        due = due.filter(pk=job_id)
    if not due.exists():
        return None
    owner = f"{platform.node()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        job = due.order_by("id").first()
        if job is None:
            return None
        taken = Job.objects.filter(pk=job.pk, state=JobState.WAITING, attempts=job.attempts)
        changed = taken.update(
            state=JobState.RUNNING,
            owner=owner,
            attempts=F("attempts") + 1,
            leased_until=Now() + limits.lease(),
            paused_until=None,
            progress=0,
            progress_text="",
        )
        if not changed:
            return None
    return Job.objects.select_related("association").get(pk=job.pk, owner=owner)


def extend(job: Job, **changes: Any) -> None:
    """Prolong the lease, with progress if any. Raises LeaseLostError when it is not ours."""
    if not held(job).update(leased_until=Now() + limits.lease(), **changes):
        raise LeaseLostError(str(job.pk))


def held(job: Job) -> JobQuerySet:
    """The job's row, if this claim of it still holds."""
    rows: JobQuerySet = Job.objects.filter(
        pk=job.pk, state=JobState.RUNNING, owner=job.owner, attempts=job.attempts
    )
    return rows


def let_go(job: Job, *, failed: bool, rest: timedelta, error: str = "", detail: str = "") -> bool:
    """Give a running job back after a fault, to wait for its next try or as failed."""
    changed = held(job).update(
        state=JobState.FAILED if failed else JobState.WAITING,
        finished_at=clock.now() if failed else None,
        paused_until=Now() + rest if rest and not failed else None,
        leased_until=None,
        hinted_at=None,
        owner="",
        error=error,
        error_detail=detail,
    )
    return bool(changed)


def release_abandoned() -> int:
    """Give back the jobs of workers that died or froze. Returns how many."""
    abandoned = list(Job.objects.abandoned()[:500])
    for job in abandoned:
        let_go(
            job,
            failed=job.attempts >= job.attempts_allowed,
            rest=limits.pause(limits.PAUSES_AFTER_DEATH, job.attempts),
            error=ABANDONED,
        )
    return len(abandoned)


@contextmanager
def kept_alive(job: Job) -> Iterator[None]:
    """Prolong the lease from a thread while slow work goes on, for at most LONGEST_WORK.

    A frozen or killed process prolongs nothing, which is the point.
    """
    stop = threading.Event()
    seconds = limits.lease().total_seconds() / 3

    def beat() -> None:
        try:
            for _ in range(int(LONGEST_WORK.total_seconds() / seconds)):
                if stop.wait(seconds):
                    return
                extend(job)
        except LeaseLostError:
            return
        finally:
            connections.close_all()

    thread = threading.Thread(target=beat, name=f"lease-{job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
