"""Who is there, who serves for whom, and when the board can decide."""

from __future__ import annotations

import itertools

import pytest

from boards.attendance import arrive, leave, presence, require_quorum, room_of
from boards.errors import MeetingRefusal, NotQuorate
from boards.guests import note_guest, remove_guest
from boards.models import Attendance, Participation, Recusal
from boards.quorum import of_the_same
from boards.recusals import declare_recusal
from boards.sitting import finish_formal_item, open_meeting
from finsam.registry.models import Event
from tests import factories as make

pytestmark = pytest.mark.django_db

MEMBERS = ("kommunen", "grannkommunen", "regionen", "fk", "af")


def serving(meeting, item=None):
    return {
        one.filled.member.slug: one.seat.is_substitute for one in presence(meeting, item).serving
    }


@pytest.mark.parametrize("count", [2, 3])
def test_KL_6_27_more_than_half_of_the_seats_must_serve(gathering, plan, director, seat_of, count):
    for slug in MEMBERS[:count]:
        arrive(meeting=gathering, seat=seat_of(slug), actor=director)

    found = presence(gathering, plan)
    assert (len(found.seats), found.needed) == (5, 3)
    assert found.is_quorate is (count >= 3)
    if count >= 3:
        assert require_quorum(gathering, plan) == found
        return
    with pytest.raises(NotQuorate) as refusal:
        require_quorum(gathering, plan)
    assert refusal.value.message.startswith(
        f"Styrelsen är inte beslutsför i ärendet ”Verksamhetsplan”: {count} av 5 tjänstgör och det "
        "krävs 3 (6 kap. 27 § kommunallagen)."
    )


@pytest.mark.parametrize(
    ("member_here", "recused", "substitute", "serves", "expected"),
    [
        (True, False, "here", False, {"fk": False}),
        (False, False, "here", True, {"fk": True}),
        (True, True, "here", True, {"fk": True}),
        (True, True, "away", True, {}),
        (False, True, "here", True, {"fk": True}),
    ],
)
def test_KL_6_28_who_fills_a_seat(
    gathering, plan, director, seat_of, member_here, recused, substitute, serves, expected
):
    """As noted in the room; every combination stands in the truth tables of the quorum."""
    seat, other = seat_of("fk"), seat_of("fk", substitute=1)
    if member_here:
        arrive(meeting=gathering, seat=seat, actor=director)
    if substitute == "here":
        serves_for = seat if serves and not recused else None
        arrive(meeting=gathering, seat=other, serves_for=serves_for, actor=director)
    if recused:
        served_by = other if serves else None
        declare_recusal(item=plan, seat=seat, served_by=served_by, actor=director)

    assert serving(gathering, plan) == expected
    outside = {"fk": not member_here} if member_here or (serves and not recused) else {}
    assert serving(gathering) == outside


def test_KL_6_28_a_recused_person_breaks_the_quorum_of_that_item_alone(
    gathering, plan, director, seat_of
):
    for slug in MEMBERS[:3]:
        arrive(meeting=gathering, seat=seat_of(slug), actor=director)
    declare_recusal(item=plan, seat=seat_of("regionen"), actor=director)

    agenda = gathering.items.get(kind="agenda")
    assert presence(gathering, agenda).is_quorate
    with pytest.raises(NotQuorate):
        require_quorum(gathering, plan)


def test_KL_6_30_no_exemption_from_the_quorum_when_all_are_recused(
    gathering, plan, director, seat_of
):
    for slug in MEMBERS:
        arrive(meeting=gathering, seat=seat_of(slug), actor=director)
        declare_recusal(item=plan, seat=seat_of(slug), actor=director)

    assert presence(gathering, plan).serving == ()
    with pytest.raises(NotQuorate):
        require_quorum(gathering, plan)


def test_KL_6_28_a_recused_substitute_leaves_the_seat_to_another(gathering, plan, director, board):
    member = board.association.members.get(slug="fk")
    second = make.make_seat(board, "substitute", member, order=2)
    seats = board.seats.filter(member=member).order_by("order", "pk")
    ordinary = seats.exclude(function="substitute").get()
    first = seats.get(function="substitute", order=1)
    arrive(meeting=gathering, seat=first, serves_for=ordinary, actor=director)
    arrive(meeting=gathering, seat=second, actor=director)

    declare_recusal(item=plan, seat=first, served_by=second, actor=director)

    (one,) = presence(gathering, plan).serving
    assert (one.seat, one.filled) == (second, ordinary)
    (elsewhere,) = presence(gathering).serving
    assert (elsewhere.seat, elsewhere.filled) == (first, ordinary)


