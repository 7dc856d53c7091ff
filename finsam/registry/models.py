"""What is registered: cases and their records by number, and the append-only chain of events."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from finsam import clock
from finsam.associations.models import Association
from finsam.people.access import Visitor
from finsam.people.models import RoleKind
from finsam.registry.wording import action_name, private_until_registered

HASH_LENGTH = 64


class RegisterCounter(models.Model):
    """The last case number given in an association and year; its row is the lock."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("år")
    last_number = models.PositiveIntegerField("senaste nummer", default=0)

    class Meta:
        verbose_name = "löpnummer"
        verbose_name_plural = "löpnummer"
        constraints = [
            models.UniqueConstraint(fields=["association", "year"], name="register_counter_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.association} {self.year}: {self.last_number}"


def may_see_whole_register(visitor: Visitor) -> bool:
    """Whether the visitor sees the register with what is secret and who wrote."""
    return visitor.is_office or visitor.has(RoleKind.AUDITOR, RoleKind.ADMINISTRATOR)


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, visitor: Visitor) -> CaseQuerySet:
        """Of one association: all to the office, else what is not secret in a public register."""
        cases = self.filter(association=visitor.association)
        if may_see_whole_register(visitor):
            return cases
        if not visitor.association.public_register:
            return cases.none()
        return cases.filter(secrecy_section="")

    def with_record_count(self, visitor: Visitor) -> CaseQuerySet:
        """Adds `record_count`, of the records that the visitor sees."""
        seen = Record.objects.visible_to(visitor).filter(case=OuterRef("pk")).order_by()
        counted = seen.values("case").annotate(count=Count("pk")).values("count")
        return self.annotate(record_count=Coalesce(Subquery(counted), 0))

    def matching(self, words: str, visitor: Visitor) -> CaseQuerySet:
        """Cases whose number or title, or the subject of a record that one sees, has each word."""
        found = self
        records = Record.objects.visible_to(visitor)
        for word in words.split()[:8]:
            in_record = records.filter(case=OuterRef("pk"), subject__icontains=word)
            found = found.filter(
                Q(number__icontains=word) | Q(title__icontains=word) | Exists(in_record)
            )
        return found


class Case(models.Model):
    """A matter of an association, with its number in the register: SFB 2023/41."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="cases")
    year = models.PositiveSmallIntegerField("år")
    running_number = models.PositiveIntegerField("löpnummer")
    number = models.CharField("diarienummer", max_length=40)
    title = models.CharField("ärende", max_length=250)
    opened_at = models.DateTimeField("upprättat", default=clock.now)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    secrecy_section = models.CharField("sekretess enligt", max_length=80, blank=True)
    last_sequence = models.PositiveIntegerField("senaste handling", default=0)

    objects: ClassVar[Any] = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "ärende"
        verbose_name_plural = "ärenden"
        ordering = ["-year", "-running_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["association", "year", "running_number"], name="case_running_number_unique"
            ),
            models.UniqueConstraint(fields=["association", "number"], name="case_number_unique"),
            models.CheckConstraint(condition=Q(running_number__gte=1), name="case_number_from_one"),
            models.CheckConstraint(condition=~Q(title=""), name="case_has_title"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Direction(models.TextChoices):
    IN = "in", "Inkommen"
    OUT = "out", "Utgående"
    DRAWN_UP = "drawn_up", "Upprättad"


class RecordQuerySet(models.QuerySet["Record"]):
    def visible_to(self, visitor: Visitor) -> RecordQuerySet:
        """All to the office; to others those that are not secret. Of cases that one sees."""
        return self if may_see_whole_register(visitor) else self.filter(secrecy_section="")


class Record(models.Model):
    """An official document in the register: SFB 2023/41-3."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="records")
    sequence = models.PositiveIntegerField("handling nummer")
    direction = models.CharField("riktning", max_length=10, choices=Direction)
    subject = models.CharField("innehåll", max_length=250)
    correspondent = models.CharField("avsändare eller mottagare", max_length=200, blank=True)
    registered_at = models.DateTimeField("registrerad", default=clock.now)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    secrecy_section = models.CharField("sekretess enligt", max_length=80, blank=True)

    objects: ClassVar[Any] = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "handling"
        verbose_name_plural = "handlingar"
        ordering = ["case", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["case", "sequence"], name="record_sequence_unique"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="record_sequence_from_one"),
            models.CheckConstraint(condition=~Q(subject=""), name="record_has_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"

    @property
    def number(self) -> str:
        return f"{self.case.number}-{self.sequence}"


class ChainHead(models.Model):
    """Where an association's chain of events ends, signed; its row is the chain's lock."""

    association = models.OneToOneField(
        Association, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    sequence = models.PositiveBigIntegerField("antal händelser", default=0)
    hash = models.CharField("senaste kontrollsumma", max_length=HASH_LENGTH, blank=True)
    signature = models.CharField("underskrift", max_length=80, blank=True)

    class Meta:
        verbose_name = "kedjans ände"
        verbose_name_plural = "kedjornas ändar"

    def __str__(self) -> str:
        return f"{self.association}: {self.sequence}"


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, visitor: Visitor) -> EventQuerySet:
        """The association's events, but for what nobody outside a draft may know of."""
        private = private_until_registered()
        return self.filter(association=visitor.association).exclude(
            case=None, object_type__in=private
        )

    def asked_for(
        self,
        *,
        case: str = "",
        actor: str = "",
        first: date | None = None,
        last: date | None = None,
    ) -> EventQuerySet:
        """By register number, by a part of the person's name, and by Swedish days, inclusive."""
        found = self
        if case:
            found = found.filter(case__number__iexact=" ".join(case.split()))
        if actor:
            found = found.filter(actor_name__icontains=actor)
        if first is not None:
            found = found.filter(at__gte=clock.from_wall_clock(first, time(0)))
        if last is not None:
            found = found.filter(at__lt=clock.from_wall_clock(last + timedelta(days=1), time(0)))
        return found


class Event(models.Model):
    """One change of state or signature: who did what to which object, chained to the one before."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveBigIntegerField("nummer")
    at = models.DateTimeField("tidpunkt")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    actor_name = models.CharField("namn", max_length=120, blank=True)
    actor_roles = models.CharField("roller", max_length=200, blank=True)
    action = models.CharField("händelse", max_length=80)
    object_type = models.CharField("slag av objekt", max_length=80)
    object_id = models.CharField("objekt", max_length=64)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="events")
    payload = models.JSONField("uppgifter", default=dict)
    payload_digest = models.CharField("uppgifternas kontrollsumma", max_length=HASH_LENGTH)
    request_id = models.CharField("anrop", max_length=64, blank=True)
    previous_hash = models.CharField("föregående kontrollsumma", max_length=HASH_LENGTH, blank=True)
    hash = models.CharField("kontrollsumma", max_length=HASH_LENGTH)

    objects: ClassVar[Any] = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "händelse"
        verbose_name_plural = "händelser"
        ordering = ["association", "-sequence"]
        indexes = [
            models.Index(fields=["association", "at"], name="event_at"),
            models.Index(fields=["object_type", "object_id"], name="event_object"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["association", "sequence"], name="event_sequence_unique"
            ),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="event_sequence_from_one"),
            models.CheckConstraint(condition=~Q(hash=""), name="event_has_hash"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action}"

    @property
    def action_name(self) -> str:
        return action_name(self.action)
