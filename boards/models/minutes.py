"""Minutes, their attestation and announcement, and the packet that went before."""

from __future__ import annotations

from datetime import datetime

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
    content = models.JSONField("fryst innehåll", null=True)
    content_hash = models.CharField("kontrollsumma", max_length=64, blank=True)
    attested_at = models.DateTimeField("omedelbart justerad", null=True)

    class Meta:
        verbose_name = "paragraf"
        verbose_name_plural = "paragrafer"
        ordering = ["minutes", "number"]
        constraints = [
            models.UniqueConstraint(fields=["minutes", "number"], name="paragraph_number_unique"),
            models.CheckConstraint(
                condition=Q(attested_at=None) | (Q(is_frozen=True) & ~Q(content_hash="")),
                name="attested_paragraph_is_frozen",
            ),
        ]

    @property
    def is_fixed(self) -> bool:
        """The text is fixed, for immediate attestation, whether or not all have attested yet."""
        return self.content is not None


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
    attester = models.ForeignKey(Attester, on_delete=models.PROTECT, related_name="attestations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField("kontrollsumma", max_length=64)
    method = models.CharField("sätt", max_length=20, default="logged_approval")
    attested_at = models.DateTimeField("justerat", default=clock.now)

    class Meta:
        verbose_name = "justering"
        verbose_name_plural = "justeringar"
        constraints = [
            models.UniqueConstraint(
                fields=["attester", "content_hash"], name="attestation_of_content_unique"
            ),
        ]


class AttestationRemark(models.Model):
    """Why an attester sent the minutes back; append-only."""

    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, related_name="remarks")
    attester = models.ForeignKey(Attester, on_delete=models.PROTECT, related_name="remarks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField("anmärkning")
    content_hash = models.CharField("kontrollsumma", max_length=64)
    sent_back_at = models.DateTimeField("skickat tillbaka", default=clock.now)

    class Meta:
        verbose_name = "anmärkning vid justering"
        verbose_name_plural = "anmärkningar vid justering"
        ordering = ["-sent_back_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="remark_says_something"),
        ]


class ParagraphAttestation(models.Model):
    """One who is to attest a single paragraph at once, and then when; fixed once attested."""

    paragraph = models.ForeignKey(Paragraph, on_delete=models.PROTECT, related_name="attestations")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    function = models.CharField("som", max_length=10, choices=AttestationFunction)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    content_hash = models.CharField("kontrollsumma", max_length=64, blank=True)
    method = models.CharField("sätt", max_length=20, default="logged_approval")
    attested_at = models.DateTimeField("justerat", null=True)

    class Meta:
        verbose_name = "omedelbar justering"
        verbose_name_plural = "omedelbara justeringar"
        ordering = ["-function", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["paragraph", "seat"], name="paragraph_attester_unique"),
            models.CheckConstraint(
                condition=Q(attested_at=None, user=None, content_hash="")
                | (Q(attested_at__isnull=False, user__isnull=False) & ~Q(content_hash="")),
                name="paragraph_attestation_names_content",
            ),
        ]


class Correction(models.Model):
    """A later item that corrects an attested paragraph: the old one is never changed itself."""

    item = models.OneToOneField(AgendaItem, on_delete=models.PROTECT, related_name="correction")
    paragraph = models.ForeignKey(Paragraph, on_delete=models.PROTECT, related_name="corrections")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "rättelse"
        verbose_name_plural = "rättelser"
        ordering = ["created_at", "pk"]


class WordReturn(models.Model):
    """A Word file that came back, to be compared before it is taken; the original is kept."""

    upload = models.OneToOneField(
        "documents.Upload", on_delete=models.PROTECT, related_name="word_return"
    )
    minutes = models.ForeignKey(
        Minutes, on_delete=models.PROTECT, null=True, related_name="word_returns"
    )
    memo = models.ForeignKey(
        "boards.DecisionMemo", on_delete=models.PROTECT, null=True, related_name="word_returns"
    )
    texts = models.JSONField("utläst text", default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now)
    taken_at = models.DateTimeField("taget", null=True)

    class Meta:
        verbose_name = "återlämnad Word-fil"
        verbose_name_plural = "återlämnade Word-filer"
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes=None, memo__isnull=False) | Q(minutes__isnull=False, memo=None),
                name="word_return_belongs_to_one",
            ),
        ]


class Notice(models.Model):
    """The announcement on one notice board of attested minutes, or of one paragraph (KL 8:12)."""

    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, related_name="notices")
    paragraph = models.ForeignKey(
        Paragraph, on_delete=models.PROTECT, null=True, related_name="notices"
    )
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
            models.UniqueConstraint(
                fields=["minutes", "notice_board"],
                condition=Q(paragraph=None),
                name="notice_unique",
            ),
            models.UniqueConstraint(
                fields=["paragraph", "notice_board"],
                condition=Q(paragraph__isnull=False),
                name="paragraph_notice_unique",
            ),
            models.CheckConstraint(
                condition=Q(removed_on=None) | Q(removed_on__gt=F("remove_after")),
                name="notice_stays_up_the_appeal_time",
            ),
        ]

    @property
    def attested_at(self) -> datetime | None:
        """When that which is announced was attested."""
        return self.paragraph.attested_at if self.paragraph else self.minutes.attested_at


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
    """A board member's own note on an item or a passage of its text; nobody else reads it.

    `place` names the heading and `quote` the words it was written beside, so that the note
    follows the text into its next version.
    """

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="notes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    place = models.CharField("ställe", max_length=40, blank=True)
    quote = models.TextField("texten bredvid", blank=True)
    text = models.TextField("anteckning", blank=True)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "user", "place"], name="note_unique"),
        ]
