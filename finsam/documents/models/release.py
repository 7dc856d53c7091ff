"""Decisions on handing out documents: released, masked or refused, by whom, on what ground."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from finsam import clock
from finsam.documents.models.documents import Document
from finsam.documents.models.files import StoredFile
from finsam.jobs.models import Job
from finsam.registry.models import Case, Record


class Outcome(models.TextChoices):
    WHOLE = "whole", "Lämnad ut"
    MASKED = "masked", "Lämnad ut med maskering"
    REFUSED = "refused", "Inte lämnad ut"


class Release(models.Model):
    """One decision on one file of a case; the file itself is never altered."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="releases")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="releases")
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, null=True, related_name="releases"
    )
    key = models.CharField("formulärets nyckel", max_length=64)
    outcome = models.CharField("beslut", max_length=10, choices=Outcome)
    sections = models.CharField("sekretess enligt", max_length=250, blank=True)
    reason = models.TextField("skäl", blank=True)
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="release")
    job = models.OneToOneField(Job, on_delete=models.PROTECT, null=True, related_name="release")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("beslutat", default=clock.now)

    class Meta:
        verbose_name = "utlämnande"
        verbose_name_plural = "utlämnanden"
        ordering = ["-decided_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "key"], name="release_key_unique"),
            models.CheckConstraint(
                condition=Q(outcome="whole", sections="", job=None)
                | (Q(outcome__in=["masked", "refused"], job__isnull=False) & ~Q(sections="")),
                name="release_restriction_has_section",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record}: {self.get_outcome_display()}"
