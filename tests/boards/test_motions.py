"""Motions by those who serve, and votes by name, as noted at the board."""

from __future__ import annotations

from datetime import timedelta

import pytest

from boards.decisions import (
    put_motion,
    record_decision,
    withdraw_motion,
)
from boards.errors import MeetingRefusal
from boards.models import Decision, Motion, Outcome, Vote, VoteChoice
from boards.recusals import declare_recusal
from finsam import clock
from finsam.registry.models import Event
from finsam.registry.register import open_case
from tests import factories as make
from tests.boards.conftest import ballot, told

pytestmark = pytest.mark.django_db

YES, NO, ABSTAIN = VoteChoice.YES, VoteChoice.NO, VoteChoice.ABSTAIN
GRANT = {"outcome": Outcome.GRANTED, "amount": 600_000}


def test_KL_5_65_motions_by_those_who_serve(item, director, seat_of):
    said = {"item": item, "text": "Avslag", "outcome": Outcome.REJECTED, "amount": None}
    motion = put_motion(seat=seat_of("fk"), actor=director, **said)
    assert put_motion(seat=seat_of("fk"), actor=director, **said) == motion
    with pytest.raises(MeetingRefusal) as refusal:
        put_motion(seat=seat_of("fk", substitute=1), actor=director, **said)
    assert refusal.value.code == "not_serving"
    assert Motion.objects.count() == 1


def test_KL_5_66_a_withdrawn_motion_is_left_out(item, director, seat_of, frame):
    motion = put_motion(
        item=item, seat=seat_of("fk"), text="Avslag", outcome=Outcome.REJECTED, amount=None,
        actor=director,
    )  # fmt: skip
    withdraw_motion(motion=motion, actor=director)
    withdraw_motion(motion=motion, actor=director)
    assert item.motions.filter(withdrawn_at=None).count() == 0
    assert Event.objects.filter(action="motion_withdrawn").count() == 1


def test_KL_5_53_votes_are_kept_by_name(item, board, frame, director):
    votes = ballot(board, fk=NO, af=ABSTAIN)
    decision = record_decision(item=item, frame=frame, votes=votes, actor=director, **GRANT)

    assert dict(item.votes.values_list("seat_id", "choice")) == votes
    assert decision.casting_vote is False


def test_KL_6_33_a_tie_is_settled_by_the_chairs_vote(item, board, frame, director):
    tie = {"kommunen": YES, "grannkommunen": NO, "fk": NO, "af": ABSTAIN}
    votes = ballot(board, **{**tie, "regionen": ABSTAIN, "af": YES, "fk": NO})
    with pytest.raises(MeetingRefusal) as refusal:
        record_decision(item=item, frame=frame, votes=votes, actor=director, **GRANT)
    assert refusal.value.code == "tie_unsettled"
    assert Vote.objects.count() == 0

    votes = ballot(board, **{**tie, "regionen": YES})
    decision = record_decision(item=item, frame=frame, votes=votes, actor=director, **GRANT)
    assert decision.casting_vote is True


def test_KL_6_33_the_chairs_no_in_a_tie_is_the_other_decision(item, board, frame, director):
    votes = ballot(board, kommunen=YES, fk=YES, grannkommunen=NO, regionen=NO, af=ABSTAIN)
    with pytest.raises(MeetingRefusal) as refusal:
        record_decision(item=item, frame=frame, votes=votes, actor=director, **GRANT)
    assert refusal.value.code == "vote_lost"
    name = item.meeting.chair.user.name
    assert refusal.value.message.startswith(f"Lika röstetal, 2 mot 2, och {name} röstade nej.")


def test_a_recused_chair_leaves_the_casting_vote_to_the_vice_chair(
    item, board, frame, director, seat_of
):
    declare_recusal(item=item, seat=seat_of("regionen"), actor=director)
    votes = ballot(board, fk=YES, kommunen=YES, grannkommunen=NO, af=NO)
    del votes[seat_of("regionen").pk]

    decision = record_decision(item=item, frame=frame, votes=votes, actor=director, **GRANT)
    assert decision.casting_vote is True


