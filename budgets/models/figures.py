"""Which figures a document showed, so that what shows an outdated one can be found."""

from __future__ import annotations

from django.db import models

from finsam import clock
from finsam.associations.models import Association


class ShownFigure(models.Model):
    """One sum in one document: where it comes from, and what it was when it was written.

    `holder` names what shows it ("memo:12"), `figure` where it comes from ("frame:3:left").
    """

    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="shown_figures"
    )
    holder = models.CharField("visas i", max_length=80)
    title = models.CharField("handling", max_length=250)
    figure = models.CharField("uppgift", max_length=200)
    label = models.CharField("vad det är", max_length=250)
    value = models.BigIntegerField("värde då")
    shown_at = models.DateTimeField("skriven", default=clock.now)

    class Meta:
        verbose_name = "visad uppgift"
        verbose_name_plural = "visade uppgifter"
        ordering = ["holder", "figure"]
        indexes = [models.Index(fields=["association", "figure"], name="shown_figure_source")]
        constraints = [
            models.UniqueConstraint(
                fields=["association", "holder", "figure"], name="shown_figure_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.value}"
