"""What a story does with an application before it is decided: review, consult, write the memo."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from applications import review
from applications.models import (
    Application,
    IdeaSketch,
    PointVerdict,
)
from boards import (
    consultation,
    memos,
)
from boards.demo.acts.cast import Cast, fresh
from boards.models import (
    Consultation,
    Outcome,
    Position,
)


def review_application(cast: Cast, key: str, *, finish: bool = True) -> Application:
    """Go through the checklist; with `finish` on to preparation."""
    application = fresh(cast, key)
    held = review.begin_review(application=application, actor=cast.officer)
    for point in held.points.select_related("review__application"):
        review.judge_point(point=point, verdict=PointVerdict.FINE, note="", actor=cast.officer)
    if finish:
        review.finish_review(
            application=application,
            summary="Ansökan är komplett och ligger inom parternas gemensamma ansvar.",
            actor=cast.officer,
        )
    return fresh(cast, key)


def ask_bodies(
    cast: Cast, matter: Application | IdeaSketch, slugs: Iterable[str], *, due_on: date
) -> None:
    """Ask bodies by their slugs for statements."""
    bodies = list(cast.association.bodies.filter(slug__in=list(slugs)).order_by("pk"))
    consultation.ask_for_statements(matter=matter, bodies=bodies, due_on=due_on, actor=cast.officer)


def give_statements(cast: Cast, key: str) -> None:
    """The statements of the content on an effort, each by its author."""
    for said in cast.content.statements:
        if said.effort != key:
            continue
        author = cast.people[said.author]
        asked = Consultation.objects.open().get(
            application=cast.applications[key], body__slug=said.body
        )
        consultation.give_statement(
            consultation=asked,
            seat=asked.body.seats.get(user=author),
            position=Position(said.position),
            text=said.text,
            actor=author,
        )


def end_consultation(cast: Cast, key: str) -> None:
    for one in Consultation.objects.open().filter(application=cast.applications[key]):
        consultation.close_consultation(consultation=one, actor=cast.officer)


def write_memo(cast: Cast, key: str, *, finish: bool = True, amount: int | None = None) -> None:
    """Start the memo from what is known, proposing `amount` kronor when given, and finish it."""
    application = fresh(cast, key)
    memo = memos.start_memo(application=application, actor=cast.director)
    if amount is not None:
        memo = memos.save_memo(
            memo=memo,
            texts={},
            proposed_outcome=Outcome.PARTLY_GRANTED,
            proposed_amount=amount,
            conditions=memo.conditions,
            expected_revision=memo.revision,
            actor=cast.director,
        )
    if finish:
        memos.finish_memo(memo=memo, actor=cast.director)
