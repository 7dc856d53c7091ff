"""The row that promises a piece of background work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from finsam import clock
from finsam.associations.models import Association

# The sweep repeats a lost hint within half a minute.
STUCK_AFTER = timedelta(minutes=1)


class JobState(models.TextChoices):
    WAITING = "waiting", "Väntar"
    RUNNING = "running", "Pågår"
    DONE = "done", "Klart"
    FAILED = "failed", "Misslyckat"


class JobQuerySet(models.QuerySet["Job"]):
    def due(self) -> JobQuerySet:
        """Jobs that may be begun now: promised for now or earlier, and not in a pause."""
        return self.filter(
            Q(not_before=None) | Q(not_before__lte=clock.now()),
            Q(paused_until=None) | Q(paused_until__lte=Now()),
            state=JobState.WAITING,
        )

    def abandoned(self) -> JobQuerySet:
        """Running jobs whose worker has not been heard of within its lease."""
        return self.filter(state=JobState.RUNNING, leased_until__lt=Now())


class Job(models.Model):
    """Work promised in the same transaction as the change that needs it.

    Leases and pauses follow the database's clock, which all workers share; `not_before` is a
    moment of the domain and follows finsam.clock. `attempts` is the fencing token: it grows at
    each claim, and only the claim that holds owner and token may finish the job.
    """

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="jobs")
    kind = models.CharField("slag", max_length=60)
    key = models.CharField("nyckel", max_length=200, unique=True)
    subject = models.CharField("gäller", max_length=200, blank=True)
    arguments = models.JSONField("uppgifter", default=dict)
    state = models.CharField("läge", max_length=10, choices=JobState, default=JobState.WAITING)
    attempts = models.PositiveIntegerField("försök", default=0)
    attempts_allowed = models.PositiveIntegerField("tillåtna försök", default=5)
    owner = models.CharField("arbetare", max_length=80, blank=True)
    leased_until = models.DateTimeField("lånad till", null=True)
    paused_until = models.DateTimeField("pausad till", null=True)
    hinted_at = models.DateTimeField("senast påmind", null=True)
    not_before = models.DateTimeField("tidigast", null=True)
    progress = models.PositiveSmallIntegerField("klart i procent", default=0)
    progress_text = models.CharField("just nu", max_length=200, blank=True)
    error = models.TextField("fel", blank=True)
    error_detail = models.TextField("fel för driften", blank=True)
    created_at = models.DateTimeField("lovat", default=clock.now)
    finished_at = models.DateTimeField("klart", null=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects: ClassVar[Any] = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "bakgrundsarbete"
        verbose_name_plural = "bakgrundsarbeten"
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["id"], name="job_waiting", condition=Q(state__in=["waiting", "running"])
            ),
            models.Index(fields=["association", "state", "-id"], name="job_of_association"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(progress__lte=100), name="job_progress_at_most_100"),
            models.CheckConstraint(
                condition=Q(attempts__lte=F("attempts_allowed")), name="job_attempts_within_allowed"
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | (Q(leased_until__isnull=False) & ~Q(owner="")),
                name="job_running_has_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def is_stuck(self) -> bool:
        """Whether no worker has touched it for longer than any lost message or pause explains."""
        if self.state == JobState.RUNNING and self.leased_until is not None:
            return clock.now() > self.leased_until + STUCK_AFTER
        moments = [self.created_at, self.not_before, self.paused_until]
        due = max(moment for moment in moments if moment is not None)
        return self.state == JobState.WAITING and clock.now() > due + STUCK_AFTER

    @property
    def is_over(self) -> bool:
        return self.state in (JobState.DONE, JobState.FAILED)
