"""What comes before the board: assessments, recommendation and the decision memo."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models import Application, Criterion
from boards.models.bodies import Seat
from boards.models.meetings import AgendaItem
from finsam import clock


class AssessmentVerdict(models.TextChoices):
    MET = "met", "Uppfyllt"
    PARTLY = "partly", "Delvis uppfyllt"
    NOT_MET = "not_met", "Inte uppfyllt"


class Assessment(models.Model):
    """A council member's view of one criterion; without seat it is the group's common one."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="assessments")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="assessments")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, null=True, related_name="assessments")
    verdict = models.CharField("bedömning", max_length=8, choices=AssessmentVerdict)
    text = models.TextField("skäl", blank=True)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = "bedömning"
        verbose_name_plural = "bedömningar"
        ordering = ["criterion__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "criterion", "seat"],
                condition=Q(seat__isnull=False),
                name="assessment_per_seat_unique",
            ),
            models.UniqueConstraint(
                fields=["item", "criterion"],
                condition=Q(seat__isnull=True),
                name="common_assessment_unique",
            ),
        ]


class RecommendationKind(models.TextChoices):
    ENDORSE = "endorse", "Tillstyrker"
    ENDORSE_AMENDED = "endorse_amended", "Tillstyrker med ändring"
    OPPOSE = "oppose", "Avstyrker"
    REFER_BACK = "refer_back", "Återremitterar"


class LiveRecommendations(models.Manager["Recommendation"]):
    """Leaves out those recorded wrongly, whose item has been struck."""

    def get_queryset(self) -> models.QuerySet[Recommendation]:
        return super().get_queryset().filter(item__retracted_at=None)


class Recommendation(models.Model):
    """The council recommends; it decides nothing (KL 3:5)."""

    item = models.OneToOneField(AgendaItem, on_delete=models.PROTECT, related_name="recommendation")
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="recommendations"
    )
    kind = models.CharField("rekommendation", max_length=16, choices=RecommendationKind)
    amount = models.PositiveBigIntegerField("belopp i kronor", null=True)
    text = models.TextField("motivering", blank=True)
    differing_views = models.TextField("avvikande meningar", blank=True)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    objects = LiveRecommendations()

    class Meta:
        verbose_name = "rekommendation"
        ordering = ["-recorded_at"]


class MemoState(models.TextChoices):
    DRAFT = "draft", "Utkast"
    FINAL = "final", "Klart"


class DecisionMemo(models.Model):
    """The director's document for the board, prefilled from everything known."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="memos")
    number = models.PositiveSmallIntegerField("nummer", default=1)
    state = models.CharField("läge", max_length=5, choices=MemoState, default=MemoState.DRAFT)
    revision = models.PositiveIntegerField("ändringsnummer", default=0)
    proposed_outcome = models.CharField("föreslaget utfall", max_length=20, default="granted")
    proposed_amount = models.PositiveBigIntegerField("föreslaget belopp i kronor", null=True)
    conditions = models.TextField("villkor", blank=True)
    texts = models.JSONField("texter per rubrik", default=dict)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    updated_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField("klart", null=True)
    snapshot = models.JSONField("fryst innehåll", null=True)
    final_file = models.ForeignKey(
        "documents.Upload", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = "beslutsunderlag"
        verbose_name_plural = "beslutsunderlag"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="memo_number_unique"),
            models.UniqueConstraint(
                fields=["application"], condition=Q(state="draft"), name="one_memo_draft"
            ),
        ]


class EffortMemo(models.Model):
    """What people have written in the memo of an item about a granted effort.

    `texts` holds the headings written by hand, and those alone: the rest follows what holds.
    """

    item = models.OneToOneField(AgendaItem, on_delete=models.PROTECT, related_name="effort_memo")
    texts = models.JSONField("texter per rubrik", default=dict)
    revision = models.PositiveIntegerField("ändringsnummer", default=0)
    updated_at = models.DateTimeField(default=clock.now)
    record = models.OneToOneField(
        "registry.Record", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = "tjänsteskrivelse"
        verbose_name_plural = "tjänsteskrivelser"
