"""Budgets in spreadsheets of the applicants' own, with what each adds up to (facit.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from budgets.context import BudgetContext, Party

FOLDER = Path(__file__).with_name("own_workbooks")
FACIT: dict[str, Any] = json.loads((FOLDER / "facit.json").read_text())
KINDS = {
    "Region": "region",
    "Försäkringskassan": "insurance_agency",
    "Arbetsförmedlingen": "employment_service",
}


def workbook_of(name: str) -> bytes:
    return (FOLDER / f"{name}.xlsx").read_bytes()


def context_of(name: str) -> BudgetContext:
    """The application that the workbook belongs to: its parties, the municipality leading."""
    facit = FACIT[name]
    parties = tuple(
        Party(party, KINDS.get(party.split()[0], "municipality"))
        for party in facit["cost_by_member"]
    )
    return BudgetContext("blekinge-individinsatser-2024", 1, parties, (facit["year"],))
