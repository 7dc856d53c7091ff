"""What was moved, voted and decided on an item, and who dissented."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from boards.models.bodies import Seat
from boards.models.meetings import AgendaItem
from finsam import clock


class Outcome(models.TextChoices):
    GRANTED = "granted", "Bifall"
    PARTLY_GRANTED = "partly_granted", "Delvis bifall"
    REJECTED = "rejected", "Avslag"
    REFERRED_BACK = "referred_back", "Återremiss"
    TABLED = "tabled", "Bordläggning"
    APPROVED = "approved", "Godkänt"
    NOTED = "noted", "Noterat"
    ELECTED = "elected", "Valt"
    TERMINATED = "terminated", "Förtida avslut"


class Motion(models.Model):
    """A proposal put forward at the meeting (yrkande)."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="motions")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="motions")
    text = models.TextField("yrkande")
    outcome = models.CharField("innebär", max_length=16, choices=Outcome)
    amount = models.PositiveBigIntegerField("belopp i kronor", null=True)
    moved_at = models.DateTimeField(default=clock.now)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "yrkande"
        ordering = ["moved_at", "pk"]


class VoteChoice(models.TextChoices):
    YES = "yes", "Ja"
    NO = "no", "Nej"
    ABSTAIN = "abstain", "Avstår"


class Vote(models.Model):
    """An open vote by name; yes is for the main proposal (KL 5:53–56)."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="votes")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="votes")
    choice = models.CharField("röst", max_length=7, choices=VoteChoice)

    class Meta:
        verbose_name = "röst"
        verbose_name_plural = "röster"
        constraints = [
            models.UniqueConstraint(fields=["item", "seat"], name="one_vote_per_seat"),
        ]


class Decision(models.Model):
    """The outcome of an item, once. A grant cannot be recorded without its source (KL 11:15)."""

    item = models.OneToOneField(AgendaItem, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField("utfall", max_length=16, choices=Outcome)
    amount = models.PositiveBigIntegerField("belopp i kronor", null=True)
    frame = models.ForeignKey(
        "budgets.Frame", on_delete=models.PROTECT, null=True, related_name="decisions"
    )
    grant = models.OneToOneField(
        "budgets.Grant", on_delete=models.PROTECT, null=True, related_name="decision"
    )
    clauses = models.JSONField("att-satser", default=list)
    conditions = models.TextField("villkor", blank=True)
    proposition_order = models.TextField("propositionsordning", blank=True)
    casting_vote = models.BooleanField("avgjordes med utslagsröst", default=False)
    immediate_attestation = models.BooleanField("omedelbar justering", default=False)
    decided_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "beslut"
        verbose_name_plural = "beslut"
        ordering = ["-decided_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome__in=["granted", "partly_granted"])
                | Q(amount__gt=0, frame__isnull=False, grant__isnull=False),
                name="grant_names_its_source",
            ),
        ]


class Dissent(models.Model):
    """A reservation, announced before the meeting ends (KL 4:27)."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="dissents")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="dissents")
    text = models.TextField("reservation", blank=True)
    announced_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "reservation"
        verbose_name_plural = "reservationer"
        constraints = [
            models.UniqueConstraint(fields=["item", "seat"], name="dissent_unique"),
        ]


class Nomination(models.Model):
    """One who was proposed in an election, and how it went (KL 5:53–56)."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="nominations")
    name = models.CharField("namn", max_length=120)
    votes = models.PositiveSmallIntegerField("röster", null=True)
    is_elected = models.BooleanField("vald", default=False)
    by_lot = models.BooleanField("genom lottning", default=False)

    class Meta:
        verbose_name = "nominering"
        verbose_name_plural = "nomineringar"
        ordering = ["item", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "name"], name="nominated_once"),
        ]
