"""Boards, councils and consultation groups, and the seats people hold in them."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from finsam.associations.models import Association, Member


class BodyKind(models.TextChoices):
    BOARD = "board", "Styrelse"
    COUNCIL = "council", "Beredande organ"
    CONSULTATION = "consultation", "Samrådsgrupp"


class Body(models.Model):
    """`municipality` is the one whose matters a local consultation group speaks on (LOKSAM)."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="bodies")
    kind = models.CharField("slag", max_length=15, choices=BodyKind)
    slug = models.SlugField("adressnamn", max_length=60)
    name = models.CharField("namn", max_length=120)
    municipality = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="local_bodies"
    )

    class Meta:
        verbose_name = "organ"
        verbose_name_plural = "organ"
        ordering = ["association", "kind", "name"]
        constraints = [
            models.UniqueConstraint(fields=["association", "slug"], name="body_slug_unique"),
            models.UniqueConstraint(
                fields=["association"], condition=Q(kind="board"), name="one_board_per_association"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SeatFunction(models.TextChoices):
    CHAIR = "chair", "Ordförande"
    VICE_CHAIR = "vice_chair", "Vice ordförande"
    MEMBER = "member", "Ledamot"
    SUBSTITUTE = "substitute", "Ersättare"


class SeatQuerySet(models.QuerySet["Seat"]):
    def held_on(self, day: date) -> SeatQuerySet:
        return self.filter(valid_from__lte=day).filter(Q(valid_to=None) | Q(valid_to__gte=day))


class Seat(models.Model):
    """A place in a body, for a member organisation; substitutes serve in their order (FL 12 §)."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="seats")
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="seats"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="seats"
    )
    function = models.CharField("uppdrag", max_length=12, choices=SeatFunction)
    order = models.PositiveSmallIntegerField("ordning", default=1)
    valid_from = models.DateField("från och med")
    valid_to = models.DateField("till och med", null=True, blank=True)

    objects: ClassVar[Any] = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = "plats"
        verbose_name_plural = "platser"
        ordering = ["body", "order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["body", "user", "valid_from"], name="seat_unique"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="seat_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user.name}, {self.get_function_display()}"

    @property
    def is_substitute(self) -> bool:
        return self.function == SeatFunction.SUBSTITUTE
