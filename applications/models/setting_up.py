"""Setting up a programme in the portal: the working copy, and every definition that has held."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from applications.models.programme import Programme
from finsam import clock


class ProgrammeDraft(models.Model):
    """The definition that is being worked on; nothing holds of it before it is put in force."""

    programme = models.OneToOneField(Programme, on_delete=models.PROTECT, related_name="draft")
    definition = models.JSONField("definition")
    revision = models.PositiveIntegerField("ändringsnummer", default=0)
    updated_at = models.DateTimeField(default=clock.now)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "utkast till program"
        verbose_name_plural = "utkast till program"


class ProgrammeRevision(models.Model):
    """A definition that has been in force, from a moment on; never changed."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField("version")
    definition = models.JSONField("definition")
    changes = models.JSONField("ändringar", default=list)
    made_at = models.DateTimeField("i kraft", default=clock.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = "version av program"
        verbose_name_plural = "versioner av program"
        ordering = ["programme", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "number"], name="programme_revision_unique"
            ),
        ]
