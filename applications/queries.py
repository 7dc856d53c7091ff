"""Who may read which applications: one rule as a queryset, and the same as a question."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from finsam.people.access import Visitor
from finsam.people.models import RoleKind

if TYPE_CHECKING:
    from applications.models import Application, IdeaSketch, Report  # noqa: F401 - rows' type

APPLICANT = (RoleKind.APPLICANT, RoleKind.SIGNATORY)
READERS = (RoleKind.OFFICER, RoleKind.DIRECTOR, RoleKind.AUDITOR)
# The states in which an effort owes reports.
REPORTING = ("granted", "partly_granted", "agreed", "running", "closed", "terminated")


class ApplicationQuerySet(models.QuerySet["Application"]):
    def received(self) -> ApplicationQuerySet:
        """What has been handed in: a draft is the applicant's own space (eget utrymme)."""
        return self.exclude(state="draft")

    def of_applicant(self, visitor: Visitor) -> ApplicationQuerySet:
        """Where the person writes for a party, or has a role for a member that is a party."""
        return self.filter(association=visitor.association).filter(self._side(visitor))

    def kept(self) -> ApplicationQuerySet:
        """Without the drafts that have been thrown away."""
        return self.filter(discarded_at=None)

    def visible_to(self, visitor: Visitor) -> ApplicationQuerySet:
        """The applicant's side sees its own; office and auditor see what has been received."""
        rule = self._side(visitor)
        if visitor.has(*READERS):
            rule |= ~Q(state="draft")
        return self.filter(association=visitor.association).filter(rule)

    def with_annex_count(self) -> ApplicationQuerySet:
        """Adds `annex_count`: the annexes that have not been taken away.

        Counted apart: a row of two hundred columns need not be grouped by each of them.
        """
        from applications.models import Annex

        live = Annex.objects.filter(application=models.OuterRef("pk"), removed_at=None)
        counted = live.order_by().values("application").values(count=models.Count("pk"))
        return self.annotate(annex_count=Coalesce(models.Subquery(counted), 0))

    def with_open_request(self) -> ApplicationQuerySet:
        """Adds `open_request`: the request for completion that waits for an answer, or None."""
        waits = Q(supplements__answered_at=None)
        found = self.annotate(open_request=models.FilteredRelation("supplements", condition=waits))
        return found.select_related("open_request")  # type: ignore[misc]

    def waiting_first(self, moment: datetime) -> ApplicationQuerySet:
        """Adds `waits`, whether the applicant is to act, and puts those first."""
        last_second = moment.replace(microsecond=0)
        may_write = Q(round__closes_at=None) | Q(round__closes_at__gte=last_second)
        waits = models.Case(
            models.When(Q(state="returned") | Q(state="draft") & may_write, then=True),
            default=False,
        )
        return self.annotate(waits=waits).order_by("-waits", "-updated_at", "-pk")

    def _side(self, visitor: Visitor) -> Q:
        from applications.models import ApplicationParty

        if visitor.user is None:
            return Q(pk__in=[])
        parties = ApplicationParty.objects.filter(
            Q(people__user=visitor.user) | Q(member_id__in=visitor.member_ids(*APPLICANT))
        )
        return Q(pk__in=parties.values("application_id"))


class ReportQuerySet(models.QuerySet["Report"]):
    def of_told_grants(self, moment: datetime) -> ReportQuerySet:
        """Of efforts that are granted, and whose parties have been told so."""
        return self.filter(
            application__state__in=REPORTING,
            application__grant__isnull=False,
            application__outcome_public_at__lte=moment,
        )

    def visible_to(self, visitor: Visitor) -> ReportQuerySet:
        """The office's readers see that every report is owed or handed in, others their own."""
        if visitor.has(*READERS):
            return self.filter(application__association=visitor.association)
        return self.of_applicant(visitor)

    def of_applicant(self, visitor: Visitor) -> ReportQuerySet:
        """Those of the efforts where the person stands on the applicant's side."""
        from applications.models import Application

        mine = Application.objects.of_applicant(visitor)
        return self.filter(application__in=mine.values("pk"))

    def begun(self) -> ReportQuerySet:
        return self.exclude(state="owed")

    def open(self) -> ReportQuerySet:
        """Not handed in, or sent back."""
        return self.filter(state__in=["owed", "draft", "returned"])

    def overdue(self, today: date) -> ReportQuerySet:
        """Open, with the last day passed: of what was sent back the day that the office gave."""
        late = Q(answer_by__lt=today) | Q(answer_by=None, due_on__lt=today)
        return self.open().filter(late)

    def with_last_day(self) -> Any:
        """Adds `last_day`, which `overdue` reads too."""
        return self.annotate(last_day=Coalesce("answer_by", "due_on"))

    def in_turn(self, first: str) -> ReportQuerySet:
        """Those that wait for who reads the list first, then the nearest last day.

        `first` is "submitted" for the office, "open" for the parties. Adds `last_day`.
        """
        handed_in = models.When(state="submitted", then=0 if first == "submitted" else 1)
        accepted = models.When(state="accepted", then=2)
        rest = 1 if first == "submitted" else 0
        turn = models.Case(handed_in, accepted, default=rest, output_field=models.IntegerField())
        found: ReportQuerySet
        found = self.with_last_day().annotate(turn=turn).order_by("turn", "last_day", "pk")
        return found


