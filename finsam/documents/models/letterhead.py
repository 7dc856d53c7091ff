"""What an association has sent to make documents look its own: Word templates and logos."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from finsam import clock
from finsam.associations.models import Association
from finsam.documents.models.files import StoredFile, Upload


class LetterheadPart(models.TextChoices):
    WORD = "word", "Word-mall"
    LOGO = "logo", "Logotyp"


class Letterhead(models.Model):
    """One version of a Word template or a logo; the association's row names the one in use.

    `file` is what documents are made with: the template as it came, the logo upright and plain.
    """

    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="letterheads"
    )
    part = models.CharField("del", max_length=10, choices=LetterheadPart)
    number = models.PositiveIntegerField("version")
    upload = models.OneToOneField(Upload, on_delete=models.PROTECT, related_name="letterhead")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    found = models.JSONField("funnet i filen", default=dict)
    made_at = models.DateTimeField("inlämnad", default=clock.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "brevmall"
        verbose_name_plural = "brevmallar"
        ordering = ["part", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["association", "part", "number"], name="letterhead_number_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_part_display()} {self.number}"

    @property
    def is_used(self) -> bool:
        """Whether documents are made with it now."""
        return self.file.sha256 == in_use(self.association, LetterheadPart(self.part))


def in_use(association: Association, part: LetterheadPart) -> str:
    """The checksum of what the association makes documents with; empty for the portal's own."""
    held: str = association.word_template if part == LetterheadPart.WORD else association.logo
    return held
