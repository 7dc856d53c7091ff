"""Payment requests of granted money: per period and budget line, and how they are paid.

What a member reports is kept in öre; what is claimed and paid is whole kronor, as the ledger is.
"""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from budgets.models.frames import Grant
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.people.access import Visitor
from finsam.people.models import RoleKind
from finsam.registry.models import Case

ORE = 100
MEMBER_ROLES = (RoleKind.APPLICANT, RoleKind.SIGNATORY)
READER_ROLES = (RoleKind.OFFICER, RoleKind.DIRECTOR, RoleKind.AUDITOR)


class PaymentState(models.TextChoices):
    DRAFT = "draft", "Utkast"
    READY = "ready", "Väntar på attest"
    SUBMITTED = "submitted", "Inkommen"
    CHECKED = "checked", "Kontrollerad"
    APPROVED = "approved", "Godkänd"
    PAID = "paid", "Utbetald"
    RETURNED = "returned", "Åter till medlemmen"
    WITHDRAWN = "withdrawn", "Borttagen"


# What has left the member's desk and counts as claimed.
CLAIMED = (
    PaymentState.SUBMITTED,
    PaymentState.CHECKED,
    PaymentState.APPROVED,
    PaymentState.PAID,
)
AT_OFFICE = (PaymentState.SUBMITTED, PaymentState.CHECKED)
OWN_SPACE = (PaymentState.DRAFT, PaymentState.READY, PaymentState.WITHDRAWN)


class AccountType(models.TextChoices):
    BANKGIRO = "bankgiro", "Bankgiro"
    PLUSGIRO = "plusgiro", "Plusgiro"
    IBAN = "iban", "IBAN"


