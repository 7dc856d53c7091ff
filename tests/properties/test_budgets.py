"""What holds for any sum, any budget and any life of a frame, on random data."""

from __future__ import annotations

import os
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budgets.amounts import AmountError, read_kronor
from budgets.check import check_content
from budgets.content import (
    BudgetContent,
    CostEntry,
    CostKind,
    FinancingEntry,
    Source,
    StaffEntry,
)
from budgets.split import split
from budgets.staffing import row_cost
from budgets.summary import summarise
from budgets.workbook_read import read
from budgets.workbook_write import write_workbook
from finsam.typography import kronor, number
from tests.budgets.samples import CONTEXT, OFFICE, REGION, TOWN

EXAMPLES = 500 if os.environ.get("NIGHTLY") else 25
SUMS = st.integers(0, 10**11)
SHARES = st.lists(st.integers(0, 10**6), min_size=1, max_size=9).filter(any)


# --- split ------------------------------------------------------------------------------------


@given(SUMS, SHARES)
def test_a_split_sums_to_the_sum_and_is_fair(amount: int, shares: list[int]) -> None:
    parts = split(amount, shares)

    assert sum(parts) == amount
    for part, share in zip(parts, shares, strict=True):
        assert abs(part - Fraction(amount * share, sum(shares))) < 1


@given(SUMS, SHARES, st.randoms(use_true_random=False))
def test_a_split_does_not_depend_on_the_order_but_for_ties(
    amount: int, shares: list[int], dice: Any
) -> None:
    order = list(range(len(shares)))
    dice.shuffle(order)

    parts, shuffled = split(amount, shares), split(amount, [shares[at] for at in order])

    for place, at in enumerate(order):
        assert abs(shuffled[place] - parts[at]) <= 1
    remainders = [amount * share % sum(shares) for share in shares]
    if len(set(remainders)) == len(shares):
        assert shuffled == [parts[at] for at in order]


@given(SUMS, SHARES, st.integers(1, 1_000))
def test_only_the_proportions_of_shares_count(amount: int, shares: list[int], times: int) -> None:
    scaled = [Decimal(share * times) / 8 for share in shares]

    assert split(amount, scaled) == split(amount, shares)


# --- amounts ----------------------------------------------------------------------------------


@given(
    SUMS,
    st.sampled_from([" ", "\u00a0", "\u202f", "\u2009"]),
    st.sampled_from(["", " kr", "\u00a0kr", " kronor", ":-", " :-", ",00", ",-"]),
    st.sampled_from(["", " ", "\t"]),
)
def test_every_sum_is_read_as_it_is_written(
    amount: int, space: str, ending: str, around: str
) -> None:
    written = number(amount).replace("\u00a0", space)

    assert read_kronor(f"{around}{written}{ending}{around}") == amount
    assert read_kronor(kronor(amount)) == read_kronor(amount) == read_kronor(str(amount)) == amount


@given(st.integers(10**6, 10**11), st.sampled_from([".", ","]))
def test_two_groups_or_more_may_be_parted_by_dots_or_commas(amount: int, sign: str) -> None:
    assert read_kronor(number(amount).replace("\u00a0", sign)) == amount


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from([".", ","]))
def test_a_single_dot_or_comma_before_three_digits_is_always_refused(
    thousands: int, rest: int, sign: str
) -> None:
    with pytest.raises(AmountError, match="kan betyda"):
        read_kronor(f"{thousands}{sign}{rest:03}")


@given(st.text(max_size=60))
def test_any_text_is_a_sum_or_a_refusal_in_words(text: str) -> None:
    refusal: AmountError | None = None
    try:
        assert abs(read_kronor(text)) < 10**12
    except AmountError as error:
        refusal = error

    if refusal is not None:
        assert refusal.code in {"not_a_number", "not_whole_kronor"}
        assert refusal.message.endswith(".")


# --- budgets ----------------------------------------------------------------------------------

TEXTS = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=("Cs", "Cc", "Zl", "Zp"),
        exclude_characters="\ufffe\uffff",  # left out of what is typed, as no workbook holds them
    ),
    max_size=40,
).map(str.strip)
PARTIES = st.sampled_from([TOWN, REGION, OFFICE, ""])
YEARS = st.sampled_from([2024, 2025, None])
AMOUNTS = st.none() | st.integers(-(10**6), 10**9)
PERCENTS = st.none() | st.decimals(0, 200, places=2).map(Decimal.normalize)
MONTHS = st.none() | st.decimals(0, 14, places=1).map(Decimal.normalize)


def entries(made: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Up to five filled rows at places of their own."""

    def placed(rows: list[Any], places: list[int]) -> tuple[Any, ...]:
        kept = zip(sorted(places), rows, strict=False)
        return tuple(row(position) for position, row in kept if not _is_empty(row(1)))

    return st.builds(
        placed,
        st.lists(made, max_size=5),
        st.lists(st.integers(1, 200), min_size=5, max_size=5, unique=True),
    )


def _is_empty(row: Any) -> bool:
    return all(getattr(row, name, None) in {None, ""} for name in row.columns)


def _row(entry: type[Any], /, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(fields).map(lambda values: lambda at: entry(at, **values))


BUDGETS = st.builds(
    BudgetContent,
    entries(
        _row(
            StaffEntry, party=PARTIES, role=TEXTS, employer=TEXTS, year=YEARS, percent=PERCENTS,
            months=MONTHS, salary=AMOUNTS, overhead=PERCENTS, note=TEXTS,
        )
    ),
    entries(
        _row(
            CostEntry, kind=st.none() | st.sampled_from(CostKind), description=TEXTS,
            party=PARTIES, year=YEARS, amount=AMOUNTS, note=TEXTS,
        )
    ),
    entries(
        _row(
            FinancingEntry, source=st.none() | st.sampled_from(Source), party=PARTIES,
            year=YEARS, amount=AMOUNTS,
        )
    ),
)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BUDGETS)
def test_any_budget_goes_through_a_workbook_unchanged(content: BudgetContent) -> None:
    reading = read(write_workbook(content, CONTEXT))

    assert reading.content == content
    assert reading.findings == []


@given(BUDGETS)
def test_sums_by_member_kind_and_year_are_the_same_money(content: BudgetContent) -> None:
    summary = summarise(content)

    for sums in (summary.by_member, summary.by_kind, summary.by_year):
        assert sum(sums.values()) == summary.total_cost
    assert sum(summary.financing_by_year.values()) == summary.financing
    assert sum(summary.differences.values()) == summary.difference
    assert BudgetContent.from_json(content.as_json()) == content


@given(BUDGETS)
def test_any_budget_gets_a_verdict_with_a_place_for_each_finding(content: BudgetContent) -> None:
    result = check_content(content, CONTEXT)

    assert result.ok == (not result.errors)
    for each in result.findings:
        assert each.sheet
        assert each.cell
        assert each.message.endswith(".")


@given(
    st.decimals(0, 100, places=2),
    st.decimals(0, 12, places=1),
    st.integers(0, 200_000),
    st.decimals(0, 80, places=2),
)
def test_a_staff_row_is_rounded_half_up_from_the_exact_cost(
    percent: Decimal, months: Decimal, salary: int, overhead: Decimal
) -> None:
    exact = Fraction(percent) * Fraction(months) * salary * (100 + Fraction(overhead)) / 10_000

    cost = row_cost(percent=percent, months=months, salary=salary, overhead=overhead)
    assert Fraction(-1, 2) <= exact - cost < Fraction(1, 2)
