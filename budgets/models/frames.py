"""Frames of money: where they are drawn from, their lots, and the grants out of them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from budgets.models.ledger import Account
from finsam import clock
from finsam.associations.models import Association, Member


class FrameQuerySet(models.QuerySet["Frame"]):
    def with_accounts(self) -> FrameQuerySet:
        """Frames with what a page shows of them, in a fixed number of queries."""
        return self.select_related("account__association", "association").prefetch_related(
            "sources__account"
        )


class Frame(models.Model):
    """The sum that the grants of a round may not pass. What is left lies in its account."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="frames")
    name = models.CharField("namn", max_length=160)
    year = models.PositiveSmallIntegerField("år")
    amount = models.PositiveBigIntegerField("ram")
    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="frame")
    is_example_plan = models.BooleanField("fördelningen är ett räkneexempel", default=False)
    closed_at = models.DateTimeField("avslutad", null=True, blank=True)
    created_at = models.DateTimeField("fastställd", default=clock.now)

    objects: ClassVar[Any] = FrameQuerySet.as_manager()

    class Meta:
        verbose_name = "ram"
        verbose_name_plural = "ramar"
        ordering = ["association", "-year", "name"]
        constraints = [
            models.UniqueConstraint(fields=["association", "name", "year"], name="frame_unique"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="frame_above_zero"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("budgets:frame", args=[self.association.slug, self.pk])

    @property
    def remaining(self) -> int:
        """What can still be granted, as the account was when it was read."""
        return self.account.balance

    @property
    def granted(self) -> int:
        """The sum of the grants that hold."""
        found: int | None = self.grants.aggregate(sum=Sum("amount"))["sum"]
        return found or 0


class FrameSource(models.Model):
    """A pool or equity that a frame is drawn from (KL 11:15: a decision says how it is paid)."""

    frame = models.ForeignKey(Frame, on_delete=models.PROTECT, related_name="sources")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="frame_sources")
    amount = models.PositiveBigIntegerField("belopp")

    class Meta:
        verbose_name = "ramens källa"
        verbose_name_plural = "ramens källor"
        ordering = ["frame", "-amount"]
        constraints = [
            models.UniqueConstraint(fields=["frame", "account"], name="frame_source_unique"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="frame_source_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.amount}"


class Lot(models.Model):
    """A part of the planned distribution of a frame. Plan and grant may differ."""

    frame = models.ForeignKey(Frame, on_delete=models.PROTECT, related_name="lots")
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="lots"
    )
    name = models.CharField("namn", max_length=120)
    planned_amount = models.PositiveBigIntegerField("planerat belopp")
    position = models.PositiveSmallIntegerField("ordning", default=0)

    class Meta:
        verbose_name = "del av fördelningen"
        verbose_name_plural = "planerad fördelning"
        ordering = ["frame", "position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["frame", "name"], name="lot_name_unique"),
            models.UniqueConstraint(
                fields=["frame", "member"],
                condition=Q(member__isnull=False),
                name="lot_member_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """Money reserved out of a frame by a decision. What is not yet paid lies in its account."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="grants")
    frame = models.ForeignKey(Frame, on_delete=models.PROTECT, related_name="grants")
    lot = models.ForeignKey(
        Lot, on_delete=models.PROTECT, null=True, blank=True, related_name="grants"
    )
    name = models.CharField("namn", max_length=160)
    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="grant")
    paid_account = models.OneToOneField(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="paid_grant"
    )
    amount = models.PositiveBigIntegerField("beviljat belopp")
    original_amount = models.PositiveBigIntegerField("först beviljat belopp")
    key = models.CharField("nyckel", max_length=120)
    created_at = models.DateTimeField("reserverat", default=clock.now)
    closed_at = models.DateTimeField("avslutat", null=True, blank=True)
    stops_on = models.DateField("finansieringen upphör från och med", null=True)
    claims_until = models.DateField("sista dag att rekvirera", null=True)

    class Meta:
        verbose_name = "beviljat bidrag"
        verbose_name_plural = "beviljade bidrag"
        ordering = ["frame", "created_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["association", "key"], name="grant_key_unique"),
            models.CheckConstraint(condition=Q(original_amount__gt=0), name="grant_above_zero"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_claimable(self) -> bool:
        """Whether new claims may be begun: not closed, and the last day has not passed."""
        is_late = self.claims_until is not None and clock.today() > self.claims_until
        return self.closed_at is None and not is_late

    @property
    def unpaid(self) -> int:
        """What is reserved and not yet paid out."""
        return self.account.balance

    @property
    def paid(self) -> int:
        """What has been approved for payment, less what has come back."""
        return self.paid_account.balance if self.paid_account else 0


def granted_of(frame: str) -> Coalesce:
    """The sum of the grants that hold, kronor, as a column; `frame` is the frame's field there."""
    sums = Grant.objects.filter(frame=OuterRef(frame)).order_by().values("frame")
    return Coalesce(Subquery(sums.annotate(sum=Sum("amount")).values("sum")), 0)
