"""Splitting a sum, and the law's shares of contributions."""

from __future__ import annotations

import random

import pytest

from budgets.contributions import Payer, WrongShares, check_shares, lawful_shares
from budgets.split import split
from finsam.errors import DomainError
from tests.budgets.conftest import POPULATION


def test_half_a_quarter_and_a_quarter() -> None:
    assert split(14_000_000, [50, 25, 25]) == [7_000_000, 3_500_000, 3_500_000]
    assert split(14_000_001, [50, 25, 25]) == [7_000_001, 3_500_000, 3_500_000]


def test_the_population_key_of_programme_1() -> None:
    assert split(9_000_000, list(POPULATION.values())) == [
        3_784_064,
        1_822_868,
        1_653_378,
        995_582,
        744_108,
    ]


def test_ties_go_in_the_given_order() -> None:
    assert split(2, [1, 1, 1]) == [1, 1, 0]


@pytest.mark.parametrize(("amount", "shares"), [(1, []), (1, [0]), (-1, [1]), (1, [2, -1])])
def test_a_split_without_sense_is_refused(amount: int, shares: list[int]) -> None:
    with pytest.raises(ValueError, match="split"):
        split(amount, shares)


def test_a_hundred_thousand_splits_are_exact_and_fair() -> None:
    """Sums are exact, nobody gets a whole krona more or less than the exact share, and the order
    of the shares decides nothing but ties.
    """
    dice = random.Random(20231001)
    for _ in range(100_000):
        shares = [dice.randrange(1_000_000) for _ in range(dice.randint(1, 8))]
        shares[0] += 1
        amount, total = dice.randrange(10**9), sum(shares)
        parts = split(amount, shares)
        assert sum(parts) == amount
        assert all(
            abs(part * total - amount * share) < total
            for part, share in zip(parts, shares, strict=True)
        )
        assert split(amount, shares[::-1])[::-1] == parts or _has_tie(amount, shares)


def _has_tie(amount: int, shares: list[int]) -> bool:
    """Whether two shares leave the same rest: only then does the order decide."""
    rests = [amount * share % sum(shares) for share in shares]
    return len(set(rests)) < len(rests)


def test_FL_5_the_state_pays_half_and_the_others_a_quarter() -> None:
    plan = [
        ("insurance_agency", 7_000_000),
        ("region", 3_500_000),
        ("municipality", 2_000_000),
        ("municipality", 1_500_000),
    ]

    assert check_shares(plan) == {
        Payer.STATE: 7_000_000,
        Payer.REGION: 3_500_000,
        Payer.MUNICIPALITIES: 3_500_000,
    }


def test_FL_5_both_authorities_make_up_the_states_half() -> None:
    plan = [
        ("insurance_agency", 1),
        ("employment_service", 1),
        ("region", 1),
        ("municipality", 1),
    ]

    assert check_shares(plan) == {Payer.STATE: 2, Payer.REGION: 1, Payer.MUNICIPALITIES: 1}


def test_FL_5_a_plan_off_by_a_krona_is_refused_with_the_difference_per_payer() -> None:
    plan = [("insurance_agency", 7_000_001), ("region", 3_499_999), ("municipality", 3_500_000)]

    with pytest.raises(WrongShares) as refusal:
        check_shares(plan)

    assert refusal.value.differences == {
        Payer.STATE: 1,
        Payer.REGION: -1,
        Payer.MUNICIPALITIES: 0,
    }
    assert "staten 1\u00a0kr för mycket och regionen 1\u00a0kr för lite" in refusal.value.message


def test_FL_5_the_rounding_goes_to_the_state_first() -> None:
    assert lawful_shares(14_000_001)[Payer.STATE] == 7_000_001


def test_others_do_not_pay_contributions() -> None:
    with pytest.raises(DomainError, match="Bara förbundets medlemmar"):
        check_shares([("external", 1)])
