"""Minutes, their attestation and announcement, and the packet that went before."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from boards.models.bodies import Seat
from boards.models.meetings import AgendaItem, Meeting
from finsam import clock
from finsam.associations.models import NoticeBoard


class MinutesState(models.TextChoices):
    DRAFT = "draft", "Utkast"
    WITH_ATTESTERS = "with_attesters", "Hos justerarna"
    ATTESTED = "attested", "Justerat"


class Minutes(models.Model):
    """The minutes of a meeting; after attestation never changed (the database refuses)."""

    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="minutes")
    state = models.CharField(
        "läge", max_length=15, choices=MinutesState, default=MinutesState.DRAFT
    )
    revision = models.PositiveIntegerField("ändringsnummer", default=0)
    year = models.PositiveSmallIntegerField("paragrafår")
    first_number = models.PositiveIntegerField("första §")
    last_number = models.PositiveIntegerField("sista §")
    content = models.JSONField("fryst innehåll", null=True)
    content_hash = models.CharField("kontrollsumma", max_length=64, blank=True)
    sent_at = models.DateTimeField("till justerarna", null=True)
    attested_at = models.DateTimeField("justerat", null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "protokoll"
        verbose_name_plural = "protokoll"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="attested")
                | (Q(attested_at__isnull=False) & ~Q(content_hash="")),
                name="attested_minutes_are_frozen",
            ),
        ]


class ParagraphCounter(models.Model):
    """The last § given by a body, per year (or for year 0 when the numbers run on)."""

    body = models.ForeignKey("boards.Body", on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["body", "year"], name="paragraph_counter_unique"),
        ]


class Paragraph(models.Model):
    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, related_name="paragraphs")
    item = models.OneToOneField(AgendaItem, on_delete=models.PROTECT, related_name="paragraph")
    number = models.PositiveIntegerField("§")
    heading = models.CharField("rubrik", max_length=240)
    texts = models.JSONField("texter", default=dict)
    is_edited = models.BooleanField("ändrad för hand", default=False)
    is_frozen = models.BooleanField("justerad", default=False)
    revision = models.PositiveIntegerField("ändringsnummer", default=0)

    class Meta:
        verbose_name = "paragraf"
        verbose_name_plural = "paragrafer"
        ordering = ["minutes", "number"]
        constraints = [
            models.UniqueConstraint(fields=["minutes", "number"], name="paragraph_number_unique"),
        ]


class AttestationFunction(models.TextChoices):
    CHAIR = "chair", "Ordförande"
    ATTESTER = "attester", "Justerare"


class Attester(models.Model):
    """Who shall attest the minutes: the chair of the meeting and those elected."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attesters")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    function = models.CharField("som", max_length=10, choices=AttestationFunction)

    class Meta:
        verbose_name = "justerare"
        constraints = [
            models.UniqueConstraint(fields=["meeting", "seat"], name="attester_unique"),
            models.UniqueConstraint(
                fields=["meeting"], condition=Q(function="chair"), name="one_attesting_chair"
            ),
        ]


class Attestation(models.Model):
    """An approval of the exact content, by its hash; append-only."""

    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, related_name="attestations")
    attester = models.OneToOneField(Attester, on_delete=models.PROTECT, related_name="attestation")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField("kontrollsumma", max_length=64)
    method = models.CharField("sätt", max_length=20, default="logged_approval")
    attested_at = models.DateTimeField("justerat", default=clock.now)


class Notice(models.Model):
    """The announcement of attested minutes on one notice board (KL 8:12)."""

    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, related_name="notices")
    notice_board = models.ForeignKey(NoticeBoard, on_delete=models.PROTECT, related_name="notices")
    due_on = models.DateField("senast anslaget")
    posted_on = models.DateField("anslaget", null=True)
    remove_after = models.DateField("tas ned tidigast efter", null=True)
    removed_on = models.DateField("nedtaget", null=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = "anslag"
        verbose_name_plural = "anslag"
        ordering = ["minutes", "notice_board__name"]
        constraints = [
            models.UniqueConstraint(fields=["minutes", "notice_board"], name="notice_unique"),
            models.CheckConstraint(
                condition=Q(removed_on=None) | Q(removed_on__gt=F("remove_after")),
                name="notice_stays_up_the_appeal_time",
            ),
        ]


class MeetingPacket(models.Model):
    """A version of the one PDF with everything for a meeting."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="packets")
    version = models.PositiveSmallIntegerField("version")
    source = models.JSONField("innehåll")
    changes = models.JSONField("ändringar sedan förra", default=list)
    job = models.OneToOneField("jobs.Job", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField("utskickat", null=True)

    class Meta:
        verbose_name = "beslutspaket"
        ordering = ["meeting", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "version"], name="packet_version_unique"),
        ]


class PacketDownload(models.Model):
    """When somebody last took down a packet, to show what is new since."""

    packet = models.ForeignKey(MeetingPacket, on_delete=models.PROTECT, related_name="downloads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)


class PrivateNote(models.Model):
    """A board member's own note on an item; nobody else reads it."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="notes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField("anteckning", blank=True)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "user"], name="note_unique"),
        ]
