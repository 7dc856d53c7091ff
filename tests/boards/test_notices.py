"""Announcing attested minutes on every notice board, and when decisions gain legal force."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from boards.errors import MeetingRefusal
from boards.models import Minutes, MinutesState
from boards.notices import legal_force_date, post_notice, remove_notice
from finsam import clock
from finsam.associations.models import NoticeBoard
from finsam.registry.models import Event
from tests import factories as make
from tests.kept import kept

pytestmark = pytest.mark.django_db

ATTESTED = datetime(2024, 5, 30, 12, tzinfo=UTC)


@kept
def minutes(association, board, director):
    for slug in ("kommunen", "grannkommunen", "regionen"):
        member = association.members.get(slug=slug)
        NoticeBoard.objects.create(association=association, member=member, name=member.name)
    with clock.at(ATTESTED - timedelta(days=20)):
        meeting = make.make_meeting(board, director)
    with clock.at(ATTESTED):
        return make.make_attested(make.make_closed(meeting, director), director)


def post_all(minutes, director, *days):
    for notice, day in zip(minutes.notices.order_by("pk"), days, strict=True):
        post_notice(notice=notice, posted_on=date.fromisoformat(day), actor=director)


def test_KL_8_12_one_notice_for_each_board_by_the_second_day(minutes):
    assert minutes.state == MinutesState.ATTESTED
    due = minutes.notices.values_list("due_on", flat=True)
    assert list(due) == [date(2024, 6, 1)] * 3


def test_KL_13_5_legal_force_is_counted_from_the_latest_posting(minutes, director):
    with clock.at(datetime(2024, 6, 10, 12, tzinfo=UTC)):
        first, second, third = minutes.notices.order_by("pk")
        post_notice(notice=first, posted_on=date(2024, 5, 30), actor=director)
        post_notice(notice=second, posted_on=date(2024, 5, 31), actor=director)
        assert legal_force_date(minutes) is None
        post_notice(notice=third, posted_on=date(2024, 5, 30), actor=director)
    # Three weeks after 31 May is midsommarafton: the last day is Monday the 24th.
    assert legal_force_date(minutes) == date(2024, 6, 25)


def test_no_board_no_legal_force(minutes):
    Minutes.objects.get().notices.all().delete()
    assert legal_force_date(minutes) is None


@pytest.mark.parametrize("day", ["2024-05-29", "2024-06-11"])
def test_posted_between_the_attestation_and_today(minutes, director, day):
    notice = minutes.notices.first()
    with clock.at(datetime(2024, 6, 10, 12, tzinfo=UTC)), pytest.raises(MeetingRefusal) as refusal:
        post_notice(notice=notice, posted_on=date.fromisoformat(day), actor=director)
    assert (refusal.value.code, refusal.value.field) == ("posting_day", "posted_on")


def test_D01_posted_twice_on_the_same_day_is_once(minutes, director):
    notice = minutes.notices.first()
    with clock.at(datetime(2024, 6, 10, 12, tzinfo=UTC)):
        for _ in range(2):
            post_notice(notice=notice, posted_on=date(2024, 5, 31), actor=director)
        with pytest.raises(MeetingRefusal) as refusal:
            post_notice(notice=notice, posted_on=date(2024, 6, 1), actor=director)
    assert refusal.value.code == "already_posted"
    assert Event.objects.filter(action="notice_posted").count() == 1


@pytest.mark.parametrize(
    ("day", "allowed"), [("2024-06-23", False), ("2024-06-24", False), ("2024-06-25", True)]
)
def test_KL_8_12_a_notice_stays_up_the_whole_time_for_appeal(minutes, director, day, allowed):
    with clock.at(datetime(2024, 7, 10, 12, tzinfo=UTC)):
        post_all(minutes, director, "2024-05-31", "2024-05-31", "2024-05-31")
        notice = minutes.notices.first()
        if allowed:
            remove_notice(notice=notice, removed_on=date.fromisoformat(day), actor=director)
            notice.refresh_from_db()
            assert notice.removed_on.isoformat() == day
            return
        with pytest.raises(MeetingRefusal) as refusal:
            remove_notice(notice=notice, removed_on=date.fromisoformat(day), actor=director)
    assert "till och med den 24\u00a0juni 2024 (8 kap. 12 §" in refusal.value.message


def test_a_notice_that_is_not_up_is_not_taken_down(minutes, director):
    with pytest.raises(MeetingRefusal):
        remove_notice(notice=minutes.notices.first(), removed_on=clock.today(), actor=director)
