"""The time plan that applicant and preparing group agree on, with check-points that both tick.

It hangs on the idea, which both can read; the application itself is the applicant's own until it
is handed in.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models.ideas import IdeaSketch
from finsam import clock


class PlanSide(models.TextChoices):
    APPLICANT = "applicant", "Sökanden"
    GROUP = "group", "Beredningen"


class TimePlan(models.Model):
    idea = models.OneToOneField(IdeaSketch, on_delete=models.PROTECT, related_name="time_plan")
    proposed_side = models.CharField("föreslagen av", max_length=10, choices=PlanSide)
    proposed_at = models.DateTimeField(default=clock.now)
    agreed_at = models.DateTimeField("överenskommen", null=True)
    revision = models.PositiveIntegerField("ändringsnummer", default=1)

    class Meta:
        verbose_name = "tidplan"
        verbose_name_plural = "tidplaner"


class Checkpoint(models.Model):
    """One thing to check together, with its day; done when both sides have ticked it."""

    plan = models.ForeignKey(TimePlan, on_delete=models.PROTECT, related_name="checkpoints")
    position = models.PositiveSmallIntegerField("ordning")
    text = models.CharField("avstämning", max_length=200)
    due_on = models.DateField("dag")
    applicant_at = models.DateTimeField("avstämd av sökanden", null=True)
    applicant_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    group_at = models.DateTimeField("avstämd av beredningen", null=True)
    group_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = "avstämning"
        verbose_name_plural = "avstämningar"
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="checkpoint_position_unique"),
            models.CheckConstraint(condition=~Q(text=""), name="checkpoint_has_text"),
        ]

    @property
    def is_done(self) -> bool:
        return self.applicant_at is not None and self.group_at is not None
