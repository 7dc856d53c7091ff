"""What a social investment is to give back (återföring), and what has come back of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from budgets.models.frames import Grant
from budgets.models.ledger import Transfer
from finsam import clock
from finsam.associations.models import Association


class PlannedReturnQuerySet(models.QuerySet["PlannedReturn"]):
    def with_returns(self) -> PlannedReturnQuerySet:
        """With everything that has been settled of each, in one more query."""
        every = SavingsReturn.objects.select_related("settled_by", "annulled_by")
        return self.prefetch_related(models.Prefetch("returns", every))


class PlannedReturn(models.Model):
    """A unit's expected saving in a year, in whole kronor, and the share of it that comes back."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="planned_returns")
    unit = models.CharField("enhet", max_length=160)
    year = models.PositiveSmallIntegerField("år")
    expected_saving = models.PositiveBigIntegerField("väntad besparing")
    share = models.DecimalField("andel som återförs, %", max_digits=5, decimal_places=2)
    expected_amount = models.PositiveBigIntegerField("väntad återföring")

    objects: ClassVar[Any] = PlannedReturnQuerySet.as_manager()

    class Meta:
        verbose_name = "planerad återföring"
        verbose_name_plural = "planerade återföringar"
        ordering = ["grant", "year", "unit"]
        constraints = [
            models.UniqueConstraint(fields=["grant", "unit", "year"], name="planned_return_unique"),
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=100), name="planned_return_share"
            ),
            models.CheckConstraint(
                condition=Q(expected_amount__lte=F("expected_saving")),
                name="planned_return_within_saving",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.year}"

    @property
    def settled(self) -> SavingsReturn | None:
        """What holds of what came back; read the row `with_returns` in lists."""
        return next((one for one in self.returns.all() if one.annulled_at is None), None)


class SavingsReturn(models.Model):
    """A year of a unit settled: what it saved and what came back. Never changed, only annulled."""

    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="savings_returns"
    )
    planned = models.ForeignKey(PlannedReturn, on_delete=models.PROTECT, related_name="returns")
    actual_saving = models.PositiveBigIntegerField("verklig besparing")
    amount = models.PositiveBigIntegerField("återfört")
    explanation = models.TextField("förklaring", blank=True, max_length=2000)
    key = models.CharField("nyckel", max_length=80)
    transfer = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, null=True, related_name="savings_return"
    )
    settled_at = models.DateTimeField("avstämd", default=clock.now)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    annulled_at = models.DateTimeField("annullerad", null=True)
    annulled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    annulled_because = models.TextField("varför den annullerades", blank=True, max_length=2000)

    class Meta:
        verbose_name = "återföring"
        verbose_name_plural = "återföringar"
        ordering = ["-settled_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["association", "key"], name="savings_return_key_unique"
            ),
            models.UniqueConstraint(
                fields=["planned"],
                condition=Q(annulled_at=None),
                name="savings_return_one_that_holds",
            ),
            models.CheckConstraint(
                condition=Q(amount__lte=F("actual_saving")), name="savings_return_within_saving"
            ),
            models.CheckConstraint(
                condition=Q(annulled_at=None)
                | (Q(annulled_by__isnull=False) & ~Q(annulled_because="")),
                name="savings_return_annulled_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"Återföring {self.planned}"
