"""Who steps in, in which order; who is asked about a conflict of interest (FL 12 §, KL 6:28–32)."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from applications.models import Signature
from boards.attendance import arrive, presence
from boards.errors import MeetingRefusal
from boards.models import Recusal
from boards.recusals import (
    declare_own_recusal,
    declare_recusal,
    next_stand_in,
    reason_to_ask,
    suggested_recusals,
    weightiest,
    withdraw_recusal,
)
from boards.sitting import open_meeting
from finsam import clock
from finsam.people.models import User
from finsam.registry.models import Event
from finsam.registry.register import open_case
from tests import factories as make
from tests.boards.conftest import told


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([], {}),
        ([(0, "", " ")], {}),
        ([(1, " Nils@Exempel.se ", "")], {"nils@exempel.se": "kontaktperson"}),
        ([(2, "", "Nils EK ")], {"nils ek": "skriver i ansökan"}),
        (
            [(2, "a@x.se", "Ada"), (1, "a@x.se", "Bo"), (0, "b@x.se", "bo")],
            {
                "a@x.se": "kontaktperson",
                "ada": "skriver i ansökan",
                "bo": "undertecknade ansökan",
                "b@x.se": "undertecknade ansökan",
            },
        ),
    ],
)
def test_KL_6_28_the_weightiest_reason_to_ask(people, expected):
    assert weightiest(people) == expected


@pytest.mark.parametrize(
    ("email", "name", "expected"),
    [
        ("A@x.se", "Bo", "ett"),
        ("c@x.se", "BO", "två"),
        ("c@x.se", "Ada", ""),
        ("bo", "a@x.se", "två"),
    ],
)
def test_KL_6_28_who_is_asked_is_known_by_address_before_name(email, name, expected):
    why = {"a@x.se": "ett", "bo": "två"}
    assert reason_to_ask(why, User(email=email, name=name)) == expected


@pytest.mark.parametrize(
    ("here", "chosen", "allowed"),
    [
        ((), 2, True), ((0,), 1, False), ((1,), 1, True), ((1, 2), 2, False),
    ],
)  # fmt: skip
def test_FL_12_an_earlier_one_who_is_there_comes_first(
    gathering, director, seat_of, three, here, chosen, allowed
):
    for number in here:
        arrive(meeting=gathering, seat=three[number], actor=director)
    said = {"meeting": gathering, "serves_for": seat_of("fk"), "actor": director}
    if allowed:
        assert arrive(seat=three[chosen], **said).serves_for == seat_of("fk")
        return
    with pytest.raises(MeetingRefusal) as refusal:
        arrive(seat=three[chosen], **said)
    assert refusal.value.code == "out_of_turn"
    assert three[min(here)].user.name in refusal.value.message
    assert "12 § lagen om finansiell samordning" in refusal.value.message


@pytest.mark.parametrize(
    ("here", "recused", "expected"),
    [
        ((), (), None), ((1,), (), 1), ((0, 1), (0,), 1),
    ],
)  # fmt: skip
def test_FL_12_the_next_in_turn_steps_in_for_a_recused(
    gathering, plan, director, seat_of, three, here, recused, expected
):
    seat = seat_of("fk")
    arrive(meeting=gathering, seat=seat, actor=director)
    for number in here:
        arrive(meeting=gathering, seat=three[number], actor=director)
    for number in recused:
        declare_recusal(item=plan, seat=three[number], actor=director)
    found = next_stand_in(gathering, plan, seat)
    assert found == (None if expected is None else three[expected])
    declare_recusal(item=plan, seat=seat, served_by=found, actor=director)
    serving = [one.seat for one in presence(gathering, plan).serving]
    assert serving == ([] if found is None else [found])


def test_FL_12_stepping_in_out_of_turn_is_refused(gathering, plan, director, seat_of, three):
    for one in (seat_of("fk"), *three):
        arrive(meeting=gathering, seat=one, actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        declare_recusal(item=plan, seat=seat_of("fk"), served_by=three[1], actor=director)
    assert refusal.value.code == "out_of_turn"


def test_a_recused_person_does_not_stand_in(gathering, plan, director, seat_of, three):
    arrive(meeting=gathering, seat=three[0], actor=director)
    declare_recusal(item=plan, seat=three[0], actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        declare_recusal(item=plan, seat=seat_of("fk"), served_by=three[0], actor=director)
    assert refusal.value.code == "substitute_recused"


def test_a_recusal_noted_by_mistake_is_taken_back_before_the_decision(
    gathering, plan, director, seat_of
):
    seat = seat_of("regionen")
    for slug in ("regionen", "fk", "af"):
        arrive(meeting=gathering, seat=seat_of(slug), actor=director)
    declare_recusal(item=plan, seat=seat, actor=director)
    for _ in range(2):
        withdraw_recusal(item=plan, seat=seat, actor=director)
    assert presence(gathering, plan).is_quorate
    actions = Event.objects.filter(action__startswith="recusal_").order_by("sequence")
    assert list(actions.values_list("action", flat=True)) == [
        "recusal_declared", "recusal_withdrawn",
    ]  # fmt: skip
    open_meeting(meeting=gathering, actor=director)
    opening = gathering.items.get(kind="opening")
    type(opening).objects.filter(pk=opening.pk).update(state="done")
    with pytest.raises(MeetingRefusal) as refusal:
        withdraw_recusal(item=opening, seat=seat, actor=director)
    assert refusal.value.code == "item_done"
    assert refusal.value.message == (
        "Ärendet är redan avgjort. Jäv måste anmälas innan beslutet fattas; anteckna det som hänt "
        "i protokollet i stället."
    )


def test_KL_6_28_a_conflict_of_interest_is_one_persons_in_one_item(
    gathering, plan, director, seat_of
):
    agenda = gathering.items.get(kind="agenda")
    for item, slug in itertools.product((plan, agenda), ("fk", "af")):
        declare_recusal(item=item, seat=seat_of(slug), actor=director)
    withdraw_recusal(item=agenda, seat=seat_of("af"), actor=director)
    left = Recusal.objects.values_list("item__kind", "seat__member__slug")
    assert set(left) == {("decision", "fk"), ("decision", "af"), ("agenda", "fk")}


def test_KL_6_28_who_signed_is_contact_or_writes_is_asked(item, board, seat_of):
    application = item.application
    lead = application.parties.get(is_lead=True)
    writer = lead.people.select_related("user").first().user
    User.objects.filter(pk=seat_of("af").user_id).update(name="Nils Ek", email="nils@exempel.se")
    lead.contact_name, lead.contact_email = " nils ek ", "annan@exempel.se"
    lead.save(update_fields=["contact_name", "contact_email"])
    board.seats.filter(pk=seat_of("fk").pk).update(user=writer)
    Signature.objects.create(
        version=application.versions.get(), party=lead, user=seat_of("regionen").user,
        signatory_name="Annan Namnteckning", method="logged_approval",
    )  # fmt: skip
    seats = list(board.seats.select_related("user"))

    found = suggested_recusals(item, seats)

    assert found == {
        seat_of("regionen").pk: "undertecknade ansökan",
        seat_of("af").pk: "kontaktperson",
        seat_of("fk").pk: "skriver i ansökan",
    }
    assert suggested_recusals(item.meeting.items.get(kind="opening"), seats) == {}


def test_KL_6_28_who_has_a_seat_declares_a_conflict_of_interest_alone(
    gathering, plan, board, director, seat_of
):
    """In this item, for the own seat; what the office notes of it stands, with its stand-in."""
    seat, sub = seat_of("af"), seat_of("af", substitute=1)
    own = declare_own_recusal(item=plan, actor=seat.user, reason=" Granne ")
    assert (own.item, own.seat, own.reason, own.served_by) == (plan, seat, "Granne", None)
    assert own.declared_by == seat.user
    said = {"item": plan, "seat": seat, "reason": "Granne"}
    declare_recusal(served_by=sub, actor=director, **said)
    again = declare_own_recusal(item=plan, actor=seat.user)
    assert (again, again.served_by, again.reason, again.declared_by) == (
        own, sub, "Granne", director,
    )  # fmt: skip
    other = declare_own_recusal(item=plan, actor=seat_of("fk").user)
    elsewhere = declare_own_recusal(item=gathering.items.get(kind="opening"), actor=seat.user)
    assert (other.seat, other.reason) == (seat_of("fk"), "")
    assert (elsewhere.seat, elsewhere.item.kind) == (seat, "opening")


@pytest.mark.parametrize(("days", "holds"), [(-1, False), (0, True), (1, True)])
def test_only_who_has_a_seat_on_the_day_of_the_meeting_declares_it(
    gathering, plan, board, director, seat_of, days, holds
):
    """`days` from the day of the meeting to the seat's last."""
    seat = seat_of("af")
    day = clock.stockholm(gathering.starts_at).date()
    board.seats.filter(pk=seat.pk).update(valid_to=day + timedelta(days=days))
    if holds:
        assert declare_own_recusal(item=plan, actor=seat.user).seat == seat
    for person in (director,) if holds else (director, seat.user):
        with pytest.raises(MeetingRefusal) as refusal:
            declare_own_recusal(item=plan, actor=person)
        assert (refusal.value.code, refusal.value.message) == (
            "no_seat", "Du har ingen plats i styrelsen.",
        )  # fmt: skip


