"""Tried distributions of a frame, kept under a name so that they can be compared."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from budgets.models.frames import Frame, Lot
from finsam import clock


class AllocationQuerySet(models.QuerySet["Allocation"]):
    def with_rows(self) -> AllocationQuerySet:
        return self.select_related("created_by").prefetch_related("rows__lot")


class Allocation(models.Model):
    """A named alternative of how a frame could be distributed; it decides nothing."""

    frame = models.ForeignKey(Frame, on_delete=models.PROTECT, related_name="allocations")
    name = models.CharField("namn", max_length=120)
    note = models.TextField("motivering", blank=True, max_length=2000)
    is_proposed = models.BooleanField("förs fram i underlaget", default=False)
    version = models.PositiveIntegerField("version", default=1)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField("sparad", default=clock.now)
    changed_at = models.DateTimeField("ändrad", default=clock.now)

    objects: ClassVar[Any] = AllocationQuerySet.as_manager()

    class Meta:
        verbose_name = "förslag till fördelning"
        verbose_name_plural = "förslag till fördelning"
        ordering = ["frame", "created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["frame", "name"], name="allocation_name_unique"),
            models.UniqueConstraint(
                fields=["frame"], condition=Q(is_proposed=True), name="allocation_one_proposed"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def total(self) -> int:
        return sum(row.amount for row in self.rows.all())


class AllocationRow(models.Model):
    """One amount of an alternative. `row_key` is the key of the row in the frame's table."""

    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, related_name="rows")
    row_key = models.CharField("rad", max_length=80)
    label = models.CharField("namn", max_length=160)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, null=True, related_name="+")
    amount = models.PositiveBigIntegerField("belopp")
    position = models.PositiveSmallIntegerField("ordning", default=0)

    class Meta:
        verbose_name = "rad i förslag"
        verbose_name_plural = "rader i förslag"
        ordering = ["allocation", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["allocation", "row_key"], name="allocation_row_key_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.amount}"
