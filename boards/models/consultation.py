"""Consultation (samråd): a body is asked about an idea or an application, its members answer."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models import Application, IdeaSketch
from boards.models.bodies import Body, Seat
from finsam import clock
from finsam.associations.models import Association
from finsam.registry.models import Case


class ConsultationQuerySet(models.QuerySet["Consultation"]):
    def open(self) -> ConsultationQuerySet:
        return self.filter(closed_at=None)

    def about(self, application: Application) -> ConsultationQuerySet:
        """Those about the application, and those about the idea that it came from."""
        rule = Q(application=application)
        if application.idea_id is not None:
            rule |= Q(idea=application.idea_id)
        return self.filter(rule)

    def with_rows(self) -> ConsultationQuerySet:
        """What pages and documents show of them: four queries, however many there are."""
        return self.select_related(
            "association",
            "body",
            "application__case",
            "application__association",
            "idea__case",
            "idea__association",
            "idea__programme",
        ).prefetch_related(
            models.Prefetch(
                "statements",
                Statement.objects.filter(replaced_at=None)
                .select_related("seat__user", "seat__member")
                .order_by("seat__order", "given_at", "pk"),
            ),
            models.Prefetch(
                "body__seats",
                Seat.objects.select_related("user", "member").order_by("order", "pk"),
            ),
        )


class Consultation(models.Model):
    """One question to one body about one matter, with a last day."""

    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="consultations"
    )
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="consultations")
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, null=True, related_name="consultations"
    )
    idea = models.ForeignKey(
        IdeaSketch, on_delete=models.PROTECT, null=True, related_name="consultations"
    )
    question = models.TextField("fråga", blank=True)
    due_on = models.DateField("sista dag")
    asked_at = models.DateTimeField("begärt", default=clock.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField("avslutat", null=True)

    objects: ClassVar[Any] = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = "samråd"
        verbose_name_plural = "samråd"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(application__isnull=True) ^ Q(idea__isnull=True),
                name="consultation_about_one_matter",
            ),
            models.UniqueConstraint(
                fields=["application", "body"],
                condition=Q(closed_at=None, application__isnull=False),
                name="one_open_consultation_per_application",
            ),
            models.UniqueConstraint(
                fields=["idea", "body"],
                condition=Q(closed_at=None, idea__isnull=False),
                name="one_open_consultation_per_idea",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body.name} om {self.matter.title}"

    @property
    def matter(self) -> Application | IdeaSketch:
        found = self.application or self.idea
        if found is None:
            raise LookupError("Samrådet saknar ärende.")
        return found

    @property
    def case(self) -> Case | None:
        return self.matter.case

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def last_day_held(self) -> date:
        """The day whose seats are asked: the last day, or the day of closing if that is sooner."""
        closed = clock.stockholm(self.closed_at).date() if self.closed_at else clock.today()
        return min(closed, max(self.due_on, clock.stockholm(self.asked_at).date()))

    @property
    def standing(self) -> list[Statement]:
        """The statements that hold now."""
        return [one for one in self.statements.all() if one.replaced_at is None]

    @property
    def silent(self) -> list[Seat]:
        """The ordinary members who have not answered; of rows read with `with_rows`."""
        answered = {one.seat_id for one in self.standing}
        day = self.last_day_held
        return [
            seat
            for seat in self.body.seats.all()
            if seat.pk not in answered
            and not seat.is_substitute
            and seat.valid_from <= day
            and (seat.valid_to is None or seat.valid_to >= day)
        ]


class Position(models.TextChoices):
    SUPPORT = "support", "Stöder"
    WITH_REMARKS = "support_with_remarks", "Stöder med synpunkter"
    NO_SUPPORT = "no_support", "Stöder inte"


class Statement(models.Model):
    """A member's statement (yttrande). A changed one is kept beside the new one."""

    consultation = models.ForeignKey(
        Consultation, on_delete=models.PROTECT, related_name="statements"
    )
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="statements")
    position = models.CharField("ställningstagande", max_length=20, choices=Position)
    text = models.TextField("synpunkter", blank=True)
    given_at = models.DateTimeField("lämnat", default=clock.now)
    replaced_at = models.DateTimeField("ersatt", null=True)

    class Meta:
        verbose_name = "yttrande"
        verbose_name_plural = "yttranden"
        ordering = ["given_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "seat"],
                condition=Q(replaced_at=None),
                name="one_standing_statement_per_seat",
            ),
            models.CheckConstraint(
                condition=Q(position="support") | ~Q(text=""), name="statement_gives_reasons"
            ),
        ]
