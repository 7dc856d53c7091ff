"""The documents that the portal makes: each made once, with an id and code to check it by."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from finsam import clock
from finsam.associations.models import Association
from finsam.documents.models.files import HASH_LENGTH, StoredFile
from finsam.jobs.models import Job
from finsam.registry.models import Case, Record

CODE_LENGTH = 8


class DocumentSeries(models.Model):
    """One thing that is written down again and again; its row is the lock for version numbers."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("slag", max_length=60)
    key = models.CharField("nyckel", max_length=160, unique=True)
    last_version = models.PositiveIntegerField("senast lovade version", default=0)
    last_digest = models.CharField("underlagets kontrollsumma", max_length=HASH_LENGTH, blank=True)
    last_job = models.ForeignKey(Job, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "handlingsserie"
        verbose_name_plural = "handlingsserier"

    def __str__(self) -> str:
        return f"{self.key} ({self.last_version})"


class DocumentQuerySet(models.QuerySet["Document"]):
    def newest(self) -> DocumentQuerySet:
        """The latest version of each series."""
        newer = Document.objects.filter(series=OuterRef("series"), version__gt=OuterRef("version"))
        return self.filter(~Exists(newer))

    def of_case(self, case: Case) -> DocumentQuerySet:
        return self.filter(case=case)

    def with_files(self) -> DocumentQuerySet:
        return self.select_related("association", "case", "record__case", "pdf", "docx")


class Document(models.Model):
    """A document as it was issued; never changed, a new version is a new row beside it."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="documents")
    series = models.ForeignKey(DocumentSeries, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField("slag", max_length=60)
    key = models.CharField("nyckel", max_length=160, db_index=True)
    version = models.PositiveIntegerField("version")
    title = models.CharField("rubrik", max_length=250)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="documents")
    record = models.ForeignKey(
        Record, on_delete=models.PROTECT, null=True, related_name="documents"
    )
    short_id = models.CharField("handlingens id", max_length=CODE_LENGTH, unique=True)
    check_code = models.CharField("kontrollkod", max_length=CODE_LENGTH)
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    docx = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    sha256 = models.CharField("kontrollsumma", max_length=HASH_LENGTH, db_index=True)
    created_at = models.DateTimeField("upprättad", default=clock.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="document")

    objects: ClassVar[Any] = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "handling"
        verbose_name_plural = "handlingar"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["series", "version"], name="document_version_unique"),
            models.CheckConstraint(condition=Q(version__gte=1), name="document_version_from_one"),
            models.CheckConstraint(condition=~Q(title=""), name="document_has_title"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="document_sha256_is_hex"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"

    def get_absolute_url(self) -> str:
        return reverse("documents:document", args=[self.association.slug, self.short_id])

    @property
    def shown_id(self) -> str:
        """The id as it is printed: K7QF-2M9D."""
        return in_fours(self.short_id)

    @property
    def shown_code(self) -> str:
        return in_fours(self.check_code)

    @property
    def file_name(self) -> str:
        return self.pdf.name

    def newer_version(self) -> Document | None:
        """The latest version of the same series, if it is not this one."""
        newer: Document | None = (
            Document.objects.filter(series_id=self.series_id, version__gt=self.version)
            .order_by("-version")
            .first()
        )
        return newer


def in_fours(code: str) -> str:
    """A code in groups that the eye can hold: K7QF-2M9D."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))
