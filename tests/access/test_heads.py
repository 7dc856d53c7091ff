"""Whoever may ask for a page may ask for its head alone, at every address."""

from __future__ import annotations

from datetime import date

import pytest

from finsam.people.models import Role, RoleKind
from tests.access.world import address, doors
from tests.factories import make_person

NOBODY = "00000000-0000-0000-0000-000000000000"
pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


@pytest.fixture
def everybody(association, member, sign_in):
    """Somebody with every role, whom no gate holds back."""
    person = make_person(RoleKind.DIRECTOR, association)
    for kind in RoleKind:
        of_member = kind in (RoleKind.APPLICANT, RoleKind.SIGNATORY)
        Role.objects.get_or_create(
            association=association,
            user=person,
            kind=kind,
            member=member if of_member else None,
            defaults={"valid_from": date(2020, 1, 1)},
        )
    return sign_in(person)


def test_every_address_that_gives_a_page_gives_its_head(everybody):
    refused, opened = [], 0
    for door in doors():
        values = dict.fromkeys(door.names, "1") | {
            "association": "sjo", "short_id": "22222222", "checksum": "0" * 64, "token": "okand",
            **dict.fromkeys(("application", "public_id", "idea", "preview", "payment"), NOBODY),
        }  # fmt: skip
        path = address(door, values)
        head = everybody.head(path)
        assert head.content == b"", door.name
        opened += head.status_code == 200
        if head.status_code == 405 and everybody.get(path).status_code != 405:
            refused.append(door.name)
    assert refused == []
    assert opened > 40
