"""How each computed figure of a budget came about: rule, inputs with their cells, rounding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from budgets.content import BudgetContent, CostEntry, Entry, FinancingEntry, StaffEntry, same
from budgets.staffing import row_cost
from budgets.summary import NO_PARTY, STAFF
from finsam.typography import kronor

How = Literal["staff", "sum"]


@dataclass(frozen=True)
class Input:
    """A figure that another rests on: its cell, what it is, and its value."""

    place: str
    label: str
    value: Decimal


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
        figure=f"Kostnad för {row.role or 'raden'}",
        value=row.cost,
        how="staff",
        rule="tjänstgöringsgrad × månader × månadslön × (1 + PO-pålägg)",
        inputs=tuple(
            Input(_place(row, name), label, Decimal(value or 0)) for name, label, value in parts
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
    rows = [row for row in content.costs if row.kind is not None and row.kind.label == label]
    return _sum_of_costs(label, rows)


def explain_financing(content: BudgetContent, label: str) -> Explanation:
    """The financing of a source by its Swedish name, such as "Sökt här"."""
    rows = [row for row in content.financing if row.source and row.source.label == label]
    return _sum(label, "summan av beloppen i källans rader", ((row, "amount") for row in rows))


def _sum_of_costs(figure: str, rows: Iterable[StaffEntry | CostEntry]) -> Explanation:
    parts = ((row, "cost" if isinstance(row, StaffEntry) else "amount") for row in rows)
    return _sum(figure, "summan av radernas kostnad", parts)


def _sum(
    figure: str, rule: str, parts: Iterable[tuple[StaffEntry | CostEntry | FinancingEntry, str]]
) -> Explanation:
    inputs = tuple(
        Input(_place(row, name), _label(row), Decimal(_amount(row))) for row, name in parts
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
