"""Word files that were sent in to be read under the form's headings; the originals stay."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models.application import Application
from applications.models.ideas import IdeaSketch
from finsam import clock


class WordFile(models.Model):
    """A .docx sent for an application or a sketch, what was read in it, and what was taken."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, null=True, related_name="word_files"
    )
    idea = models.ForeignKey(
        IdeaSketch, on_delete=models.PROTECT, null=True, related_name="word_files"
    )
    upload = models.ForeignKey("documents.Upload", on_delete=models.PROTECT, related_name="+")
    reading = models.JSONField("det som lästes")
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField("skickad", default=clock.now)
    taken = models.JSONField("frågor vars svar togs", default=list, blank=True)
    taken_at = models.DateTimeField("inläst", null=True)

    class Meta:
        verbose_name = "Wordfil"
        verbose_name_plural = "Wordfiler"
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(application__isnull=True) ^ Q(idea__isnull=True),
                name="word_file_is_for_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return str(self.upload)
