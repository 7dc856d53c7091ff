"""Sums as people write them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from budgets.amounts import AmountError, read_decimal, read_kronor, read_ore

READ = [
    ("9 000 000", 9_000_000),
    ("9\u00a0000\u00a0000", 9_000_000),
    ("9\u202f000\u2009000", 9_000_000),
    ("9.000.000", 9_000_000),
    ("9,000,000", 9_000_000),
    ("9,000 000 kr", 9_000_000),
    ("9.000 000", 9_000_000),
    ("1 500,000", 1_500_000),
    ("9000000", 9_000_000),
    ("12 500:-", 12_500),
    ("12 500 :-", 12_500),
    ("12.500.000:- kr", 12_500_000),
    ("500,-", 500),
    ("500,–", 500),
    ("1 500 SEK", 1_500),
    ("1 500 kronor", 1_500),
    ("  90 000 kr.  ", 90_000),
    ("1 500,00", 1_500),
    ("1 500.0", 1_500),
    ("1.250,00", 1_250),
    ("1,250.00", 1_250),
    ("-5 000", -5_000),
    ("\u22125\u00a0000\u00a0kr", -5_000),
    ("+5 000", 5_000),
    ("0", 0),
    ("-0", 0),
    ("007", 7),
    (1_500, 1_500),
    (1_500.0, 1_500),
    (-0.0, 0),
    (Decimal("1500.00"), 1_500),
]


@pytest.mark.parametrize(("written", "kronor"), READ)
def test_a_sum_is_read(written: object, kronor: int) -> None:
    assert read_kronor(written) == kronor


@pytest.mark.parametrize(
    ("written", "first", "second"),
    [
        ("1,500", "1\u00a0500 kr", "1,50 kr"),
        ("90.000", "90\u00a0000 kr", "90 kr"),
        ("165.000 kr", "165\u00a0000 kr", "165 kr"),
        ("1500,000", "1\u00a0500\u00a0000 kr", "1\u00a0500 kr"),
        ("1.250,000", "1\u00a0250\u00a0000 kr", "1\u00a0250 kr"),
        ("-1,525", "1\u00a0525 kr", "1,525 kr"),
    ],
)
def test_two_readings_are_refused_and_both_named(written: str, first: str, second: str) -> None:
    with pytest.raises(AmountError) as refusal:
        read_kronor(written)

    assert refusal.value.code == "not_a_number"
    assert f"{first} eller {second}" in refusal.value.message


def test_ore_are_offered_where_they_are_taken_alone() -> None:
    with pytest.raises(
        AmountError, match=r"Här skrivs hela kronor: skriv 1500 om det är så mycket"
    ):
        read_kronor("1,500")
    with pytest.raises(AmountError, match=r"Skriv 1500 eller 1,50\.$"):
        read_ore("1,500")


@pytest.mark.parametrize(
    ("written", "nearest"), [("1 500,50", 1_501), ("12,4", 12), (1.5, 2), ("-0,5", -1), (2.4, 2)]
)
def test_ore_are_refused_with_the_nearest_sum(written: object, nearest: int) -> None:
    with pytest.raises(AmountError) as refusal:
        read_kronor(written)

    assert (refusal.value.code, refusal.value.nearest) == ("not_whole_kronor", nearest)


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "abc", "90 00", "1 2345", "9.000.00", "1.000,000.000", "(500)", "1e5", "１２",
        "12 tkr", "=1+1", "--5", "5-", ".5", "kr", "1 000 000 000 000 000", "9" * 5_000, True,
        False, None, float("nan"), float("inf"), 1e308, dt.date(2024, 1, 1), 10**12,
    ],
)  # fmt: skip
def test_what_is_no_sum_is_refused(written: object) -> None:
    with pytest.raises(AmountError) as refusal:
        read_kronor(written)

    assert refusal.value.code == "not_a_number"
    assert len(refusal.value.message) < 200


@pytest.mark.parametrize(
    ("written", "value"),
    [("40,1", "40.1"), ("40.1 %", "40.1"), ("100%", "100"), (40.1, "40.1"), (12, "12"), ("5", "5")],
)
def test_a_share_is_read(written: object, value: str) -> None:
    assert read_decimal(written) == Decimal(value)


@pytest.mark.parametrize("written", ["", "halv", "1 000", "4,1,2", True, float("nan")])
def test_what_is_no_share_is_refused(written: object) -> None:
    with pytest.raises(AmountError) as refusal:
        read_decimal(written)

    assert refusal.value.code == "not_a_number"
