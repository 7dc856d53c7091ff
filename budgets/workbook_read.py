"""From the cells of a workbook to typed rows, with a finding for each cell that is not right.

`read_workbook` runs in the child process: bytes in, JSON out, no Django. Results saved in the file
are compared with ours and never used, but for formulas that a user wrote in an input cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from budgets.amounts import AmountError, read_decimal, read_kronor
from budgets.content import (
    COST_KINDS,
    FIRST_ROW,
    SOURCES,
    BudgetContent,
    CostEntry,
    Entry,
    FinancingEntry,
    Sheet,
    StaffEntry,
    same,
)
from budgets.findings import Finding, Severity
from budgets.workbook_cells import (
    UNSAVED_FORMULA,
    Cell,
    Page,
    own_formula_words,
    read_pages,
    read_property,
)
from budgets.workbook_layout import (
    COLUMNS,
    HEADER_ROW,
    KEYS,
    LAST_ROW,
    LIST_COLUMNS,
    SHEETS,
    STAMP,
    SUMMARY,
    TEMPLATE,
    Column,
    Figure,
    letter,
    normal_formula,
    staff_formula,
    summary_figures,
)
from finsam.typography import number

ENTRIES: dict[Sheet, type[StaffEntry | CostEntry | FinancingEntry]] = {
    Sheet.STAFF: StaffEntry,
    Sheet.COSTS: CostEntry,
    Sheet.FINANCING: FinancingEntry,
}
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
WIDEST_HEADER = 40
MANY = 10
SHEETS_THAT_TELL = 2


@dataclass
class Reading:
    """What a workbook says: the keys of its hidden sheet, its rows, and what is wrong with it.

    `stamp` is the budget and version it was exported from; `is_ours` whether it is the portal's
    workbook at all, if perhaps with sheets missing.
    """

    keys: dict[str, str] = field(default_factory=dict)
    years: tuple[int, ...] = ()
    content: BudgetContent = field(default_factory=BudgetContent)
    findings: list[Finding] = field(default_factory=list)
    stamp: str = ""
    is_ours: bool = True

    def as_json(self) -> dict[str, Any]:
        return {
            "keys": self.keys,
            "years": list(self.years),
            "content": self.content.as_json(),
            "findings": [found.as_json() | {"field": found.field} for found in self.findings],
            "stamp": self.stamp,
            "is_ours": self.is_ours,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        return cls(
            values["keys"],
            tuple(values["years"]),
            BudgetContent.from_json(values["content"]),
            [Finding.from_json(found) for found in values["findings"]],
            values["stamp"],
            values["is_ours"],
        )


def read_workbook(data: bytes) -> dict[str, Any]:
    """The reading of a workbook as JSON, for the child process. Raises BrokenWorkbook."""
    return read(data).as_json()


def read(data: bytes) -> Reading:
    """Read a workbook. Raises BrokenWorkbook when it is none."""
    pages = {same(page.name): page for page in read_pages(data)}
    inputs = [sheet for sheet in Sheet if same(sheet) in pages]
    is_ours = same(TEMPLATE) in pages or len(inputs) >= SHEETS_THAT_TELL
    reading = Reading(stamp=read_property(data, STAMP), is_ours=is_ours)
    for name in SHEETS:
        if same(name) not in pages:
            _add(reading, "sheet_missing", name, "", _missing_sheet(name))
    template = pages.get(same(TEMPLATE))
    if template is not None:
        _read_keys(template, reading)
    rows: dict[Sheet, tuple[Any, ...]] = {}
    for sheet in Sheet:
        page = pages.get(same(sheet))
        rows[sheet] = tuple(_read_sheet(sheet, page, reading)) if page is not None else ()
    reading.content = BudgetContent(rows[Sheet.STAFF], rows[Sheet.COSTS], rows[Sheet.FINANCING])
    summary = pages.get(same(SUMMARY))
    if summary is not None and template is not None:
        _check_summary(summary, _listed_parties(template), reading)
    return reading


def _missing_sheet(name: str) -> str:
    hidden = " (dolt)" if name == TEMPLATE else ""
    return (
        f"Bladet {name}{hidden} saknas. Hämta arbetsboken på nytt i portalen och flytta dit "
        "uppgifterna utan att ta bort eller byta namn på blad."
    )


def _add(
    reading: Reading,
    code: str,
    sheet: str,
    cell: str,
    message: str,
    *,
    severity: Severity = Severity.ERROR,
    name: str = "",
) -> None:
    reading.findings.append(Finding(code, severity, str(sheet), cell, message, name))


# --- the hidden sheet -------------------------------------------------------------------------


def _read_keys(page: Page, reading: Reading) -> None:
    for row in range(1, len(KEYS) + 6):
        key, value = page.cells.get(f"A{row}"), page.cells.get(f"B{row}")
        if key is not None and str(key.value) in KEYS:
            reading.keys[str(key.value)] = _text(value)
    found = re.findall(r"[0-9]{4}", reading.keys.get("years", ""))
    reading.years = tuple(dict.fromkeys(int(year) for year in found))


def _listed_parties(page: Page) -> list[str]:
    """The parties of the drop-down, as the summary sheet was made for them."""
    names = []
    for row in range(2, page.last_row + 1):
        cell = page.cells.get(f"{LIST_COLUMNS['parties']}{row}")
        if cell is None:
            break
        names.append(_text(cell))
    return names


# --- an input sheet ---------------------------------------------------------------------------


def _read_sheet(sheet: Sheet, page: Page, reading: Reading) -> Iterator[Entry]:
    """The rows of a sheet that hold anything; columns are found by their headers."""
    places = _columns(sheet, page, reading)
    inputs = {name: at for name, at in places.items() if name != "cost"}
    for row in range(FIRST_ROW, max(page.last_row, LAST_ROW) + 1):
        filled = {
            name: cell
            for name, at in inputs.items()
            if (cell := page.cells.get(f"{at}{row}")) is not None and not _is_blank(cell)
        }
        if "cost" in places and row <= LAST_ROW and len(places) == len(COLUMNS[sheet]):
            _check_staff_formula(page, row, places["cost"], bool(filled), reading)
        if not filled:
            continue
        if row > LAST_ROW:
            at = inputs[next(iter(filled))]
            _add(
                reading,
                "row_outside",
                sheet,
                f"{at}{row}",
                f"Rad {row} ligger utanför tabellen och räknas inte. Flytta den till en tom rad, "
                f"senast rad {LAST_ROW}.",
            )
            return
        yield _read_row(sheet, row, filled, places, reading)


def _columns(sheet: Sheet, page: Page, reading: Reading) -> dict[str, str]:
    """Field → letter of its column, by the headers of row 4."""
    headers: dict[str, str] = {}
    for at in range(1, WIDEST_HEADER + 1):
        cell = page.cells.get(f"{letter(at)}{HEADER_ROW}")
        if cell is not None:
            headers.setdefault(same(_text(cell)), letter(at))
    places: dict[str, str] = {}
    for at, column in enumerate(COLUMNS[sheet], start=1):
        found = headers.get(same(column.header))
        if found is None:
            _add(
                reading,
                "column_missing",
                sheet,
                f"{letter(at)}{HEADER_ROW}",
                f"Kolumnen {column.header} saknas. Hämta arbetsboken på nytt och ändra inte "
                "rubrikerna på rad 4.",
            )
        else:
            places[column.field] = found
    return places


def _read_row(
    sheet: Sheet, row: int, filled: dict[str, Cell], places: dict[str, str], reading: Reading
) -> Entry:
    values: dict[str, Any] = {}
    # A column that is missing is told of once, at its header, and not in every row.
    wrong = {column.field for column in COLUMNS[sheet]} - places.keys() - {"cost"}
    for column in COLUMNS[sheet]:
        cell = filled.get(column.field)
        if cell is None:
            continue
        where = f"{places[column.field]}{row}"
        if cell.formula and not _take_formula(sheet, where, column, cell, reading):
            wrong.add(column.field)
            continue
        try:
            values[column.field] = read_value(column, cell)
        except AmountError as error:
            wrong.add(column.field)
            _add(reading, error.code, sheet, where, error.message, name=column.field)
            if error.nearest is not None:
                values[column.field] = error.nearest
    position = row - FIRST_ROW + 1
    return ENTRIES[sheet](position, wrong=frozenset(wrong), **values)


def read_value(column: Column, cell: Cell) -> Any:
    """The cell's content as the column's type. Raises AmountError with the finding's code."""
    if column.reads == "text":
        return _short_text(column, cell)
    if cell.kind == "error":
        raise AmountError(
            "not_a_number", f"Cellen visar felet {cell.value}. Skriv värdet i stället."
        )
    if column.reads == "kind":
        return _choice(column, cell, {same(label): kind for kind, label in COST_KINDS.items()})
    if column.reads == "source":
        return _choice(column, cell, {same(label): source for source, label in SOURCES.items()})
    if column.reads == "year":
        return _year(cell)
    if cell.kind == "date":
        raise AmountError("not_a_number", "Cellen innehåller ett datum. Skriv ett tal.")
    return read_kronor(cell.value) if column.reads == "kronor" else read_decimal(cell.value)


