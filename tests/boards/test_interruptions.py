"""A meeting that is adjourned, moved or cancelled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from boards.adjourning import adjourn, resume
from boards.agenda import add_item
from boards.attendance import arrive, leave
from boards.decisions import record_decision
from boards.document_sources import minutes_source
from boards.errors import MeetingRefusal
from boards.minutes import close_meeting
from boards.models import MeetingMode, Outcome
from boards.rescheduling import cancel_meeting, change_meeting
from finsam import clock
from finsam.messages.models import Message
from finsam.registry.models import Event
from finsam.typography import date_long
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_nothing_is_decided_during_a_break(item, meeting, director, seat_of):
    adjourn(meeting=meeting, reason="Lunch", actor=director)
    for act in (
        lambda: record_decision(item=item, outcome=Outcome.TABLED, actor=director),
        lambda: close_meeting(meeting=meeting, actor=director),
    ):
        with pytest.raises(MeetingRefusal) as refusal:
            act()
        assert refusal.value.code == "adjourned"
    leave(meeting=meeting, seat=seat_of("af"), actor=director)
    arrive(meeting=meeting, seat=seat_of("af"), actor=director)

    resume(meeting=meeting, actor=director)
    assert record_decision(item=item, outcome=Outcome.TABLED, actor=director).pk
    (pause,) = meeting.adjournments.all()
    assert (pause.reason, pause.ended_at is not None) == ("Lunch", True)


def test_the_minutes_say_when_the_meeting_was_adjourned(meeting, director):
    lunch = meeting.starts_at.replace(hour=10, minute=5)
    evening = lunch + timedelta(hours=5)
    for began, ended, reason in (
        (lunch, lunch + timedelta(minutes=50), "Lunch"),
        (evening, evening + timedelta(days=1), ""),
    ):
        with clock.at(began):
            adjourn(meeting=meeting, reason=reason, actor=director)
        with clock.at(ended):
            resume(meeting=meeting, actor=director)
    make.grant_as_proposed(meeting.items.get(kind="decision"), director)
    make.settle_formal(meeting, director, closing=True)

    source = minutes_source(close_meeting(meeting=meeting, actor=director))
    times = lunch, lunch + timedelta(minutes=50), evening
    at = [f"{clock.stockholm(one):%H.%M}" for one in times]
    next_day = date_long(clock.stockholm(evening + timedelta(days=1)).date())
    assert dict(source["facts"])["Ajournerat"] == [
        f"kl. {at[0]}–{at[1]} (Lunch)",
        f"kl. {at[2]}–{next_day} kl. {at[2]}",
    ]


def test_D01_adjourned_and_resumed_twice_is_once(meeting, director):
    for act in (adjourn, adjourn, resume, resume):
        act(meeting=meeting, actor=director)
    assert meeting.adjournments.count() == 1
    actions = ["meeting_adjourned", "meeting_resumed"]
    found = Event.objects.filter(action__in=actions).order_by("sequence")
    assert list(found.values_list("action", flat=True)) == actions


@pytest.mark.parametrize("act", [adjourn, resume])
def test_only_a_meeting_that_goes_on_has_breaks(called, director, act):
    with pytest.raises(MeetingRefusal) as refusal:
        act(meeting=called, actor=director)
    assert refusal.value.code in ("not_ongoing", "not_adjourned")


def test_a_cancelled_meeting_tells_everyone_and_leaves_the_calendars(called, director, ready):
    cancel_meeting(meeting=called, reason="För få kan komma", actor=director)
    cancel_meeting(meeting=called, reason="Igen", actor=director)

    mails = Message.objects.filter(event_key=f"meeting-cancelled-{called.pk}")
    assert mails.count() == called.body.seats.count()
    assert "För få kan komma" in mails[0].body
    assert b"METHOD:CANCEL" in bytes(mails[0].calendar)
    assert b"SEQUENCE:1" in bytes(mails[0].calendar)
    later = make.make_meeting(called.body, director, applications=[ready])
    assert later.items.filter(application=ready).exists()
    with pytest.raises(MeetingRefusal):
        add_item(meeting=called, title="Sent", actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        arrive(meeting=called, seat=called.body.seats.first(), actor=director)
    assert refusal.value.code == "meeting_cancelled"


def test_a_meeting_that_has_begun_is_not_cancelled_nor_moved(meeting, director):
    with pytest.raises(MeetingRefusal) as refusal:
        cancel_meeting(meeting=meeting, reason="Sent", actor=director)
    assert refusal.value.code == "has_begun"
    with pytest.raises(MeetingRefusal) as refusal:
        move(meeting, director, days=2)
    assert refusal.value.code == "has_begun"


def test_a_cancellation_says_why(called, director):
    with pytest.raises(MeetingRefusal) as refusal:
        cancel_meeting(meeting=called, reason=" ", actor=director)
    assert refusal.value.field == "reason"


def move(meeting, actor, *, days):
    return change_meeting(
        meeting=meeting,
        starts_at=meeting.starts_at + timedelta(days=days),
        ends_at=None,
        place="Lilla salen",
        mode=MeetingMode.HYBRID,
        is_public=True,
        actor=actor,
    )


def test_a_moved_meeting_moves_in_the_calendars_once(called, director):
    moved = move(called, director, days=2)
    assert (moved.place, moved.mode, moved.revision) == ("Lilla salen", "hybrid", 1)
    mails = Message.objects.filter(event_key=f"meeting-changed-{called.pk}-1")
    assert mails.count() == called.body.seats.count()
    assert b"SEQUENCE:1" in bytes(mails[0].calendar)
    called.refresh_from_db()
    assert move(called, director, days=0).revision == 1
    assert Event.objects.filter(action="meeting_moved").count() == 1


def test_a_planned_meeting_is_moved_without_mail(board, director):
    meeting = make.make_meeting(board, director, called=False)
    move(meeting, director, days=1)
    assert Message.objects.count() == 0
    with pytest.raises(MeetingRefusal) as refusal:
        move(meeting, director, days=-40)
    assert refusal.value.field == "starts_at"
    assert clock.now() < meeting.starts_at
