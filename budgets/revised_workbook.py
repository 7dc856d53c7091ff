"""A revised budget as a workbook: the same lines as on the page, out and in again.

Beside the amounts to write over lie, hidden, those that it was fetched with, so that what nobody
has edited in the workbook is left as it stands in the portal.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.worksheet.worksheet import Worksheet

from budgets.amounts import AmountError, read_kronor
from budgets.check import MEGABYTES, SECONDS
from budgets.models import RevisedBudget
from budgets.workbook_cells import UNSAVED_FORMULA, Page, own_formula_words
from budgets.workbook_write import (
    COMPUTED,
    LINES,
    NUMBER,
    OPEN,
    STRONG,
    UNLOCKED,
    head,
    put_text,
    set_up_print,
    write_title,
)
from finsam.documents.sandbox import call
from finsam.errors import DomainError
from finsam.typography import number

SHEET, KEPT = "Reviderad budget", "portalen"
HEADER_ROW, FIRST_ROW = 4, 5
HEADERS = ("Budgetpost", "I ansökan, kr", "Av det beviljade, kr")
WIDTHS = (60, 18, 22)
NOTE = (
    "Skriv i de gula cellerna hur mycket av det beviljade som går till varje budgetpost, i hela "
    "kronor. Raden Kvar att fördela ska bli 0. Ladda sedan upp arbetsboken i portalen."
)
READER = "budgets.workbook_cells.read_grid"
FETCH_AGAIN = "Hämta arbetsboken på nytt och skriv in beloppen där."


@dataclass(frozen=True)
class Written:
    """What a workbook says of the lines: the edited ones, the amounts in whole kronor.

    `others` are the edited lines that somebody has changed in the portal since it was fetched,
    `formulas` what is told of each cell where a formula stands instead of an amount.
    """

    amounts: dict[str, int]
    others: list[str]
    formulas: list[str]


def write_revised_workbook(revised: RevisedBudget, writable: Collection[str]) -> bytes:
    """The lines with what is written on them so far; the `writable` amounts open, the rest locked.

    Imported again unchanged it changes nothing.
    """
    book = Workbook()
    page, kept = book.worksheets[0], book.create_sheet(KEPT)
    page.title = SHEET
    write_title(page, str(revised), NOTE, len(HEADERS))
    for column, (header, width) in enumerate(zip(HEADERS, WIDTHS, strict=True), start=1):
        head(page.cell(HEADER_ROW, column), header)
        page.column_dimensions["ABC"[column - 1]].width = width
    put_text(kept["A1"], f"revised:{revised.pk}")
    for row, line in enumerate(revised.rows, start=FIRST_ROW):
        _write_line(page, row, line, is_open=line["key"] in writable)
        put_text(kept.cell(row, 1), line["key"])
        _number(kept, row, 2, line["amount"])
    _write_sums(page, revised, FIRST_ROW + len(revised.rows))
    page.freeze_panes = f"B{FIRST_ROW}"
    set_up_print(page, landscape=False)
    page.protection.sheet = kept.protection.sheet = True
    kept.sheet_state = "veryHidden"
    book.properties.creator, book.properties.title = "", SHEET
    book.properties.language = "sv-SE"
    book.calculation.fullCalcOnLoad = True
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def read_revised_workbook(data: bytes, revised: RevisedBudget) -> Written:
    """What was edited in a workbook fetched from this revised budget, read in a child process.

    Raises Unreadable for what is no workbook, DomainError for another than the portal's own or one
    with amounts that cannot be read, naming each cell.
    """
    read = call(READER, data=data, seconds=SECONDS, megabytes=MEGABYTES)
    pages = {page.name: page for page in map(Page.from_json, read)}
    page, kept = pages.get(SHEET), pages.get(KEPT)
    if page is None or kept is None or _value(kept, "A1") != f"revised:{revised.pk}":
        raise DomainError(
            "wrong_template",
            f"Arbetsboken hör inte till den här reviderade budgeten. {FETCH_AGAIN}",
            "file",
        )
    lines = {row["key"]: row for row in revised.rows}
    read_lines, wrong = Written({}, [], []), []
    for row in range(FIRST_ROW, FIRST_ROW + len(lines)):
        line = lines.get(str(_value(kept, f"A{row}")))
        if line is None or _value(page, f"A{row}") != line["label"]:
            wrong.append(f"A{row}: raden är inte den som hämtades. {FETCH_AGAIN}")
            continue
        try:
            amount = _amount(page, f"C{row}")
        except AmountError as error:
            wrong.append(f"C{row}, {line['label']}: {error.message}")
            continue
        if page.cells[f"C{row}"].formula:
            told = own_formula_words(number(amount))
            read_lines.formulas.append(f"C{row}, {line['label']}: {told}")
        fetched = _value(kept, f"B{row}")
        if amount == fetched or amount == line["amount"]:
            continue
        read_lines.amounts[line["key"]] = amount
        if fetched != line["amount"]:
            read_lines.others.append(line["label"])
    if wrong:
        raise DomainError("wrong_cells", f"Rätta i arbetsboken: {' '.join(wrong)}", "file")
    return read_lines


def _amount(page: Page, place: str) -> int:
    cell = page.cells.get(place)
    if cell is not None and cell.formula and cell.value is None:
        raise AmountError("not_a_number", UNSAVED_FORMULA)
    if cell is not None and cell.kind not in ("number", "text"):
        raise AmountError("not_a_number", "I cellen står inget belopp. Skriv det i hela kronor.")
    amount = read_kronor(cell.value if cell is not None and cell.value is not None else "")
    if amount < 0:
        raise AmountError("negative_amount", "Beloppet är under noll. Skriv 0 eller mer.")
    return amount


def _value(page: Page, place: str) -> Any:
    cell = page.cells.get(place)
    return cell.value if cell is not None else None


def _write_line(page: Worksheet, row: int, line: dict[str, Any], *, is_open: bool) -> None:
    put_text(page.cell(row, 1), line["label"])
    page.cell(row, 1).border = LINES
    page.cell(row, 1).alignment = Alignment(wrap_text=True, vertical="top")
    _number(page, row, 2, line["cost"]).fill = COMPUTED
    amount = _number(page, row, 3, line["amount"])
    amount.fill = OPEN if is_open else COMPUTED
    if is_open:
        amount.protection = UNLOCKED


def _write_sums(page: Worksheet, revised: RevisedBudget, row: int) -> None:
    last = row - 1
    sums: tuple[tuple[str, str | None, str | int], ...] = (
        ("Summa", f"=SUM(B{FIRST_ROW}:B{last})", f"=SUM(C{FIRST_ROW}:C{last})"),
        ("Beviljat", None, revised.grant.amount),
        ("Kvar att fördela", None, f"=C{row + 1}-C{row}"),
    )
    for at, (label, cost, amount) in enumerate(sums, start=row):
        put_text(page.cell(at, 1), label)
        page.cell(at, 1).border, page.cell(at, 1).font = LINES, STRONG
        for column, value in ((2, cost), (3, amount)):
            cell = _number(page, at, column, value)
            cell.font, cell.fill = STRONG, COMPUTED


def _number(page: Worksheet, row: int, column: int, value: int | str | None) -> Any:
    cell: Any = page.cell(row, column)
    cell.value, cell.number_format, cell.border = value, NUMBER, LINES
    return cell
