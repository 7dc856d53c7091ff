"""Truth tables of who serves, in which order, and when they are enough; none asks the database."""

from __future__ import annotations

import pytest

from boards.errors import MeetingRefusal, NotQuorate
from boards.models import Attendance, Body, Meeting, Recusal, Seat
from boards.quorum import (
    Presence,
    Room,
    Serving,
    chair_first,
    in_their_order,
    next_in_turn,
    of_the_same,
    presence_of,
    presiding,
    require_enough,
    require_free,
    require_may_sit,
    require_turn,
    who_serves,
)
from finsam.associations.models import Association, Member
from finsam.people.models import User

BODY = Body(pk=1, name="Styrelsen")
ALBY, EKBY = Member(pk=1, name="Alby"), Member(pk=2, name="Ekby")


def seat(pk, function="member", member=ALBY, order=1, body=BODY):
    user = User(name=f"P{pk}")
    return Seat(pk=pk, body=body, function=function, member=member, order=order, user=user)


# Alby has the ordinary seats 1 and 2 and the substitutes 11, 12, 13; Ekby has 3 and 21.
ORDINARY = {1: seat(1, "chair"), 2: seat(2), 3: seat(3, "vice_chair", EKBY)}
SUBSTITUTES = {
    11: seat(11, "substitute", order=1),
    12: seat(12, "substitute", order=2),
    13: seat(13, "substitute", order=3),
    21: seat(21, "substitute", EKBY),
}
SEATS = ORDINARY | SUBSTITUTES


def here(*pks, remote=()):
    """Attendances: a number for an own seat, a pair for a substitute and whom it serves for."""
    pairs = [one if isinstance(one, tuple) else (one, None) for one in pks]
    return [
        Attendance(seat=SEATS[pk], serves_for=SEATS.get(whom), is_remote=pk in remote)
        for pk, whom in pairs
    ]


def recused(*pks):
    """Recusals: a number, or a pair of who is recused and who stands in."""
    pairs = [one if isinstance(one, tuple) else (one, None) for one in pks]
    return [Recusal(seat=SEATS[pk], served_by=SEATS.get(whom)) for pk, whom in pairs]


def room(*pks):
    return Room(list(ORDINARY.values()), list(SUBSTITUTES.values()), here(*pks))


# --- quorum -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seats", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (7, 4), (8, 5), (9, 5)]
)
def test_KL_6_27_more_than_half_of_the_seats(seats, needed):
    all_seats = tuple(seat(number) for number in range(1, seats + 1))
    for count in range(seats + 1):
        serving = tuple(Serving(one, None, is_remote=False) for one in all_seats[:count])
        found = Presence(all_seats, serving, ())
        assert (found.needed, found.is_quorate) == (needed, count >= needed)
        if count >= needed:
            require_enough(found, body="Styrelsen", title="Plan")
            continue
        with pytest.raises(NotQuorate) as refusal:
            require_enough(found, body="Styrelsen", title="Plan")
        assert refusal.value.code == "not_quorate"
        assert refusal.value.message == (
            f"Styrelsen är inte beslutsför i ärendet ”Plan”: {count} av {seats} tjänstgör och det "
            f"krävs {needed} (6 kap. 27 § kommunallagen). Låt en ersättare tjänstgöra, eller ta "
            "upp ärendet igen när fler är på plats."
        )


# --- who serves -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("present", "recusals", "expected"),
    [
        ([], [], {}),
        ([1, 3], [], {1: 1, 3: 3}),
        ([3, 1], [], {1: 1, 3: 3}),
        ([11], [], {}),  # a substitute who serves for nobody
        ([(11, 1)], [], {1: 11}),
        ([(11, 1), (12, 2)], [], {1: 11, 2: 12}),
        ([1, 2], [1], {2: 2}),
        ([1, 2, 11], [1], {2: 2}),
        ([1, 11], [(1, 11)], {1: 11}),
        ([11], [(1, 11)], {1: 11}),  # also when the recused is away
        ([1], [(1, 11)], {}),  # the stand-in is away
        ([1, 11], [(1, 11), 11], {}),  # the stand-in is recused
        ([(11, 1)], [11], {}),  # the substitute is recused
        ([(11, 1), 12], [(11, 12)], {1: 12}),  # and leaves the seat to the next
        ([(11, 2), 1], [(1, 11)], {1: 11}),  # a stand-in leaves the seat it filled
        ([1, (11, 1)], [], {1: 1}),  # filled once, by the first that is found
        ([(11, 1), 12], [(1, 12)], {1: 12}),  # a stand-in goes before
        ([1, 2, 3], [1, 2, 3], {}),  # no exemption from the quorum (KL 6:30)
    ],
)
def test_KL_6_28_who_fills_which_seat(present, recusals, expected):
    seats, out = list(ORDINARY.values()), recused(*recusals)
    found = presence_of(seats, who_serves(here(*present), out), out)

    assert {one.filled.pk: one.seat.pk for one in found.serving} == expected
    assert [one.filled.pk for one in found.serving] == sorted(expected)
    assert found.seats == tuple(seats)
    assert found.recused == tuple(one.seat for one in out)
    for one in SEATS.values():
        assert found.serves(one) is (one.pk in expected.values())


