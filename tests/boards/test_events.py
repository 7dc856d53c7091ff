"""Every act leaves exactly its events, in its own transaction; undone, it leaves none (L-02)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from applications.models import PointVerdict
from applications.review import (
    begin_review,
    comment_on_section,
    dismiss_application,
    finish_review,
    judge_point,
    request_supplement,
    resume_review,
)
from boards import (
    agenda,
    attendance,
    attestation,
    council,
    decisions,
    dispatch,
    memos,
    minutes,
    notices,
    recusals,
    sitting,
)
from boards.models import AssessmentVerdict, ItemKind, Outcome, RecommendationKind
from boards.packet import make_packet
from finsam import clock
from finsam.associations.models import NoticeBoard
from finsam.registry.models import Event
from finsam.registry.verification import verify_chain
from tests import factories as make
from tests.kept import kept

pytestmark = pytest.mark.django_db


class Undone(Exception):
    """Ends a transaction so that nothing of it stays."""


def leaves(act: Callable[[], Any], *actions: str) -> Any:
    """Do the act twice: once undone, leaving nothing; once in earnest, leaving these events."""
    before = Event.objects.count()

    def undone() -> None:
        with transaction.atomic():
            act()
            found = Event.objects.order_by("sequence").values_list("action", flat=True)
            assert list(found)[before:] == list(actions)
            raise Undone

    with pytest.raises(Undone):
        undone()
    assert Event.objects.count() == before
    result = act()
    found = Event.objects.order_by("sequence").values_list("action", flat=True)
    assert list(found)[before:] == list(actions)
    return result


def test_L02_the_acts_of_the_review(submitted, officer, director):
    application = make.reread(submitted)
    section = application.template.sections.get(key="goals")
    review = leaves(
        lambda: begin_review(application=application, actor=officer), "application_begin_review"
    )
    point = review.points.first()
    leaves(
        lambda: judge_point(point=point, verdict=PointVerdict.FINE, note="", actor=officer),
        "review_point_judged",
    )
    leaves(
        lambda: comment_on_section(
            application=application, section=section, body="Skriv mer.", is_internal=False,
            actor=officer,
        ),
        "section_commented",
    )  # fmt: skip
    leaves(
        lambda: request_supplement(
            application=application, sections=[section], message="Mer om målen.",
            last_day=clock.today() + timedelta(days=7), actor=officer,
        ),
        "application_request_supplement",
        "record_registered",
    )  # fmt: skip
    leaves(
        lambda: resume_review(application=application, actor=officer), "application_resume_review"
    )
    review.points.update(verdict=PointVerdict.FINE)
    leaves(
        lambda: finish_review(application=application, summary="", actor=officer),
        "application_prepare",
    )
    leaves(
        lambda: dismiss_application(application=application, reason="Dubblett", actor=officer),
        "application_dismiss",
    )


def test_L02_the_acts_of_the_council_and_the_memo(council_meeting, prepared, director):
    meeting, item, seat, views = council_meeting
    leaves(
        lambda: council.save_assessment(item=item, seat=seat, views=views, actor=seat.user),
        "assessment_saved",
    )
    make.open_with_all(meeting, director)
    leaves(
        lambda: council.record_recommendation(
            item=item, kind=RecommendationKind.ENDORSE, amount=600_000, text="", views=views,
            actor=director,
        ),
        "assessment_saved",
        "recommendation_recorded",
    )  # fmt: skip
    leaves(lambda: council.close_council_meeting(meeting=meeting, actor=director), "meeting_closed")
    memo = leaves(lambda: memos.start_memo(application=prepared, actor=director), "memo_started")
    leaves(
        lambda: memos.save_memo(
            memo=memo, texts={"economy": "Gott"}, proposed_outcome=Outcome.GRANTED,
            proposed_amount=600_000, conditions="", expected_revision=0, actor=director,
        ),
        "memo_saved",
    )  # fmt: skip
    leaves(
        lambda: memos.finish_memo(memo=memo, actor=director),
        "record_registered",
        "memo_finished",
        "application_send_to_board",
    )


@kept
def council_meeting(council, prepared, round_, director):
    meeting = make.make_meeting(council, director, applications=[prepared])
    views = {one.pk: council_view(AssessmentVerdict.MET) for one in round_.programme.criteria.all()}
    return meeting, meeting.items.get(kind=ItemKind.DECISION), council.seats.first(), views


def council_view(verdict: AssessmentVerdict) -> council.View:
    return council.View(verdict, "")


def test_L02_the_acts_before_a_meeting(board, ready, director):
    meeting = leaves(
        lambda: agenda.plan_meeting(
            body=board, starts_at=clock.now() + timedelta(days=9), place="Salen", actor=director
        ),
        "meeting_planned",
    )
    items = [
        leaves(
            partial(agenda.add_item, meeting=meeting, title=name, actor=director),
            "agenda_item_added",
        )
        for name in "AB"
    ]
    leaves(lambda: agenda.move_item(item=items[1], up=True, actor=director), "agenda_item_moved")
    agenda.add_item(meeting=meeting, title="", application=ready, actor=director)
    extra = agenda.add_item(meeting=meeting, title="C", actor=director)
    leaves(
        lambda: agenda.remove_item(item=meeting.items.get(pk=extra.pk), actor=director),
        "agenda_item_removed",
    )
    leaves(lambda: dispatch.send_notice(meeting=meeting, actor=director), "meeting_called")
    leaves(lambda: make_packet(meeting=meeting, actor=director), "packet_promised")


def test_L02_the_acts_at_a_meeting(called, frame, director, seat_of):
    ordinary = [seat_of(slug) for slug in ("kommunen", "grannkommunen", "regionen", "fk", "af")]
    for seat in ordinary:
        leaves(
            partial(attendance.arrive, meeting=called, seat=seat, actor=director),
            "attendance_arrived",
        )
    leaves(lambda: sitting.open_meeting(meeting=called, actor=director), "meeting_opened")
    opening, attesters, item = (
        called.items.get(kind=kind) for kind in ("opening", "attesters", "decision")
    )
    leaves(lambda: sitting.finish_formal_item(item=opening, actor=director), "decision_recorded")
    leaves(
        lambda: sitting.elect_attesters(item=attesters, seats=[seat_of("fk")], actor=director),
        "decision_recorded",
    )
    leaves(lambda: sitting.take_up(item=item, actor=director), "item_taken_up")
    leaves(
        lambda: recusals.declare_recusal(item=item, seat=seat_of("af"), actor=director),
        "recusal_declared",
    )
    leaves(
        lambda: decisions.put_motion(
            item=item, seat=seat_of("fk"), text="Bifall", outcome=Outcome.GRANTED, amount=None,
            actor=director,
        ),
        "motion_put",
    )  # fmt: skip
    leaves(
        lambda: decisions.record_decision(
            item=item, outcome=Outcome.GRANTED, amount=600_000, frame=frame, actor=director
        ),
        "grant_reserved",
        "decision_recorded",
        "application_grant",
    )
    leaves(
        lambda: sitting.announce_dissent(item=item, seat=seat_of("fk"), text="", actor=director),
        "dissent_announced",
    )
    make.settle_formal(called, director, closing=True)
    leaves(
        lambda: attendance.leave(meeting=called, seat=seat_of("af"), actor=director),
        "attendance_left",
    )
    leaves(
        lambda: minutes.close_meeting(meeting=called, actor=director),
        "case_opened",
        "meeting_closed",
    )


def test_L02_the_acts_of_the_minutes(called, director, association):
    NoticeBoard.objects.create(
        association=association, member=association.members.first(), name="Ekby kommun"
    )
    found = make.make_closed(called, director)
    leaves(
        lambda: minutes.edit_paragraph(
            paragraph=found.paragraphs.first(), texts={"note": "x"}, expected_revision=0,
            actor=director,
        ),
        "paragraph_edited",
    )  # fmt: skip
    leaves(lambda: minutes.compose_anew(minutes=found, actor=director), "minutes_composed")
    leaves(
        lambda: minutes.send_to_attesters(minutes=found, actor=director),
        "minutes_sent_to_attesters",
    )
    leaves(
        lambda: minutes.take_back_from_attesters(minutes=found, actor=director),
        "minutes_taken_back",
    )
    sent = minutes.send_to_attesters(minutes=found, actor=director)
    chair, other = sent.meeting.attesters.select_related("seat__user").order_by("function")

    def attest(one: Any) -> Callable[[], Any]:
        return lambda: attestation.attest(
            minutes=sent,
            actor=one.seat.user,
            password=make.PASSWORD,
            seen_hash=sent.content_hash,
        )

    leaves(attest(chair), "minutes_attested_by")
    leaves(
        attest(other),
        "minutes_attested_by",
        "minutes_attested",
        "record_registered",
        "outcome_published",
        "record_registered",
        "record_registered",
    )
    notice = sent.notices.get()
    leaves(
        lambda: notices.post_notice(notice=notice, posted_on=clock.today(), actor=director),
        "notice_posted",
    )
    with clock.at(clock.now() + timedelta(days=60)):
        leaves(
            lambda: notices.remove_notice(notice=notice, removed_on=clock.today(), actor=director),
            "notice_removed",
        )
    assert verify_chain(association).broken is None