def test_L02_motions_are_told_with_their_case(item, ready, gathering, plan, director, seat_of):
    """Of an application in its case; of anything else in the meeting's."""
    gathering.case = open_case(association=gathering.association, title="Möte", actor=director)
    gathering.save(update_fields=["case"])
    make.open_with_all(gathering, director)
    expected = []
    for one, case in ((item, ready.case_id), (plan, gathering.case_id)):
        motion = put_motion(
            item=one, seat=seat_of("fk"), text=" Mindre ", outcome=Outcome.PARTLY_GRANTED,
            amount=5, actor=director,
        )  # fmt: skip
        with clock.at(motion.moved_at + timedelta(minutes=1)):
            gone = withdraw_motion(motion=motion, actor=director)
        assert (motion.text, gone.withdrawn_at - motion.moved_at) == ("Mindre", timedelta(0, 60))
        said = {"item": one.pk, "seat": seat_of("fk").pk}
        obj = f"boards.motion {motion.pk}"
        put = {**said, "outcome": "partly_granted", "amount": 5}
        expected.append(("motion_put", director, obj, case, put))
        expected.append(("motion_withdrawn", director, obj, case, said))
    assert told("motion_put", "motion_withdrawn") == expected


def test_motions_have_words_and_stand_once_the_item_is_decided(item, frame, director, seat_of):
    said = {"item": item, "outcome": Outcome.REJECTED, "amount": None, "actor": director}
    with pytest.raises(MeetingRefusal) as refusal:
        put_motion(seat=seat_of("fk"), text=" ", **said)
    assert (refusal.value.code, refusal.value.message, refusal.value.field) == (
        "motion_empty", "Skriv vad yrkandet går ut på.", "text",
    )  # fmt: skip
    with pytest.raises(MeetingRefusal) as refusal:
        put_motion(seat=seat_of("fk", substitute=1), text="Avslag", **said)
    name = seat_of("fk", substitute=1).user.name
    assert refusal.value.message == f"{name} tjänstgör inte i ärendet och kan inte yrka."
    motion = put_motion(seat=seat_of("fk"), text="Avslag", **said)
    elsewhere = item.meeting.items.get(kind="closing")
    assert put_motion(seat=seat_of("fk"), text="Avslag", **{**said, "item": elsewhere}) != motion
    others = [{"text": "Annat"}, {"seat": seat_of("af")}, {"amount": 1}]
    for other in ({"outcome": Outcome.TABLED}, *others):
        assert put_motion(**{"seat": seat_of("fk"), "text": "Avslag", **said, **other}) != motion
    record_decision(item=item, frame=frame, actor=director, **GRANT)
    with pytest.raises(MeetingRefusal) as refusal:
        put_motion(seat=seat_of("fk"), text="Avslag", **said)
    assert (refusal.value.code, refusal.value.message) == (
        "item_done", "Ärendet är avgjort; det går inte att yrka mer.",
    )  # fmt: skip
    with pytest.raises(MeetingRefusal) as refusal:
        withdraw_motion(motion=motion, actor=director)
    assert (refusal.value.code, refusal.value.message) == (
        "item_done", "Ärendet är avgjort; yrkandet står kvar.",
    )  # fmt: skip


def test_a_motion_withdrawn_may_be_put_again(item, director, seat_of):
    said = {"item": item, "seat": seat_of("fk"), "text": "Avslag", "actor": director}
    first = put_motion(outcome=Outcome.REJECTED, amount=None, **said)
    withdraw_motion(motion=first, actor=director)
    assert put_motion(outcome=Outcome.REJECTED, amount=None, **said) != first


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda votes, seat_of: votes.pop(seat_of("af").pk), "votes_missing"),
        (lambda votes, seat_of: votes.update(dict.fromkeys(votes, NO)), "vote_lost"),
    ],
)  # fmt: skip
def test_KL_5_53_one_vote_each_for_those_who_serve(
    item, board, frame, director, seat_of, change, code
):
    votes = ballot(board)
    change(votes, seat_of)
    with pytest.raises(MeetingRefusal) as refusal:
        record_decision(item=item, frame=frame, votes=votes, actor=director, **GRANT)
    assert refusal.value.code == code
    assert (Vote.objects.count(), Decision.objects.filter(item=item).count()) == (0, 0)


def test_KL_6_28_a_recused_person_neither_votes_nor_moves(item, board, frame, director, seat_of):
    declare_recusal(item=item, seat=seat_of("fk"), actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        record_decision(item=item, frame=frame, votes=ballot(board), actor=director, **GRANT)
    assert refusal.value.code == "voter_not_serving"
    with pytest.raises(MeetingRefusal) as refusal:
        put_motion(
            item=item, seat=seat_of("fk"), text="Bifall", outcome=Outcome.GRANTED, amount=None,
            actor=director,
        )  # fmt: skip
    assert refusal.value.code == "not_serving"
