"""The council's preparation: assessments criterion by criterion, and the recommendation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from boards.errors import MeetingRefusal
from boards.locking import lock_item, lock_meeting, require_ongoing
from boards.models import (
    AgendaItem,
    Assessment,
    AssessmentVerdict,
    BodyKind,
    ItemState,
    Meeting,
    MeetingState,
    Recommendation,
    RecommendationKind,
    Seat,
)
from boards.sitting import take_next
from finsam import clock
from finsam.errors import Conflict
from finsam.people.models import User
from finsam.registry.events import record_event

ENDORSING = (RecommendationKind.ENDORSE, RecommendationKind.ENDORSE_AMENDED)


@dataclass(frozen=True)
class View:
    """One verdict on one criterion, with its reasons."""

    verdict: AssessmentVerdict
    text: str = ""


def save_assessment(
    *, item: AgendaItem, seat: Seat, views: Mapping[int, View], actor: User
) -> list[Assessment]:
    """Keep a council member's own views before the meeting; `views` by criterion id.

    A member with a conflict of interest in the item is refused.
    """
    with transaction.atomic():
        item = _preparation_item(item)
        if seat.user_id != actor.pk or seat.body_id != item.meeting.body_id:
            raise MeetingRefusal("not_your_seat", "Du kan bara skriva din egen bedömning.")
        if item.recusals.filter(seat=seat).exists():
            raise MeetingRefusal(
                "recused", "Du har anmält jäv i ärendet och kan inte delta i bedömningen."
            )
        if item.meeting.state == MeetingState.CLOSED:
            raise MeetingRefusal("meeting_closed", "Mötet är avslutat och bedömningen stängd.")
        return _write(item, seat, views, actor)


def record_recommendation(
    *,
    item: AgendaItem,
    kind: RecommendationKind,
    amount: int | None,
    text: str,
    views: Mapping[int, View],
    differing_views: str = "",
    actor: User,
) -> Recommendation:
    """Record the group's common assessment and its recommendation at the meeting.

    `amount` in whole kronor, for those that endorse. The council decides nothing (KL 3:5):
    the application stays in preparation until the director sends it to the board.
    """
    with transaction.atomic():
        meeting = lock_meeting(item.meeting)
        lock_item(item)
        item = _preparation_item(item)
        earlier = Recommendation.objects.filter(item=item).first()
        if earlier is not None:
            return _same_recommendation(earlier, kind, amount, text, differing_views)
        meeting = require_ongoing(meeting)
        application = item.treated_application
        endorses = kind in ENDORSING
        if endorses and not amount:
            raise MeetingRefusal(
                "amount_missing", "Skriv beloppet som tillstyrks, i hela kronor.", "amount"
            )
        missing = application.round.criteria.exclude(pk__in=views)
        if missing:
            first = missing[0]
            raise MeetingRefusal("criterion_missing", f"Bedöm också kriteriet ”{first.text}”.")
        _write(item, None, views, actor)
        recommendation = Recommendation.objects.create(
            item=item,
            application=application,
            kind=kind,
            amount=amount if endorses else None,
            text=text.strip(),
            differing_views=differing_views.strip(),
            recorded_at=clock.now(),
            recorded_by=actor,
        )
        take_next(meeting, item)
        record_event(
            association=meeting.association,
            actor=actor,
            action="recommendation_recorded",
            obj=recommendation,
            case=application.case,
            payload={"kind": kind, "amount": recommendation.amount},
        )
    return recommendation


def _same_recommendation(
    earlier: Recommendation,
    kind: RecommendationKind,
    amount: int | None,
    text: str,
    differing_views: str,
) -> Recommendation:
    """The recommendation that is there, when it is the same one pressed twice."""
    there = (earlier.kind, earlier.amount, earlier.text, earlier.differing_views)
    asked = amount if kind in ENDORSING else None
    if there != (kind, asked, text.strip(), differing_views.strip()):
        raise Conflict(
            "already_recommended",
            f"”{earlier.item.title}” är redan behandlat på det här mötet. Inget har ändrats.",
        )
    return earlier


def close_council_meeting(*, meeting: Meeting, actor: User) -> Meeting:
    """End a council's meeting; what was not treated is named and must be moved first."""
    with transaction.atomic():
        locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
        if locked.state == MeetingState.CLOSED:
            return locked
        locked = require_ongoing(meeting)
        left = locked.items.filter(application__isnull=False).exclude(state=ItemState.DONE)
        if left:
            names = ", ".join(f"”{item.title}”" for item in left)
            raise MeetingRefusal("items_left", f"Ansökningar återstår att behandla: {names}.")
        locked.state = MeetingState.CLOSED
        locked.closed_at = clock.now()
        locked.save(update_fields=["state", "closed_at"])
        record_event(
            association=locked.association,
            actor=actor,
            action="meeting_closed",
            obj=locked,
            case=locked.case,
        )
    return locked


def _preparation_item(item: AgendaItem) -> AgendaItem:
    found = AgendaItem.objects.select_related(
        "meeting__body",
        "meeting__association",
        "application__round__programme",
        "application__case",
    ).get(pk=item.pk)
    if found.meeting.body.kind != BodyKind.COUNCIL or found.application is None:
        raise MeetingRefusal("not_preparation", "Ärendet är inte en ansökan under beredning.")
    return found


def _write(
    item: AgendaItem, seat: Seat | None, views: Mapping[int, View], actor: User
) -> list[Assessment]:
    application = item.treated_application
    rows = []
    for criterion in application.round.criteria.filter(pk__in=views):
        view = views[criterion.pk]
        row, _ = Assessment.objects.update_or_create(
            item=item,
            criterion=criterion,
            seat=seat,
            defaults={
                "verdict": view.verdict,
                "text": view.text.strip(),
                "updated_at": clock.now(),
            },
        )
        rows.append(row)
    record_event(
        association=item.meeting.association,
        actor=actor,
        action="assessment_saved",
        obj=item,
        case=application.case,
        payload={
            "seat": seat.pk if seat else None,
            "verdicts": {row.criterion.key: row.verdict for row in rows},
        },
    )
    return rows
