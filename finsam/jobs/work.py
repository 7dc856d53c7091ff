"""Carrying out promised work: claim, do the slow part, and finish if the job is still ours."""

from __future__ import annotations

import traceback
from contextlib import nullcontext
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from finsam import clock
from finsam.errors import DomainError
from finsam.jobs import limits
from finsam.jobs.faults import fault
from finsam.jobs.handlers import Finish, NotYet, handler_of
from finsam.jobs.hints import hint
from finsam.jobs.lease import (
    LeaseLostError,
    claim,
    extend,
    held,
    kept_alive,
    let_go,
    release_abandoned,
)
from finsam.jobs.models import Job, JobState
from finsam.registry.request_id import request_id

log = structlog.get_logger(__name__)


def run_job(job_id: int, *, beating: bool = False) -> bool:
    """Carry out one job if it is due. Returns whether there was something to do.

    `beating` prolongs the lease from a thread of its own, for real worker processes.
    """
    job = claim(job_id)
    if job is None:
        return False
    _carry_out(job, beating=beating)
    return True


def run_waiting(limit: int = 1_000, *, beating: bool = False) -> int:
    """Carry out due jobs, oldest first, until none is left or `limit` is reached."""
    release_abandoned()
    done = 0
    while done < limit and (job := claim()):
        _carry_out(job, beating=beating)
        done += 1
    return done


def sweep(limit: int = 500) -> int:
    """Find promises that nobody took: give back abandoned jobs, hint again at those that wait.

    Returns how many jobs were hinted at.
    """
    release_abandoned()
    silent = Q(hinted_at=None) | Q(hinted_at__lt=Now() - limits.hint_again_after())
    ids = list(Job.objects.due().filter(silent).order_by("id").values_list("pk", flat=True)[:limit])
    sent = hint(ids)
    Job.objects.filter(pk__in=ids[:sent]).update(hinted_at=Now())
    return sent


def _carry_out(job: Job, *, beating: bool) -> None:
    """Do a claimed job; whatever the handler raises ends as a row that people can see."""
    fault("after_claim")
    try:
        with request_id(f"job:{job.pk}"), kept_alive(job) if beating else nullcontext():
            _finish(job, _do(job))
    except LeaseLostError:
        log.warning("job_lost_to_another_worker", job=job.pk, attempt=job.attempts)
    except NotYet as error:
        log.info("job_not_yet", job=job.pk, code=error.code, attempt=job.attempts)
        let_go(
            job,
            failed=job.attempts >= job.attempts_allowed,
            rest=limits.pause(limits.PAUSES_AFTER_ERROR, job.attempts),
            error=error.message,
        )
    except DomainError as error:
        log.info("job_refused", job=job.pk, code=error.code)
        let_go(job, failed=True, rest=timedelta(0), error=error.message)
    except Exception as error:  # noqa: BLE001 - the process edge: any fault of a handler ends here
        _after_fault(job, error)


def _do(job: Job) -> Finish:
    registered = handler_of(job.kind)
    if registered is None:
        raise LookupError(f"No handler for jobs of kind {job.kind!r}.")

    def report(percent: int, text: str) -> None:
        extend(job, progress=max(0, min(percent, 99)), progress_text=text[:200])

    return registered.run(job, report)


def _finish(job: Job, finish: Finish) -> None:
    """The last transaction: the result is written only if the row is still this claim's."""
    with transaction.atomic():
        changed = held(job).update(
            state=JobState.DONE,
            finished_at=clock.now(),
            leased_until=None,
            progress=100,
            progress_text="",
            error="",
            error_detail="",
        )
        if not changed:
            raise LeaseLostError(str(job.pk))
        finish()
        fault("before_commit")
    fault("after_commit")


def _after_fault(job: Job, error: Exception) -> None:
    log.error("job_failed", job=job.pk, kind=job.kind, attempt=job.attempts, exc_info=error)
    let_go(
        job,
        failed=job.attempts >= job.attempts_allowed,
        rest=limits.pause(limits.PAUSES_AFTER_ERROR, job.attempts),
        error=(
            f"Ett oväntat fel uppstod ({type(error).__name__}). Försök igen, och hör av dig till"
            " driften om det händer på nytt."
        ),
        detail="".join(traceback.format_exception(error))[-4_000:],
    )
