"""The tenants: associations, their members and the members' notice boards."""

from __future__ import annotations

from django.core.validators import RegexValidator, validate_slug
from django.db import models
from django.db.models import Q
from django.urls import reverse

COLOUR = RegexValidator(r"^#[0-9a-f]{6}$", "Skriv färgen som #rrggbb, till exempel #0b5d57.")


class AssociationKind(models.TextChoices):
    COORDINATION = "coordination", "Samordningsförbund"
    FUND = "fund", "Fond"


class ParagraphNumbering(models.TextChoices):
    YEARLY = "yearly", "Börjar om varje år"
    CONTINUOUS = "continuous", "Löper vidare"


class Association(models.Model):
    """A coordination association or fund; everything of the record belongs to exactly one."""

    slug = models.SlugField("adress", unique=True, max_length=60)
    name = models.CharField("namn", max_length=120)
    short_name = models.CharField("kortnamn", max_length=60)
    initials = models.CharField("märke", max_length=3)
    kind = models.CharField("slag", max_length=20, choices=AssociationKind)
    organisation_number = models.CharField("organisationsnummer", max_length=11, blank=True)
    colour = models.CharField("färg", max_length=7, default="#0b5d57", validators=[COLOUR])
    # The checksums of what the association has sent and uses; empty for the portal's own.
    logo = models.CharField("logotyp", max_length=64, blank=True, editable=False)
    word_template = models.CharField("Word-mall", max_length=64, blank=True, editable=False)
    headline = models.CharField("rubrik på startsidan", max_length=120, blank=True)
    lead = models.TextField("ingress på startsidan", blank=True)
    email = models.EmailField("e-post")
    phone = models.CharField("telefon", max_length=40, blank=True)
    address = models.TextField("postadress", blank=True)
    register_prefix = models.CharField("prefix i diarienummer", max_length=12)
    board_name = models.CharField("styrelsens namn", max_length=60, default="Styrelsen")
    council_name = models.CharField("beredande organ", max_length=60, default="Utvecklingsrådet")
    director_title = models.CharField("chefens titel", max_length=60, default="förbundschef")
    office_name = models.CharField("kansliets namn", max_length=60, default="kansliet")
    dispatch_days = models.PositiveSmallIntegerField("dagar från utskick till möte", default=7)
    remote_participation = models.BooleanField("distansdeltagande beslutat", default=False)
    paragraph_numbering = models.CharField(
        "paragrafnumrering",
        max_length=20,
        choices=ParagraphNumbering,
        default=ParagraphNumbering.YEARLY,
    )
    public_register = models.BooleanField("diariet är sökbart för alla", default=True)
    is_demo = models.BooleanField("exempeldata", default=False)

    class Meta:
        verbose_name = "förbund"
        verbose_name_plural = "förbund"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["register_prefix"], name="association_register_prefix_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("applications:landing", args=[self.slug])


class PartyKind(models.TextChoices):
    """The kinds of party of FL 1 §; several municipalities are one party."""

    INSURANCE_AGENCY = "insurance_agency", "Försäkringskassan"
    EMPLOYMENT_SERVICE = "employment_service", "Arbetsförmedlingen"
    REGION = "region", "Region"
    MUNICIPALITY = "municipality", "Kommun"
    EXTERNAL = "external", "Annan aktör"


class Member(models.Model):
    """An organisation in one association; a unit of an organisation has that as its parent."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="members")
    slug = models.SlugField("adressnamn", max_length=60, validators=[validate_slug])
    name = models.CharField("namn", max_length=120)
    short_name = models.CharField("kortnamn", max_length=60)
    kind = models.CharField("slag av part", max_length=20, choices=PartyKind)
    organisation_number = models.CharField("organisationsnummer", max_length=11, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="units"
    )
    population = models.PositiveIntegerField("invånare", null=True, blank=True)
    position = models.PositiveSmallIntegerField("ordning", default=0)
    is_active = models.BooleanField("aktiv", default=True)

    class Meta:
        verbose_name = "medlem"
        verbose_name_plural = "medlemmar"
        ordering = ["association", "position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["association", "slug"], name="member_slug_unique"),
            models.UniqueConstraint(fields=["association", "name"], name="member_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class NoticeBoard(models.Model):
    """A municipality's or region's notice board, where attested minutes are announced (KL 8:12)."""

    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="notice_boards"
    )
    member = models.OneToOneField(Member, on_delete=models.PROTECT, related_name="notice_board")
    name = models.CharField("namn", max_length=120)
    email = models.EmailField("e-post till den som anslår", blank=True)
    address = models.URLField("webbadress", blank=True)

    class Meta:
        verbose_name = "anslagstavla"
        verbose_name_plural = "anslagstavlor"
        ordering = ["association", "name"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="notice_board_has_name"),
        ]

    def __str__(self) -> str:
        return self.name