def test_KL_6_32_a_conflict_of_interest_comes_before_the_decision(meeting, director, seat_of):
    done = meeting.items.get(kind="agenda")
    with pytest.raises(MeetingRefusal) as refusal:
        declare_recusal(item=done, seat=seat_of("fk"), actor=director)
    assert refusal.value.code == "item_done"
    assert Recusal.objects.count() == 0


def test_FL_12_substitutes_of_the_same_organisation_in_their_order(gathering, director, board):
    member = board.association.members.get(slug="af")
    make.make_seat(board, "substitute", member, order=3)
    make.make_seat(board, "substitute", member, order=2)
    seat = board.seats.exclude(function="substitute").get(member=member)

    suggested = of_the_same(room_of(gathering).free, seat)

    assert [one.order for one in suggested] == [1, 2, 3]
    assert {one.member_id for one in suggested} == {member.pk}
    arrive(meeting=gathering, seat=suggested[0], serves_for=seat, actor=director)
    assert [one.order for one in of_the_same(room_of(gathering).free, seat)] == [2, 3]


@pytest.mark.parametrize("slug", [slug for slug in MEMBERS if slug != "fk"])
def test_FL_12_another_organisations_substitute_is_refused(gathering, director, seat_of, slug):
    with pytest.raises(MeetingRefusal) as refusal:
        arrive(
            meeting=gathering,
            seat=seat_of(slug, substitute=1),
            serves_for=seat_of("fk"),
            actor=director,
        )
    assert refusal.value.code == "other_organisation"
    assert "12 § lagen om finansiell samordning" in refusal.value.message
    assert Attendance.objects.count() == 0


def test_FL_12_also_when_stepping_in_for_a_recused(gathering, plan, director, seat_of):
    with pytest.raises(MeetingRefusal) as refusal:
        declare_recusal(
            item=plan, seat=seat_of("fk"), served_by=seat_of("af", substitute=1), actor=director
        )
    assert refusal.value.code == "other_organisation"


def test_an_ordinary_member_never_serves_for_another(gathering, director, board, seat_of):
    same = make.make_seat(board, "member", board.association.members.get(slug="fk"), order=9)
    with pytest.raises(MeetingRefusal) as refusal:
        arrive(meeting=gathering, seat=same, serves_for=seat_of("fk"), actor=director)
    assert refusal.value.code == "not_substitute"


def test_a_member_who_comes_relieves_the_substitute(gathering, director, seat_of):
    seat, substitute = seat_of("fk"), seat_of("fk", substitute=1)
    arrive(meeting=gathering, seat=substitute, serves_for=seat, actor=director)
    arrive(meeting=gathering, seat=seat, actor=director)

    assert serving(gathering) == {"fk": False}
    here = gathering.attendances.filter(left_at=None)
    assert {one.seat for one in here} == {seat, substitute}


