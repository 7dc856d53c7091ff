"""Money wrongly paid that is asked back: demanded by one person, booked by another."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from budgets.models.payments import PaymentRequest
from finsam import clock


class DemandState(models.TextChoices):
    DEMANDED = "demanded", "Återkrävt"
    BOOKED = "booked", "Återbetalt"
    DROPPED = "dropped", "Återtaget"


class PaymentRecovery(models.Model):
    """What a member is to pay back of a paid request; booked when the money has come."""

    request = models.ForeignKey(PaymentRequest, on_delete=models.PROTECT, related_name="recoveries")
    state = models.CharField(
        "läge", max_length=10, choices=DemandState, default=DemandState.DEMANDED
    )
    key = models.CharField("nyckel", max_length=40)
    amount = models.PositiveBigIntegerField("belopp")
    reason = models.TextField("skäl")
    due_on = models.DateField("betalas tillbaka senast")
    demanded_at = models.DateTimeField("återkrävt", default=clock.now)
    demanded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField("avslutat", null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = "återkrav"
        verbose_name_plural = "återkrav"
        ordering = ["request", "demanded_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "key"], name="payment_recovery_key_unique"),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & ~Q(reason=""), name="payment_recovery_is_said"
            ),
            models.CheckConstraint(
                condition=~Q(state="booked")
                | Q(ended_by__isnull=False) & ~Q(ended_by=F("demanded_by")),
                name="payment_recovery_seen_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"Återkrav, {self.request}"
