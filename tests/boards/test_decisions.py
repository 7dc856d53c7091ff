"""Deciding: the money there is, motions, votes, reservations, and the same thing pressed twice."""

from __future__ import annotations

import pytest

from applications.models import ApplicationState
from boards.attendance import leave
from boards.decisions import (
    record_decision,
)
from boards.errors import MeetingRefusal, NotQuorate
from boards.models import Decision, Dissent, Outcome, Vote, VoteChoice
from boards.outcomes import TRANSITION_OF
from boards.recusals import declare_recusal
from boards.sitting import announce_dissent, finish_formal_item
from budgets.ledger import InsufficientFunds, balance_now
from budgets.models import Grant
from budgets.verification import verify_ledger
from finsam.errors import Conflict
from finsam.registry.models import Event
from tests import factories as make
from tests.boards.conftest import ballot

pytestmark = pytest.mark.django_db

YES, NO, ABSTAIN = VoteChoice.YES, VoteChoice.NO, VoteChoice.ABSTAIN
GRANT = {"outcome": Outcome.GRANTED, "amount": 600_000}


# --- the money --------------------------------------------------------------------------------


def test_a_grant_reserves_its_sum_in_the_frame_at_once(item, ready, frame, director):
    decision = record_decision(item=item, frame=frame, actor=director, **GRANT)

    ready.refresh_from_db()
    assert ready.state == ApplicationState.GRANTED
    assert ready.grant == decision.grant
    assert (decision.amount, decision.grant.amount) == (600_000, 600_000)
    assert balance_now(frame.account) == 400_000
    assert verify_ledger().ok
    assert decision.clauses[0].startswith("bevilja Ekby kommun 600\u00a0000\u00a0kronor för ")
    assert decision.clauses[1] == "finansieringen sker inom individinsatser 2024"  # KL 11:15
    # What nobody said is not put in the board's mouth.
    assert (decision.conditions, decision.proposition_order) == ("", "")
    assert decision.immediate_attestation is False


def test_what_was_said_is_kept_and_the_grant_bears_the_applications_name(
    item, ready, frame, director
):
    lot = frame.lots.create(name="Ekby", planned_amount=600_000)
    type(ready).objects.filter(pk=ready.pk).update(lot=lot)
    decision = record_decision(
        item=item, frame=frame, actor=director, conditions=" Rapport i maj ",
        proposition_order=" Bifall mot avslag ", immediate_attestation=True, **GRANT,
    )  # fmt: skip
    assert (decision.conditions, decision.proposition_order) == (
        "Rapport i maj", "Bifall mot avslag",
    )  # fmt: skip
    assert (decision.immediate_attestation, decision.recorded_by) == (True, director)
    assert (decision.outcome, decision.frame, decision.casting_vote) == ("granted", frame, False)
    grant = decision.grant
    assert (grant.name, grant.frame, grant.key) == (ready.title, frame, f"decision-item-{item.pk}")
    assert grant.lot == lot
    assert item.participations.count() == 5
    actor, payload = (
        Event.objects.filter(case=ready.case)
        .order_by("-sequence")
        .values_list("actor", "payload")[0]
    )
    assert (actor, payload["item"]) == (director.pk, item.pk)
    reserved = Event.objects.get(action="grant_reserved")
    assert reserved.actor == director


def test_KL_11_15_a_grant_without_source_of_funds_is_refused(item, frame, director):
    with pytest.raises(MeetingRefusal) as refusal:
        record_decision(item=item, frame=None, actor=director, **GRANT)
    assert (refusal.value.code, refusal.value.field) == ("source_missing", "frame")
    assert "11 kap. 15 § kommunallagen" in refusal.value.message
    assert Decision.objects.filter(item=item).count() == 0


def test_KL_11_15_the_database_refuses_a_grant_without_source(item, director):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError, match="grant_names_its_source"), transaction.atomic():
        Decision.objects.create(
            item=item, outcome=Outcome.GRANTED, amount=600_000, recorded_by=director
        )


