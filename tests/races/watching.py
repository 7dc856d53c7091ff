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


class Recoveries:
    """How long jobs of killed workers waited until another worker took them up."""

    def __init__(self) -> None:
        self.open: dict[int, tuple[int, float]] = {}
        self.seconds: list[float] = []

    def note_kill(self, pid: int) -> None:
        """What a killed worker had begun; from the third death on a job rests longer by design."""
        begun = Job.objects.filter(state=JobState.RUNNING, owner__contains=f":{pid}:")
        for job_id, attempts in begun.filter(attempts__lte=2).values_list("pk", "attempts"):
            self.open[job_id] = (attempts, time.monotonic())

    def look(self) -> None:
        taken_up = dict(Job.objects.filter(pk__in=self.open).values_list("pk", "attempts"))
        for job_id, (attempts, killed_at) in list(self.open.items()):
            if taken_up[job_id] > attempts:
                self.seconds.append(time.monotonic() - killed_at)
                del self.open[job_id]
