"""Reports of a granted effort: written by its parties, handed in, accepted or sent back."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models.application import Application
from applications.queries import ReportQuerySet
from finsam import clock


class ReportState(models.TextChoices):
    OWED = "owed", "Inte påbörjad"
    DRAFT = "draft", "Utkast"
    SUBMITTED = "submitted", "Inlämnad"
    RETURNED = "returned", "Åter till parterna"
    ACCEPTED = "accepted", "Godkänd"


class Report(models.Model):
    """A report that is owed or under way; what it asks is said by the round's programme.

    `key` names it there, and `name` is what it is called in lists.

    `content` holds {"answers": {key: value}, "outcomes": {key: whole number},
    "participants": {"women": 3, "men": 4, "other": 0}}: counts only, never persons.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="reports")
    key = models.SlugField("nyckel", max_length=60)
    occurrence = models.PositiveSmallIntegerField("gång", default=1)
    name = models.CharField("namn", max_length=200, blank=True, default="")
    due_on = models.DateField("sista dag")
    state = models.CharField("läge", max_length=10, choices=ReportState, default=ReportState.OWED)
    revision = models.PositiveIntegerField("ändringsnummer", default=1)
    content = models.JSONField("innehåll", default=dict)
    sha256 = models.CharField("kontrollsumma", max_length=64, blank=True)
    created_at = models.DateTimeField("påbörjad", default=clock.now)
    submitted_at = models.DateTimeField("inlämnad", null=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    returned_message = models.TextField("vad som behöver kompletteras", blank=True, max_length=2000)
    answer_by = models.DateField("svar senast", null=True)
    accepted_at = models.DateTimeField("godkänd", null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects: ClassVar[Any] = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = "rapport"
        verbose_name_plural = "rapporter"
        ordering = ["application", "due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "key", "occurrence"], name="report_unique"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["owed", "draft", "returned"])
                | Q(submitted_at__isnull=False, submitted_by__isnull=False) & ~Q(sha256=""),
                name="report_handed_in_is_frozen",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted")
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="report_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | Q(answer_by__isnull=False),
                name="report_returned_with_a_last_day",
            ),
        ]

    def __str__(self) -> str:
        return f"Rapport {self.key} {self.occurrence}, {self.application}"


class ReportVersion(models.Model):
    """A report as it was handed in: never changed or deleted (the database refuses)."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField("version")
    content = models.JSONField("innehåll")
    sha256 = models.CharField("kontrollsumma", max_length=64)
    created_at = models.DateTimeField("inlämnad", default=clock.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "inlämnad rapport"
        verbose_name_plural = "inlämnade rapporter"
        ordering = ["report", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="report_version_unique"),
        ]