class IdeaQuerySet(models.QuerySet["IdeaSketch"]):
    def sent(self) -> IdeaQuerySet:
        return self.exclude(state="draft")

    def kept(self) -> IdeaQuerySet:
        """Without the sketches that have been thrown away."""
        return self.filter(discarded_at=None)

    def of_author(self, visitor: Visitor) -> IdeaQuerySet:
        """The author's own, and those where a member that the person writes for takes part."""
        if visitor.user is None:
            return self.none()
        members = visitor.member_ids(*APPLICANT)
        taking_part = self.model.objects.filter(parties__member__in=members).values("pk")
        return self.filter(association=visitor.association).filter(
            Q(author=visitor.user) | Q(member_id__in=members) | Q(pk__in=taking_part)
        )

    def visible_to(self, visitor: Visitor) -> IdeaQuerySet:
        """A sketch is private to its side until it is sent; then the office reads it too."""
        mine = self.of_author(visitor)
        if visitor.has(*READERS):
            mine = mine | self.filter(association=visitor.association).exclude(state="draft")
        return mine


def is_on_applicants_side(visitor: Visitor, application: Application) -> bool:
    """The rule of `of_applicant` for one application at hand."""
    if visitor.user is None or application.association_id != visitor.association.pk:
        return False
    members = visitor.member_ids(*APPLICANT)
    return any(
        party.member_id in members
        or any(person.user_id == visitor.user.pk for person in party.people.all())
        for party in application.parties.all()
    )


def may_read(visitor: Visitor, application: Application) -> bool:
    """The rule of `visible_to` for one application at hand."""
    if is_on_applicants_side(visitor, application):
        return True
    same = application.association_id == visitor.association.pk
    return same and visitor.has(*READERS) and application.state != "draft"


def may_read_idea(visitor: Visitor, idea: IdeaSketch) -> bool:
    """The rule of IdeaQuerySet.visible_to for one sketch at hand."""
    if visitor.user is None or idea.association_id != visitor.association.pk:
        return False
    if is_on_ideas_side(visitor, idea):
        return True
    return visitor.has(*READERS) and idea.state != "draft"


def is_on_ideas_side(visitor: Visitor, idea: IdeaSketch) -> bool:
    """The rule of IdeaQuerySet.of_author for one sketch at hand."""
    members = visitor.member_ids(*APPLICANT)
    return (
        (visitor.user is not None and idea.author_id == visitor.user.pk)
        or idea.member_id in members
        or idea.parties.filter(member__in=members).exists()
    )


def sections_with_answers(application: Application) -> list[Any]:
    """The template's sections as an application has them; two queries.

    Each section has its `draft` (or None) and `is_asked_for` in the completion that waits, each
    of its questions this application's `answer`.
    """
    from applications.models import Answer, Question, SupplementRequest

    asked = SupplementRequest.objects.filter(
        application=application, answered_at=None, sections=models.OuterRef("pk")
    )
    answer = Answer.objects.filter(application=application, question=models.OuterRef("pk"))
    questions = Question.objects.annotate(answer=models.Subquery(answer.values("value")))
    its_own = Q(drafts__application=application)
    rows = application.template.sections.annotate(
        draft=models.FilteredRelation("drafts", condition=its_own),
        is_asked_for=models.Exists(asked),
    )
    return list(
        rows.select_related("draft__updated_by")  # type: ignore[misc]
        .prefetch_related(models.Prefetch("questions", queryset=questions))
        .order_by("position")
    )


def without_step(step: str) -> Q:
    """Applications whose programme leaves a step out, as their round holds it (Round.setting)."""
    held, now = "round__held_definition", "round__programme__definition"
    absent = f"steps__{step}__use"
    return Q(**{f"{held}__{absent}": "absent"}) | Q(
        **{f"{held}__isnull": True, f"{now}__{absent}": "absent"}
    )