def test_L02_a_conflict_of_interest_is_told_each_time_it_changes(
    item, ready, plan, gathering, director, seat_of
):
    gathering.case = open_case(association=gathering.association, title="Möte", actor=director)
    gathering.save(update_fields=["case"])
    seat, sub = seat_of("fk"), seat_of("fk", substitute=1)
    expected = []
    for one, case in ((item, ready.case_id), (plan, gathering.case_id)):
        said = {"item": one, "seat": seat, "actor": director}
        first = declare_recusal(reason=f" {'x' * 250} ", **said)
        then = declare_recusal(served_by=sub, **said)
        assert declare_recusal(served_by=sub, **said) == then == first
        assert (then.reason, then.served_by, then.declared_by) == ("", sub, director)
        withdraw_recusal(**said)
        changes = (
            ("declared", None, "x" * 240),
            ("changed", sub.pk, ""),
            ("withdrawn", sub.pk, ""),
        )
        expected += [
            (f"recusal_{what}", director, f"boards.recusal {first.pk}", case,
             {"item": one.pk, "seat": seat.pk, "served_by": whom, "reason": why})
            for what, whom, why in changes
        ]  # fmt: skip
    actions = ("recusal_declared", "recusal_changed", "recusal_withdrawn")
    assert told(*actions) == expected


