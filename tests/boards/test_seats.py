"""Bodies and seats: filled, ordered, ended; and the check of the board against the act."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from boards.attendance import arrive
from boards.composition import check_board, check_group, composition
from boards.errors import MeetingRefusal
from boards.models import Body, BodyKind, Seat, SeatFunction
from boards.seats import (
    Person,
    end_seat,
    found_body,
    give_seat,
    move_substitute,
    remove_seat,
    rename_body,
)
from finsam import clock
from finsam.associations.models import Member
from finsam.messages.models import Message
from finsam.people.models import Role, RoleKind, User
from finsam.registry.models import Event
from tests import factories as make
from tests.kept import kept

F = SeatFunction
NEW = Person("Lo Ek", "lo.ek@exempel.se")


def member(number: int) -> Member:
    return Member(pk=number, name=f"Medlem {number}", kind="municipality")


def seat(number: int, function: str = F.MEMBER, order: int = 1) -> Seat:
    user = User(pk=number * 100 + order, name=f"{function} {number}", email=f"{number}@x.se")
    return Seat(member=member(number), user=user, function=function, order=order)


def codes(seats, members=2, **more):
    found = check_board(seats, [member(n) for n in range(1, members + 1)], **more)
    return sorted(one.code for one in found)


LAWFUL = [seat(1, F.CHAIR), seat(1, F.SUBSTITUTE), seat(2, F.VICE_CHAIR), seat(2, F.SUBSTITUTE)]


@pytest.mark.parametrize(
    ("seats", "members", "expected"),
    [
        (LAWFUL, 2, []),
        (LAWFUL, 3, ["no_member", "no_substitute"]),
        (LAWFUL[:3], 2, ["no_substitute"]),
        ([LAWFUL[0], LAWFUL[1], LAWFUL[3]], 2, ["no_member", "no_vice_chair"]),
        ([*LAWFUL, seat(1)], 2, ["unequal"]),
        ([*LAWFUL, seat(2, F.SUBSTITUTE, 2)], 2, ["unequal"]),
        ([*LAWFUL, seat(2), seat(2, F.SUBSTITUTE, 2)], 2, []),
        ([*LAWFUL, seat(2), seat(2, F.SUBSTITUTE)], 2, ["no_order"]),
        (LAWFUL, 1, ["not_a_member", "not_a_member"]),
        ([seat(1), *LAWFUL[1:]], 2, ["no_chair"]),
        ([LAWFUL[0], LAWFUL[1], seat(2, F.CHAIR), LAWFUL[3]], 2, ["many_chairs", "no_vice_chair"]),
        ([], 1, ["no_chair", "no_member", "no_substitute", "no_vice_chair"]),
    ],
)
def test_FL_10_each_member_has_a_member_and_a_substitute_in_equal_numbers(seats, members, expected):
    assert codes(seats, members) == expected


def test_FL_10_eight_members_and_eight_substitutes_is_lawful():
    """As in Blekinge; and each of the sixteen that is taken away is missed."""
    lead = {1: F.CHAIR, 2: F.VICE_CHAIR}
    seats = [seat(n, lead.get(n, F.MEMBER)) for n in range(1, 9)]
    seats += [seat(n, F.SUBSTITUTE) for n in range(1, 9)]
    assert codes(seats, 8) == []
    for gone in seats:
        rest = [one for one in seats if one is not gone]
        said = check_board(rest, [member(n) for n in range(1, 9)])
        what = "ersättare" if gone.is_substitute else "ledamot"
        assert f"Medlem {gone.member_id} saknar {what}." in [one.text for one in said]


def test_the_act_says_nothing_of_a_funds_board():
    assert codes([seat(1, F.CHAIR), seat(2, F.VICE_CHAIR)], 3, by_law=False) == []


def test_a_group_should_be_led_by_somebody():
    assert [(one.code, one.is_fault) for one in check_group([])] == [("empty", False)]
    assert [(one.code, one.is_fault) for one in check_group([seat(1)])] == [("nobody_leads", False)]
    assert check_group([seat(1, F.CHAIR)]) == []


# --- rows -------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


@kept
def fk(association):
    return association.members.get(slug="fk")


def give(body, member, actor, **changes):
    said = {"person": NEW, "function": F.SUBSTITUTE, "valid_from": clock.today()}
    return give_seat(body=body, member=member, actor=actor, **{**said, **changes})


def test_a_seat_opens_its_pages_for_its_time_and_tells_the_person(board, fk, director):
    last = clock.today() + timedelta(days=400)
    given = give(board, fk, director, valid_to=last)

    assert (given.order, given.user.name) == (2, "Lo Ek")
    role = Role.objects.get(user=given.user)
    assert (role.kind, role.member, role.valid_to) == (RoleKind.BOARD, fk, last)
    mail = Message.objects.get(recipient=given.user)
    assert "Glömt lösenordet" in mail.body
    assert give(board, fk, director, valid_to=last) == given
    assert (Message.objects.count(), Event.objects.filter(action="seat_given").count()) == (1, 1)


def test_the_chair_also_gets_the_chairs_role_and_there_is_one_at_a_time(board, fk, director):
    with pytest.raises(MeetingRefusal) as refusal:
        give(board, fk, director, function=F.CHAIR)
    assert (refusal.value.code, refusal.value.field) == ("has_a_chair", "function")
    end_seat(seat=board.seats.get(function=F.CHAIR), last_day=clock.today(), actor=director)

    first = clock.today() + timedelta(days=1)
    chair = give(board, fk, director, function=F.CHAIR, valid_from=first)
    kinds = set(Role.objects.filter(user=chair.user).values_list("kind", flat=True))
    assert kinds == {RoleKind.BOARD, RoleKind.CHAIR}


def test_the_role_ends_with_the_seat_unless_another_needs_it(board, fk, director):
    given = give(board, fk, director)
    last = clock.today() + timedelta(days=3)
    end_seat(seat=given, last_day=last, actor=director)
    assert Role.objects.get(user=given.user).valid_to == last
    later = give(board, fk, director, valid_from=last + timedelta(days=1))
    end_seat(seat=given, last_day=last - timedelta(days=1), actor=director)

    held = Role.objects.filter(user=given.user)
    assert held.held_on(later.valid_from).count() == 1
    assert end_seat(seat=given, last_day=last - timedelta(days=1), actor=director) == given


def test_a_seat_can_be_prolonged_but_not_into_anothers_time(board, fk, director):
    day = clock.today()
    first = give(board, fk, director, valid_to=day + timedelta(days=5))
    give(board, fk, director, valid_from=day + timedelta(days=10))
    end_seat(seat=first, last_day=day + timedelta(days=9), actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        end_seat(seat=first, last_day=day + timedelta(days=10), actor=director)
    assert refusal.value.code == "has_a_seat"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"valid_to": date(2000, 1, 1)}, "ends_before_it_begins", "valid_to"),
        ({"person": Person("Lo", "lo")}, "bad_address", "email"),
        ({"person": Person(" ", "ny@exempel.se")}, "name_missing", "name"),
    ],
)
def test_what_does_not_hold_together_is_refused_at_its_field(
    board, fk, director, changes, code, field
):
    with pytest.raises(MeetingRefusal) as refusal:
        give(board, fk, director, **changes)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert not User.objects.filter(email__in=["lo", "ny@exempel.se"]).exists()


def test_FL_10_a_seat_on_the_board_names_its_member(board, other_association, director):
    with pytest.raises(MeetingRefusal) as refusal:
        give(board, None, director)
    assert refusal.value.code == "member_missing"
    stranger = other_association.members.create(slug="x", name="X", short_name="X", kind="region")
    with pytest.raises(MeetingRefusal) as refusal:
        give(board, stranger, director)
    assert refusal.value.code == "other_association"


def test_one_person_has_one_seat_at_a_time_in_a_body(board, fk, director):
    give(board, fk, director)
    with pytest.raises(MeetingRefusal) as refusal:
        give(board, fk, director, function=F.MEMBER)
    assert refusal.value.code == "has_a_seat"


def test_FL_12_the_order_of_the_substitutes_is_decided(board, fk, director):
    first = board.seats.get(member=fk, function=F.SUBSTITUTE)
    second = give(board, fk, director)
    third = give(board, fk, director, person=Person("Bo", "bo@exempel.se"))

    move_substitute(seat=third, up=True, actor=director)
    move_substitute(seat=first, up=True, actor=director)
    move_substitute(seat=second, up=False, actor=director)

    line = board.seats.filter(member=fk, function=F.SUBSTITUTE).order_by("order")
    assert list(line) == [first, third, second]
    assert [one.order for one in line] == [1, 2, 3]


def test_a_slip_is_removed_but_never_a_seat_that_was_used(board, fk, gathering, director):
    given = give(board, fk, director)
    remove_seat(seat=given, actor=director)
    remove_seat(seat=given, actor=director)
    assert not Seat.objects.filter(pk=given.pk).exists()
    used = board.seats.get(member=fk, function=F.SUBSTITUTE)
    arrive(meeting=gathering, seat=used, actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        remove_seat(seat=used, actor=director)
    assert refusal.value.code == "seat_used"
    with pytest.raises(MeetingRefusal):
        end_seat(seat=used, last_day=date(2000, 1, 1), actor=director)


def test_an_association_has_one_board_and_many_groups(association, board, director):
    with pytest.raises(MeetingRefusal) as refusal:
        found_body(association=association, kind=BodyKind.BOARD, name="Styrelse 2", actor=director)
    assert refusal.value.code == "one_board"
    said = {"association": association, "kind": BodyKind.CONSULTATION, "actor": director}
    group = found_body(name="LOKSAM Ekby", **said)
    assert found_body(name=" LOKSAM  Ekby ", **said) == group
    assert found_body(**{**said, "kind": BodyKind.COUNCIL}, name="Loksam Ekby").slug == (
        "loksam-ekby-2"
    )
    with pytest.raises(MeetingRefusal):
        found_body(name="  ", **said)
    assert rename_body(body=group, name="LOKSAM Norra", actor=director).slug == "loksam-ekby"


def test_the_composition_tells_what_ends_and_who_is_shut_out(board, fk, director):
    made = composition(board, clock.today())
    assert made.faults == composition(board, clock.today()).faults
    given = give(board, fk, director, valid_to=clock.today() + timedelta(days=20))
    Role.objects.filter(user=given.user).delete()
    codes_now = [one.code for one in composition(board, clock.today()).findings]
    assert codes_now.count("unequal") == 1
    assert codes_now.count("ends_soon") == 1
    assert f"{given.user.name} har ingen roll som öppnar handlingarna." in [
        one.text for one in composition(board, clock.today()).findings
    ]


# --- pages ------------------------------------------------------------------------------------


@pytest.mark.anywhere
def test_the_director_fills_a_seat_on_the_page(sign_in, director, board, fk):
    client = sign_in(director)
    slug = board.association.slug
    url = reverse("boards:give_seat", args=[slug, board.slug])
    form = {
        "member": fk.pk, "function": "substitute", "email": NEW.email, "name": NEW.name,
        "valid_from": clock.today().isoformat(),
    }  # fmt: skip
    assert client.post(url, {**form, "email": "nej"}).status_code == 422
    answers = [client.post(url, form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    given = board.seats.get(user__email=NEW.email)
    page = client.get(reverse("boards:body", args=[slug, board.slug])).content.decode()
    assert "Lo Ek" in page
    assert "fk har 1 ledamöter och 2 ersättare" in page.replace("Försäkringskassan", "fk")

    place = reverse("boards:seat", args=[slug, board.slug, given.pk])
    assert client.post(place, {"do": "up"}).status_code == 302
    given.refresh_from_db()
    assert given.order == 1
    assert client.get(place).status_code == 200
    assert client.post(place, {"last_day": clock.today().isoformat()}).status_code == 302
    assert client.post(place, {"do": "remove"}).status_code == 302
    assert not Seat.objects.filter(pk=given.pk).exists()


def test_the_auditor_reads_and_changes_nothing(sign_in, association, board):
    client = sign_in(make.make_person(RoleKind.AUDITOR, association))
    slug = association.slug
    url = reverse("boards:bodies", args=[slug])
    assert client.get(url).status_code == 200
    assert client.post(url, {"name": "Nytt", "kind": "council"}).status_code == 403
    assert Body.objects.filter(association=association).count() == 1
    assert client.get(reverse("boards:give_seat", args=[slug, board.slug])).status_code == 403
