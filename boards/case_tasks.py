"""What the overview asks of the office for cases: to review, write, read and answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse

from applications.models import (
    Application,
    ApplicationState,
    IdeaSketch,
    IdeaState,
    Report,
    ReportState,
)
from applications.next_step import AfterDecision, NextStep, provide_after_decision
from applications.queries import without_step
from boards.consultation import office_path, summary
from boards.figures import outdated_memos
from boards.models import (
    Consultation,
    DecisionMemo,
    MemoState,
    Recommendation,
    RecommendationKind,
)
from boards.rounds_shown import RoundView, office_url
from budgets.models import Frame
from finsam import clock
from finsam.associations.models import Association
from finsam.typography import kronor, moment_long
from finsam.ui import Task

IDEA_DAYS = 14
REVIEW_DAYS = 5
REPORT_DAYS = 10
TO_REVIEW = (ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW)


def case_tasks(association: Association, rounds: Iterable[RoundView]) -> list[Task]:
    """All of them; five questions, and one for each kind of figure that memos show.

    `rounds` are those under way, whose frames need not be read again.
    """
    return [
        *_applications(association),
        *_consultations(association),
        *_outdated(association, [one.frame for one in rounds if one.frame]),
        *_reports(association),
        *_ideas(association),
    ]


def _applications(association: Association) -> list[Task]:
    """Those to review, and those prepared whose memo is the office's to write."""
    latest = Recommendation.objects.filter(application=OuterRef("pk"))
    finished = DecisionMemo.objects.filter(application=OuterRef("pk"), state=MemoState.FINAL)
    prepared = Q(recommended__isnull=False) | without_step("council")
    to_write = Q(state=ApplicationState.IN_PREPARATION) & prepared & ~Exists(finished)
    found = (
        Application.objects.filter(association=association)
        .annotate(
            recommended=Subquery(latest.values("kind")[:1]),
            recommended_amount=Subquery(latest.values("amount")[:1]),
        )
        .filter(Q(state__in=TO_REVIEW) | to_write)
        .select_related("case")
        .order_by("submitted_at")
    )
    return [
        _review(association, one) if one.state in TO_REVIEW else _memo(association, one)
        for one in found[:40]
    ]


@provide_after_decision
def memo_to_write(application: Application) -> AfterDecision | None:
    """For the office: that the council has said its word, and the memo is next."""
    if application.state != ApplicationState.IN_PREPARATION:
        return None
    recommendation = Recommendation.objects.filter(application=application).last()
    if recommendation is None:
        return None
    association = application.association
    url = reverse("boards:memo", args=[association.slug, application.public_id])
    return AfterDecision(
        None,
        NextStep(
            "Skriv beslutsunderlag",
            f"{association.council_name} {recommendation.get_kind_display().lower()}. Underlaget "
            f"behövs innan ansökan går till {association.board_name.lower()}.",
            f"{association.office_name.capitalize()}s tur",
            url=url,
            action="Till beslutsunderlaget",
        ),
    )


def _review(association: Association, application: Application) -> Task:
    number = application.case.number if application.case else ""
    return Task(
        f"Granska {application.title}",
        office_url(association, application),
        None,
        f"Inkom {moment_of(application.submitted_at)} · {number}",
        day_of(application.submitted_at) + timedelta(days=REVIEW_DAYS),
    )


def _memo(association: Association, application: Any) -> Task:
    url = reverse("boards:memo", args=[association.slug, application.public_id])
    text = f"Skriv beslutsunderlag för {application.title}"
    if application.recommended is None:
        return Task(text, url, None, "Bereds av kansliet", clock.today())
    sum_ = application.recommended_amount
    amount = f" {kronor(sum_)}" if sum_ else ""
    note = f"Rekommendation: {RecommendationKind(application.recommended).label.lower()}{amount}"
    return Task(text, url, None, note, clock.today())


def _consultations(association: Association) -> list[Task]:
    """Consultations under way: to be closed when all have answered or the last day has passed."""
    found = Consultation.objects.open().filter(association=association).with_rows()
    return [
        Task(
            f"{'Vänta på yttranden' if one.silent else 'Avsluta samrådet'}: {one.matter.title}",
            office_path(one.matter),
            None,
            f"{one.body.name} · {summary(one)}",
            one.due_on if one.silent else min(one.due_on, clock.today()),
        )
        for one in found.order_by("due_on", "pk")[:20]
    ]


def _outdated(association: Association, frames: list[Frame]) -> list[Task]:
    """Memos that show sums which have changed since they were written."""
    return [
        Task(
            f"Gör om {figure.title}",
            reverse("boards:memo", args=[association.slug, memo.application.public_id]),
            None,
            figure.in_words,
            clock.today(),
        )
        for memo, figure in outdated_memos(association, frames).items()
    ]


def _reports(association: Association) -> list[Task]:
    """Reports that have been handed in, to be read and accepted."""
    found = Report.objects.filter(application__association=association, state=ReportState.SUBMITTED)
    return [
        Task(
            f"Läs rapporten om {one.application.title}",
            reverse(
                "applications:office_report",
                args=[association.slug, one.application.public_id, one.key, one.occurrence],
            ),
            None,
            f"Inlämnad {moment_of(one.submitted_at)}",
            day_of(one.submitted_at) + timedelta(days=REPORT_DAYS),
        )
        for one in found.select_related("application").order_by("submitted_at")[:20]
    ]


def _ideas(association: Association) -> list[Task]:
    found = IdeaSketch.objects.filter(association=association, state=IdeaState.SENT)
    return [
        Task(
            f"Besvara idéskissen {one.title}",
            reverse("applications:office_idea", args=[association.slug, one.public_id]),
            None,
            one.member.name,
            day_of(one.sent_at) + timedelta(days=IDEA_DAYS),
        )
        for one in found.select_related("member").order_by("sent_at")[:20]
    ]


def moment_of(moment: datetime | None) -> str:
    return moment_long(moment) if moment else ""


def day_of(moment: datetime | None) -> date:
    return clock.stockholm(moment).date() if moment else clock.today()
