"""Waiting for what other processes do, and counting what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable

from finsam.jobs.models import Job, JobState

LEASE = 2
STEPS = ("after_claim", "tmp_written", "after_rename", "before_commit", "after_commit")


def wait_until(holds: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)


def all_over() -> bool:
    return not Job.objects.exclude(state__in=[JobState.DONE, JobState.FAILED]).exists()
