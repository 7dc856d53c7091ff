"""Early termination of a granted effort: proposed by the office, decided by the board."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.models.application import Application
from finsam import clock


class TerminationGround(models.TextChoices):
    """On what a favourable decision is ended before its time; there has to be one."""

    CONTRIBUTIONS = "contributions", "Ändrade medlemsbidrag"
    BREACH = "breach", "Avtalet följs inte"
    PARTIES_WISH = "parties_wish", "Parterna vill avsluta"
    OTHER = "other", "Annat skäl"


class TerminationState(models.TextChoices):
    PROPOSED = "proposed", "Föreslaget"
    DECIDED = "decided", "Beslutat"
    REFUSED = "refused", "Avslaget av styrelsen"
    DROPPED = "dropped", "Återtaget"


class Termination(models.Model):
    """From which day the financing ends and until when it can be claimed; told, it is fixed."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="terminations"
    )
    state = models.CharField(
        "läge", max_length=10, choices=TerminationState, default=TerminationState.PROPOSED
    )
    state_before = models.CharField("insatsens läge före beslutet", max_length=20, blank=True)
    ground = models.CharField("grund", max_length=16, choices=TerminationGround)
    reason = models.TextField("motivering")
    stops_on = models.DateField("finansieringen upphör från och med")
    claims_until = models.DateField("sista dag för slutrekvisition")
    revision = models.PositiveIntegerField("ändringsnummer", default=0)
    proposed_at = models.DateTimeField("föreslaget", default=clock.now)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    public_at = models.DateTimeField("parterna har fått veta", null=True)

    class Meta:
        verbose_name = "förtida avslut"
        verbose_name_plural = "förtida avslut"
        ordering = ["application", "-proposed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(state__in=["proposed", "decided"]),
                name="one_live_termination",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="termination_is_motivated"),
            models.CheckConstraint(
                condition=Q(claims_until__gte=F("stops_on")), name="termination_claims_after_stop"
            ),
            models.CheckConstraint(
                condition=Q(public_at=None) | Q(state="decided"), name="termination_told_is_decided"
            ),
        ]

    def __str__(self) -> str:
        return f"Förtida avslut av {self.application.title}"

    @property
    def last_day(self) -> date:
        """The last day that is financed."""
        return self.stops_on - timedelta(days=1)
