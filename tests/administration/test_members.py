"""Members and notice boards are kept by the administrator; nothing of them is deleted."""

from __future__ import annotations

import pytest
from django.urls import reverse

from finsam.administration.members import save_member, save_notice_board
from finsam.associations.models import Member, NoticeBoard
from finsam.errors import DomainError, NotAllowed
from finsam.registry.models import Event

pytestmark = pytest.mark.django_db


def place(name, *more):
    return reverse(f"administration:{name}", args=["sjo", *more])


def last_event():
    found = Event.objects.order_by("-pk").first()
    return found.action, found.payload.get("fields")


def test_a_member_is_added_and_changed_with_an_event_each(association, administrator):
    facts = {
        "name": "Nyby kommun", "short_name": "Nyby", "kind": "municipality",
        "organisation_number": "212000-0001", "population": 900, "position": 9, "is_active": True,
    }  # fmt: skip
    new = save_member(association=association, member=None, actor=administrator, **facts)
    assert (new.slug, last_event()) == ("nyby-kommun", ("member_added", sorted(facts)))
    save_member(association=association, member=new, actor=administrator, is_active=False)
    assert last_event() == ("member_changed", ["is_active"])
    events = Event.objects.count()
    save_member(association=association, member=new, actor=administrator, is_active=False)
    assert Event.objects.count() == events


def test_two_members_cannot_have_one_name(association, administrator, member):
    with pytest.raises(DomainError) as refused:
        save_member(
            association=association, member=None, actor=administrator, name=member.name,
            short_name="X", kind="municipality", organisation_number="", population=None,
            position=1, is_active=True,
        )  # fmt: skip
    assert refused.value.code == "name_taken"


def test_a_notice_board_is_where_the_administrator_says(association, administrator):
    own = NoticeBoard.objects.filter(member__association=association).count()
    board = save_notice_board(
        member=association.members.get(kind="region"), actor=administrator,
        name="Regionens anslagstavla", email="tavla@exempel.se", address="",
    )  # fmt: skip
    assert board.name == "Regionens anslagstavla"
    assert last_event()[0] in ("notice_board_added", "notice_board_changed")
    assert NoticeBoard.objects.filter(member__association=association).count() in (own, own + 1)


def test_only_the_administrator_changes_members(association, member, officer, director):
    for person in (officer, director):
        with pytest.raises(NotAllowed):
            save_member(association=association, member=member, actor=person, name="X")
        with pytest.raises(NotAllowed):
            save_notice_board(member=member, actor=person, name="X")


@pytest.mark.anywhere
def test_the_pages_save_and_show(association, administrator, member, sign_in):
    client = sign_in(administrator)
    page = client.get(place("member", member.pk))
    assert page.status_code == 200
    sent = {
        "form": "member", "name": member.name, "short_name": "Ek", "kind": member.kind,
        "organisation_number": "", "population": "", "position": "1", "is_active": "on",
    }  # fmt: skip
    assert client.post(place("member", member.pk), sent).status_code == 302
    assert Member.objects.get(pk=member.pk).short_name == "Ek"
    board = {"form": "board", "board-name": "Kommunens tavla", "board-email": "t@exempel.se"}
    assert client.post(place("member", member.pk), board).status_code == 302
    assert "Kommunens tavla" in client.get(place("members")).content.decode()
    wrong = client.post(place("member", member.pk), {"form": "member", "name": ""})
    assert wrong.status_code == 422
    assert client.get(place("new_member")).status_code == 200


def test_p_02_a_member_of_another_association_is_not_found(
    administrator, other_association, sign_in
):
    foreign = other_association.members.first()
    assert sign_in(administrator).get(place("member", foreign.pk)).status_code == 404
