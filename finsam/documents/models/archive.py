"""Archive packages that have been made of cases; each made anew is a new one."""

from __future__ import annotations

from django.db import models

from finsam import clock
from finsam.documents.models.files import StoredFile
from finsam.jobs.models import Job
from finsam.registry.models import Case


class ArchivePackage(models.Model):
    """A case as a package for an e-archive, as one zip file."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="archive_packages")
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="archive_package")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("gjort", default=clock.now)

    class Meta:
        verbose_name = "arkivpaket"
        verbose_name_plural = "arkivpaket"
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.file.name
