"""More time for one applicant in a round, with the reason."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models.programme import Round
from finsam import clock
from finsam.associations.models import Member


class Extension(models.Model):
    """One member's later last day in a round (anstånd); a new one stands beside the old."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="extensions")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="extensions")
    last_day = models.DateField("sista dag")
    reason = models.TextField("skäl")
    granted_at = models.DateTimeField("beviljat", default=clock.now)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "anstånd"
        verbose_name_plural = "anstånd"
        ordering = ["round", "member", "-last_day", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="extension_has_reason"),
            models.UniqueConstraint(
                fields=["round", "member", "last_day"], name="extension_unique"
            ),
        ]
