"""The corpus of odd workbooks: every one gets its verdict, with the right cell."""

from __future__ import annotations

import pytest

from budgets.check import check_reading
from budgets.workbook_read import read
from tests.budgets.odd_workbooks import ODD, Odd, by_name
from tests.budgets.samples import CONTEXT


@pytest.mark.parametrize("name", list(by_name()))
def test_an_odd_workbook_gets_its_verdict_in_the_right_cell(name: str) -> None:
    case: Odd = by_name()[name]
    reading = read(case.make())

    result = check_reading(reading, CONTEXT)

    assert sorted((each.code, each.place) for each in result.findings) == sorted(case.found)
    assert result.summary.total_cost == case.total
    assert reading.is_ours is case.is_ours
    assert all(each.message.rstrip().endswith(".") for each in result.findings)


def test_the_corpus_has_no_two_cases_of_one_name() -> None:
    assert len(by_name()) == len(ODD)
