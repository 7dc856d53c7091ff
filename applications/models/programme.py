"""Funding programmes and their rounds: everything in which programmes differ is data here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from finsam import clock
from finsam.associations.models import Association, Member


class IdeaMode(models.TextChoices):
    ABSENT = "absent", "Förekommer inte"
    OPTIONAL = "optional", "Frivillig"
    MANDATORY = "mandatory", "Krävs före ansökan"


class Intake(models.TextChoices):
    ONE_DATE = "one_date", "En sista dag"
    MEETING_DATES = "meeting_dates", "Sista dagar knutna till möten"
    ROLLING = "rolling", "Löpande"


class SignatureRule(models.TextChoices):
    LEAD = "lead", "Huvudmannen skriver under"
    ALL = "all", "Alla parter skriver under"


class Programme(models.Model):
    """A form of financing. `definition` holds the whole definition as loaded from its TOML file."""

    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="programmes"
    )
    slug = models.SlugField("adressnamn", max_length=80)
    name = models.CharField("namn", max_length=160)
    purpose = models.TextField("syfte", blank=True)
    idea_mode = models.CharField(
        "idéskiss", max_length=20, choices=IdeaMode, default=IdeaMode.OPTIONAL
    )
    intake = models.CharField("intag", max_length=20, choices=Intake, default=Intake.ONE_DATE)
    signature_rule = models.CharField(
        "underskrifter", max_length=10, choices=SignatureRule, default=SignatureRule.LEAD
    )
    minimum_parties = models.PositiveSmallIntegerField("minst antal slag av parter", default=2)
    position = models.PositiveSmallIntegerField("ordning", default=0)
    definition = models.JSONField("definition", default=dict)

    class Meta:
        verbose_name = "program"
        ordering = ["association", "position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["association", "slug"], name="programme_slug_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def begins_with_idea(self) -> bool:
        """Whether an application can be begun from an answered sketch alone."""
        return self.idea_mode == IdeaMode.MANDATORY

    @property
    def idea_name(self) -> str:
        """What the programme calls its sketch: idéskiss, idéprövning."""
        return str(((self.definition or {}).get("idea") or {}).get("name") or "Idéskiss")


class Round(models.Model):
    """One intake of a programme. Without `closes_at` it is rolling."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="rounds")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="rounds")
    slug = models.SlugField("adressnamn", max_length=80)
    name = models.CharField("namn", max_length=160)
    summary = models.TextField("i korthet", blank=True)
    opens_at = models.DateTimeField("öppnar")
    closes_at = models.DateTimeField("stänger, sista sekunden inräknad", null=True, blank=True)
    invited_only = models.BooleanField("bara inbjudna", default=False)
    years = models.JSONField("år som söks", default=list)
    period_from = models.DateField("period från", null=True, blank=True)
    period_to = models.DateField("period till", null=True, blank=True)
    frame = models.ForeignKey(
        "budgets.Frame", on_delete=models.PROTECT, null=True, blank=True, related_name="rounds"
    )
    template = models.ForeignKey(
        "applications.ApplicationTemplate",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rounds",
    )
    held_definition = models.JSONField("definition som ansökningarna vilar på", null=True)

    class Meta:
        verbose_name = "omgång"
        verbose_name_plural = "omgångar"
        ordering = ["association", F("closes_at").asc(nulls_last=True), "name"]
        constraints = [
            models.UniqueConstraint(fields=["association", "slug"], name="round_slug_unique"),
            models.CheckConstraint(
                condition=Q(closes_at=None) | Q(closes_at__gt=F("opens_at")),
                name="round_closes_after_it_opens",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_open(self, moment: datetime | None = None) -> bool:
        """Whether a submission received at the moment is in time: the last second counts."""
        moment = moment or clock.now()
        closes = self.closes_at
        return self.opens_at <= moment and (
            closes is None or moment.replace(microsecond=0) <= closes.replace(microsecond=0)
        )

    def has_closed(self, moment: datetime | None = None) -> bool:
        moment = moment or clock.now()
        return self.opens_at <= moment and not self.is_open(moment)

    @property
    def definition(self) -> dict[str, Any]:
        """What holds for the round: kept from before the programme was altered, if it was."""
        now = self.programme.definition or {}
        if self.held_definition is None:
            return now
        return {**self.held_definition, "rounds": now.get("rounds", [])}

    @property
    def signature_rule(self) -> str:
        held = (self.held_definition or {}).get("signatures", {})
        return str(held.get("rule") or self.programme.signature_rule)

    @property
    def criteria(self) -> models.QuerySet[Criterion]:
        """What applications of the round are assessed against."""
        if self.held_definition is None:
            return self.programme.criteria.filter(is_active=True)
        keys = [one["key"] for one in self.held_definition.get("criteria", ())]
        return self.programme.criteria.filter(key__in=keys)

    def setting(self, *path: str, default: Any = None) -> Any:
        """A value of the definition that the round stands on, by its path of keys."""
        found: Any = self.definition
        for key in path:
            if not isinstance(found, dict) or key not in found:
                return default
            found = found[key]
        return found


class Invitation(models.Model):
    """An organisation invited to a closed round, with its lot of the frame."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="invitations")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="invitations")
    lot = models.ForeignKey(
        "budgets.Lot", on_delete=models.PROTECT, null=True, blank=True, related_name="invitations"
    )

    class Meta:
        verbose_name = "inbjudan"
        verbose_name_plural = "inbjudningar"
        ordering = ["round", "member__position"]
        constraints = [
            models.UniqueConstraint(fields=["round", "member"], name="invitation_unique"),
        ]


class MilestoneAudience(models.TextChoices):
    EVERYONE = "everyone", "Alla"
    INVITED = "invited", "Sökande"
    OFFICE = "office", "Kansliet"


class Milestone(models.Model):
    """A day in the round's timeline, with a reminder before it."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="milestones")
    key = models.SlugField("nyckel", max_length=60)
    title = models.CharField("rubrik", max_length=120)
    description = models.TextField("beskrivning", blank=True)
    on = models.DateField("dag")
    remind_days_before = models.PositiveSmallIntegerField("påminnelse dagar före", default=7)
    audience = models.CharField(
        "visas för", max_length=20, choices=MilestoneAudience, default=MilestoneAudience.EVERYONE
    )

    class Meta:
        verbose_name = "milstolpe"
        verbose_name_plural = "milstolpar"
        ordering = ["round", "on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "key"], name="milestone_key_unique"),
        ]

    def __str__(self) -> str:
        return self.title


class Criterion(models.Model):
    """What the council assesses, one by one."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="criteria")
    key = models.SlugField("nyckel", max_length=60)
    text = models.TextField("kriterium")
    position = models.PositiveSmallIntegerField("ordning", default=0)
    is_active = models.BooleanField("används", default=True)

    class Meta:
        verbose_name = "kriterium"
        verbose_name_plural = "kriterier"
        ordering = ["programme", "position"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "key"], name="criterion_key_unique"),
        ]

    def __str__(self) -> str:
        return self.text


class RoundThread(models.Model):
    """The conversation between one organisation and the office about a round."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="threads")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="round_threads")
    thread = models.OneToOneField("post.Thread", on_delete=models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "member"], name="round_thread_unique"),
        ]