def test_a_conflict_of_interest_stands_when_the_meeting_is_over(gathering, plan, director, seat_of):
    said = {"item": plan, "seat": seat_of("fk"), "actor": director}
    declare_recusal(**said)
    type(gathering).objects.filter(pk=gathering.pk).update(state="closed")
    for change in (declare_recusal, withdraw_recusal):
        with pytest.raises(MeetingRefusal) as refusal:
            change(**said)
        assert refusal.value.code == "meeting_closed"


def test_FL_12_who_stands_in_serves_for_nobody_else(gathering, plan, director, board, seat_of):
    """Neither in the room nor in the item; for the seat itself it is the same."""
    own, sub = seat_of("fk"), seat_of("fk", substitute=1)
    other = make.make_seat(board, "member", own.member, order=9)
    arrive(meeting=gathering, seat=sub, serves_for=own, actor=director)
    recusal = declare_recusal(item=plan, seat=own, served_by=sub, actor=director)
    assert declare_recusal(item=plan, seat=own, served_by=sub, actor=director) == recusal
    with pytest.raises(MeetingRefusal) as refusal:
        declare_recusal(item=plan, seat=other, served_by=sub, actor=director)
    assert (refusal.value.code, refusal.value.message) == (
        "substitute_serves",
        f"{sub.user.name} tjänstgör redan för någon annan. Välj en annan ersättare.",
    )
    with pytest.raises(MeetingRefusal) as refusal:
        declare_recusal(item=plan, seat=sub, served_by=sub, actor=director)
    assert refusal.value.code in ("substitute_serves", "substitute_recused")


def test_FL_12_who_stands_in_for_another_or_is_recused_is_passed_over(
    gathering, plan, director, board, seat_of, three
):
    own = seat_of("fk")
    other = make.make_seat(board, "member", own.member, order=9)
    for one in three:
        arrive(meeting=gathering, seat=one, actor=director)
    declare_recusal(item=plan, seat=own, served_by=three[0], actor=director)
    declare_recusal(item=plan, seat=three[1], actor=director)
    assert next_stand_in(gathering, plan, other) == three[2]
    declare_recusal(item=plan, seat=other, served_by=three[2], actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        declare_recusal(item=plan, seat=other, served_by=three[1], actor=director)
    assert (refusal.value.code, refusal.value.message) == (
        "substitute_recused",
        f"{three[1].user.name} har själv anmält jäv.",
    )
