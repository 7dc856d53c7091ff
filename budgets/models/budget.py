"""The budget of an application: its rows, and the versions that were frozen."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from budgets.content import (
    COST_KINDS,
    ROWS,
    SOURCES,
    BudgetContent,
    CostEntry,
    CostKind,
    FinancingEntry,
    Source,
    StaffEntry,
)
from finsam import clock
from finsam.associations.models import Association

POSITION = [MinValueValidator(1), MaxValueValidator(ROWS)]


class Budget(models.Model):
    """A budget under work. `version` counts its changes, so that nobody overwrites another's."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="budgets")
    years = models.JSONField("år", default=list)
    version = models.PositiveIntegerField("version", default=1)
    is_locked = models.BooleanField("låst", default=False)
    changed_at = models.DateTimeField("ändrad", default=clock.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = "budget"
        verbose_name_plural = "budgetar"
        ordering = ["association", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(version__gte=1), name="budget_version_from_one"),
        ]

    def __str__(self) -> str:
        return f"Budget {self.pk}"

    def content(self) -> BudgetContent:
        """All rows as plain entries; three queries."""
        return BudgetContent(
            tuple(row.entry() for row in self.staff_rows.all()),
            tuple(row.entry() for row in self.cost_rows.all()),
            tuple(row.entry() for row in self.financing_rows.all()),
        )


class StaffRow(models.Model):
    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="staff_rows")
    position = models.PositiveSmallIntegerField("rad", validators=POSITION)
    party = models.CharField("part", max_length=120, blank=True)
    role = models.CharField("funktion", max_length=200, blank=True)
    employer = models.CharField("arbetsgivare", max_length=200, blank=True)
    year = models.PositiveSmallIntegerField("år", null=True, blank=True)
    percent = models.DecimalField(
        "tjänstgöringsgrad %", max_digits=15, decimal_places=8, null=True, blank=True
    )
    months = models.DecimalField("månader", max_digits=15, decimal_places=8, null=True, blank=True)
    salary = models.BigIntegerField("månadslön", null=True, blank=True)
    overhead = models.DecimalField(
        "PO-pålägg %", max_digits=15, decimal_places=8, null=True, blank=True
    )
    note = models.CharField("anmärkning", max_length=500, blank=True)

    class Meta:
        verbose_name = "personalrad"
        verbose_name_plural = "personalrader"
        ordering = ["budget", "position"]
        constraints = [
            models.UniqueConstraint(fields=["budget", "position"], name="staff_row_unique"),
        ]

    def __str__(self) -> str:
        return self.role

    def entry(self) -> StaffEntry:
        return StaffEntry(**_values(self, StaffEntry))


class CostRow(models.Model):
    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="cost_rows")
    position = models.PositiveSmallIntegerField("rad", validators=POSITION)
    kind = models.CharField(
        "kostnadsslag", max_length=20, blank=True, choices=list(COST_KINDS.items())
    )
    description = models.CharField("beskrivning", max_length=500, blank=True)
    party = models.CharField("part", max_length=120, blank=True)
    year = models.PositiveSmallIntegerField("år", null=True, blank=True)
    amount = models.BigIntegerField("belopp", null=True, blank=True)
    note = models.CharField("anmärkning", max_length=500, blank=True)

    class Meta:
        verbose_name = "kostnadsrad"
        verbose_name_plural = "kostnadsrader"
        ordering = ["budget", "position"]
        constraints = [
            models.UniqueConstraint(fields=["budget", "position"], name="cost_row_unique"),
        ]

    def __str__(self) -> str:
        return self.description

    def entry(self) -> CostEntry:
        values = _values(self, CostEntry)
        return CostEntry(**(values | {"kind": CostKind(self.kind) if self.kind else None}))


class FinancingRow(models.Model):
    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="financing_rows")
    position = models.PositiveSmallIntegerField("rad", validators=POSITION)
    source = models.CharField("källa", max_length=20, blank=True, choices=list(SOURCES.items()))
    party = models.CharField("part eller finansiär", max_length=120, blank=True)
    year = models.PositiveSmallIntegerField("år", null=True, blank=True)
    amount = models.BigIntegerField("belopp", null=True, blank=True)

    class Meta:
        verbose_name = "finansieringsrad"
        verbose_name_plural = "finansieringsrader"
        ordering = ["budget", "position"]
        constraints = [
            models.UniqueConstraint(fields=["budget", "position"], name="financing_row_unique"),
        ]

    def __str__(self) -> str:
        return self.party

    def entry(self) -> FinancingEntry:
        values = _values(self, FinancingEntry)
        return FinancingEntry(**(values | {"source": Source(self.source) if self.source else None}))


class BudgetVersion(models.Model):
    """A budget as it was when it was submitted or decided: frozen, with its hash."""

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("version")
    content = models.JSONField("innehåll")
    total_cost = models.BigIntegerField("kostnad")
    requested_amount = models.BigIntegerField("sökt belopp")
    sha256 = models.CharField("kontrollsumma", max_length=64)
    created_at = models.DateTimeField("fryst", default=clock.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = "fryst budget"
        verbose_name_plural = "frysta budgetar"
        ordering = ["budget", "number"]
        constraints = [
            models.UniqueConstraint(fields=["budget", "number"], name="budget_version_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.budget}, version {self.number}"

    def rows(self) -> BudgetContent:
        return BudgetContent.from_json(self.content)


def _values(row: models.Model, entry: type[Any]) -> dict[str, Any]:
    names = [name for name in entry.columns if name != "cost"]
    return {"position": row.position} | {name: getattr(row, name) for name in names}  # type: ignore[attr-defined]
