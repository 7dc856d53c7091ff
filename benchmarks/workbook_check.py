"""Checking a budget workbook of 600 rows, beside openpyxl merely loading the same file.

Twice: as it happens when a file is sent (guard and reading each in a child process, beside a
process that does nothing but load), and the reading with all rules alone, within this process.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import openpyxl

from benchmarks.harness import Benchmark, Pair
from budgets.check import CheckResult, check_reading, check_workbook
from budgets.content import (
    ROWS,
    BudgetContent,
    CostEntry,
    CostKind,
    FinancingEntry,
    Source,
    StaffEntry,
)
from budgets.context import BudgetContext, Party
from budgets.summary import summarise
from budgets.workbook_read import read
from budgets.workbook_write import write_workbook

TOWN, REGION = "Karlshamns kommun", "Region Blekinge"
CONTEXT = BudgetContext(
    template="blekinge-individinsatser-2024",
    version=1,
    parties=(Party(TOWN, "municipality"), Party(REGION, "region")),
    years=(2024,),
)
LOAD = "import sys, openpyxl; openpyxl.load_workbook(sys.argv[1])"


def full_workbook() -> bytes:
    """A workbook with every one of its 3 × 200 rows filled; it breaks no rule."""
    places = range(1, ROWS + 1)
    staff = tuple(
        StaffEntry(
            at, party=(TOWN, REGION)[at % 2], role=f"Tjänst {at}", employer=TOWN, year=2024,
            percent=Decimal("12.5"), months=Decimal(12), salary=38_000 + at,
            overhead=Decimal("40.1"), note=f"Rad {at}",
        )
        for at in places
    )  # fmt: skip
    costs = tuple(
        CostEntry(
            at, kind=list(CostKind)[at % 7], description=f"Kostnad {at} för lokal och material",
            party=(TOWN, REGION)[at % 2], year=2024, amount=1_000 + at,
        )
        for at in places
    )  # fmt: skip
    total = summarise(BudgetContent(staff, costs)).total_cost
    financing = tuple(
        FinancingEntry(
            at, source=Source.SOUGHT, party=TOWN, year=2024, amount=total // ROWS + (at == 1)
            * (total % ROWS),
        )
        for at in places
    )  # fmt: skip
    return write_workbook(BudgetContent(staff, costs, financing), CONTEXT)


def as_sent() -> Pair:
    data = full_workbook()
    path = Path(tempfile.mkdtemp()) / "budget.xlsx"
    path.write_bytes(data)

    def floor() -> None:
        subprocess.run([sys.executable, "-I", "-c", LOAD, str(path)], check=True)  # noqa: S603

    def measured() -> None:
        _sound(check_workbook(data, CONTEXT))

    return Pair(measured, floor)


def reading_alone() -> Pair:
    data = full_workbook()

    def measured() -> None:
        _sound(check_reading(read(data), CONTEXT))

    return Pair(measured, lambda: openpyxl.load_workbook(BytesIO(data)))


def _sound(result: CheckResult) -> None:
    if not result.ok:
        raise RuntimeError(f"The workbook should break no rule: {result.findings[0]}")


BENCHMARK = (
    Benchmark(
        "workbook_check",
        "a sent workbook of 600 rows: guard, reading, all rules; floor: a process that loads it",
        as_sent,
        most_seconds=1.0,
        most_ratio=1.3,
    ),
    Benchmark(
        "workbook_reading",
        "the same workbook read and judged in this process; floor: openpyxl.load_workbook",
        reading_alone,
        most_seconds=1.0,
        most_ratio=1.3,
    ),
)
