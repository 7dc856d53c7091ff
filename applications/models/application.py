"""An application: its parties and people, its answers, its frozen versions and signatures."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from applications.models.programme import Round
from applications.models.template import ApplicationTemplate, Question, Section
from applications.queries import ApplicationQuerySet
from finsam import clock
from finsam.associations.models import Association, Member, PartyKind
from finsam.registry.models import Case


class ApplicationState(models.TextChoices):
    DRAFT = "draft", "Utkast"
    SUBMITTED = "submitted", "Inkommen"
    IN_REVIEW = "in_review", "Granskas"
    RETURNED = "returned", "Komplettering begärd"
    IN_PREPARATION = "in_preparation", "Under beredning"
    TO_BOARD = "to_board", "Till styrelsen"
    GRANTED = "granted", "Beviljad"
    PARTLY_GRANTED = "partly_granted", "Delvis beviljad"
    REJECTED = "rejected", "Avslag"
    TABLED = "tabled", "Bordlagd"
    AGREED = "agreed", "Avtal tecknat"
    RUNNING = "running", "Pågående"
    CLOSED = "closed", "Avslutad"
    WITHDRAWN = "withdrawn", "Återkallad"
    DISMISSED = "dismissed", "Avskriven"
    TERMINATED = "terminated", "Förtida avslut"


class Application(models.Model):
    """An application for funding. A draft is seen by the applicant's side alone."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="applications"
    )
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="applications")
    template = models.ForeignKey(
        ApplicationTemplate, on_delete=models.PROTECT, related_name="applications"
    )
    title = models.CharField("insatsens namn", max_length=160)
    state = models.CharField(
        "läge", max_length=20, choices=ApplicationState, default=ApplicationState.DRAFT
    )
    revision = models.PositiveIntegerField("ändringsnummer", default=0)
    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, null=True, related_name="application"
    )
    budget = models.OneToOneField(
        "budgets.Budget", on_delete=models.PROTECT, related_name="application"
    )
    lot = models.ForeignKey(
        "budgets.Lot", on_delete=models.PROTECT, null=True, related_name="applications"
    )
    grant = models.OneToOneField(
        "budgets.Grant", on_delete=models.PROTECT, null=True, related_name="application"
    )
    thread = models.OneToOneField(
        "post.Thread", on_delete=models.PROTECT, null=True, related_name="+"
    )
    idea = models.OneToOneField(
        "applications.IdeaSketch", on_delete=models.PROTECT, null=True, related_name="application"
    )
    signing_version = models.ForeignKey(
        "applications.ApplicationVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("påbörjad", default=clock.now)
    updated_at = models.DateTimeField("sparad", default=clock.now)
    discarded_at = models.DateTimeField("slängd", null=True)
    submitted_at = models.DateTimeField("inkommen", null=True)
    outcome_public_at = models.DateTimeField("utfallet visas från", null=True)
    effort_ends_on = models.DateField("insatsens sista dag, ändrad efter beslutet", null=True)

    objects: ClassVar[Any] = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "ansökan"
        verbose_name_plural = "ansökningar"
        ordering = ["-updated_at", "-pk"]
        indexes = [
            models.Index(
                fields=["association", "state", "-updated_at"], name="application_by_state"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(submitted_at__isnull=False, case__isnull=False)
                | Q(state="withdrawn"),
                name="application_received_is_registered",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(discarded_at=None),
                name="application_received_is_not_discarded",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The applicant's page of it."""
        return reverse("applications:application", args=[self.association.slug, self.public_id])

    @property
    def is_draft(self) -> bool:
        return self.state == ApplicationState.DRAFT

    @property
    def registered_case(self) -> Case:
        """The case in the register, which everything but a draft has."""
        if self.case is None:
            raise ValueError("A draft has no case.")
        return self.case

    @property
    def is_outcome_public(self) -> bool:
        """The applicant learns the outcome when the minutes are attested, not before."""
        return self.outcome_public_at is not None and self.outcome_public_at <= clock.now()


class ApplicationParty(models.Model):
    """A party of an application; exactly one leads. An external one has no member."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="parties")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField("namn", max_length=120)
    kind = models.CharField("slag", max_length=20, choices=PartyKind)
    is_lead = models.BooleanField("huvudman", default=False)
    unit = models.CharField("enhet", max_length=160, blank=True)
    contact_name = models.CharField("kontaktperson", max_length=120, blank=True)
    contact_email = models.EmailField("kontaktpersonens e-post", blank=True)
    done_at = models.DateTimeField("klar med sin del", null=True)
    budget_done_at = models.DateTimeField("klar med sin del av budgeten", null=True)
    budget_done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    position = models.PositiveSmallIntegerField("ordning", default=0)
    joined_on = models.DateField("kom till efter beslutet", null=True)
    left_on = models.DateField("lämnade insatsen", null=True)

    class Meta:
        verbose_name = "part"
        verbose_name_plural = "parter"
        ordering = ["application", "-is_lead", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(is_lead=True), name="one_lead_party"
            ),
            models.UniqueConstraint(fields=["application", "name"], name="party_name_unique"),
            models.UniqueConstraint(
                fields=["application", "member"],
                condition=Q(member__isnull=False),
                name="party_member_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PartyMember(models.Model):
    """A person who writes in an application on behalf of one of its parties."""

    party = models.ForeignKey(ApplicationParty, on_delete=models.PROTECT, related_name="people")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["party", "user"], name="party_person_unique"),
        ]


class PartyInvitation(models.Model):
    """An invitation by e-mail to write together; the token works once."""

    party = models.ForeignKey(
        ApplicationParty, on_delete=models.PROTECT, related_name="invitations"
    )
    email = models.EmailField("e-post")
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    invited_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )


class SectionDraft(models.Model):
    """How far a section has come; its revision guards against silent overwriting."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="drafts")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="drafts")
    revision = models.PositiveIntegerField("ändringsnummer", default=0)
    done_at = models.DateTimeField("klarmarkerad", null=True)
    updated_at = models.DateTimeField("sparad", null=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "section"], name="section_draft_unique"),
        ]


class SectionRevision(models.Model):
    """A section's answers as they were saved; kept a while, so that two writers can be told apart.

    Part of the draft and not of the record: the oldest are dropped as new ones come.
    """

    draft = models.ForeignKey(SectionDraft, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField("ändringsnummer")
    values = models.JSONField("svar", default=dict)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    saved_at = models.DateTimeField("sparad", default=clock.now)

    class Meta:
        ordering = ["draft", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "number"], name="section_revision_unique"),
        ]


