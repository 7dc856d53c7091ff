"""Elections: the most votes, and the lot where they are equal (KL 5:53–56)."""

from __future__ import annotations

import itertools

import pytest

from boards.agenda import add_item
from boards.elections import Nominee, Result, elect, result
from boards.errors import MeetingRefusal, NotQuorate
from boards.models import Decision, Nomination, Outcome
from boards.sitting import take_up
from finsam.errors import Conflict
from tests import factories as make
from tests.kept import kept


def ballot(*votes, drawn=()):
    return [Nominee(f"N{n}", count, n in drawn) for n, count in enumerate(votes)]


@pytest.mark.parametrize(
    ("votes", "places", "drawn", "elected", "by_lot"),
    [
        ((3, 2), 1, (), ("N0",), ()),
        ((2, 3), 1, (), ("N1",), ()),
        ((2, 2), 1, (0,), ("N0",), ("N0",)),
        ((2, 2), 1, (1,), ("N1",), ("N1",)),
        ((4, 2, 2), 2, (2,), ("N0", "N2"), ("N2",)),
        ((2, 2, 1), 2, (), ("N0", "N1"), ()),
        ((1, 1, 1), 3, (), ("N0", "N1", "N2"), ()),
        ((1, 1, 1), 2, (0, 2), ("N0", "N2"), ("N0", "N2")),
        ((0, 0), 1, (1,), ("N1",), ("N1",)),
        ((None, None), 2, (), ("N0", "N1"), ()),
    ],
)
def test_KL_5_53_the_most_votes_and_the_lot_among_equals(votes, places, drawn, elected, by_lot):
    assert result(ballot(*votes, drawn=drawn), places) == Result(elected, by_lot)


@pytest.mark.parametrize(
    ("votes", "places", "drawn", "code"),
    [
        ((2, 2), 1, (), "lot_needed"),
        ((2, 2), 1, (0, 1), "lot_needed"),
        ((3, 2, 2), 2, (0, 1), "lot_needed"),
        ((3, 2), 1, (0,), "no_lot_needed"),
        ((3, 2), 1, (1,), "no_lot_needed"),
    ],
)
def test_KL_5_55_the_lot_says_exactly_enough(votes, places, drawn, code):
    with pytest.raises(MeetingRefusal) as refusal:
        result(ballot(*votes, drawn=drawn), places)
    assert refusal.value.code == code


def test_KL_5_53_nobody_is_elected_with_fewer_votes_than_one_who_is_not():
    """Every ballot of three with up to three votes each, and each number of places."""
    for votes in itertools.product(range(4), repeat=3):
        for places in (1, 2, 3):
            try:
                found = result(ballot(*votes), places)
            except MeetingRefusal:
                ranked = sorted(votes, reverse=True)
                assert ranked[places - 1] == ranked[places]
                continue
            won = [votes[int(name[1])] for name in found.elected]
            lost = [count for n, count in enumerate(votes) if f"N{n}" not in found.elected]
            assert len(won) == places
            assert not lost or min(won) > max(lost)


pytestmark = pytest.mark.django_db


@kept
def election(meeting, item, director):
    free = add_item(meeting=meeting, title="Val av revisor", actor=director)
    return take_up(item=free, actor=director)


def hold(item, director, *nominees, places=1, task="revisor"):
    return elect(item=item, task=task, nominees=nominees, places=places, actor=director)


def test_by_acclamation_when_no_more_are_proposed_than_places(election, director):
    decision = hold(election, director, Nominee(" Ada  Ek "), Nominee("Bo Al"), places=2)
    assert (decision.outcome, decision.clauses) == (
        Outcome.ELECTED, ["utse Ada Ek och Bo Al till revisor"],
    )  # fmt: skip
    assert decision.proposition_order == ""
    assert hold(election, director, Nominee("Ada Ek"), Nominee("Bo Al"), places=2) == decision
    assert Nomination.objects.count() == 2
    with pytest.raises(Conflict):
        hold(election, director, Nominee("Cia Ho"))


def test_the_minutes_say_how_the_lot_fell(election, director):
    decision = hold(election, director, Nominee("Ada", 2), Nominee("Bo", 2, drawn=True))
    assert decision.proposition_order == (
        "Valet sker med slutna sedlar. Röster: Ada 2 och Bo 2. Rösterna är lika och lotten faller "
        "på Bo."
    )
    assert decision.clauses == ["utse Bo till revisor"]
    found = Nomination.objects.order_by("pk").values_list("name", "is_elected", "by_lot")
    assert list(found) == [("Ada", False, False), ("Bo", True, True)]


@pytest.mark.parametrize(
    ("nominees", "places", "task", "code"),
    [
        ([], 1, "revisor", "nobody_proposed"),
        ([Nominee(" ")], 1, "revisor", "nobody_proposed"),
        ([Nominee("Ada")], 1, " ", "task_missing"),
        ([Nominee("Ada"), Nominee("ada")], 2, "revisor", "proposed_twice"),
        ([Nominee("Ada")], 2, "revisor", "too_many_places"),
        ([Nominee("Ada")], 0, "revisor", "too_many_places"),
        ([Nominee("Ada"), Nominee("Bo")], 1, "revisor", "ballot_needed"),
        ([Nominee("Ada", 2), Nominee("Bo")], 1, "revisor", "votes_missing"),
        ([Nominee("Ada", 4), Nominee("Bo", 2)], 1, "revisor", "too_many_votes"),
    ],
)
def test_an_election_that_does_not_hold_is_refused(
    election, director, nominees, places, task, code
):
    with pytest.raises(MeetingRefusal) as refusal:
        hold(election, director, *nominees, places=places, task=task)
    assert refusal.value.code == code
    assert not Decision.objects.filter(item=election).exists()


def test_as_many_votes_as_there_are_who_serve(election, director):
    assert hold(election, director, Nominee("Ada", 3), Nominee("Bo", 2)).pk


def test_an_application_is_not_elected_and_nothing_without_quorum(
    election, item, meeting, director
):
    with pytest.raises(MeetingRefusal) as refusal:
        hold(item, director, Nominee("Ada"))
    assert refusal.value.code == "not_an_election"
    meeting.attendances.all().delete()
    with pytest.raises(NotQuorate):
        hold(election, director, Nominee("Ada"))


def test_a_formal_item_is_no_election(meeting, director):
    with pytest.raises((MeetingRefusal, Conflict)):
        hold(meeting.items.get(kind="closing"), director, Nominee("Ada"))
    make.settle_formal(meeting, director)
