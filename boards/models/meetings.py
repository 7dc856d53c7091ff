"""Meetings, their agendas, and who was there for what."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.models import Application, ChangeRequest, Termination
from boards.models.bodies import Body, Seat
from finsam import clock
from finsam.associations.models import Association
from finsam.registry.models import Case
from finsam.typography import date_long


class MeetingState(models.TextChoices):
    PLANNED = "planned", "Planerat"
    CALLED = "called", "Kallat"
    ONGOING = "ongoing", "Pågår"
    ADJOURNED = "adjourned", "Ajournerat"
    CLOSED = "closed", "Avslutat"
    CANCELLED = "cancelled", "Inställt"


class MeetingMode(models.TextChoices):
    IN_PERSON = "in_person", "På plats"
    HYBRID = "hybrid", "På plats och på distans"
    REMOTE = "remote", "På distans"


class Meeting(models.Model):
    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="meetings")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="meetings")
    starts_at = models.DateTimeField("börjar")
    ends_at = models.DateTimeField("beräknas sluta", null=True, blank=True)
    place = models.CharField("plats", max_length=160)
    mode = models.CharField(
        "form", max_length=10, choices=MeetingMode, default=MeetingMode.IN_PERSON
    )
    is_public = models.BooleanField("offentligt", default=False)
    state = models.CharField(
        "läge", max_length=10, choices=MeetingState, default=MeetingState.PLANNED
    )
    revision = models.PositiveIntegerField("ändringsnummer", default=0)
    secretary = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    chair = models.ForeignKey(
        Seat,
        verbose_name="leder mötet",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    called_at = models.DateTimeField("kallad", null=True)
    opened_at = models.DateTimeField("öppnat", null=True)
    closed_at = models.DateTimeField("avslutat", null=True)
    # Grows with everything that happens at the meeting, so that a page knows when it is stale.
    pulse = models.PositiveIntegerField(default=0)
    cancelled_at = models.DateTimeField("inställt", null=True)
    cancel_reason = models.CharField("varför det ställdes in", max_length=400, blank=True)
    case = models.ForeignKey(
        "registry.Case", on_delete=models.PROTECT, null=True, related_name="meetings"
    )

    class Meta:
        verbose_name = "sammanträde"
        verbose_name_plural = "sammanträden"
        ordering = ["-starts_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.body.name} {date_long(clock.stockholm(self.starts_at).date())}"


class ItemKind(models.TextChoices):
    OPENING = "opening", "Öppnande"
    ATTESTERS = "attesters", "Val av justerare"
    AGENDA = "agenda", "Fastställande av dagordning"
    PREVIOUS_MINUTES = "previous_minutes", "Föregående protokoll"
    DECISION = "decision", "Beslut"
    INFORMATION = "information", "Information"
    REPORT = "report", "Anmälan"
    DELEGATION = "delegation", "Delegationsbeslut"
    CLOSING = "closing", "Avslutande"


class ItemState(models.TextChoices):
    WAITING = "waiting", "Väntar"
    CURRENT = "current", "Nu"
    DONE = "done", "Klart"


class Adjournment(models.Model):
    """A break in a meeting, during which nothing is decided."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="adjournments")
    began_at = models.DateTimeField("ajournerat")
    ended_at = models.DateTimeField("återupptaget", null=True)
    reason = models.CharField("skäl", max_length=240, blank=True)

    class Meta:
        verbose_name = "ajournering"
        verbose_name_plural = "ajourneringar"
        ordering = ["meeting", "began_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(ended_at__isnull=True), name="one_open_adjournment"
            ),
        ]


class LiveItems(models.Manager["AgendaItem"]):
    """Leaves out items whose record has been struck and written anew as another item."""

    def get_queryset(self) -> models.QuerySet[AgendaItem]:
        return super().get_queryset().filter(retracted_at=None)


