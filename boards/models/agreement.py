"""The agreement after a decision: its frozen versions, the signatures on them, how one ended."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models import (
    Application,
    ApplicationParty,
    ChangeRequest,
    SignatureMethod,
)
from boards.models.meetings import AgendaItem
from finsam import clock


class AgreementState(models.TextChoices):
    DRAFT = "draft", "Skrivs"
    SENT = "sent", "Väntar på underskrift"
    SIGNED = "signed", "Undertecknat"


class Agreement(models.Model):
    """What the association and the executing members agree on for one granted application.

    With a `change` it is an addendum: what an approved change makes of the agreement. `item` is
    where the board decided; an addendum to what the director decided has none.
    """

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="agreements"
    )
    change = models.OneToOneField(
        ChangeRequest, on_delete=models.PROTECT, null=True, related_name="addendum"
    )
    item = models.OneToOneField(
        AgendaItem, on_delete=models.PROTECT, null=True, related_name="agreement"
    )
    state = models.CharField(
        "läge", max_length=10, choices=AgreementState, default=AgreementState.DRAFT
    )
    revision = models.PositiveIntegerField("ändringsnummer", default=0)
    texts = models.JSONField("villkor som skrivs fritt", default=dict)
    current = models.OneToOneField(
        "boards.AgreementVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField("påbörjat", default=clock.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField("undertecknat av alla", null=True)
    started_on = models.DateField("insatsen började", null=True)

    class Meta:
        verbose_name = "avtal"
        verbose_name_plural = "avtal"
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(change=None), name="one_agreement"
            ),
            models.CheckConstraint(
                condition=Q(change=None, item__isnull=False)
                | Q(change__isnull=False, started_on=None),
                name="agreement_rests_on_decision",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", current=None)
                | Q(state__in=["sent", "signed"], current__isnull=False),
                name="agreement_sent_is_frozen",
            ),
            models.CheckConstraint(
                condition=Q(state="signed", signed_at__isnull=False)
                | (~Q(state="signed") & Q(signed_at=None, started_on=None)),
                name="agreement_starts_after_signing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind_label} om {self.application.title}"

    @property
    def number(self) -> int:
        """The number of the change that an addendum carries into the agreement; else 0."""
        return self.change.number if self.change else 0

    @property
    def kind_label(self) -> str:
        return f"Tilläggsavtal {self.change.number}" if self.change else "Avtal"

    @property
    def in_words(self) -> str:
        """How sentences and buttons name it."""
        return "tillägget" if self.change else "avtalet"

    @property
    def is_started_unsigned(self) -> bool:
        """Whether the effort began before the last signature, which it should not."""
        if self.started_on is None or self.signed_at is None:
            return False
        return self.started_on < clock.stockholm(self.signed_at).date()


class AgreementVersion(models.Model):
    """The whole content as it was sent for signature; append-only."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField("version")
    content = models.JSONField("innehåll")
    content_hash = models.CharField("kontrollsumma", max_length=64)
    created_at = models.DateTimeField("låst", default=clock.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "avtalsversion"
        verbose_name_plural = "avtalsversioner"
        ordering = ["agreement", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="agreement_number_unique"),
        ]


class AgreementSignature(models.Model):
    """One party's signature on a version; without `party` it is the association's. Append-only."""

    version = models.ForeignKey(
        AgreementVersion, on_delete=models.PROTECT, related_name="signatures"
    )
    party = models.ForeignKey(
        ApplicationParty, on_delete=models.PROTECT, null=True, related_name="+"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signatory_name = models.CharField("namn", max_length=120)
    signatory_title = models.CharField("befattning", max_length=120, blank=True)
    method = models.CharField("sätt", max_length=20, choices=SignatureMethod)
    content_hash = models.CharField("kontrollsumma", max_length=64)
    scan = models.ForeignKey(
        "documents.Upload", on_delete=models.PROTECT, null=True, related_name="+"
    )
    order = models.OneToOneField(
        "documents.SigningOrder",
        on_delete=models.PROTECT,
        null=True,
        related_name="agreement_signature",
    )
    original_received = models.BooleanField("original mottaget", default=False)
    signed_at = models.DateTimeField("undertecknat", default=clock.now)

    class Meta:
        verbose_name = "underskrift på avtal"
        verbose_name_plural = "underskrifter på avtal"
        ordering = ["version", "signed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "party"],
                condition=Q(party__isnull=False),
                name="agreement_signed_once_by_party",
            ),
            models.UniqueConstraint(
                fields=["version"],
                condition=Q(party=None),
                name="agreement_signed_once_by_association",
            ),
            models.CheckConstraint(
                condition=Q(method="paper", scan__isnull=False)
                | (~Q(method="paper") & Q(scan=None, original_received=False)),
                name="agreement_paper_has_scan",
            ),
            models.CheckConstraint(
                condition=Q(method="external", order__isnull=False)
                | (~Q(method="external") & Q(order=None)),
                name="agreement_external_has_order",
            ),
        ]


class AgreementEndKind(models.TextChoices):
    CHANGED = "changed", "Innehållet ändrades"
    DECLINED = "declined", "Avböjt"


class AgreementEnd(models.Model):
    """How a version ceased to hold before all had signed, and why; append-only."""

    version = models.OneToOneField(AgreementVersion, on_delete=models.PROTECT, related_name="end")
    kind = models.CharField("hur", max_length=10, choices=AgreementEndKind)
    party = models.ForeignKey(
        ApplicationParty, on_delete=models.PROTECT, null=True, related_name="+"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField("skäl")
    ended_at = models.DateTimeField("när", default=clock.now)

    class Meta:
        verbose_name = "avbruten avtalsversion"
        verbose_name_plural = "avbrutna avtalsversioner"
        ordering = ["-ended_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="agreement_end_has_reason"),
        ]
