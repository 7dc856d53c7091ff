"""Cost of a staff row, and explanations that can be computed again."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from budgets.explanation import (
    Explanation,
    explain_all,
    explain_financing,
    explain_kind,
    explain_member,
    explain_staff_cost,
    explain_total,
    explain_year,
)
from budgets.staffing import row_cost
from budgets.summary import summarise
from tests.budgets.samples import CONTENT, REGION, TOWN


@pytest.mark.parametrize(
    ("percent", "months", "salary", "overhead", "kronor"),
    [
        ("100", "12", 46_500, "40.1", 781_758),
        ("50", "12", 39_200, "40.1", 329_515),
        ("75", "12", 41_500, "47", 549_045),
        ("25", "12", 40_600, "52", 185_136),
        ("100", "1", 1, "50", 2),
        ("50", "1", 1, "0", 1),
        ("49", "1", 1, "0", 0),
        ("33.3333", "7.5", 31_111, "42.26", 110_646),
    ],
)
def test_a_staff_row_costs_share_times_months_times_salary_times_overhead(
    percent: str, months: str, salary: int, overhead: str, kronor: int
) -> None:
    exact = Fraction(percent) / 100 * Fraction(months) * salary * (1 + Fraction(overhead) / 100)

    cost = row_cost(
        percent=Decimal(percent), months=Decimal(months), salary=salary, overhead=Decimal(overhead)
    )

    assert cost == kronor == int(exact + Fraction(1, 2))


def every_explanation() -> list[Explanation]:
    summary = summarise(CONTENT)
    return [
        *(explain_staff_cost(row) for row in CONTENT.staff),
        explain_total(CONTENT),
        *(explain_year(CONTENT, year) for year in summary.by_year if year),
        *(explain_member(CONTENT, name) for name in summary.by_member),
        *(explain_kind(CONTENT, label) for label in summary.by_kind),
        *(explain_financing(CONTENT, source.label) for source in summary.by_source),
    ]


def test_every_explanation_computes_to_its_figure() -> None:
    explanations = every_explanation()

    assert len(explanations) == 10
    for each in explanations:
        assert each.computed_again() == each.value
        assert all("!" in part.place for part in each.inputs)


def test_every_computed_figure_of_any_budget_is_explained_and_reckoned_again() -> None:
    """Each figure of the summary has an explanation whose inputs alone give it again."""
    bare = replace(CONTENT.costs[0], position=9, party="", kind=None, year=2025)
    content = replace(CONTENT, costs=(*CONTENT.costs, bare))
    summary = summarise(content)

    told = {each.figure: each for found in explain_all(content).values() for each in found}
    for each in told.values():
        assert each.computed_again() == each.value
    figures = {name: each.value for name, each in told.items()}
    assert figures["Kostnad i allt"] == summary.total_cost
    assert figures["Finansiering i allt"] == summary.financing
    assert figures["Skillnad"] == summary.difference
    for year, difference in summary.differences.items():
        assert figures[f"Skillnad {year}"] == difference
    for name, amount in summary.by_member.items():
        assert figures[f"Kostnad hos {name}"] == amount
    for name, amount in summary.requested_by_member.items():
        assert figures[f"Sökt här av {name}"] == amount
    for label, amount in summary.by_kind.items():
        assert figures[label] == amount
    for source, amount in summary.by_source.items():
        assert figures[source.label] == amount
    for row in content.staff:
        assert figures[f"Kostnad för {row.role}, rad\u00a0{row.position}"] == row.cost


def test_the_explained_figures_are_those_of_the_summary() -> None:
    summary = summarise(CONTENT)

    assert explain_total(CONTENT).value == summary.total_cost == 1_212_126
    assert explain_year(CONTENT, 2024).value == summary.by_year[2024]
    assert {name: explain_member(CONTENT, name).value for name in (TOWN, REGION)} == (
        summary.by_member
    )
    assert explain_financing(CONTENT, "Sökt här").value == summary.requested


def test_an_explanation_names_cells_and_rounding() -> None:
    told = explain_staff_cost(CONTENT.staff[1])

    assert [part.place for part in told.inputs] == [
        "Personal!E7",
        "Personal!F7",
        "Personal!G7",
        "Personal!H7",
    ]
    assert told.rounding == "avrundat till hela kronor per rad, en halv krona uppåt"
