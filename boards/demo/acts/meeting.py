"""The meetings of a story, from the notice to the decisions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from boards import (
    agenda,
    attendance,
    council,
    decisions,
    delegation,
    dispatch,
    immediate,
    minutes,
    notices,
    sitting,
)
from boards.after_attestation import promise_minutes
from boards.attestation import attest
from boards.demo.acts.cast import Cast, fresh
from boards.demo.settling import DEMO_PASSWORD
from boards.models import (
    AgendaItem,
    AssessmentVerdict,
    DelegatedDecision,
    DelegateFunction,
    ItemKind,
    ItemState,
    Meeting,
    Minutes,
    Outcome,
    RecommendationKind,
)
from boards.packet import make_packet
from finsam import clock

FORMAL = (
    ItemKind.OPENING,
    ItemKind.AGENDA,
    ItemKind.PREVIOUS_MINUTES,
    ItemKind.INFORMATION,
    ItemKind.DELEGATION,
    ItemKind.CLOSING,
)


def plan(cast: Cast, kind: str, starts_at: datetime, place: str) -> Meeting:
    return agenda.plan_meeting(
        body=cast.body(kind),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        place=place,
        actor=cast.officer,
    )


def put_on_agenda(cast: Cast, meeting: Meeting, keys: Iterable[str]) -> None:
    for key in keys:
        application = fresh(cast, key)
        agenda.add_item(
            meeting=meeting,
            title=application.title,
            application=application,
            presenter=cast.association.director_title.capitalize(),
            actor=cast.officer,
        )


def call(cast: Cast, meeting: Meeting) -> Meeting:
    return dispatch.send_notice(meeting=meeting, actor=cast.officer)


def gather(cast: Cast, meeting: Meeting) -> Meeting:
    """All ordinary members come, and the meeting is opened."""
    for seat in attendance.ordinary_seats(meeting.body, meeting.starts_at):
        attendance.arrive(meeting=meeting, seat=seat, actor=cast.officer)
    return sitting.open_meeting(meeting=meeting, actor=cast.officer)


def treat_in_council(cast: Cast, meeting: Meeting) -> None:
    """Each item is assessed and gets its recommendation, as the content says."""
    efforts = {
        cast.applications[one.key].pk: one
        for one in cast.content.efforts
        if one.key in cast.applications
    }
    for item in meeting.items.order_by("position"):
        sitting.take_up(item=item, actor=cast.officer)
        if item.application_id is None:
            sitting.finish_formal_item(item=item, actor=cast.officer)
            continue
        wanted = efforts[item.application_id].recommendation
        if wanted is None:
            raise LookupError(f"Exemplet saknar rekommendation för {item.title}.")
        criteria = {one.key: one.pk for one in cast.round.programme.criteria.all()}
        council.record_recommendation(
            item=item,
            kind=RecommendationKind(wanted.kind),
            amount=wanted.amount,
            text=wanted.text,
            views={
                criteria[one.criterion]: council.View(AssessmentVerdict(one.verdict), one.text)
                for one in wanted.assessments
            },
            actor=cast.officer,
        )
    council.close_council_meeting(meeting=meeting, actor=cast.officer)


def send_documents(cast: Cast, meeting: Meeting) -> None:
    """Promise the packet; it is sent when the worker has made it."""
    make_packet(meeting=meeting, actor=cast.officer)


def settle_formal(cast: Cast, meeting: Meeting) -> None:
    """Take the formal items in order, up to the first that needs a decision."""
    while item := meeting.items.exclude(state=ItemState.DONE).order_by("position").first():
        if item.kind != ItemKind.ATTESTERS and item.kind not in FORMAL:
            return
        _take(cast, item)


def decide_all(cast: Cast, meeting: Meeting) -> Minutes:
    """Take every item in order: formal ones as usual, applications as the memo proposes.

    What was decided on delegation is told of, and that paragraph attested at once.
    """
    while item := meeting.items.exclude(state=ItemState.DONE).order_by("position").first():
        _take(cast, item)
        if item.kind == ItemKind.DELEGATION:
            _attest_at_once(cast, item)
    return minutes.close_meeting(meeting=meeting, actor=cast.officer)


def _take(cast: Cast, item: AgendaItem) -> None:
    sitting.take_up(item=item, actor=cast.officer)
    item.refresh_from_db()
    if item.kind == ItemKind.ATTESTERS:
        found = attendance.presence(item.meeting, item)
        chair = item.meeting.chair_id
        chosen = next(one.seat for one in found.serving if one.seat.pk != chair)
        sitting.elect_attesters(item=item, seats=[chosen], actor=cast.officer)
    elif item.kind in FORMAL:
        sitting.finish_formal_item(item=item, actor=cast.officer)
    elif item.application is not None:
        memo = item.application.memos.first()
        decisions.record_decision(
            item=item,
            outcome=Outcome(memo.proposed_outcome if memo else Outcome.TABLED),
            amount=memo.proposed_amount if memo else None,
            frame=item.application.round.frame,
            actor=cast.officer,
        )
    else:
        decisions.record_decision(
            item=item, outcome=Outcome.APPROVED, reason=item.proposal, actor=cast.officer
        )


def _attest_at_once(cast: Cast, item: AgendaItem) -> None:
    """The paragraph is fixed and read by those who attest it, before the meeting has ended."""
    item.refresh_from_db()
    paragraph = immediate.fix_paragraph(item=item, actor=cast.officer)
    for attestation in paragraph.attestations.select_related("seat__user"):
        paragraph = immediate.attest_paragraph(
            paragraph=paragraph,
            actor=attestation.seat.user,
            password=DEMO_PASSWORD,
            seen_hash=paragraph.content_hash,
        )


def decide_on_delegation(cast: Cast, day: date) -> DelegatedDecision:
    """The director decides what the board has left to her; it goes to the next agenda by itself."""
    return delegation.record_delegated_decision(
        association=cast.association,
        decided_by=cast.director,
        function=DelegateFunction.DIRECTOR,
        decided_on=day,
        subject="Lokal för parternas dag i november",
        text="hyra Folkets hus i Ronneby för 8 500 kronor",
        basis="delegationsordningen punkt 4",
        actor=cast.director,
    )


def attest_by_all(cast: Cast, record: Minutes) -> Minutes:
    sent = minutes.send_to_attesters(minutes=record, actor=cast.officer)
    promise_minutes(sent, cast.officer)
    for attester in sent.meeting.attesters.select_related("seat__user"):
        attest(
            minutes=sent,
            actor=attester.seat.user,
            password=DEMO_PASSWORD,
            seen_hash=sent.content_hash,
        )
    return Minutes.objects.get(pk=record.pk)


def post_everywhere(cast: Cast, record: Minutes) -> None:
    """What has been attested since the last time: all, or a paragraph by itself."""
    for notice in record.notices.filter(posted_on=None):
        notices.post_notice(notice=notice, posted_on=clock.today(), actor=cast.officer)


def take_down_everywhere(cast: Cast, record: Minutes) -> None:
    """What has been up the whole appeal time."""
    for notice in record.notices.filter(removed_on=None, remove_after__lt=clock.today()):
        notices.remove_notice(notice=notice, removed_on=clock.today(), actor=cast.officer)
