"""A budget that breaks no rule, to be broken one rule at a time."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import Any

import openpyxl
from openpyxl import Workbook

from budgets.content import (
    BudgetContent,
    CostEntry,
    CostKind,
    FinancingEntry,
    Source,
    StaffEntry,
)
from budgets.context import BudgetContext, Party
from budgets.workbook_write import write_workbook

TOWN, REGION, OFFICE = "Karlshamns kommun", "Region Blekinge", "Arbetsförmedlingen"

CONTEXT = BudgetContext(
    template="blekinge-individinsatser-2024",
    version=3,
    parties=(
        Party(TOWN, "municipality"),
        Party(REGION, "region"),
        Party(OFFICE, "employment_service"),
    ),
    years=(2024,),
    application="SFB 2023/41",
    frame_left=9_000_000,
    frame_name="Individinsatser 2024",
    overhead_ceiling=Decimal(10),
)


def staff(position: int = 1, **fields: Any) -> StaffEntry:
    """43 000 × 12 × 1,401 = 722 916 kr."""
    values = {
        "party": TOWN,
        "role": "Samordnare",
        "employer": TOWN,
        "year": 2024,
        "percent": Decimal(100),
        "months": Decimal(12),
        "salary": 43_000,
        "overhead": Decimal("40.1"),
    }
    return StaffEntry(position, **(values | fields))


def cost(position: int = 1, **fields: Any) -> CostEntry:
    values = {
        "kind": CostKind.PREMISES,
        "description": "Hyra Östra Piren",
        "party": TOWN,
        "year": 2024,
        "amount": 132_000,
    }
    return CostEntry(position, **(values | fields))


def financing(position: int = 1, **fields: Any) -> FinancingEntry:
    values = {"source": Source.SOUGHT, "party": TOWN, "year": 2024, "amount": 900_000}
    return FinancingEntry(position, **(values | fields))


# 722 916 + 357 210 + 132 000 = 1 212 126 kr
CONTENT = BudgetContent(
    staff=(
        staff(1),
        staff(
            3,
            party=REGION,
            role="Kurator",
            employer=REGION,
            percent=Decimal(50),
            salary=40_500,
            overhead=Decimal(47),
            note="=1+1",
        ),
    ),
    costs=(cost(1),),
    financing=(
        financing(1),
        financing(2, source=Source.IN_KIND, party=REGION, amount=312_126),
    ),
)


def with_rows(**tables: Any) -> BudgetContent:
    return replace(CONTENT, **{name: tuple(rows) for name, rows in tables.items()})


@cache
def workbook(content: BudgetContent = CONTENT, context: BudgetContext = CONTEXT) -> bytes:
    return write_workbook(content, context)


def opened(data: bytes) -> Workbook:
    return openpyxl.load_workbook(BytesIO(data))


def saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def with_cells(cells: dict[str, Any], data: bytes | None = None) -> bytes:
    """The workbook with some cells changed: {"Kostnader!E5": 1}."""
    book = opened(data or workbook())
    for place, value in cells.items():
        sheet, _, cell = place.partition("!")
        book[sheet][cell] = value
    return saved(book)


def with_markup(data: bytes, sheet: int, change: Callable[[str], str]) -> bytes:
    """The workbook with the markup of one of its sheets changed; `sheet` counts from 1."""
    place = f"xl/worksheets/sheet{sheet}.xml"
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(out, "w") as package:
        for part in source.namelist():
            held = source.read(part)
            package.writestr(part, change(held.decode()) if part == place else held)
    return out.getvalue()


def with_saved_result(data: bytes, cell: str, result: str, sheet: int = 3) -> bytes:
    """Put a saved result beside a formula; Kostnader is the third sheet."""

    def change(text: str) -> str:
        changed = re.sub(
            rf'(<c r="{cell}"[^>]*><f>[^<]*</f>)<v\s*/?>(</v>)?', rf"\1<v>{result}</v>", text
        )
        assert changed != text
        return changed

    return with_markup(data, sheet, change)
