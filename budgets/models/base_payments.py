"""What is paid out of the base financing, per member and consultation team."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from budgets.models.payments import AccountType, PaymentBatch
from budgets.models.year import BaseFinancingShare
from finsam import clock
from finsam.associations.models import Association


class BasePaymentState(models.TextChoices):
    CLAIMED = "claimed", "Begärd"
    REGISTERED = "registered", "Registrerad"
    APPROVED = "approved", "Godkänd"
    PAID = "paid", "Utbetald"
    STOPPED = "stopped", "Stoppad"


class BasePaymentQuerySet(models.QuerySet["BasePayment"]):
    def with_share(self) -> BasePaymentQuerySet:
        """With what a list or a page shows of each."""
        return self.select_related(
            "association", "share__member", "share__base", "share__account",
            "share__paid_account", "batch", "claimed_by", "registered_by", "approved_by",
            "stopped_by",
        )  # fmt: skip


class BasePayment(models.Model):
    """A member's claim for its staff in a team, in whole kronor: registered, then approved.

    The member claims in the portal, and the office registers it as checked; or the office
    registers what came on paper.
    """

    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="base_payments"
    )
    share = models.ForeignKey(BaseFinancingShare, on_delete=models.PROTECT, related_name="payments")
    number = models.PositiveIntegerField("nummer")
    key = models.CharField("nyckel", max_length=80)
    period_from = models.DateField("från och med")
    period_to = models.DateField("till och med")
    amount = models.PositiveBigIntegerField("belopp")
    reference = models.CharField("medlemmens referens", max_length=60)
    account_type = models.CharField("kontoslag", max_length=10, choices=AccountType)
    account_number = models.CharField("kontonummer", max_length=34)
    state = models.CharField(
        "läge", max_length=12, choices=BasePaymentState, default=BasePaymentState.REGISTERED
    )
    created_at = models.DateTimeField("inkommen", default=clock.now)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    registered_at = models.DateTimeField("registrerad", null=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    approved_at = models.DateTimeField("godkänd", null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    stopped_at = models.DateTimeField("stoppad", null=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    stop_reason = models.TextField("varför den stoppades", blank=True, max_length=2000)
    batch = models.ForeignKey(
        PaymentBatch, on_delete=models.PROTECT, null=True, related_name="base_payments"
    )

    objects: ClassVar[Any] = BasePaymentQuerySet.as_manager()

    class Meta:
        verbose_name = "utbetalning av basfinansiering"
        verbose_name_plural = "utbetalningar av basfinansiering"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["association", "key"], name="base_payment_key_unique"),
            models.UniqueConstraint(fields=["share", "number"], name="base_payment_number_unique"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="base_payment_above_zero"),
            models.CheckConstraint(
                condition=Q(period_to__gte=F("period_from")),
                name="base_payment_period_runs_forward",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["claimed", "stopped"])
                | Q(registered_by__isnull=False, registered_at__isnull=False),
                name="base_payment_registered_by_the_office",
            ),
            models.CheckConstraint(
                condition=Q(claimed_by__isnull=False) | Q(registered_by__isnull=False),
                name="base_payment_came_from_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "paid"]) | Q(approved_by__isnull=False),
                name="base_payment_seen_by_two",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("registered_by")),
                name="base_payment_seen_by_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.share}"

    def get_absolute_url(self) -> str:
        return reverse("budgets:base_payment", args=[self.association.slug, self.pk])

    @property
    def title(self) -> str:
        return f"Basfinansiering {self.share.base.year}, utbetalning {self.number}"


class RecoveryState(models.TextChoices):
    REGISTERED = "registered", "Registrerad"
    BOOKED = "booked", "Bokförd"
    STOPPED = "stopped", "Borttagen"


class BaseRecovery(models.Model):
    """Money of a payment that was wrong and has come back: registered by one, booked by another."""

    payment = models.ForeignKey(BasePayment, on_delete=models.PROTECT, related_name="recoveries")
    key = models.CharField("nyckel", max_length=80)
    amount = models.PositiveBigIntegerField("belopp")
    reason = models.TextField("skäl", max_length=2000)
    state = models.CharField(
        "läge", max_length=12, choices=RecoveryState, default=RecoveryState.REGISTERED
    )
    registered_at = models.DateTimeField("registrerad", default=clock.now)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    booked_at = models.DateTimeField("bokförd", null=True)
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = "återbetalning av basfinansiering"
        verbose_name_plural = "återbetalningar av basfinansiering"
        ordering = ["payment", "registered_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "key"], name="base_recovery_key_unique"),
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(state="registered"),
                name="base_recovery_one_waiting",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="base_recovery_above_zero"),
            models.CheckConstraint(
                condition=~Q(state="booked") | Q(booked_by__isnull=False, booked_at__isnull=False),
                name="base_recovery_seen_by_two",
            ),
            models.CheckConstraint(
                condition=Q(booked_by=None) | ~Q(booked_by=F("registered_by")),
                name="base_recovery_seen_by_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"Återbetalning, {self.payment}"
