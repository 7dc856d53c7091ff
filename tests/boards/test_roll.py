"""What is noted of who comes and leaves, at the roll and later, and what is told of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from boards.attendance import (
    Mark,
    arrive,
    call_the_roll,
    leave,
    ordinary_seats,
    presence,
    room_of,
    serving_at,
    substitutes,
    took_part,
)
from boards.errors import MeetingRefusal
from boards.models import Attendance, Participation, ParticipationCorrection, Recusal
from finsam import clock
from finsam.registry.models import Event
from finsam.registry.register import open_case
from tests.boards.conftest import told

pytestmark = pytest.mark.django_db

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def at_a_distance(meeting):
    """The board has decided to allow it."""
    meeting.association.remote_participation = True
    meeting.association.save(update_fields=["remote_participation"])


def in_the_room(meeting):
    """Who is there: the seat, whom it serves for, and whether at a distance."""
    found = meeting.attendances.filter(left_at=None).order_by("seat__member__slug", "seat_id")
    return [(one.seat, one.serves_for, one.is_remote) for one in found]


def test_L02_who_comes_and_who_leaves_is_told(gathering, director, seat_of):
    gathering.case = open_case(association=gathering.association, title="Möte", actor=director)
    gathering.save(update_fields=["case"])
    seat, other = seat_of("fk"), seat_of("fk", substitute=1)
    at_a_distance(gathering)
    with clock.at(NOON):
        first = arrive(
            meeting=gathering, seat=other, serves_for=seat, is_remote=True, actor=director
        )
        second = arrive(meeting=gathering, seat=seat, actor=director)
        leave(meeting=gathering, seat=seat, actor=director)

    at, case = NOON.isoformat(), gathering.case_id
    came = {"seat": other.pk, "serves_for": seat.pk, "remote": True, "at": at}
    assert told("attendance_arrived", "attendance_left") == [
        ("attendance_arrived", director, f"boards.attendance {first.pk}", case, came),
        ("attendance_arrived", director, f"boards.attendance {second.pk}", case,
         {"seat": seat.pk, "serves_for": None, "remote": False, "at": at}),
        ("attendance_left", director, f"boards.seat {seat.pk}", case,
         {"meeting": gathering.pk, "at": at}),
    ]  # fmt: skip
    rows = Attendance.objects.order_by("pk").values_list(
        "seat", "serves_for", "is_remote", "arrived_at", "left_at"
    )
    assert list(rows) == [
        (other.pk, seat.pk, True, NOON, NOON),
        (other.pk, None, True, NOON, None),  # stays in the room
        (seat.pk, None, False, NOON, NOON),
    ]


def test_a_substitute_in_turn_relieves_another_and_comes_in_person(gathering, director, three):
    seat = gathering.body.seats.get(member__slug="fk", function="vice_chair")
    at_a_distance(gathering)
    arrive(meeting=gathering, seat=three[1], serves_for=seat, is_remote=True, actor=director)
    arrive(meeting=gathering, seat=three[0], serves_for=seat, is_remote=True, actor=director)
    arrive(meeting=gathering, seat=three[0], serves_for=seat, actor=director)
    assert in_the_room(gathering) == [(three[0], seat, False), (three[1], None, True)]


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        (None, None, []),
        ("own", None, []),
        ("own", "own", [("own", None)]),
        ("own", "remote", [("remote", None)]),
        ("own", "sub", [("sub", "own")]),
        ("own", "remote sub", [("remote sub", "own")]),
        ("sub", None, [("sub", None)]),
        ("remote sub", None, [("remote sub", None)]),
        ("sub", "sub", [("sub", "own")]),
        ("sub", "own", [("own", None), ("sub", None)]),
        ("sub", "next", "out_of_turn"),
        ("remote sub", "sub", [("sub", "own")]),
        ("gone", None, []),
    ],
)
def test_the_roll_is_called_twice(gathering, director, seat_of, three, first, then, expected):
    """How a seat is filled at first, how it is marked then, and who is in the room for it."""
    own, other = seat_of("fk"), seat_of("af", substitute=1)
    by = {"own": own, "remote": own, "sub": three[0], "remote sub": three[0], "next": three[1]}
    at_a_distance(gathering)
    arrive(meeting=gathering, seat=other, serves_for=seat_of("af"), actor=director)

    def call(said):
        mark = Mark(own, by.get(said), is_remote=bool(said) and said.startswith("remote"))
        call_the_roll(meeting=gathering, marks=[mark], actor=director)

    call("sub" if first == "gone" else first)
    if first == "gone":
        leave(meeting=gathering, seat=three[0], actor=director)
    before = Attendance.objects.count()
    if expected == "out_of_turn":
        with pytest.raises(MeetingRefusal) as refusal:
            call(then)
        assert refusal.value.code == expected
        return
    call(then)
    rows = [(by[one], by.get(whom), one.startswith("remote")) for one, whom in expected]
    assert in_the_room(gathering) == [(other, seat_of("af"), False), *rows]
    if first == then:
        assert Attendance.objects.count() == before
    assert not Event.objects.filter(action__startswith="attendance_").exclude(actor=director)


def test_the_roll_is_noted_whole_or_not_at_all(gathering, director, seat_of):
    marks = [
        Mark(seat_of("fk"), seat_of("fk")),
        Mark(seat_of("af"), seat_of("fk", substitute=1)),
    ]
    with pytest.raises(MeetingRefusal):
        call_the_roll(meeting=gathering, marks=marks, actor=director)
    assert Attendance.objects.count() == 0


def test_who_served_at_a_moment(gathering, director, seat_of):
    seats = [seat_of("fk"), seat_of("af"), seat_of("regionen")]
    times = [(0, 2), (1, None), (2, 3)]
    for seat, (came, left) in zip(seats, times, strict=True):
        Attendance.objects.create(
            meeting=gathering,
            seat=seat,
            arrived_at=NOON + timedelta(hours=came),
            left_at=None if left is None else NOON + timedelta(hours=left),
        )
    found = [
        {one.seat for one in serving_at(gathering, NOON + timedelta(hours=hour), [])}
        for hour in range(-1, 4)
    ]
    fk, af, region = seats
    assert found == [set(), {fk}, {fk, af}, {af, region}, {af}]
    out = [Recusal(seat=af)]
    assert serving_at(gathering, NOON + timedelta(hours=3), out) == []


def test_who_took_part_as_kept_and_as_corrected(gathering, plan, director, seat_of):
    fk, af, sub = seat_of("fk"), seat_of("af"), seat_of("af", substitute=1)
    other = gathering.items.get(kind="opening")
    Participation.objects.create(item=plan, seat=fk)
    Participation.objects.create(item=plan, seat=af, is_remote=True)
    Participation.objects.create(item=other, seat=sub, serves_for=af)
    said = {"item": plan, "corrected_by": director}
    ParticipationCorrection.objects.create(seat=fk, took_part=False, **said)
    ParticipationCorrection.objects.create(seat=af, took_part=False, **said)
    ParticipationCorrection.objects.create(
        seat=sub, took_part=True, serves_for=af, is_remote=True, **said
    )
    ParticipationCorrection.objects.create(seat=seat_of("regionen"), took_part=False, **said)

    def shown(**how):
        found = took_part([plan, other], **how)
        return {
            item: [(one.seat, one.serves_for, one.is_remote) for one in rows]
            for item, rows in found.items()
        }

    kept = [(fk, None, False), (af, None, True)]
    assert shown(are_corrected=False) == {plan.pk: kept, other.pk: [(sub, af, False)]}
    assert shown() == {plan.pk: [(sub, af, True)], other.pk: [(sub, af, False)]}
    plan.state = "done"
    assert [one.filled for one in presence(gathering, plan).serving] == [af]
    found = presence(gathering, plan, is_corrected=False).serving
    assert [one.seat for one in found] == [fk, af]
    arrive(meeting=gathering, seat=seat_of("regionen"), actor=director)
    plan.state = "waiting"
    given = presence(gathering, plan, room_of(gathering)).serving
    assert [one.seat for one in given] == [seat_of("regionen")]


def test_seats_count_while_they_are_held(gathering, board, seat_of):
    day = gathering.starts_at
    ended = seat_of("fk")
    board.seats.filter(pk=ended.pk).update(valid_to=clock.stockholm(day).date() - timedelta(days=1))
    found = [one.function for one in ordinary_seats(board, day)]
    assert found == ["chair", "member", "member", "member"]
    assert len(ordinary_seats(board, day - timedelta(days=1))) == 5
    assert [one.function for one in substitutes(board, day)] == ["substitute"] * 5
