"""What a grant is to be used for, line by line, when less was granted than was sought."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from budgets.models.frames import Grant
from finsam import clock
from finsam.associations.models import Association


class RevisedState(models.TextChoices):
    DRAFT = "draft", "Utkast"
    FILED = "filed", "Inlämnad"
    RETURNED = "returned", "Åter till parterna"
    APPROVED = "approved", "Godkänd"


class RevisedBudget(models.Model):
    """A revised budget within a grant. Approved it is frozen, and claimed against.

    `rows` are the budget's lines as plain values: key, label, party, is_staff, cost (as in the
    application) and amount (of the grant), in whole kronor.
    """

    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="revised_budgets"
    )
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="revised_budgets")
    number = models.PositiveIntegerField("nummer")
    state = models.CharField(
        "läge", max_length=12, choices=RevisedState, default=RevisedState.DRAFT
    )
    revision = models.PositiveIntegerField("ändringsnummer", default=1)
    rows = models.JSONField("budgetposter")
    note = models.TextField("vad som har ändrats i insatsen", blank=True, max_length=2000)
    sha256 = models.CharField("kontrollsumma", max_length=64, blank=True)
    filed_at = models.DateTimeField("inlämnad", null=True)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    returned_message = models.TextField("vad som behöver rättas", blank=True, max_length=2000)
    approved_at = models.DateTimeField("godkänd", null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField("påbörjad", default=clock.now)

    class Meta:
        verbose_name = "reviderad budget"
        verbose_name_plural = "reviderade budgetar"
        ordering = ["grant", "number"]
        constraints = [
            models.UniqueConstraint(fields=["grant", "number"], name="revised_number_unique"),
            models.UniqueConstraint(
                fields=["grant"], condition=~Q(state="approved"), name="revised_one_under_way"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | Q(approved_by__isnull=False, filed_by__isnull=False),
                name="revised_filed_and_approved",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("filed_by")),
                name="revised_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"Reviderad budget {self.number}, {self.grant.name}"

    @property
    def total(self) -> int:
        """What the lines give together of the grant."""
        return sum(row["amount"] for row in self.rows)

    @property
    def cost(self) -> int:
        return sum(row["cost"] for row in self.rows)