def test_a_grant_over_the_frame_is_refused_with_what_is_left(
    board, round_, frame, member, other_member, applicant, director
):
    """Two applications of 600 000 kr in a frame of 1 000 000: the second gets what is left."""
    other = make.make_person("applicant", board.association, other_member)
    both = [
        make.make_to_board(make.make_received(round_, who, person, sought=600_000), director)
        for who, person in ((member, applicant), (other_member, other))
    ]
    meeting = make.make_meeting(board, director, applications=both)
    make.open_with_all(meeting, director)
    make.settle_formal(meeting, director)
    first, second = meeting.items.filter(kind="decision").order_by("position")
    record_decision(item=first, frame=frame, actor=director, **GRANT)
    events = Event.objects.count()

    with pytest.raises(InsufficientFunds) as refusal:
        record_decision(item=second, frame=frame, actor=director, **GRANT)

    assert refusal.value.left == 400_000
    assert "400\u00a0000\u00a0kr" in refusal.value.message
    assert Decision.objects.filter(item=second).count() == 0
    assert Event.objects.count() == events
    second.refresh_from_db()
    assert second.state == "current"
    record_decision(
        item=second,
        outcome=Outcome.PARTLY_GRANTED,
        amount=400_000,
        frame=frame,
        actor=director,
    )
    assert balance_now(frame.account) == 0


@pytest.mark.parametrize(
    ("outcome", "amount", "code"),
    [
        (Outcome.GRANTED, None, "amount_missing"),
        (Outcome.GRANTED, 599_999, "granted_is_whole"),
        (Outcome.PARTLY_GRANTED, 600_001, "more_than_sought"),
        (Outcome.NOTED, None, "wrong_outcome"),
    ],
)
def test_what_is_granted_fits_what_is_sought(item, frame, director, outcome, amount, code):
    with pytest.raises(MeetingRefusal) as refusal:
        record_decision(item=item, outcome=outcome, amount=amount, frame=frame, actor=director)
    assert refusal.value.code == code
    assert Grant.objects.count() == 0


def test_another_associations_frame_is_refused(item, other_association, director):
    foreign = make.make_frame(other_association)
    with pytest.raises(MeetingRefusal) as refusal:
        record_decision(item=item, frame=foreign, actor=director, **GRANT)
    assert refusal.value.code == "wrong_frame"


@pytest.mark.parametrize(
    ("outcome", "state", "clause"),
    [
        (Outcome.REJECTED, "rejected", "avslå ansökan med hänvisning till för dyrt"),
        (
            Outcome.REFERRED_BACK,
            "in_preparation",
            "återremittera ärendet till kansliet för för dyrt",
        ),
        (Outcome.TABLED, "tabled", "bordlägga ärendet"),
    ],
)
def test_other_outcomes_reserve_nothing(item, ready, frame, director, outcome, state, clause):
    decision = record_decision(
        item=item, outcome=outcome, amount=600_000, frame=frame, reason="för dyrt", actor=director
    )
    ready.refresh_from_db()
    assert (ready.state, decision.clauses) == (state, [clause])
    assert (decision.amount, decision.frame, decision.grant) == (None, None, None)
    assert balance_now(frame.account) == 1_000_000


def test_every_outcome_on_an_application_has_its_transition():
    from boards.forms import ON_APPLICATIONS

    assert set(TRANSITION_OF) == set(ON_APPLICATIONS)


def test_an_item_without_application_is_decided_in_its_own_words(gathering, plan, director):
    make.open_with_all(gathering, director)
    make.settle_formal(gathering, director)
    decision = record_decision(
        item=plan,
        outcome=Outcome.APPROVED,
        reason="att fastställa planen,\natt uppdra åt kansliet att sprida den.",
        actor=director,
    )
    assert decision.clauses == ["fastställa planen", "uppdra åt kansliet att sprida den"]
    other = make_decision(gathering, director)
    usual = record_decision(item=other, outcome=Outcome.REJECTED, actor=director)
    assert (usual.clauses, usual.item) == (["avslå förslaget"], other)
    with pytest.raises(Conflict) as refusal:
        record_decision(item=plan, outcome=Outcome.NOTED, actor=director)
    assert "redan avgjort: godkänt. Det nya beslutet" in refusal.value.message


