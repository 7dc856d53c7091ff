"""Telling Celery to look at a job: a hint only, for the row is the truth."""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from django.conf import settings

log = structlog.get_logger(__name__)


def hint(job_ids: Iterable[int]) -> int:
    """Send one message per job; when the broker is away, log it and stop. Returns how many went.

    Called after the commit, so nothing may be raised: the change is already made, and the sweep
    finds the job. Without a broker (tests, one-process installations) there is nothing to send.
    """
    if not settings.CELERY_BROKER_URL:
        return 0
    from finsam.jobs.tasks import look_at

    sent = 0
    for job_id in job_ids:
        try:
            look_at.apply_async((job_id,), retry=False, ignore_result=True)
        except Exception as error:  # noqa: BLE001 - the process edge: brokers fail in many ways
            log.warning("job_hint_not_sent", job=job_id, error=repr(error))
            break
        sent += 1
    return sent
