"""A workbook against the budget: what differs, who changed it, and the rows when some is taken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgets.content import BudgetContent
from budgets.differences import Kind, changed_parties, differences, merged
from budgets.workbook_read import read
from budgets.workbook_write import write_workbook
from tests.budgets.libreoffice import edited, needs_libreoffice
from tests.budgets.samples import CONTENT, CONTEXT, REGION, TOWN, cost, financing, staff, with_rows


def test_the_same_rows_have_no_differences() -> None:
    assert differences(CONTENT, CONTENT) == []
    assert differences(CONTENT, CONTENT, BudgetContent()) == []


def test_a_cell_is_named_by_its_place_with_both_values() -> None:
    other = with_rows(costs=[cost(1, amount=140_000)])

    (found,) = differences(CONTENT, other)

    assert (found.key, found.header, found.before, found.after) == (
        "Kostnader!E5",
        "Belopp",
        "132\xa0000\xa0kr",
        "140\xa0000\xa0kr",
    )
    assert (found.edited, found.is_proposed) == (None, True)


def test_a_row_in_one_alone_is_taken_or_left_as_a_whole() -> None:
    other = with_rows(costs=[cost(4, description="Tåg")])

    removed, added = differences(CONTENT, other)

    assert (removed.kind, removed.key, added.kind, added.key) == (
        Kind.REMOVED, "Kostnader!5", Kind.ADDED, "Kostnader!8",
    )  # fmt: skip
    assert merged(CONTENT, other, [added.key]).costs == (cost(1), cost(4, description="Tåg"))
    assert merged(CONTENT, other, [removed.key]).costs == ()


@pytest.mark.parametrize(
    ("base", "now", "sent", "edited_", "clash"),
    [
        (100, 100, 200, True, False),
        (100, 200, 100, False, False),
        (100, 200, 300, True, True),
    ],
)
def test_who_changed_a_cell_since_the_export_is_known(
    base: int, now: int, sent: int, edited_: bool, clash: bool
) -> None:
    one, two, three = (with_rows(costs=[cost(1, amount=each)]) for each in (now, sent, base))

    (found,) = differences(one, two, three)

    assert (found.edited, found.clash) == (edited_, clash)
    assert found.is_proposed is (edited_ and not clash)


def test_a_row_added_in_the_portal_since_the_export_is_not_proposed_to_go() -> None:
    now = with_rows(costs=[cost(1), cost(2, description="Ny i portalen")])

    (found,) = differences(now, CONTENT, CONTENT)

    assert (found.kind, found.edited, found.is_proposed) == (Kind.REMOVED, False, False)


def test_a_row_removed_in_the_portal_and_edited_in_the_workbook_is_a_clash() -> None:
    sent = with_rows(costs=[cost(1, amount=5)])

    (found,) = differences(with_rows(costs=[]), sent, CONTENT)

    assert (found.kind, found.edited, found.clash) == (Kind.ADDED, True, True)


def test_the_parties_concerned_are_those_before_and_after() -> None:
    moved = with_rows(costs=[cost(1, party=REGION)])

    assert changed_parties(CONTENT, moved) == {TOWN, REGION}
    assert changed_parties(CONTENT, CONTENT) == frozenset()


ROWS = st.lists(st.integers(1, 6), unique=True, max_size=4)
SUMS = st.integers(0, 3)


@st.composite
def contents(draw: st.DrawFn) -> BudgetContent:
    return BudgetContent(
        tuple(staff(at, salary=40_000 + draw(SUMS)) for at in sorted(draw(ROWS))),
        tuple(cost(at, amount=draw(SUMS), note="x" * draw(SUMS)) for at in sorted(draw(ROWS))),
        tuple(financing(at, amount=draw(SUMS)) for at in sorted(draw(ROWS))),
    )


@given(contents(), contents(), contents(), st.data())
def test_taking_all_gives_the_workbook_and_taking_none_the_budget(
    now: BudgetContent, sent: BudgetContent, base: BudgetContent, data: st.DataObject
) -> None:
    found = differences(now, sent, base)
    keys = [each.key for each in found]

    assert len(keys) == len(set(keys))
    assert merged(now, sent, keys) == sent
    assert merged(now, sent, []) == now
    some = data.draw(st.lists(st.sampled_from(keys), unique=True)) if keys else []
    left = {each.key for each in differences(merged(now, sent, some), sent)}
    assert left == set(keys) - set(some)


@pytest.mark.slow
@needs_libreoffice
def test_what_is_edited_in_libreoffice_is_all_that_differs(tmp_path: Path) -> None:
    """Export → edit → read: the edited cells, a new row, and where it was exported from."""
    cells = {
        "Kostnader!E5": 140_000,
        "Kostnader!A6": "Resor",
        "Kostnader!B6": "Tåg & buss till praktikplatser",
        "Kostnader!C6": REGION,
        "Kostnader!D6": 2024,
        "Kostnader!E6": 12_500,
        "Personal!E7": 75,
    }

    reading = read(edited(tmp_path, write_workbook(CONTENT, CONTEXT, "7.5"), cells))

    assert (reading.stamp, reading.findings) == ("7.5", [])
    found = differences(CONTENT, reading.content, CONTENT)
    assert [(each.key, each.edited) for each in found] == [
        ("Personal!E7", True),
        ("Kostnader!E5", True),
        ("Kostnader!6", True),
    ]
    changed = merged(CONTENT, reading.content, [each.key for each in found])
    assert changed == reading.content
    assert replace(changed, staff=CONTENT.staff, costs=CONTENT.costs) == CONTENT
