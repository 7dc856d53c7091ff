"""Stored bytes that never change, and what people uploaded, accepted or refused."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from finsam import clock
from finsam.associations.models import Association

HASH_LENGTH = 64


class StoredFile(models.Model):
    """One file as it was stored: its bytes lie in the storage under their own SHA-256.

    Two rows may share the same bytes; both are kept, each with its own name and moment.
    """

    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="stored_files"
    )
    key = models.CharField("plats i lagret", max_length=120)
    sha256 = models.CharField("kontrollsumma", max_length=HASH_LENGTH, db_index=True)
    size = models.PositiveBigIntegerField("storlek")
    name = models.CharField("filnamn", max_length=150)
    content_type = models.CharField("filtyp", max_length=100)
    created_at = models.DateTimeField("lagrad", default=clock.now)

    class Meta:
        verbose_name = "lagrad fil"
        verbose_name_plural = "lagrade filer"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(key=""), name="stored_file_has_key"),
            models.CheckConstraint(condition=~Q(name=""), name="stored_file_has_name"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="stored_file_sha256_is_hex"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UploadState(models.TextChoices):
    ACCEPTED = "accepted", "Mottagen"
    REFUSED = "refused", "Avvisad"


class VirusState(models.TextChoices):
    CLEAN = "clean", "Inget virus hittat"
    VIRUS = "virus", "Virus hittat"
    NOT_CHECKED = "not_checked", "Ej kontrollerad"


class UploadQuerySet(models.QuerySet["Upload"]):
    def accepted(self) -> UploadQuerySet:
        return self.filter(state=UploadState.ACCEPTED)

    def in_quarantine(self) -> UploadQuerySet:
        """What was refused and is kept for the office to look at."""
        return self.filter(state=UploadState.REFUSED)

    def waiting_for_virus_check(self) -> UploadQuerySet:
        """Accepted files that no scanner has seen yet, the oldest first."""
        return (
            self.accepted()
            .filter(virus_state=VirusState.NOT_CHECKED)
            .select_related("association", "file", "uploaded_by")
            .order_by("created_at")
        )

    def same_bytes_as(self, upload: Upload) -> UploadQuerySet:
        """Other uploads of exactly the same content in the same association."""
        return self.filter(
            association_id=upload.association_id, file__sha256=upload.file.sha256
        ).exclude(pk=upload.pk)


class Upload(models.Model):
    """A file that somebody sent: the original bytes, the guard's verdict, the virus check."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="uploads")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="upload")
    purpose = models.CharField("ändamål", max_length=20)
    kind = models.CharField("slag av fil", max_length=20, blank=True)
    state = models.CharField("läge", max_length=20, choices=UploadState)
    reason = models.CharField("skäl", max_length=40, blank=True)
    message = models.TextField("förklaring", blank=True)
    warnings = models.JSONField("anmärkningar", default=list, blank=True)
    virus_state = models.CharField("viruskontroll", max_length=20, choices=VirusState)
    virus_checked_at = models.DateTimeField("viruskontrollerad", null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField("inkommen", default=clock.now)

    objects: ClassVar[Any] = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = "inlämnad fil"
        verbose_name_plural = "inlämnade filer"
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["association", "state", "created_at"], name="upload_state"),
            models.Index(
                fields=["created_at"],
                condition=Q(virus_state="not_checked", state="accepted"),
                name="upload_virus_waiting",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="refused", reason__gt="", message__gt="")
                | Q(state="accepted", reason=""),
                name="upload_refusal_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(virus_state="virus") | Q(state="refused"),
                name="upload_with_virus_is_refused",
            ),
            models.CheckConstraint(
                condition=Q(virus_state="not_checked", virus_checked_at=None)
                | (~Q(virus_state="not_checked") & Q(virus_checked_at__isnull=False)),
                name="upload_virus_check_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.reference})"

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def reference(self) -> str:
        """The short id that the sender can give to the office: F-1A2B3C4D."""
        return f"F-{self.id.hex[:8].upper()}"

    @property
    def is_accepted(self) -> bool:
        return self.state == UploadState.ACCEPTED

    @property
    def is_checked_for_virus(self) -> bool:
        return self.virus_state != VirusState.NOT_CHECKED
