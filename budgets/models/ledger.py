"""The ledger: every krona is in exactly one account, and only a transfer moves it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum
from django.urls import reverse

from budgets.wording import frame_in_words
from finsam import clock
from finsam.associations.models import Association
from finsam.registry.models import Event


class AccountKind(models.TextChoices):
    CONTRIBUTION = "contribution", "Medlemsbidrag"
    YEAR = "year", "Årets medel"
    POOL = "pool", "Pott"
    BASE = "base", "Basfinansiering"
    EQUITY = "equity", "Eget kapital"
    FRAME = "frame", "Ram"
    GRANT = "grant", "Beviljat"
    PAID_OUT = "paid_out", "Utbetalt"
    RETURNED = "returned", "Återfört"
    OPENING = "opening", "Ingående balans"


# What lies outside the association may go below zero: money comes from there.
OUTSIDE = (AccountKind.CONTRIBUTION, AccountKind.RETURNED, AccountKind.OPENING)


class AccountQuerySet(models.QuerySet["Account"]):
    def visible_to_economy(self, association: Association) -> AccountQuerySet:
        """All accounts of one association, in the order that money flows."""
        return self.filter(association=association).order_by("kind", "year", "name")

    def sum_by_kind(self) -> dict[str, int]:
        """How much lies in each kind of account now."""
        rows = self.order_by().values_list("kind").annotate(sum=Sum("balance"))
        return {kind: amount for kind, amount in rows}  # noqa: C416 - typed as a plain dict


class Account(models.Model):
    """A place where money can be. The database refuses a balance below zero inside the house."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="accounts")
    kind = models.CharField("slag", max_length=20, choices=AccountKind)
    name = models.CharField("namn", max_length=160)
    year = models.PositiveSmallIntegerField("år", null=True, blank=True)
    balance = models.BigIntegerField("saldo", default=0)
    may_be_negative = models.BooleanField("får gå under noll", default=False)

    objects: ClassVar[Any] = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = "konto"
        verbose_name_plural = "konton"
        ordering = ["association", "year", "kind", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(balance__gte=0) | Q(may_be_negative=True), name="account_floor"
            ),
            models.CheckConstraint(
                condition=Q(may_be_negative=False) | Q(kind__in=[str(kind) for kind in OUTSIDE]),
                name="account_negative_only_outside",
            ),
            models.UniqueConstraint(
                fields=["association", "year"],
                condition=Q(kind="year"),
                name="account_one_per_year",
            ),
            models.UniqueConstraint(
                fields=["association"], condition=Q(kind="equity"), name="account_one_equity"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("budgets:account", args=[self.association.slug, self.pk])

    @property
    def in_words(self) -> str:
        """As it stands in a sentence: ramen Individinsatser 2024, eget kapital."""
        if self.kind == AccountKind.FRAME:
            return frame_in_words(self.name)
        if self.kind == AccountKind.GRANT:
            return f"bidraget till {self.name}"
        return self.name[:1].lower() + self.name[1:]


class TransferReason(models.TextChoices):
    CONTRIBUTION_PAID = "contribution_paid", "Bidrag inbetalt"
    OPENING_BALANCE = "opening_balance", "Ingående balans"
    YEAR_DIVIDED = "year_divided", "Året fördelat"
    BASE_SET = "base_set", "Basfinansiering avsatt"
    BASE_LOWERED = "base_lowered", "Basfinansiering sänkt"
    FRAME_SET = "frame_set", "Ram fastställd"
    GRANT_DECIDED = "grant_decided", "Bidrag beviljat"
    GRANT_RAISED = "grant_raised", "Beviljat belopp höjt"
    GRANT_LOWERED = "grant_lowered", "Beviljat belopp sänkt"
    GRANT_RELEASED = "grant_released", "Beviljat belopp frigjort"
    FRAME_CLOSED = "frame_closed", "Ram avslutad"
    PAID = "paid", "Utbetalt"
    RECOVERED = "recovered", "Återkrävt"
    SAVINGS_RETURNED = "savings_returned", "Besparing återförd"
    CORRECTION = "correction", "Rättelse"


class TransferQuerySet(models.QuerySet["Transfer"]):
    def of_account(self, account: Account) -> TransferQuerySet:
        """The transfers into and out of an account, newest first, with what a list shows."""
        return (
            self.filter(Q(source=account) | Q(target=account))
            .select_related("source", "target", "actor", "event", "event__case", "reverses")
            .order_by("-made_at", "-pk")
        )


class Transfer(models.Model):
    """An amount moved once from one account to another; never changed, only reversed."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="transfers")
    source = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="outgoing")
    target = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="incoming")
    amount = models.PositiveBigIntegerField("belopp")
    reason = models.CharField("orsak", max_length=30, choices=TransferReason)
    note = models.CharField("anmärkning", max_length=250, blank=True)
    event = models.ForeignKey(
        Event, on_delete=models.PROTECT, null=True, blank=True, related_name="transfers"
    )
    key = models.CharField("nyckel", max_length=160)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )
    made_at = models.DateTimeField("gjord", default=clock.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects: ClassVar[Any] = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = "överföring"
        verbose_name_plural = "överföringar"
        ordering = ["association", "-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["association", "key"], name="transfer_key_unique"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_above_zero"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="transfer_moves"),
            models.CheckConstraint(condition=~Q(key=""), name="transfer_has_key"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} kr: {self.source} till {self.target}"