def test_no_substitute_for_one_who_is_there(gathering, director, seat_of):
    arrive(meeting=gathering, seat=seat_of("fk"), actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        arrive(
            meeting=gathering,
            seat=seat_of("fk", substitute=1),
            serves_for=seat_of("fk"),
            actor=director,
        )
    assert refusal.value.code == "member_present"
    assert refusal.value.message == (
        f"{seat_of('fk').user.name} är själv på plats, så ingen ersättare tjänstgör i stället. "
        "Anteckna jäv i ärendet om det är därför."
    )


def test_one_substitute_stands_in_for_one_recused(gathering, plan, director, board, seat_of):
    other = make.make_seat(board, "member", board.association.members.get(slug="fk"), order=9)
    substitute = seat_of("fk", substitute=1)
    first = board.seats.get(member__slug="fk", function="vice_chair")
    for seat in (first, other, substitute):
        arrive(meeting=gathering, seat=seat, actor=director)
    declare_recusal(item=plan, seat=first, served_by=substitute, actor=director)

    with pytest.raises(MeetingRefusal) as refusal:
        declare_recusal(item=plan, seat=other, served_by=substitute, actor=director)
    assert refusal.value.code == "substitute_serves"


def test_KL_6_24_remote_presence_needs_the_boards_decision(gathering, director, seat_of):
    association = gathering.association
    association.remote_participation = False
    association.save(update_fields=["remote_participation"])
    gathering.refresh_from_db()
    with pytest.raises(MeetingRefusal) as refusal:
        arrive(meeting=gathering, seat=seat_of("fk"), is_remote=True, actor=director)
    assert refusal.value.code == "remote_not_decided"

    association.remote_participation = True
    association.save(update_fields=["remote_participation"])
    gathering.refresh_from_db()
    arrive(meeting=gathering, seat=seat_of("fk"), is_remote=True, actor=director)
    (one,) = presence(gathering).serving
    assert one.is_remote


def test_D01_the_same_presence_twice_is_one(gathering, director, seat_of):
    first = arrive(meeting=gathering, seat=seat_of("fk"), actor=director)
    assert arrive(meeting=gathering, seat=seat_of("fk"), actor=director) == first
    leave(meeting=gathering, seat=seat_of("fk"), actor=director)
    leave(meeting=gathering, seat=seat_of("fk"), actor=director)
    actions = Event.objects.filter(action__startswith="attendance_").values_list(
        "action", flat=True
    )
    assert list(actions.order_by("sequence")) == ["attendance_arrived", "attendance_left"]


def test_D01_the_same_recusal_twice_is_one(gathering, plan, director, seat_of):
    said = {"item": plan, "seat": seat_of("fk"), "reason": "Min bror", "actor": director}
    first = declare_recusal(**said)
    assert declare_recusal(**said) == first
    assert Event.objects.filter(action__startswith="recusal_").count() == 1


def test_who_took_part_is_kept_whatever_happens_later(gathering, director, seat_of):
    for slug in MEMBERS:
        arrive(meeting=gathering, seat=seat_of(slug), actor=director)
    open_meeting(meeting=gathering, actor=director)
    agenda = gathering.items.get(kind="agenda")
    for item in gathering.items.filter(kind__in=["opening", "agenda"]).order_by("position"):
        finish_formal_item(item=item, actor=director)
    agenda.refresh_from_db()
    leave(meeting=gathering, seat=seat_of("kommunen"), actor=director)

    assert set(serving(gathering, agenda)) == set(MEMBERS)
    assert set(serving(gathering)) == set(MEMBERS) - {"kommunen"}
    assert Participation.objects.filter(item=agenda).count() == 5


def test_the_presence_cannot_change_after_the_meeting(meeting, director, seat_of):
    words = {
        "closed": "Mötet är avslutat, så närvaron kan inte ändras. Skriv en rättelse som en ny "
        "paragraf.",
        "cancelled": "Mötet är inställt, så ingen är närvarande.",
    }
    for state, text in words.items():
        type(meeting).objects.filter(pk=meeting.pk).update(state=state)
        for change in (arrive, leave):
            with pytest.raises(MeetingRefusal) as refusal:
                change(meeting=meeting, seat=seat_of("fk"), actor=director)
            assert (refusal.value.code, refusal.value.message) == (f"meeting_{state}", text)


def test_guests_are_noted_once_and_can_be_taken_away(gathering, director):
    said = {"meeting": gathering, "name": "Ada Lind", "function": "Förbundschef"}
    guest = note_guest(actor=director, **said)
    assert note_guest(actor=director, **said) == guest
    remove_guest(guest=guest, actor=director)
    assert gathering.guests.count() == 0
    actions = Event.objects.filter(action__startswith="guest_").order_by("sequence")
    assert [event.action for event in actions] == ["guest_noted", "guest_removed"]


def test_every_seat_is_filled_at_most_once(gathering, plan, director, seat_of):
    """All orders in which a member, two recusals and a stand-in can be noted."""
    seat, other = seat_of("af"), seat_of("af", substitute=1)
    steps = {
        "member": lambda: arrive(meeting=gathering, seat=seat, actor=director),
        "substitute": lambda: arrive(meeting=gathering, seat=other, actor=director),
        "recusal": lambda: declare_recusal(item=plan, seat=seat, served_by=other, actor=director),
    }
    for order in itertools.permutations(steps):
        Recusal.objects.all().delete()
        gathering.attendances.all().delete()
        for step in order:
            steps[step]()
        assert serving(gathering, plan) == {"af": True}, order
