"""Promising background work in the transaction that needs it, and trying again what failed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from finsam.associations.models import Association
from finsam.jobs.handlers import ATTEMPTS, handler_of
from finsam.jobs.hints import hint
from finsam.jobs.models import Job, JobState
from finsam.people.models import User
from finsam.registry.canonical import canonical
from finsam.registry.events import record_event


def promise(
    *,
    association: Association,
    kind: str,
    key: str,
    arguments: Mapping[str, Any],
    subject: str = "",
    not_before: datetime | None = None,
    requested_by: User | None = None,
) -> Job:
    """Promise a piece of work; the same key promises it only once and gives back the first.

    `arguments` are kept as canonical JSON, in which a float becomes a text: use whole numbers.
    `subject` is what the office reads in its list, so it tells nothing of a draft.
    When the surrounding transaction is committed, Celery is told to look at the job; should
    that fail nothing is lost, for the sweep finds the row.
    """
    registered = handler_of(kind)
    job = Job(
        association=association,
        kind=kind,
        key=key,
        arguments=canonical(arguments),
        subject=canonical(subject)[:200],
        attempts_allowed=registered.attempts if registered else ATTEMPTS,
        not_before=not_before,
        requested_by=requested_by,
        hinted_at=Now(),
    )
    with transaction.atomic():
        Job.objects.bulk_create([job], ignore_conflicts=True)
        kept: Job = Job.objects.get(key=key)
        if kept.state == JobState.WAITING and not_before is None:
            _hint_on_commit(kept.pk)
    return kept


def try_again(*, job: Job, actor: User) -> Job:
    """Give a failed job its attempts anew; writes the event `job_retried`.

    A job that is already waiting, running or done stays as it is, so a double click is harmless.
    """
    with transaction.atomic():
        registered = handler_of(job.kind)
        more = registered.attempts if registered else ATTEMPTS
        changed = Job.objects.filter(pk=job.pk, state=JobState.FAILED).update(
            state=JobState.WAITING,
            attempts_allowed=F("attempts") + more,
            paused_until=Now(),
            finished_at=None,
            progress=0,
            progress_text="",
            hinted_at=Now(),
        )
        job.refresh_from_db()
        if changed:
            record_event(
                association=job.association,
                actor=actor,
                action="job_retried",
                obj=job,
                payload={"kind": job.kind, "key": job.key, "error": job.error},
            )
            _hint_on_commit(job.pk)
    return job


def _hint_on_commit(job_id: int) -> None:
    def tell() -> None:
        hint([job_id])

    transaction.on_commit(tell)
