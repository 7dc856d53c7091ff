"""How each computed figure of a budget came about: rule, inputs with their cells, rounding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from budgets.content import (
    BudgetContent,
    CostEntry,
    Entry,
    FinancingEntry,
    Sheet,
    Source,
    StaffEntry,
    same,
)
from budgets.staffing import row_cost
from budgets.summary import NO_KIND, NO_PARTY, STAFF, summarise
from finsam.typography import kronor

How = Literal["staff", "sum", "difference"]


@dataclass(frozen=True)
class Input:
    """A figure that another rests on: its cell, what it is, and its value.

    `sheet`, `position` and `field` lead to the same input in the browser.
    """

    place: str
    label: str
    value: Decimal
    sheet: str = ""
    position: int = 0
    field: str = ""


@dataclass(frozen=True)
class Explanation:
    """A computed figure in whole kronor, and how to compute it again from its inputs alone."""

    figure: str
    value: int
    how: How
    rule: str
    inputs: tuple[Input, ...]
    rounding: str = ""

    def computed_again(self) -> int:
        """The figure from the inputs, by the rule."""
        values = [part.value for part in self.inputs]
        if self.how == "sum":
            return int(sum(values, Decimal(0)))
        if self.how == "difference":
            return int(values[0] - values[1])
        percent, months, salary, overhead = values
        return row_cost(percent=percent, months=months, salary=int(salary), overhead=overhead)


def explain_staff_cost(row: StaffEntry) -> Explanation:
    """Share of full time × months × monthly salary × (1 + overhead), rounded half up."""
    parts = (
        ("percent", "Tjänstgöringsgrad %", row.percent),
        ("months", "Månader", row.months),
        ("salary", "Månadslön", row.salary),
        ("overhead", "PO-pålägg %", row.overhead),
    )
    return Explanation(
        figure=f"Kostnad för {row.role or 'raden'}, rad\u00a0{row.position}",
        value=row.cost,
        how="staff",
        rule="tjänstgöringsgrad × månader × månadslön × (1 + PO-pålägg)",
        inputs=tuple(
            Input(_place(row, name), label, Decimal(value or 0), str(row.sheet), row.position, name)
            for name, label, value in parts
        ),
        rounding="avrundat till hela kronor per rad, en halv krona uppåt",
    )


def explain_total(content: BudgetContent) -> Explanation:
    return _sum_of_costs("Kostnad i allt", content.cost_entries)


def explain_year(content: BudgetContent, year: int) -> Explanation:
    rows = [row for row in content.cost_entries if row.year == year]
    return _sum_of_costs(f"Kostnad {year}", rows)


def explain_member(content: BudgetContent, name: str) -> Explanation:
    rows = [row for row in content.cost_entries if same(row.party or NO_PARTY) == same(name)]
    return _sum_of_costs(f"Kostnad hos {name}", rows)


def explain_kind(content: BudgetContent, label: str) -> Explanation:
    if label == STAFF:
        return _sum_of_costs("Personal", content.staff)
    rows = [row for row in content.costs if (row.kind.label if row.kind else NO_KIND) == label]
    return _sum_of_costs(label, rows)


def explain_financing(content: BudgetContent, label: str) -> Explanation:
    """The financing of a source by its Swedish name, such as "Sökt här"."""
    rows = [row for row in content.financing if row.source and row.source.label == label]
    return _sum(label, "summan av beloppen i källans rader", ((row, "amount") for row in rows))


def explain_difference(content: BudgetContent, year: int | None = None) -> Explanation:
    """Financing less cost, of a year or of all; it must be 0."""
    summary = summarise(content)
    if year is None:
        financing, cost, when = summary.financing, summary.total_cost, ""
    else:
        financing = summary.financing_by_year.get(year, 0)
        cost, when = summary.by_year.get(year, 0), f" {year}"
    return Explanation(
        f"Skillnad{when}",
        financing - cost,
        "difference",
        "finansiering minus kostnad; ska vara 0",
        (
            Input("", f"Finansiering{when or ' i allt'}", Decimal(financing)),
            Input("", f"Kostnad{when or ' i allt'}", Decimal(cost)),
        ),
    )


def explain_financing_total(content: BudgetContent, year: int | None = None) -> Explanation:
    rows = [row for row in content.financing if year is None or row.year == year]
    figure = "Finansiering i allt" if year is None else f"Finansiering {year}"
    return _sum(figure, "summan av radernas belopp", ((row, "amount") for row in rows))


def explain_sought(content: BudgetContent, name: str) -> Explanation:
    rows = [
        row
        for row in content.financing
        if row.source is Source.SOUGHT and same(row.party or NO_PARTY) == same(name)
    ]
    rule = "summan av ”Sökt här” hos parten"
    return _sum(f"Sökt här av {name}", rule, ((row, "amount") for row in rows))


def explain_table(content: BudgetContent, sheet: Sheet) -> Explanation:
    """The sum below one of the three tables."""
    if sheet is Sheet.FINANCING:
        return explain_financing_total(content)
    if sheet is Sheet.STAFF:
        return _sum_of_costs("Personal", content.staff)
    return _sum_of_costs("Övriga kostnader", content.costs)


def explain_all(content: BudgetContent) -> dict[str, list[Explanation]]:
    """Every computed figure of a budget, by the heading it is shown under."""
    summary = summarise(content)
    years = [year for year in summary.differences if year is not None]
    kinds = [label for label in summary.by_kind if label != STAFF]
    groups = {
        "Sammanlagt": [
            explain_total(content),
            explain_financing_total(content),
            explain_difference(content),
            *(explain_table(content, sheet) for sheet in (Sheet.STAFF, Sheet.COSTS)),
        ],
        "Per år": [
            explanation
            for year in years
            for explanation in (
                explain_year(content, year),
                explain_financing_total(content, year),
                explain_difference(content, year),
            )
        ],
        "Per part": [
            *(explain_member(content, name) for name in summary.by_member),
            *(explain_sought(content, name) for name in summary.requested_by_member),
        ],
        "Per kostnadsslag": [explain_kind(content, label) for label in kinds],
        "Per källa": [explain_financing(content, source.label) for source in summary.by_source],
        "Personalens rader": [explain_staff_cost(row) for row in content.staff],
    }
    return {heading: found for heading, found in groups.items() if found}


def _sum_of_costs(figure: str, rows: Iterable[StaffEntry | CostEntry]) -> Explanation:
    parts = ((row, "cost" if isinstance(row, StaffEntry) else "amount") for row in rows)
    return _sum(figure, "summan av radernas kostnad", parts)


def _sum(
    figure: str, rule: str, parts: Iterable[tuple[StaffEntry | CostEntry | FinancingEntry, str]]
) -> Explanation:
    inputs = tuple(
        Input(
            _place(row, name),
            _label(row),
            Decimal(_amount(row)),
            str(row.sheet),
            row.position,
            name,
        )
        for row, name in parts
    )
    return Explanation(figure, int(sum(part.value for part in inputs)), "sum", rule, inputs)


def _amount(row: StaffEntry | CostEntry | FinancingEntry) -> int:
    return row.amount or 0 if isinstance(row, FinancingEntry) else row.cost


def _label(row: StaffEntry | CostEntry | FinancingEntry) -> str:
    if isinstance(row, StaffEntry):
        return row.role or kronor(row.cost)
    return (row.description if isinstance(row, CostEntry) else row.party) or "rad utan namn"


def _place(row: Entry, name: str) -> str:
    return f"{row.sheet}!{row.cell(name)}"
