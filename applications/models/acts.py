"""Acts that were carried out once, by the key that the form carried."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from finsam import clock
from finsam.associations.models import Association


class CompletedAct(models.Model):
    """What an act led to; the same key again gives the same, never a second one."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="+")
    action = models.CharField("handling", max_length=40)
    key = models.CharField("nyckel", max_length=64)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField("innehållets kontrollsumma", max_length=64)
    object_id = models.PositiveBigIntegerField("resultat", null=True)
    done_at = models.DateTimeField("utförd", default=clock.now)

    class Meta:
        verbose_name = "utförd handling"
        verbose_name_plural = "utförda handlingar"
        constraints = [
            models.UniqueConstraint(
                fields=["association", "action", "key"], name="act_is_done_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.key}"
