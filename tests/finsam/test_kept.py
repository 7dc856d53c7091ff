"""Rows that are kept between tests: as they were, made once, gone when they are not asked for."""

from __future__ import annotations

import pytest

from finsam.associations.models import Association, Member
from tests.conftest import found_association
from tests.kept import Layers, Wanted, kept

pytestmark = pytest.mark.django_db
calls: list[str] = []


def founded(db: None) -> Association:
    calls.append("founded")
    return found_association("sjo", "Sjö", "SFS")


def renamed(founded: Association) -> Member:
    calls.append("renamed")
    founded.name = "Havet"
    founded.save()
    return founded.members.get(slug="fk")


def refused(founded: Association) -> None:
    founded.members.all().delete()
    raise ValueError("refused")


ONE: Wanted = {founded: {"db": None}}
TWO: Wanted = {**ONE, renamed: {"founded": founded}}


def names() -> list[str]:
    return list(Association.objects.values_list("name", flat=True))


def test_each_is_made_once_and_taken_back_when_it_is_not_asked_for() -> None:
    calls.clear()
    layers = Layers()
    layers.bring_to(TWO)
    layers.bring_to(TWO)
    assert (calls, names()) == (["founded", "renamed"], ["Havet"])
    assert layers.bring_to(ONE)[founded].name == "Sjö", "as it was before the second was made"
    assert (calls, names()) == (["founded", "renamed"], ["Sjö"])
    layers.bring_to({})
    assert names() == []


def test_what_a_test_changes_reaches_no_other() -> None:
    layers = Layers()
    made = layers.bring_to(TWO)
    assert made[renamed].association is made[founded], "they know each other"
    made[founded].name = "Ändrat"
    assert layers.bring_to(TWO)[founded].name == "Havet"
    layers.bring_to({})


def test_what_a_refused_function_did_is_taken_back() -> None:
    layers = Layers()
    with pytest.raises(ValueError, match="refused"):
        layers.bring_to({**ONE, refused: {"founded": founded}})
    assert Member.objects.count() == 5
    layers.bring_to(ONE)
    layers.bring_to({})
    assert Member.objects.count() == 0


@kept
def moved(association: Association) -> Association:
    association.name = f"{association.name} flyttat"
    association.save()
    return association


@pytest.mark.parametrize("turn", [1, 2])
def test_a_fixture_that_is_kept_is_the_same_in_each_test(
    turn: int, moved: Association, association: Association, member: Member
) -> None:
    assert moved is association
    assert names() == [moved.name]
    assert moved.name.count("flyttat") == 1
    assert member.association is association
    association.name = "Borta"
    association.save()


@pytest.mark.django_db(transaction=True)
def test_with_real_transactions_nothing_is_kept(moved: Association) -> None:
    assert names() == [moved.name]
    assert moved.name.count("flyttat") == 1