def test_who_serves_at_a_distance_is_told():
    found = who_serves(here(1, (11, 2), remote={11}), [])
    assert [(one.seat.pk, one.is_remote) for one in found] == [(1, False), (11, True)]


@pytest.mark.parametrize(
    ("chair", "serving", "leads"),
    [
        (1, [1, 2, 3], 1),
        (2, [1, 2, 3], 2),  # chosen for the meeting
        (1, [2, 3], 3),  # the vice chair
        (None, [1, 3], 3),
        (1, [2], 2),  # the first who serves
        (1, [], None),
    ],
)
def test_who_leads_an_item(chair, serving, leads):
    found = presence_of(list(ORDINARY.values()), who_serves(here(*serving), []), [])
    leader = presiding(Meeting(chair_id=chair), found)
    assert (leader.pk if leader else None) == leads


# --- orders -----------------------------------------------------------------------------------


def test_seats_stand_with_the_chair_first_and_substitutes_in_their_order():
    held = [
        seat(9, "substitute", order=2),
        seat(8, "member", order=2),
        seat(7, "member", order=1),
        seat(6, "vice_chair", order=9),
        seat(5, "chair", order=10),
        seat(4, "substitute", order=1),
        seat(3, "substitute", order=2),
        seat(2, "member", order=2),
    ]
    assert [one.pk for one in chair_first(held)] == [5, 6, 7, 2, 8]
    assert [one.pk for one in in_their_order(held)] == [4, 3, 9]


@pytest.mark.parametrize(
    ("present", "in_room", "busy", "free"),
    [
        ([], set(), set(), [11, 12, 13, 21]),
        ([1, 11], {1, 11}, set(), [11, 12, 13, 21]),
        ([(11, 1), 12], {11, 12}, {11}, [12, 13, 21]),
        ([(11, 1), (21, 3)], {11, 21}, {11, 21}, [12, 13]),
    ],
)
def test_FL_12_who_is_in_the_room_busy_and_free(present, in_room, busy, free):
    found = room(*present)
    assert (found.here, found.busy) == (in_room, busy)
    assert [one.pk for one in found.free] == free


@pytest.mark.parametrize(("pk", "expected"), [(1, [11, 12, 13]), (3, [21]), (21, [21])])
def test_FL_12_substitutes_of_the_same_organisation(pk, expected):
    assert [one.pk for one in of_the_same(SUBSTITUTES.values(), SEATS[pk])] == expected


@pytest.mark.parametrize(
    ("pk", "present", "out", "expected"),
    [
        (1, [], (), None),
        (1, [11], (), 11),
        (1, [12, 11], (), 11),
        (1, [12], (), 12),
        (1, [11, 12], (11,), 12),
        (1, [11, 12, 13], (11, 12), 13),
        (1, [(11, 2), 12], (), 12),  # busy
        (1, [21], (), None),  # of another organisation
        (3, [11, 21], (), 21),
        (11, [11, 12], (), 12),  # a recused substitute leaves the seat to the next
        (21, [21], (), None),  # and never to itself
    ],
)
def test_FL_12_who_is_next_in_turn(pk, present, out, expected):
    found = next_in_turn(room(*present), SEATS[pk], out)
    assert (found.pk if found else None) == expected


@pytest.mark.parametrize(
    ("pk", "present", "unavailable", "before"),
    [
        (11, [], (), None),
        (11, [11, 12, 13], (), None),
        (12, [], (), None),
        (12, [12, 13], (), None),
        (12, [11, 12], (), 11),
        (12, [11], (), 11),
        (13, [11, 12], (), 11),
        (13, [12], (), 12),
        (13, [11, 12], (11,), 12),
        (13, [11, 12], (11, 12), None),
        (12, [(11, 2)], (), None),  # busy already
        (12, [(11, 1)], (), 11),  # serves for the seat already
        (13, [(11, 2), (12, 1)], (), 12),
        (11, [(11, 2), 12, 13], (), None),  # busy itself: those after still stand after
        (12, [21], (), None),  # of another organisation
        (21, [11, 12], (), None),
    ],
)
def test_FL_12_whose_turn_it_is(pk, present, unavailable, before):
    if before is None:
        require_turn(room(*present), SEATS[pk], SEATS[1], unavailable)
        return
    with pytest.raises(MeetingRefusal) as refusal:
        require_turn(room(*present), SEATS[pk], SEATS[1], unavailable)
    assert (refusal.value.code, refusal.value.field) == ("out_of_turn", None)
    assert refusal.value.message == (
        f"P{before} står före P{pk} i den ordning som är bestämd och är på plats. "
        f"Låt P{before} tjänstgöra (12 § lagen om finansiell samordning)."
    )