class GrantLine(models.Model):
    """A budget line of a grant, against which money is claimed; together they are the grant."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="lines")
    key = models.CharField("nyckel", max_length=160)
    label = models.CharField("budgetpost", max_length=200)
    party = models.CharField("part", max_length=120)
    is_staff = models.BooleanField("personal", default=False)
    cost = models.PositiveBigIntegerField("kostnad i budgeten")
    amount = models.PositiveBigIntegerField("beviljat på posten")
    position = models.PositiveSmallIntegerField("ordning")

    class Meta:
        verbose_name = "budgetpost"
        verbose_name_plural = "budgetposter"
        ordering = ["grant", "position"]
        constraints = [
            models.UniqueConstraint(fields=["grant", "key"], name="grant_line_unique"),
        ]

    def __str__(self) -> str:
        return self.label


class PaymentBatch(models.Model):
    """Approved requests sent to the bank together, with the file as it was made."""

    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="payment_batches"
    )
    number = models.PositiveIntegerField("nummer")
    key = models.CharField("nyckel", max_length=80)
    execute_on = models.DateField("betalningsdag")
    amount = models.PositiveBigIntegerField("belopp")
    count = models.PositiveIntegerField("antal")
    xml = models.TextField("betalfil")
    csv = models.TextField("lista")
    sha256 = models.CharField("kontrollsumma", max_length=64)
    created_at = models.DateTimeField("skapad", default=clock.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    paid_on = models.DateField("utbetald", null=True)
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = "betalning"
        verbose_name_plural = "betalningar"
        ordering = ["association", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["association", "number"], name="batch_number_unique"),
            models.UniqueConstraint(fields=["association", "key"], name="batch_key_unique"),
        ]

    def __str__(self) -> str:
        return f"Betalning {self.number}"


class PaymentRequestQuerySet(models.QuerySet["PaymentRequest"]):
    def visible_to(self, visitor: Visitor) -> PaymentRequestQuerySet:
        """What the member has sent, to the office and the auditor; the own ones to the member.

        What has not been sent is the member's own space.
        """
        mine = Q(member__in=visitor.member_ids(*MEMBER_ROLES))
        if visitor.has(*READER_ROLES):
            mine |= ~Q(state__in=OWN_SPACE)
        return self.filter(mine, association=visitor.association)

    def with_rows(self) -> PaymentRequestQuerySet:
        """With what a list or a page shows of each."""
        return self.select_related(
            "association", "member", "grant__account", "grant__paid_account",
            "grant__frame", "case", "batch", "created_by", "attested_by", "checked_by",
            "approved_by", "extract__file",
        )  # fmt: skip

    def claimed(self) -> PaymentRequestQuerySet:
        return self.filter(state__in=CLAIMED)


class PaymentRequest(models.Model):
    """A member's claim for a period of a grant (rekvisition)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="payment_requests"
    )
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="payment_requests")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="payment_requests")
    covers_all = models.BooleanField("huvudmannens, för alla parter", default=False)
    number = models.PositiveIntegerField("nummer")
    key = models.CharField("nyckel", max_length=80)
    period_from = models.DateField("från och med")
    period_to = models.DateField("till och med")
    is_final = models.BooleanField("slutrekvisition", default=False)
    state = models.CharField(
        "läge", max_length=12, choices=PaymentState, default=PaymentState.DRAFT
    )
    revision = models.PositiveIntegerField("ändringsnummer", default=1)
    account_type = models.CharField("kontoslag", max_length=10, choices=AccountType, blank=True)
    account_number = models.CharField("kontonummer", max_length=34, blank=True)
    explanation = models.TextField("förklaring av avvikelser", blank=True, max_length=2000)
    extract = models.ForeignKey(
        "documents.Upload", on_delete=models.PROTECT, null=True, related_name="+"
    )
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, related_name="payment_requests"
    )
    amount = models.PositiveBigIntegerField("rekvirerat belopp", default=0)
    content = models.JSONField("innehåll", default=dict)
    content_hash = models.CharField("kontrollsumma", max_length=64, blank=True)
    created_at = models.DateTimeField("påbörjad", default=clock.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    attested_at = models.DateTimeField("attesterad", null=True)
    attested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    returned_message = models.TextField("vad som behöver rättas", blank=True, max_length=2000)
    checked_at = models.DateTimeField("kontrollerad", null=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    move_reason = models.TextField("skäl att godta omfördelning", blank=True, max_length=2000)
    approved_at = models.DateTimeField("godkänd", null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    batch = models.ForeignKey(
        PaymentBatch, on_delete=models.PROTECT, null=True, related_name="requests"
    )

    objects: ClassVar[Any] = PaymentRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "rekvisition"
        verbose_name_plural = "rekvisitioner"
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["association", "state"], name="payment_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["grant", "number"], name="payment_number_unique"),
            models.UniqueConstraint(fields=["grant", "key"], name="payment_key_unique"),
            models.UniqueConstraint(
                fields=["grant"],
                condition=Q(is_final=True) & ~Q(state="withdrawn"),
                name="payment_one_final",
            ),
            models.CheckConstraint(
                condition=Q(period_to__gte=F("period_from")), name="payment_period_runs_forward"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "paid"])
                | Q(checked_by__isnull=False, approved_by__isnull=False)
                & (Q(amount__gt=0) | Q(is_final=True)),
                name="payment_seen_by_two",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("checked_by")),
                name="payment_seen_by_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.grant.name}"

    @property
    def title(self) -> str:
        return f"{'Slutrekvisition' if self.is_final else 'Rekvisition'} {self.number}"

    @property
    def payee_account(self) -> str:
        """Bankgiro 123-4567."""
        return f"{self.get_account_type_display()} {self.account_number}".strip()


class PaymentRow(models.Model):
    """What a request reports on one budget line, in öre."""

    request = models.ForeignKey(PaymentRequest, on_delete=models.PROTECT, related_name="rows")
    line = models.ForeignKey(GrantLine, on_delete=models.PROTECT, related_name="claims")
    ore = models.PositiveBigIntegerField("belopp i öre", default=0)

    class Meta:
        verbose_name = "rekvirerad post"
        verbose_name_plural = "rekvirerade poster"
        ordering = ["line__position"]
        constraints = [
            models.UniqueConstraint(fields=["request", "line"], name="payment_row_unique"),
        ]


class EconomySettings(models.Model):
    """What an association has decided about its money; nothing is presumed where it is silent."""

    association = models.OneToOneField(
        Association, on_delete=models.PROTECT, related_name="economy_settings"
    )
    move_percent = models.PositiveSmallIntegerField(
        "får flyttas mellan budgetposter utan kansliets godkännande, % av posten",
        null=True,
        blank=True,
    )
    payer_account_type = models.CharField(
        "kontot som betalas från, slag", max_length=10, choices=AccountType, blank=True
    )
    payer_account = models.CharField("kontot som betalas från", max_length=34, blank=True)
    payer_bic = models.CharField("bankens BIC", max_length=11, blank=True)

    class Meta:
        verbose_name = "förbundets regler för ekonomin"
        verbose_name_plural = "förbundens regler för ekonomin"

    def __str__(self) -> str:
        return f"Ekonomi, {self.association}"
