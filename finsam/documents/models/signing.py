"""Orders at the external signing service: one person, one party, one frozen content each."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from finsam import clock
from finsam.associations.models import Association
from finsam.documents.models.files import HASH_LENGTH, StoredFile
from finsam.registry.models import Case


class SigningState(models.TextChoices):
    BEGUN = "begun", "Läggs upp"
    PLACED = "placed", "Väntar på underskrift"
    SIGNED = "signed", "Underskriven"
    DECLINED = "declined", "Avböjd"
    EXPIRED = "expired", "Tiden gick ut"
    VOID = "void", "Gäller inte"
    REFUSED = "refused", "Beviset godtogs inte"


LIVE = (SigningState.BEGUN, SigningState.PLACED)


class SigningOrderQuerySet(models.QuerySet["SigningOrder"]):
    def live(self) -> SigningOrderQuerySet:
        """Orders that still wait for an answer."""
        return self.filter(state__in=LIVE)


class SigningOrder(models.Model):
    """What is signed belongs to an upper floor: `kind` names it, `subject` and `party` its rows.

    `party` is 0 for the association itself. An ended order is never changed.
    """

    reference = models.UUIDField("referens", unique=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField("slag", max_length=30)
    subject = models.PositiveBigIntegerField("det som skrivs under")
    party = models.PositiveBigIntegerField("part", default=0)
    title = models.CharField("rubrik", max_length=250)
    content_hash = models.CharField("innehållets kontrollsumma", max_length=HASH_LENGTH)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        "läge", max_length=10, choices=SigningState, default=SigningState.BEGUN
    )
    sign_address = models.CharField("adress att skriva under på", max_length=500, blank=True)
    trouble = models.CharField("senaste fel", max_length=200, blank=True)
    looks = models.PositiveIntegerField("gånger frågat", default=0)
    begun_at = models.DateTimeField("påbörjad", default=clock.now)
    expires_at = models.DateTimeField("gäller till")
    ended_at = models.DateTimeField("avslutad", null=True)
    reason = models.TextField("skäl", blank=True)
    signatory_name = models.CharField("namn enligt beviset", max_length=120, blank=True)
    evidence = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[Any] = SigningOrderQuerySet.as_manager()

    class Meta:
        verbose_name = "underskrift hos underskriftstjänsten"
        verbose_name_plural = "underskrifter hos underskriftstjänsten"
        ordering = ["-begun_at", "-pk"]
        indexes = [models.Index(fields=["kind", "subject"], name="signing_order_subject")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "party", "user"],
                condition=Q(state__in=["begun", "placed"]),
                name="signing_order_one_live",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["begun", "placed"], ended_at=None)
                | (~Q(state__in=["begun", "placed"]) & Q(ended_at__isnull=False)),
                name="signing_order_ends_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") | (Q(evidence__isnull=False) & ~Q(signatory_name="")),
                name="signing_order_signed_has_evidence",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.get_state_display()})"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE
