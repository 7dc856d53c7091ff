"""A frozen content made ready for reading, on pages and in documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from budgets.content import BudgetContent, decimal_text
from budgets.summary import Summary, summarise


def readable(content: Mapping[str, Any]) -> dict[str, Any]:
    """The content with its budget summed; optional questions without answer are left out."""
    budget = BudgetContent.from_json(content["budget"]["rows"])
    return {
        **content,
        "sections": [
            {
                **section,
                "questions": [
                    question
                    for question in section["questions"]
                    if question["shown"]["form"] != "none"
                ],
                "is_unanswered": not any(
                    question["shown"]["form"] != "none" for question in section["questions"]
                ),
            }
            for section in content["sections"]
        ],
        "budget_tables": budget_tables(budget, summarise(budget)),
    }


def budget_tables(budget: BudgetContent, summary: Summary) -> list[dict[str, Any]]:
    """The budget as tables: staff, costs, financing, and what each party answers for."""
    tables = [
        {
            "caption": "Personal",
            "columns": _columns("Part", "Funktion", "#År", "#Grad %", "#Månader", "#Månadslön",
                                "#Kostnad"),
            "rows": [
                [row.party, row.role, _year(row.year), _decimal(row.percent), _decimal(row.months),
                 row.salary or 0, row.cost]
                for row in budget.staff
            ],
            "total": ["Summa", "", "", "", "", "", summary.staff_cost],
        },
        {
            "caption": "Övriga kostnader",
            "columns": _columns("Kostnadsslag", "Beskrivning", "Part", "#År", "#Belopp"),
            "rows": [
                [row.kind.label if row.kind else "", row.description, row.party, _year(row.year),
                 row.cost]
                for row in budget.costs
            ],
            "total": ["Summa", "", "", "", summary.total_cost - summary.staff_cost],
        },
        {
            "caption": "Finansiering",
            "columns": _columns("Källa", "Part eller finansiär", "#År", "#Belopp"),
            "rows": [
                [row.source.label if row.source else "", row.party, _year(row.year),
                 row.amount or 0]
                for row in budget.financing
            ],
            "total": ["Summa", "", "", summary.financing],
        },
        {
            "caption": "Sammanställning per part",
            "columns": _columns("Part", "#Kostnad", "#Sökt här"),
            "rows": [
                [name, cost, summary.requested_by_member.get(name, 0)]
                for name, cost in summary.by_member.items()
            ],
            "total": ["Summa", summary.total_cost, summary.requested],
        },
    ]  # fmt: skip
    return [table for table in tables if table["rows"]]


def _columns(*names: str) -> list[dict[str, Any]]:
    """Headings; a # before the name stands for a column of numbers."""
    return [{"text": name.lstrip("#"), "numeric": name.startswith("#")} for name in names]


def _year(year: int | None) -> str:
    return str(year or "")


def _decimal(value: Any) -> str:
    return "" if value is None else decimal_text(value).replace(".", ",")
