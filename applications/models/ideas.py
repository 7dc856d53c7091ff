"""Idea sketches: private until sent, answered in a thread, able to become an application."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models.programme import Programme
from applications.queries import IdeaQuerySet
from finsam import clock
from finsam.associations.models import Association, Member


class IdeaState(models.TextChoices):
    DRAFT = "draft", "Utkast"
    SENT = "sent", "Skickad"
    ANSWERED = "answered", "Besvarad"
    TURNED = "turned", "Blev ansökan"


class PreliminaryAssessment(models.TextChoices):
    SUITABLE = "suitable", "Lämplig för medlen"
    UNCLEAR = "unclear", "Oklar"
    UNSUITABLE = "unsuitable", "Inte lämplig för medlen"


class IdeaSketch(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="ideas")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="ideas")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="ideas")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="ideas"
    )
    title = models.CharField("arbetsnamn", max_length=160)
    state = models.CharField("läge", max_length=10, choices=IdeaState, default=IdeaState.DRAFT)
    revision = models.PositiveIntegerField("ändringsnummer", default=0)
    case = models.OneToOneField(
        "registry.Case", on_delete=models.PROTECT, null=True, related_name="idea"
    )
    thread = models.OneToOneField(
        "post.Thread", on_delete=models.PROTECT, null=True, related_name="+"
    )
    preliminary_assessment = models.CharField(
        "förhandsbedömning", max_length=12, choices=PreliminaryAssessment, blank=True
    )
    assessment_text = models.TextField("motivering", blank=True)
    created_at = models.DateTimeField("påbörjad", default=clock.now)
    updated_at = models.DateTimeField("sparad", default=clock.now)
    discarded_at = models.DateTimeField("slängd", null=True)
    sent_at = models.DateTimeField("skickad", null=True)
    answered_at = models.DateTimeField("besvarad", null=True)

    objects: ClassVar[Any] = IdeaQuerySet.as_manager()

    class Meta:
        verbose_name = "idéskiss"
        verbose_name_plural = "idéskisser"
        ordering = ["-updated_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft") | Q(sent_at__isnull=False), name="idea_sent_has_moment"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(discarded_at=None),
                name="idea_sent_is_not_discarded",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class IdeaParty(models.Model):
    """Another organisation in a sketch: a member that says so itself, or an external actor."""

    sketch = models.ForeignKey(IdeaSketch, on_delete=models.PROTECT, related_name="parties")
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, related_name="idea_parties"
    )
    name = models.CharField("namn", max_length=120)
    contact_name = models.CharField("kontaktperson", max_length=120, blank=True)
    added_at = models.DateTimeField("tillagd", default=clock.now)
    confirmed_at = models.DateTimeField("bekräftad", null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = "part i idén"
        verbose_name_plural = "parter i idén"
        ordering = ["sketch", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["sketch", "name"], name="idea_party_unique"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(confirmed_by__isnull=False),
                name="idea_party_confirmed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class IdeaAnswer(models.Model):
    """The text under one of the programme's prompts."""

    sketch = models.ForeignKey(IdeaSketch, on_delete=models.PROTECT, related_name="answers")
    prompt_key = models.SlugField("fråga", max_length=60)
    text = models.TextField("svar", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sketch", "prompt_key"], name="idea_answer_unique"),
        ]
