"""What is made to be looked at for a while, such as a draft as PDF; never a document of record."""

from __future__ import annotations

import uuid

from django.db import models
from django.urls import reverse

from finsam import clock
from finsam.associations.models import Association
from finsam.documents.models.files import HASH_LENGTH
from finsam.jobs.models import Job, JobState


class Preview(models.Model):
    """One content to be shown as PDF, and the PDF once it is made; forgotten after a day.

    The content stands here and not in the job, which the office sees and which is kept.
    """

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="+")
    public_id = models.UUIDField("id", default=uuid.uuid4, unique=True)
    kind = models.CharField("slag", max_length=60)
    key = models.CharField("nyckel", max_length=160)
    digest = models.CharField("innehållets kontrollsumma", max_length=HASH_LENGTH)
    name = models.CharField("filens namn", max_length=200)
    back = models.CharField("sidan den begärdes på", max_length=300)
    source = models.JSONField("innehåll")
    made = models.BinaryField("PDF", null=True)
    tries = models.PositiveIntegerField("lovad antal gånger", default=0)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField("senast begärd", default=clock.now, db_index=True)

    class Meta:
        verbose_name = "utskrift"
        verbose_name_plural = "utskrifter"
        constraints = [
            models.UniqueConstraint(
                fields=["association", "kind", "key", "digest"], name="preview_once_per_content"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    def get_absolute_url(self) -> str:
        """The page that tells how far it has come."""
        return reverse("documents:preview", args=[self.association.slug, self.public_id])

    @property
    def has_failed(self) -> bool:
        return self.job is not None and self.job.state == JobState.FAILED
