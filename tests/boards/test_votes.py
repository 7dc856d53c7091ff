"""Truth tables of open votes: the count, who must vote, and which decision has won."""

from __future__ import annotations

import pytest

from boards.errors import MeetingRefusal
from boards.models import Seat, VoteChoice
from boards.quorum import Presence, Serving
from boards.votes import Count, count_votes, require_all_voted, require_won
from finsam.people.models import User

YES, NO, ABSTAIN = VoteChoice.YES, VoteChoice.NO, VoteChoice.ABSTAIN


def seat(pk):
    return Seat(pk=pk, user=User(name=f"P{pk}"))


@pytest.mark.parametrize("yes", range(5))
@pytest.mark.parametrize("no", range(5))
@pytest.mark.parametrize("chair", [None, YES, NO, ABSTAIN])
def test_KL_4_25_simple_majority_and_the_chairs_casting_vote(yes, no, chair):
    """All votes of up to eight others with each vote of the chair (seat 0)."""
    votes = dict(enumerate([YES] * yes + [NO] * no + [ABSTAIN], start=1))
    if chair:
        votes[0] = chair
    count = count_votes(votes, 0)
    for_it, against = yes + (chair == YES), no + (chair == NO)

    assert count == Count(for_it, against, 1 + (chair == ABSTAIN), chair)
    assert count.is_tie is (for_it == against)
    assert count.passed is (chair == YES if for_it == against else for_it > against)


def test_without_a_chair_nobody_has_the_casting_vote():
    assert count_votes({1: YES, 2: NO}, None) == Count(1, 1, 0, None)


@pytest.mark.parametrize(
    ("voters", "code", "message"),
    [
        ({1, 2, 3}, "", ""),
        ({1, 2}, "votes_missing", "P3"),
        ({2}, "votes_missing", "P1, P3"),
        ((), "votes_missing", "P1, P2, P3"),
        ({1, 2, 3, 4}, "voter_not_serving", ""),
        ({1, 4}, "voter_not_serving", ""),
    ],
)
def test_KL_5_53_one_vote_each_for_those_who_serve(voters, code, message):
    seats = tuple(seat(pk) for pk in (1, 2, 3))
    present = Presence(seats, tuple(Serving(one, None, is_remote=False) for one in seats), ())
    votes = dict.fromkeys(voters, YES)
    if not code:
        require_all_voted(votes, present)
        return
    with pytest.raises(MeetingRefusal) as refusal:
        require_all_voted(votes, present)
    assert (refusal.value.code, refusal.value.message) == (
        code,
        f"Anteckna ja, nej eller avstår för alla. Det saknas för: {message}."
        if message
        else "Bara de som tjänstgör i ärendet får rösta.",
    )


LOST = "Registrera i stället det beslut som vann, med rösterna ställda mot det."


@pytest.mark.parametrize(
    ("yes", "no", "chair", "code", "message"),
    [
        (2, 1, NO, "", ""),
        (2, 1, None, "", ""),
        (1, 1, YES, "", ""),
        (0, 0, ABSTAIN, "tie_unsettled", "0 mot 0"),
        (2, 2, ABSTAIN, "tie_unsettled", "2 mot 2"),
        (2, 2, None, "tie_unsettled", "2 mot 2"),
        (2, 2, NO, "vote_lost", "Lika röstetal, 2 mot 2, och P1 röstade nej"),
        (1, 2, YES, "vote_lost", "Nej-sidan vann med 2 mot 1"),
        (0, 3, None, "vote_lost", "Nej-sidan vann med 3 mot 0"),
    ],
)
def test_KL_6_33_the_decision_recorded_is_the_one_that_won(yes, no, chair, code, message):
    count = Count(yes, no, 0, chair)
    if not code:
        require_won(count, seat(1))
        return
    with pytest.raises(MeetingRefusal) as refusal:
        require_won(count, seat(1))
    assert (refusal.value.code, refusal.value.message) == (
        code,
        f"{message}. {LOST}"
        if code == "vote_lost"
        else f"Det är lika många ja som nej, {message}. Den som leder ärendet (P1) avgör med sin "
        "röst: anteckna ja eller nej.",
    )


def test_who_leads_is_told_by_the_office_when_nobody_does():
    with pytest.raises(MeetingRefusal) as refusal:
        require_won(Count(1, 1, 0, None), None)
    assert "Den som leder ärendet (ordföranden) avgör" in refusal.value.message