class AgendaItem(models.Model):
    """An item of a meeting. `taken_order` is the order in which it was finished; § follow it.

    A settlement that was recorded wrongly is struck (`retracted_at`) before the meeting ends, and
    the item is written anew as the one that `replaces` it; the struck one stays as it was.
    """

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField("nummer på dagordningen")
    kind = models.CharField("slag", max_length=20, choices=ItemKind)
    title = models.CharField("rubrik", max_length=240)
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, null=True, blank=True, related_name="agenda_items"
    )
    termination = models.ForeignKey(
        Termination, on_delete=models.PROTECT, null=True, blank=True, related_name="agenda_items"
    )
    change = models.ForeignKey(
        ChangeRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="agenda_items"
    )
    presenter = models.CharField("föredragande", max_length=160, blank=True)
    presents_at = models.DateTimeField("tid för presentation", null=True, blank=True)
    background = models.TextField("bakgrund", blank=True)
    proposal = models.TextField("förslag till beslut", blank=True)
    state = models.CharField("läge", max_length=8, choices=ItemState, default=ItemState.WAITING)
    taken_order = models.PositiveSmallIntegerField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=0)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="replaced_by"
    )
    retracted_at = models.DateTimeField("struket", null=True)
    retraction = models.CharField("vad som var fel", max_length=400, blank=True)

    objects = LiveItems()
    everything: ClassVar[models.Manager[AgendaItem]] = models.Manager()

    class Meta:
        verbose_name = "ärende"
        verbose_name_plural = "ärenden"
        ordering = ["meeting", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "position"],
                condition=Q(retracted_at__isnull=True),
                name="item_position_unique",
            ),
            models.CheckConstraint(
                condition=Q(application=None, termination=None)
                | Q(application=None, change=None)
                | Q(termination=None, change=None),
                name="item_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(retracted_at__isnull=True)
                | (Q(taken_order__isnull=True) & ~Q(retraction="")),
                name="struck_item_has_reason_and_no_paragraph",
            ),
            models.UniqueConstraint(
                fields=["meeting", "taken_order"],
                condition=Q(taken_order__isnull=False),
                name="item_taken_order_unique",
            ),
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(state="current"), name="one_current_item"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.title}"

    @property
    def effort(self) -> Application | None:
        """The granted effort that the item would end or change."""
        matter = self.termination or self.change
        return matter.application if matter else None

    @property
    def is_about_effort(self) -> bool:
        """The same as a question, which reads nothing."""
        return self.termination_id is not None or self.change_id is not None

    @property
    def concerns(self) -> Application | None:
        """What the item is about: an application to decide on, or a granted effort."""
        return self.application or self.effort

    @property
    def told_in(self) -> Case | None:
        """Where what happens in the item is told: in the application's case, else the meeting's."""
        return self.concerns.case if self.concerns else self.meeting.case

    @property
    def treated_application(self) -> Application:
        """The same, for items that have one."""
        found = self.concerns
        if found is None:
            raise ValueError("The item is not about an application.")
        return found


class Attendance(models.Model):
    """One stretch of presence of a seat at a meeting; a substitute serves for a member's seat."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendances")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="attendances")
    serves_for = models.ForeignKey(
        Seat, on_delete=models.PROTECT, null=True, related_name="served_by"
    )
    is_remote = models.BooleanField("på distans", default=False)
    arrived_at = models.DateTimeField("kom")
    left_at = models.DateTimeField("gick", null=True)

    class Meta:
        verbose_name = "närvaro"
        ordering = ["meeting", "arrived_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "seat"],
                condition=Q(left_at__isnull=True),
                name="present_once_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["meeting", "serves_for"],
                condition=Q(left_at__isnull=True, serves_for__isnull=False),
                name="one_substitute_per_seat",
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("arrived_at")),
                name="leaves_after_arriving",
            ),
        ]


class Participation(models.Model):
    """Who took part in settling an item, and in whose seat; written once, when it is settled."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="participations")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    serves_for = models.ForeignKey(Seat, on_delete=models.PROTECT, null=True, related_name="+")
    is_remote = models.BooleanField("på distans", default=False)

    class Meta:
        verbose_name = "deltagande"
        constraints = [
            models.UniqueConstraint(fields=["item", "seat"], name="participation_unique"),
        ]


class ParticipationCorrection(models.Model):
    """A wrongly noted attendance, corrected before the meeting ended; the latest one holds."""

    item = models.ForeignKey(
        AgendaItem, on_delete=models.PROTECT, related_name="participation_corrections"
    )
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    took_part = models.BooleanField("deltog")
    serves_for = models.ForeignKey(Seat, on_delete=models.PROTECT, null=True, related_name="+")
    is_remote = models.BooleanField("på distans", default=False)
    corrected_at = models.DateTimeField(default=clock.now)
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "rättat deltagande"
        ordering = ["item", "pk"]


class Guest(models.Model):
    """Someone else present at a meeting, who takes no part in decisions."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="guests")
    name = models.CharField("namn", max_length=120)
    function = models.CharField("roll", max_length=160, blank=True)


class Recusal(models.Model):
    """Conflict of interest in an item: that person neither decides nor is present (KL 6:28–32)."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="recusals")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="recusals")
    served_by = models.ForeignKey(
        Seat,
        verbose_name="ersätts av",
        on_delete=models.PROTECT,
        null=True,
        related_name="recusal_services",
    )
    reason = models.CharField("skäl", max_length=240, blank=True)
    declared_at = models.DateTimeField(default=clock.now)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "jäv"
        constraints = [
            models.UniqueConstraint(fields=["item", "seat"], name="recusal_unique"),
        ]