@pytest.mark.parametrize(
    ("outcome", "code"), [(Outcome.GRANTED, "wrong_outcome"), (Outcome.APPROVED, "clauses_missing")]
)
def test_an_item_without_application_grants_nothing(gathering, plan, director, outcome, code):
    make.open_with_all(gathering, director)
    with pytest.raises(MeetingRefusal) as refusal:
        record_decision(item=plan, outcome=outcome, amount=1, reason=" ", actor=director)
    assert refusal.value.code == code


def test_KL_3_5_a_council_decides_nothing(council, prepared, frame, director):
    meeting = make.make_meeting(council, director, applications=[prepared])
    make.open_with_all(meeting, director)
    item = meeting.items.get(kind="decision")
    with pytest.raises(MeetingRefusal) as refusal:
        record_decision(item=item, frame=frame, actor=director, **GRANT)
    assert (refusal.value.code, refusal.value.message) == (
        "only_the_board_decides",
        "Utvecklingsrådet bereder och rekommenderar; bara styrelsen beslutar.",
    )


def test_only_an_item_for_decision_is_decided(meeting, director):
    from boards.agenda import add_item
    from boards.models import ItemKind

    item = add_item(meeting=meeting, title="Läget", kind=ItemKind.INFORMATION, actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        record_decision(item=item, outcome=Outcome.NOTED, actor=director)
    assert (refusal.value.code, refusal.value.message) == (
        "not_a_decision",
        "Ärendet är inte ett beslutsärende.",
    )


def test_KL_6_27_no_decision_without_quorum(item, meeting, frame, director, seat_of):
    for slug in ("kommunen", "grannkommunen", "af"):
        leave(meeting=meeting, seat=seat_of(slug), actor=director)
    with pytest.raises(NotQuorate):
        record_decision(item=item, frame=frame, actor=director, **GRANT)
    with pytest.raises(NotQuorate):
        finish_formal_item(item=make_information(meeting, director), actor=director)


def make_information(meeting, actor):
    from boards.agenda import add_item
    from boards.models import ItemKind

    return add_item(meeting=meeting, title="Läget", kind=ItemKind.INFORMATION, actor=actor)


def make_decision(meeting, actor):
    from boards.agenda import add_item

    return add_item(meeting=meeting, title="Attestordning", proposal="anta den", actor=actor)


# --- reservations -----------------------------------------------------------------------------


def test_KL_4_27_a_reservation_by_one_who_took_part(item, frame, director, seat_of):
    record_decision(item=item, frame=frame, actor=director, **GRANT)
    said = {"item": item, "seat": seat_of("af"), "text": "För dyrt", "actor": director}
    first = announce_dissent(**said)
    assert announce_dissent(**said) == first
    assert Event.objects.filter(action="dissent_announced").count() == 1


def test_KL_4_27_not_by_one_who_took_no_part(item, meeting, frame, director, seat_of):
    declare_recusal(item=item, seat=seat_of("fk"), actor=director)
    leave(meeting=meeting, seat=seat_of("kommunen"), actor=director)
    record_decision(item=item, frame=frame, actor=director, **GRANT)
    for seat in (seat_of("fk"), seat_of("kommunen"), seat_of("af", substitute=1)):
        with pytest.raises(MeetingRefusal) as refusal:
            announce_dissent(item=item, seat=seat, text="", actor=director)
        assert refusal.value.code == "took_no_part"
    assert Dissent.objects.count() == 0


def test_KL_4_27_also_by_one_who_has_left_since(item, meeting, frame, director, seat_of):
    record_decision(item=item, frame=frame, actor=director, **GRANT)
    leave(meeting=meeting, seat=seat_of("af"), actor=director)
    assert announce_dissent(item=item, seat=seat_of("af"), text="", actor=director).pk


def test_KL_4_27_not_before_the_decision_nor_after_the_meeting(
    item, meeting, frame, director, seat_of
):
    with pytest.raises(MeetingRefusal) as refusal:
        announce_dissent(item=item, seat=seat_of("af"), text="", actor=director)
    assert refusal.value.code == "not_decided"
    record_decision(item=item, frame=frame, actor=director, **GRANT)
    make.settle_formal(meeting, director, closing=True)
    from boards.minutes import close_meeting

    close_meeting(meeting=meeting, actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        announce_dissent(item=item, seat=seat_of("af"), text="", actor=director)
    assert "4 kap. 27 § kommunallagen" in refusal.value.message


# --- pressed twice ----------------------------------------------------------------------------


def test_D01_decided_twice_is_one_decision_and_the_same_answer(item, board, frame, director):
    said = {"item": item, "frame": frame, "votes": ballot(board, af=NO), "actor": director, **GRANT}
    first = record_decision(**said)
    counts = [model.objects.count() for model in (Decision, Grant, Vote, Event)]

    assert record_decision(**said) == first
    assert [model.objects.count() for model in (Decision, Grant, Vote, Event)] == counts


def test_D01_also_when_the_meeting_has_been_closed_since(item, meeting, frame, director):
    first = record_decision(item=item, frame=frame, actor=director, **GRANT)
    make.settle_formal(meeting, director, closing=True)
    from boards.minutes import close_meeting

    close_meeting(meeting=meeting, actor=director)
    assert record_decision(item=item, frame=frame, actor=director, **GRANT) == first


OTHERS = [
    {"outcome": Outcome.PARTLY_GRANTED, "amount": 500_000},
    {"outcome": Outcome.REJECTED},
    {"outcome": Outcome.TABLED},
    {"conditions": "Rapport i maj"},
    {"proposition_order": "Ordföranden ställer proposition."},
    {"immediate_attestation": True},
]


@pytest.mark.parametrize("change", OTHERS, ids="-".join)
def test_D02_the_same_item_with_other_content_is_a_conflict(item, frame, director, change):
    record_decision(item=item, frame=frame, actor=director, **GRANT)
    events = Event.objects.count()
    with pytest.raises(Conflict) as refusal:
        record_decision(**{"item": item, "frame": frame, "actor": director, **GRANT, **change})
    assert refusal.value.code == "already_decided"
    assert refusal.value.message == (
        f"”{item.title}” är redan avgjort: bifall 600\u00a0000\u00a0kr. Det nya beslutet "
        "registrerades inte."
    )
    assert (Decision.objects.filter(item=item).count(), Event.objects.count()) == (1, events)


def test_D02_other_votes_are_other_content(item, board, frame, director):
    said = {"item": item, "frame": frame, "actor": director, **GRANT}
    record_decision(votes=ballot(board, af=NO), **said)
    with pytest.raises(Conflict):
        record_decision(votes=ballot(board, fk=NO), **said)
    assert Vote.objects.filter(choice=NO).get().seat.member.slug == "af"


def test_a_tabled_application_comes_back_and_hides_its_next_outcome(
    item, meeting, board, ready, frame, director
):
    """What was shown of the first meeting says nothing of the second."""
    record_decision(item=item, outcome=Outcome.TABLED, actor=director)
    make.settle_formal(meeting, director, closing=True)
    from boards.minutes import close_meeting

    make.make_attested(close_meeting(meeting=meeting, actor=director), director)
    ready.refresh_from_db()
    assert ready.is_outcome_public
    second = make.make_meeting(board, director, applications=[ready])
    make.open_with_all(second, director)
    make.settle_formal(second, director)

    record_decision(item=second.items.get(kind="decision"), frame=frame, actor=director, **GRANT)

    ready.refresh_from_db()
    assert (ready.state, ready.is_outcome_public) == ("granted", False)
