"""The year's economy of an association: what members are to pay, and the pools it is split into."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from budgets.models.ledger import Account
from finsam import clock
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


class KeyBasis(models.TextChoices):
    POPULATION = "population", "Efter antal invånare"
    SHARES = "shares", "Fasta andelar"
    AGREED = "agreed", "Överenskomna belopp"


class ContributionKey(models.Model):
    """How the members of one kind of party share what the law says that they owe together."""

    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="contribution_keys"
    )
    year = models.PositiveSmallIntegerField("år")
    payer = models.CharField("betalare", max_length=20)
    basis = models.CharField("nyckel", max_length=12, choices=KeyBasis)
    weights = models.JSONField("andelar per medlem", default=dict)

    class Meta:
        verbose_name = "bidragsnyckel"
        verbose_name_plural = "bidragsnycklar"
        ordering = ["association", "year", "payer"]
        constraints = [
            models.UniqueConstraint(
                fields=["association", "year", "payer"], name="contribution_key_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_basis_display()}, {self.year}"

    @property
    def payer_name(self) -> str:
        return {"region": "regionerna", "municipalities": "kommunerna"}.get(self.payer, "staten")


class BaseFinancing(models.Model):
    """A year's base financing and the contributions that it was agreed on (programme 2).

    `terms` are the planned contributions by member when it was set: it holds while they do.
    """

    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="base_financings"
    )
    year = models.PositiveSmallIntegerField("år")
    terms = models.JSONField("bidragen den bygger på", default=dict)
    reason = models.TextField("skäl", blank=True, max_length=2000)
    set_at = models.DateTimeField("fastställd", default=clock.now)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = "basfinansiering"
        verbose_name_plural = "basfinansieringar"
        ordering = ["association", "year"]
        constraints = [
            models.UniqueConstraint(fields=["association", "year"], name="base_financing_unique"),
        ]

    def __str__(self) -> str:
        return f"Basfinansiering {self.year}"


class BaseFinancingShare(models.Model):
    """What a member's staff in one consultation team costs, paid by the base financing."""

    base = models.ForeignKey(BaseFinancing, on_delete=models.PROTECT, related_name="shares")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    team = models.CharField("konsultationsteam", max_length=120)
    amount = models.PositiveBigIntegerField("belopp")
    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="base_share")
    paid_account = models.OneToOneField(
        Account, on_delete=models.PROTECT, null=True, related_name="paid_base_share"
    )

    class Meta:
        verbose_name = "del av basfinansieringen"
        verbose_name_plural = "basfinansieringens delar"
        ordering = ["base", "team", "member__position", "member__name"]
        constraints = [
            models.UniqueConstraint(fields=["base", "member", "team"], name="base_share_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.member}, {self.team}"

    @property
    def unpaid(self) -> int:
        """What is set aside and not yet paid out."""
        return self.account.balance

    @property
    def paid(self) -> int:
        """What has been approved for payment."""
        return self.paid_account.balance if self.paid_account else 0


class EquityLevel(models.Model):
    """How much equity an association wants at most, by the size of the year's contributions."""

    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="equity_levels"
    )
    up_to = models.PositiveBigIntegerField("när årets bidrag är högst", null=True, blank=True)
    percent = models.PositiveSmallIntegerField("högst, % av bidragen", null=True, blank=True)
    amount = models.PositiveBigIntegerField("högst, kronor", null=True, blank=True)

    class Meta:
        verbose_name = "nivå för eget kapital"
        verbose_name_plural = "nivåer för eget kapital"
        ordering = ["association", models.F("up_to").asc(nulls_last=True)]
        constraints = [
            models.UniqueConstraint(fields=["association", "up_to"], name="equity_level_unique"),
            models.CheckConstraint(
                condition=Q(percent__isnull=False, amount__isnull=True)
                | Q(percent__isnull=True, amount__isnull=False),
                name="equity_level_percent_or_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent} %" if self.percent is not None else f"{self.amount} kr"

    def most(self, contributions: int) -> int:
        """The most equity in whole kronor, with a year's contributions of that sum."""
        return (
            self.amount if self.amount is not None else contributions * (self.percent or 0) // 100
        )