def _short_text(column: Column, cell: Cell) -> str:
    text = _text(cell)
    if column.longest and len(text) > column.longest:
        raise AmountError(
            "text_too_long",
            f"Texten har {len(text)} tecken. Korta den till högst {column.longest}.",
        )
    return text


def _choice(column: Column, cell: Cell, choices: dict[str, Any]) -> Any:
    found = choices.get(same(_text(cell)))
    if found is None:
        raise AmountError(
            "unknown_choice",
            f"”{_text(cell)[:60]}” finns inte i listan {column.header}. Välj ett värde ur den.",
        )
    return found


def _year(cell: Cell) -> int:
    text = _text(cell)
    if cell.kind in {"number", "text"} and re.fullmatch(r"[0-9]{4}", text):
        return int(text)
    raise AmountError(
        "outside_period", f"”{text[:40]}” är inget årtal. Välj året i listan, till exempel 2024."
    )


def _take_formula(sheet: Sheet, where: str, column: Column, cell: Cell, reading: Reading) -> bool:
    """Tell about a formula in an input cell; whether it has a saved result to use."""
    if cell.value is None:
        _add(
            reading,
            "not_a_number",
            sheet,
            where,
            UNSAVED_FORMULA,
            name=column.field,
        )
        return False
    _add(
        reading,
        "formula_in_input",
        sheet,
        where,
        own_formula_words(_text(cell)),
        severity=Severity.WARNING,
        name=column.field,
    )
    return True