NOT_FREE = {
    "substitute_serves": "{} tjänstgör redan för någon annan. Välj en annan ersättare.",
    "substitute_recused": "{} har själv anmält jäv.",
    "out_of_turn": "P11 står före {0} i den ordning som är bestämd och är på plats. "
    "Låt P11 tjänstgöra (12 § lagen om finansiell samordning).",
}


@pytest.mark.parametrize(
    ("pk", "present", "others", "code"),
    [
        (11, [], [], ""),
        (11, [1, 11], [], ""),
        (11, [(11, 1)], [], ""),  # serves for the seat itself
        (11, [(11, 2)], [], "substitute_serves"),
        (11, [(12, 2), 11], [], ""),  # another serves
        (11, [11], [2], ""),
        (11, [11], [(2, 12)], ""),
        (11, [11], [(2, 11)], "substitute_serves"),
        (11, [11], [11], "substitute_recused"),
        (1, [], [], "substitute_recused"),  # nobody steps in for himself
        (12, [12], [], ""),
        (12, [11, 12], [], "out_of_turn"),
        (12, [11, 12], [11], ""),  # the one before is recused
        (12, [11, 12], [(2, 11)], ""),  # or stands in for another
        (12, [(11, 1), 12], [], "out_of_turn"),
    ],
)
def test_KL_6_28_who_is_free_to_step_in_for_the_recused(pk, present, others, code):
    said = (room(*present), SEATS[pk], SEATS[1], recused(*others))
    if not code:
        require_free(*said)
        return
    with pytest.raises(MeetingRefusal) as refusal:
        require_free(*said)
    assert (refusal.value.code, refusal.value.message, refusal.value.field) == (
        code,
        NOT_FREE[code].format(f"P{pk}"),
        None,
    )


# --- who may sit ------------------------------------------------------------------------------

REFUSED = {
    "wrong_body": "P9 har ingen plats i Styrelsen.",
    "remote_not_decided": "Styrelsen har inte beslutat att tillåta deltagande på distans "
    "(6 kap. 24 § kommunallagen). Slå på det under Inställningar när beslutet finns.",
    "not_substitute": "P9 är inte ersättare.",
    "other_organisation": "P9 är ersättare för Ekby och får bara tjänstgöra för en ledamot "
    "därifrån (12 § lagen om finansiell samordning).",
}
OTHER_BODY = Body(pk=2, name="Rådet")


@pytest.mark.parametrize(
    ("one", "whom", "is_remote", "is_allowed", "code"),
    [
        (seat(9), None, False, False, ""),
        (seat(9), None, False, True, ""),
        (seat(9), None, True, True, ""),
        (seat(9), None, True, False, "remote_not_decided"),
        (seat(9, body=OTHER_BODY), None, False, True, "wrong_body"),
        (seat(9, body=OTHER_BODY), None, True, False, "wrong_body"),
        (seat(9, "substitute"), None, False, False, ""),
        (seat(9, "substitute"), 1, False, False, ""),
        (seat(9, "substitute"), 1, True, True, ""),
        (seat(9, "substitute"), 1, True, False, "remote_not_decided"),
        (seat(9), 1, False, False, "not_substitute"),
        (seat(9, "chair"), 1, False, False, "not_substitute"),
        (seat(9, "substitute", EKBY), 3, False, False, ""),
        (seat(9, "substitute", EKBY), 1, False, False, "other_organisation"),
    ],
)
def test_FL_12_KL_6_24_who_may_sit_how(one, whom, is_remote, is_allowed, code):
    association = Association(remote_participation=is_allowed)
    meeting = Meeting(body=BODY, association=association)
    if not code:
        require_may_sit(meeting, one, SEATS.get(whom), is_remote)
        return
    with pytest.raises(MeetingRefusal) as refusal:
        require_may_sit(meeting, one, SEATS.get(whom), is_remote)
    assert (refusal.value.code, refusal.value.message) == (code, REFUSED[code])
