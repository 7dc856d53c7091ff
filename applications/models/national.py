"""What the office has registered of an effort in the national follow-up system."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models.application import Application


class EffortType(models.TextChoices):
    INDIVIDUAL = "individual", "Individinsats"
    STRUCTURAL = "structural", "Strukturinsats"


class NationalEntry(models.Model):
    """One registration of an effort; an effort of both types has two.

    Once `registered_on` is set it stays as it is: the national system changes neither direction
    nor method.
    """

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="national_entries"
    )
    type = models.CharField("typ av insats", max_length=10, choices=EffortType)
    direction = models.CharField("inriktning", max_length=200, blank=True)
    method = models.CharField("metod", max_length=200, blank=True)
    registered_on = models.DateField("registrerad", null=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = "nationell registrering"
        verbose_name_plural = "nationella registreringar"
        ordering = ["application", "type"]
        constraints = [
            models.UniqueConstraint(fields=["application", "type"], name="national_entry_unique"),
            models.CheckConstraint(
                condition=Q(registered_on=None)
                | Q(registered_by__isnull=False) & ~Q(direction="") & ~Q(method=""),
                name="national_entry_registered_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application}: {self.get_type_display()}"
