"""Versioned application templates: sections and typed questions, and the dialogue about them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models.programme import Programme
from finsam import clock
from finsam.associations.models import Member


class TemplateState(models.TextChoices):
    DRAFT = "draft", "Utkast"
    PROPOSED = "proposed", "Förslag på remiss"
    FINAL = "final", "Fastställd"


class ApplicationTemplate(models.Model):
    """One version of a programme's template; a final version is never changed."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="templates")
    version = models.PositiveSmallIntegerField("version")
    state = models.CharField(
        "läge", max_length=10, choices=TemplateState, default=TemplateState.DRAFT
    )
    proposed_at = models.DateTimeField("föreslagen", null=True, blank=True)
    finalised_at = models.DateTimeField("fastställd", null=True, blank=True)
    content_hash = models.CharField("innehållets kontrollsumma", max_length=64)

    class Meta:
        verbose_name = "ansökningsmall"
        verbose_name_plural = "ansökningsmallar"
        ordering = ["programme", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "version"], name="template_version_unique"
            ),
            models.CheckConstraint(
                condition=~Q(state="final") | Q(finalised_at__isnull=False),
                name="template_final_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme}, mall version {self.version}"


class SectionKind(models.TextChoices):
    QUESTIONS = "questions", "Frågor"
    PARTIES = "parties", "Parter"
    BUDGET = "budget", "Budget"
    ANNEXES = "annexes", "Bilagor"
    SIGNATURES = "signatures", "Underskrifter"


class Section(models.Model):
    template = models.ForeignKey(
        ApplicationTemplate, on_delete=models.PROTECT, related_name="sections"
    )
    key = models.SlugField("nyckel", max_length=60)
    heading = models.CharField("rubrik", max_length=160)
    guidance = models.TextField("vägledning", blank=True)
    kind = models.CharField(
        "slag", max_length=20, choices=SectionKind, default=SectionKind.QUESTIONS
    )
    position = models.PositiveSmallIntegerField("ordning")

    class Meta:
        verbose_name = "avsnitt"
        verbose_name_plural = "avsnitt"
        ordering = ["template", "position"]
        constraints = [
            models.UniqueConstraint(fields=["template", "key"], name="section_key_unique"),
            models.UniqueConstraint(
                fields=["template", "position"], name="section_position_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.heading


class QuestionType(models.TextChoices):
    TEXT = "text", "Kort text"
    RICH_TEXT = "rich_text", "Längre text"
    NUMBER = "number", "Antal"
    AMOUNT = "amount", "Belopp i kronor"
    DATE = "date", "Datum"
    PERIOD = "period", "Period"
    CHOICE = "choice", "Ett val"
    CHOICES = "choices", "Flera val"
    GOALS = "goals", "Mål med indikator"
    TARGET_GROUPS = "target_groups", "Målgrupper"
    PEOPLE_COUNT = "people_count", "Antal kvinnor och män"
    TABLE = "table", "Tabell"
    CONFIRM = "confirm", "Intygande"


class Question(models.Model):
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="questions")
    key = models.SlugField("nyckel", max_length=60)
    prompt = models.TextField("fråga")
    help = models.TextField("hjälp", blank=True)
    type = models.CharField("svarstyp", max_length=20, choices=QuestionType)
    required = models.BooleanField("måste besvaras", default=False)
    max_length = models.PositiveIntegerField("högst antal tecken", null=True, blank=True)
    options = models.JSONField("val, kolumner eller mål", default=dict, blank=True)
    position = models.PositiveSmallIntegerField("ordning")

    class Meta:
        verbose_name = "fråga"
        verbose_name_plural = "frågor"
        ordering = ["section", "position"]
        constraints = [
            models.UniqueConstraint(fields=["section", "key"], name="question_key_unique"),
            models.UniqueConstraint(
                fields=["section", "position"], name="question_position_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.prompt


class TemplateComment(models.Model):
    """An invited owner's comment on a question of a proposed template, and the office's answer."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    body = models.TextField("kommentar")
    created_at = models.DateTimeField("skriven", default=clock.now)
    answer = models.TextField("svar", blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField("besvarad", null=True)

    class Meta:
        ordering = ["created_at", "pk"]