def _check_staff_formula(
    page: Page, row: int, column: str, is_filled: bool, reading: Reading
) -> None:
    """The cost column must hold its formula in every filled row, and no figure in any other."""
    cell = page.cells.get(f"{column}{row}")
    if cell is None or (_text(cell) == "" and not cell.formula):
        wrong = is_filled
    else:
        wrong = normal_formula(cell.formula) != normal_formula(staff_formula(row))
    if wrong:
        _add(
            reading,
            "formula_overwritten",
            Sheet.STAFF,
            f"{column}{row}",
            "Formeln för kostnaden har skrivits över eller tagits bort. Portalen räknar själv, men "
            "kopiera tillbaka formeln från en annan rad eller hämta arbetsboken på nytt.",
            name="cost",
        )


# --- the summary sheet ------------------------------------------------------------------------


def _check_summary(page: Page, parties: list[str], reading: Reading) -> None:
    """Its formulas must be there, and what they last showed is compared with our own sums."""
    overwritten: list[Figure] = []
    stale: list[str] = []
    first = ""
    for figure in summary_figures(parties, reading.years):
        cell = page.cells.get(figure.cell)
        if cell is None or normal_formula(cell.formula) != normal_formula(figure.formula):
            overwritten.append(figure)
        elif cell.kind == "number" and cell.value != (right := figure.amount(reading.content)):
            stale.append(figure.cell)
            shown = number(round(cell.value))
            first = first or f"”{figure.meaning}” visar {shown} men blir {number(right)}"
    _tell_overwritten(overwritten, reading)
    if stale:
        others = f" Det gäller även {number(len(stale) - 1)} celler till." if stale[1:] else ""
        _add(
            reading,
            "stale_result",
            SUMMARY,
            stale[0],
            f"Arbetsbokens egna summor stämmer inte: {first}.{others} Portalen räknar från "
            "raderna. Öppna filen, låt den räkna om och spara, om du vill att den visar samma sak.",
            severity=Severity.WARNING,
        )


def _tell_overwritten(figures: list[Figure], reading: Reading) -> None:
    """A finding per cell; many at once are told of as one, since the sheet itself is wrong."""
    few = figures if len(figures) <= MANY else figures[:1]
    for figure in few:
        others = "" if few is figures else f" Det gäller även {len(figures) - 1} celler till."
        _add(
            reading,
            "formula_overwritten",
            SUMMARY,
            figure.cell,
            f"Formeln för ”{figure.meaning}” har skrivits över eller tagits bort.{others} Hämta "
            "arbetsboken på nytt, eller skriv tillbaka formeln.",
        )


# --- cells ------------------------------------------------------------------------------------


def _text(cell: Cell | None) -> str:
    """The cell's content as text, without control signs and outer spaces."""
    if cell is None or cell.value is None:
        return ""
    if cell.kind == "boolean":
        return "SANT" if cell.value else "FALSKT"
    value = cell.value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return CONTROL.sub("", str(value)).strip()


def _is_blank(cell: Cell) -> bool:
    """Nothing, or only spaces; a formula counts, unless its saved result is an empty text."""
    if cell.formula:
        return cell.value is not None and _text(cell) == ""
    return _text(cell) == ""
