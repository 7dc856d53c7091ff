"""What the parties of a granted effort ask to have changed, and what was decided."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models.application import Application
from finsam import clock


class ChangeKind(models.TextChoices):
    TIME = "time", "Tid"
    PARTIES = "parties", "Parter"
    SUMS = "sums", "Belopp"
    GOALS = "goals", "Mål"


class ChangeState(models.TextChoices):
    SUBMITTED = "submitted", "Inlämnad"
    APPROVED = "approved", "Godkänd"
    REFUSED = "refused", "Avslagen"
    WITHDRAWN = "withdrawn", "Återkallad"


class ChangeRequest(models.Model):
    """One change that is asked for, as it was sent. Decided it is a version beside what was.

    `wanted` by kind: time `ends_on` and what it `was`; parties `joins` (a member's id and name)
    and `leaves` (a party's); sums `rows` of key, label, before, amount in whole kronor; goals
    `text`.
    """

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="change_requests"
    )
    number = models.PositiveSmallIntegerField("nummer")
    kind = models.CharField("slag", max_length=10, choices=ChangeKind)
    state = models.CharField(
        "läge", max_length=10, choices=ChangeState, default=ChangeState.SUBMITTED
    )
    reason = models.TextField("skäl")
    wanted = models.JSONField("vad som önskas")
    submitted_at = models.DateTimeField("inlämnad", default=clock.now)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("avgjord", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decision = models.TextField("beslutets skäl", blank=True)
    by_board = models.BooleanField("beslutad av styrelsen", default=False)

    class Meta:
        verbose_name = "ändringsbegäran"
        verbose_name_plural = "ändringsbegäranden"
        ordering = ["application", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="change_number_unique"),
            models.UniqueConstraint(
                fields=["application", "kind"],
                condition=Q(state="submitted"),
                name="one_open_change_of_a_kind",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="change_has_reason"),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "refused"])
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(decision="")),
                name="change_decided_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"Ändringsbegäran {self.number} ({self.get_kind_display().lower()})"


class ChangeDelegation(models.Model):
    """The kinds of change that the board has let the director decide; others go to the board."""

    association = models.OneToOneField(
        "associations.Association", on_delete=models.PROTECT, related_name="change_delegation"
    )
    kinds = models.JSONField("slag som förbundschefen beslutar", default=list)
    basis = models.CharField("punkt i delegationsordningen", max_length=120, blank=True)

    class Meta:
        verbose_name = "delegation av ändringar"
        verbose_name_plural = "delegationer av ändringar"
        constraints = [
            models.CheckConstraint(
                condition=Q(kinds=[]) | ~Q(basis=""), name="change_delegation_has_basis"
            ),
        ]

    def __str__(self) -> str:
        return f"Delegation av ändringar, {self.association}"