class Answer(models.Model):
    """The answer to one question; `value` is typed by the question's type."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="+")
    value = models.JSONField("svar", null=True)
    updated_at = models.DateTimeField("sparad", default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "question"], name="answer_unique"),
        ]


class Annex(models.Model):
    """A file that belongs to the application; taken away it stays, marked so."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="annexes")
    upload = models.ForeignKey("documents.Upload", on_delete=models.PROTECT, related_name="+")
    title = models.CharField("rubrik", max_length=160)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField(default=clock.now)
    removed_at = models.DateTimeField(null=True)
    personal_numbers = models.JSONField("personnummer, dolda", default=list)

    class Meta:
        verbose_name = "bilaga"
        verbose_name_plural = "bilagor"
        ordering = ["application", "added_at", "pk"]


class VersionPurpose(models.TextChoices):
    SIGNING = "signing", "Underskrift"
    SUBMISSION = "submission", "Inlämning"
    SUPPLEMENT = "supplement", "Komplettering"


class ApplicationVersion(models.Model):
    """The whole content, frozen: never changed or deleted (the database refuses)."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField("version")
    purpose = models.CharField("ändamål", max_length=12, choices=VersionPurpose)
    content = models.JSONField("innehåll")
    content_hash = models.CharField("kontrollsumma", max_length=64)
    requested_amount = models.PositiveBigIntegerField("sökt belopp i kronor")
    created_at = models.DateTimeField("fryst", default=clock.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "version"
        verbose_name_plural = "versioner"
        ordering = ["application", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="version_number_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.application}, version {self.number}"


class SignatureMethod(models.TextChoices):
    LOGGED_APPROVAL = "logged_approval", "Godkänd med lösenord i portalen"
    PAPER = "paper", "På papper"
    EXTERNAL = "external", "E-legitimation"


class Signature(models.Model):
    """A party's signature over a frozen version; it holds while that version is the current one."""

    version = models.ForeignKey(
        ApplicationVersion, on_delete=models.PROTECT, related_name="signatures"
    )
    party = models.ForeignKey(ApplicationParty, on_delete=models.PROTECT, related_name="signatures")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signatory_name = models.CharField("namn", max_length=120)
    signatory_title = models.CharField("befattning", max_length=120, blank=True)
    method = models.CharField("sätt", max_length=20, choices=SignatureMethod)
    content_hash = models.CharField("kontrollsumma", max_length=64)
    signed_at = models.DateTimeField("undertecknad", default=clock.now)
    scan = models.ForeignKey(
        "documents.Upload", on_delete=models.PROTECT, null=True, related_name="+"
    )
    order = models.OneToOneField(
        "documents.SigningOrder",
        on_delete=models.PROTECT,
        null=True,
        related_name="application_signature",
    )

    class Meta:
        verbose_name = "underskrift"
        verbose_name_plural = "underskrifter"
        ordering = ["signed_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "party"], name="one_signature_per_party"),
            models.CheckConstraint(
                condition=Q(method="external", order__isnull=False)
                | (~Q(method="external") & Q(order=None)),
                name="external_signature_has_order",
            ),
        ]


class DeclinedSignature(models.Model):
    """That a party would not sign a frozen version, and why; its people read it. Append-only."""

    version = models.OneToOneField(
        ApplicationVersion, on_delete=models.PROTECT, related_name="declined"
    )
    party = models.ForeignKey(ApplicationParty, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField("skäl")
    declined_at = models.DateTimeField("avböjd", default=clock.now)

    class Meta:
        verbose_name = "avböjd underskrift"
        verbose_name_plural = "avböjda underskrifter"
        ordering = ["-declined_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="declined_signature_has_reason"),
        ]
