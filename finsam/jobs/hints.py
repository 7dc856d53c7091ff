"""Telling Celery to look at a job: a hint only, for the row is the truth."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import structlog
from kombu.connection import Connection

from finsam.celery import app

log = structlog.get_logger(__name__)

# The page waits for the hint, so the broker gets a second and no second chance.
QUICK: dict[str, Any] = {
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
    "max_retries": 0,
    "connect_retries_timeout": 1,
}
SILENCE_AFTER_FAILURE = 15.0
_silent_until = 0.0


def hint(job_ids: Iterable[int]) -> int:
    """Send one message per job; when the broker is away, log it and stop. Returns how many went.

    Called after the commit, so nothing may be raised: the change is already made, and the sweep
    finds the job. After a failure no hint is tried for a while, so that only one page has waited.
    """
    global _silent_until  # noqa: PLW0603 - one broker, one state of it
    if time.monotonic() < _silent_until:
        return 0
    sent = 0
    try:
        with _broker() as connection:
            for job_id in job_ids:
                app.send_task(
                    "jobs.look_at", (job_id,), connection=connection, retry=False,
                    ignore_result=True,
                )  # fmt: skip
                sent += 1
    except Exception as error:  # noqa: BLE001 - the process edge: brokers fail in many ways
        _silent_until = time.monotonic() + SILENCE_AFTER_FAILURE
        log.warning("job_hint_not_sent", error=repr(error))
    return sent


def _broker() -> Connection:
    options = dict(app.conf.broker_transport_options)
    if app.conf.broker_url.startswith("redis"):
        options |= QUICK
    return Connection(  # type: ignore[no-untyped-call]
        app.conf.broker_url, transport_options=options
    )
