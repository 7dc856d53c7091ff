"""Decisions taken on the board's behalf, and where they were reported (FL 10 §)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from boards.models.meetings import AgendaItem
from finsam import clock
from finsam.associations.models import Association


class DelegateFunction(models.TextChoices):
    DIRECTOR = "director", "Förbundschef"
    CHAIR = "chair", "Ordförande"


class DelegatedDecision(models.Model):
    """Numbered through the year in its association; `item` is where the board is told of it."""

    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="delegated_decisions"
    )
    year = models.PositiveSmallIntegerField("år")
    number = models.PositiveIntegerField("nummer")
    decided_on = models.DateField("beslutsdag")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    function = models.CharField("som", max_length=10, choices=DelegateFunction)
    subject = models.CharField("ärende", max_length=240)
    text = models.TextField("beslut")
    basis = models.CharField("punkt i delegationsordningen", max_length=120)
    case = models.ForeignKey(
        "registry.Case", on_delete=models.PROTECT, related_name="delegated_decisions"
    )
    item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, null=True, related_name="delegated_decisions"
    )
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "delegationsbeslut"
        verbose_name_plural = "delegationsbeslut"
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["association", "year", "number"], name="delegated_number_unique"
            ),
            models.CheckConstraint(
                condition=~Q(subject="") & ~Q(text="") & ~Q(basis=""),
                name="delegated_decision_is_said",
            ),
        ]

    def __str__(self) -> str:
        return f"D {self.year}:{self.number} {self.subject}"
