"""The year's economy of an association: what members are to pay, and the pools it is split into."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from budgets.models.ledger import Account
from finsam.associations.models import Association, Member


class Contribution(models.Model):
    """What a member is to pay in a year (FL 5 §), and the account outside it is paid from."""

    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="contributions"
    )
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="contributions")
    year = models.PositiveSmallIntegerField("år")
    planned_amount = models.PositiveBigIntegerField("planerat bidrag")
    source = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="contribution")

    class Meta:
        verbose_name = "medlemsbidrag"
        verbose_name_plural = "medlemsbidrag"
        ordering = ["association", "year", "member__position", "member__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["association", "member", "year"], name="contribution_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.year}"

    @property
    def paid_amount(self) -> int:
        """Paid in so far: the outside account has gone below zero by as much."""
        return -self.source.balance

    @property
    def unpaid_amount(self) -> int:
        return self.planned_amount - self.paid_amount


class PoolKind(models.TextChoices):
    BASE_FINANCING = "base_financing", "Basfinansiering"
    EFFORTS = "efforts", "Individuella och strukturella insatser"

    @property
    def pool_name(self) -> str:
        """As the pool is called in a sentence."""
        words = {"base_financing": "basfinansiering", "efforts": "insatser"}
        return f"Potten för {words[self.value]}"


class Pool(models.Model):
    """A part of the year's money set aside for one purpose."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="pools")
    year = models.PositiveSmallIntegerField("år")
    kind = models.CharField("slag", max_length=20, choices=PoolKind)
    assigned_amount = models.PositiveBigIntegerField("avsatt belopp", default=0)
    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="pool")

    class Meta:
        verbose_name = "pott"
        verbose_name_plural = "potter"
        ordering = ["association", "year", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["association", "year", "kind"], name="pool_unique"),
            models.CheckConstraint(condition=Q(year__gte=1994), name="pool_year_plausible"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.year}"
