"""Odd workbooks as people send them, made by script: each with its verdict and the right cell.

Add a case by a function that changes a sound workbook, and what must be found in it. A case
without findings is one that has to be taken as it is.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from openpyxl import Workbook

from tests.budgets.own_samples import workbook_of
from tests.budgets.samples import (
    CONTENT,
    OFFICE,
    TOWN,
    cost,
    opened,
    saved,
    with_cells,
    with_markup,
    with_saved_result,
    workbook,
)

SOUND = 1_212_126
Found = tuple[tuple[str, str], ...]
Change = Callable[[Workbook], None]


@dataclass(frozen=True)
class Odd:
    """A workbook, its findings in order, and what its cost adds up to."""

    name: str
    make: Callable[[], bytes]
    found: Found = ()
    total: int = SOUND
    is_ours: bool = True


def changed(name: str, change: Change, *found: tuple[str, str], total: int = SOUND) -> Odd:
    """A case made by changing the opened workbook."""

    def make() -> bytes:
        book = opened(workbook())
        change(book)
        return saved(book)

    return Odd(name, make, found, total)


def cells(name: str, given: dict[str, Any], *found: tuple[str, str], total: int = SOUND) -> Odd:
    """A case made by writing cells."""
    return Odd(name, lambda: with_cells(given), found, total)


def amount(name: str, value: object, code: str, *, total: int = SOUND - 132_000) -> Odd:
    """Something odd in the amount of the first cost row."""
    found = [(code, "Kostnader!E5")] if code else []
    if total != SOUND:
        found.append(("sum_mismatch", "Sammanställning!B9"))
    return cells(name, {"Kostnader!E5": value}, *found, total=total)


def raw(
    name: str, sheet: int, change: Callable[[str], str], *found: tuple[str, str], **more: Any
) -> Odd:
    """A case made in the markup of a sheet itself."""
    return Odd(name, lambda: with_markup(workbook(), sheet, change), found, **more)


def with_result(cell: str, kind: str, value: str) -> Callable[[str], str]:
    """Replace a cell's markup: its type and saved value."""
    written = f'<c r="{cell}" t="{kind}"><v>{value}</v></c>'
    return lambda text: re.sub(rf'<c r="{cell}"[^>]*?(?:/>|>.*?</c>)', written, text)


def _remove(*names: str) -> Change:
    def change(book: Workbook) -> None:
        for name in names:
            del book[name]

    return change


def _rename(name: str, to: str) -> Change:
    def change(book: Workbook) -> None:
        book[name].title = to

    return change


def _reverse(book: Workbook) -> None:
    for name in reversed(book.sheetnames[:-1]):
        book.move_sheet(name, len(book.sheetnames))


def _hide_rows(book: Workbook) -> None:
    for row in (5, 6, 7):
        book["Personal"].row_dimensions[row].hidden = True


def _hide_sheets(book: Workbook) -> None:
    book["Kostnader"].sheet_state = "hidden"


def _sort_staff(book: Workbook) -> None:
    """As a sorting does: the rows change places, the formulas stay."""
    page = book["Personal"]
    for column in "ABCDEFGH":
        one, other = page[f"{column}5"], page[f"{column}7"]
        one.value, other.value = other.value, one.value


def _delete_column(sheet: str, at: int) -> Change:
    return lambda book: book[sheet].delete_cols(at)


def _insert_column(book: Workbook) -> None:
    book["Kostnader"].insert_cols(3)


def _delete_row(book: Workbook) -> None:
    book["Kostnader"].delete_rows(2)


def _merge(book: Workbook) -> None:
    book["Personal"].merge_cells("A5:A7")


def _move_header(book: Workbook) -> None:
    book["Kostnader"].insert_rows(1)


def _lower_headers(book: Workbook) -> None:
    for sheet in ("Personal", "Kostnader", "Finansiering"):
        for cell in book[sheet][4]:
            cell.value = f" {cell.value.upper()} " if cell.value else None


def _own_sheet(book: Workbook) -> None:
    book.create_sheet("Mina anteckningar", 0)["A1"] = "=Kostnader!E5*2"


def _filled_to_the_brim() -> bytes:
    rows = tuple(cost(at, amount=660) for at in range(1, 201))
    return workbook(replace(CONTENT, costs=rows))


SHEETS: tuple[Odd, ...] = (
    Odd("a sheet of their own making", lambda: workbook_of("2024-03"), (
        ("wrong_template", "_mall!B1"), ("sheet_missing", "_mall"), ("sheet_missing", "Läs mig"),
        ("sheet_missing", "Personal"), ("sheet_missing", "Kostnader"),
        ("sheet_missing", "Finansiering"), ("sheet_missing", "Sammanställning"),
    ), 0, is_ours=False),
    changed("the guide is gone", _remove("Läs mig"), ("sheet_missing", "Läs mig")),
    changed("the costs are gone", _remove("Kostnader"), ("sheet_missing", "Kostnader"),
            ("sum_mismatch", "Sammanställning!B9"), total=SOUND - 132_000),
    changed("the summary is gone", _remove("Sammanställning"),
            ("sheet_missing", "Sammanställning")),
    changed("the hidden sheet is gone", _remove("_mall"), ("wrong_template", "_mall!B1"),
            ("sheet_missing", "_mall")),
    changed("a sheet has another name", _rename("Finansiering", "Finansiering (2)"),
            ("sheet_missing", "Finansiering"), ("sum_mismatch", "Sammanställning!B9")),
    changed("a sheet's name has another case and spaces", _rename("Kostnader", " kostnader ")),
    changed("the sheets stand in another order", _reverse),
    changed("a sheet is hidden", _hide_sheets),
    changed("a sheet of one's own beside ours", _own_sheet),
    cells("the template of another programme", {"_mall!B1": "jamtland-insatsfinansiering-2022"},
          ("wrong_template", "_mall!B1")),
    cells("an older version of the template", {"_mall!B2": "1"}, ("wrong_version", "_mall!B2")),
)  # fmt: skip

COLUMNS: tuple[Odd, ...] = (
    changed("a column is deleted", _delete_column("Kostnader", 3),
            ("column_missing", "Kostnader!C4")),
    changed("the amount column is deleted", _delete_column("Finansiering", 4),
            ("column_missing", "Finansiering!D4"), ("sum_mismatch", "Sammanställning!B9")),
    changed("a column is put in between", _insert_column),
    changed("a row above the headers is deleted", _delete_row,
            *(("column_missing", f"Kostnader!{at}4") for at in "ABCDEF"),
            ("sum_mismatch", "Sammanställning!B9"), total=SOUND - 132_000),
    changed("a row above the headers is put in", _move_header,
            *(("column_missing", f"Kostnader!{at}4") for at in "ABCDEF"),
            ("sum_mismatch", "Sammanställning!B9"), total=SOUND - 132_000),
    changed("headers in capitals with spaces", _lower_headers),
    cells("a header has another word", {"Personal!G4": "Lön"}, ("column_missing", "Personal!G4"),
          ("sum_mismatch", "Sammanställning!B9"), total=132_000),
)  # fmt: skip

ROWS: tuple[Odd, ...] = (
    changed("rows are hidden and count all the same", _hide_rows),
    changed("rows are sorted", _sort_staff),
    changed("cells are merged", _merge, ("staff_without_member", "Personal!A7")),
    Odd("every one of the 200 rows is filled", _filled_to_the_brim),
    cells("a row below the table", {"Kostnader!E205": 1_000}, ("row_outside", "Kostnader!E205")),
    cells("a total of one's own below the rows",
          {"Kostnader!B20": "Summa", "Kostnader!E20": 132_000},
          ("outside_period", "Kostnader!D20"), ("unknown_choice", "Kostnader!A20"),
          ("sum_mismatch", "Sammanställning!C9"), total=SOUND + 132_000),
    cells("a formula is overwritten by its figure", {"Personal!I5": 722_916},
          ("formula_overwritten", "Personal!I5")),
    cells("a figure in an empty row's formula", {"Personal!I60": 1},
          ("formula_overwritten", "Personal!I60")),
    cells("a summary formula is overwritten", {"Sammanställning!B5": 1_080_126},
          ("formula_overwritten", "Sammanställning!B5")),
)  # fmt: skip

GROUPED = (
    "1.132.000", "1,132,000", "1 132 000,00", "1.132.000,00 kr", "1\u00a0132\u00a0000:-",
)  # fmt: skip
BELOW_ZERO = (("(132 000)", "not_a_number"), ("132 000-", "not_a_number"))
TEXT_NUMBERS = (
    "132 000", "132\u00a0000", "132\u202f000", "132\u2009000", "132000 kr", "132 000:-", "132000:–",
    "132 000,00", "132 000.00 kr", "+132 000", " 132 000 kronor ", "132 000 SEK", "0132000",
)  # fmt: skip
AMOUNTS: tuple[Odd, ...] = (
    *(amount(f"the text number {text!r}", text, "", total=SOUND) for text in TEXT_NUMBERS),
    amount("a text number with two readings", "132.000", "not_a_number"),
    amount("a text number with two readings by comma", "132,000", "not_a_number"),
    amount("a word", "etthundratusen", "not_a_number"),
    amount("a date", dt.date(2024, 5, 17), "not_a_number"),
    amount("a time of day", dt.time(8, 30), "not_a_number"),
    amount("true", True, "not_a_number"),
    amount("false", False, "not_a_number"),
    amount("an error value", "#REF!", "not_a_number"),
    amount("an error of division", "#DIV/0!", "not_a_number"),
    amount("1e308", 1e308, "not_a_number"),
    amount("the largest that is refused", 10**12, "not_a_number"),
    amount("negative zero", -0.0, "", total=SOUND - 132_000),
    amount("öre", 132_000.4, "not_whole_kronor", total=SOUND),
    amount("öre in text", "132 000,40 kr", "not_whole_kronor", total=SOUND),
    *(amount(f"below zero as {text!r}", text, code) for text, code in BELOW_ZERO),
    amount("thousands by apostrophes", "132'000", "not_a_number"),
    amount("thousands of kronor", "132 tkr", "not_a_number"),
    amount("a percentage", "132 %", "not_a_number"),
    amount("a date in text", "2024-05-17", "not_a_number"),
    amount("digits of another script", "١٣٢", "not_a_number"),
    amount("nan", "NaN", "not_a_number"),
    amount("a word for true", "SANT", "not_a_number"),
    amount("a formula without a saved result", "=66000*2", "not_a_number"),
    amount("a formula that reaches another sheet", "=Personal!I5", "not_a_number"),
    *(cells(f"two groups in {text!r}", {"Kostnader!E5": text},
            ("sum_mismatch", "Sammanställning!B9"), total=SOUND + 1_000_000)
      for text in GROUPED),
    Odd("a formula with a saved result", lambda: with_saved_result(
        with_cells({"Kostnader!E5": "=66000*2"}), "E5", "132000"),
        (("formula_in_input", "Kostnader!E5"),)),
    cells("below zero", {"Kostnader!E5": -132_000}, ("negative_amount", "Kostnader!E5"),
          ("sum_mismatch", "Sammanställning!B9"), total=SOUND - 264_000),
    raw("infinity in the markup", 3, with_result("E5", "n", "INF"),
        ("not_a_number", "Kostnader!E5"), ("sum_mismatch", "Sammanställning!B9"),
        total=SOUND - 132_000),
    raw("a shared error in the markup", 3, with_result("E5", "e", "#N/A"),
        ("not_a_number", "Kostnader!E5"), ("sum_mismatch", "Sammanställning!B9"),
        total=SOUND - 132_000),
)  # fmt: skip

NAMES: tuple[Odd, ...] = (
    cells("spaces around a member", {"Kostnader!C5": f"  {TOWN} "}),
    cells("two spaces within a member", {"Kostnader!C5": "Karlshamns  kommun"}),
    cells("a member in capitals", {"Kostnader!C5": TOWN.upper()}),
    cells("no-break space in a member", {"Kostnader!C5": "Karlshamns\u00a0kommun"}),
    cells("a member's letters written as letter and dots",
          {"Kostnader!C5": unicodedata.normalize("NFD", OFFICE)}),
    cells("signs that do not show in a member", {"Kostnader!C5": f"\ufeff{TOWN}\u200b"}),
    cells("a soft hyphen in a cost kind", {"Kostnader!A5": "Lo\u00adkaler"}),
    cells("a member's short name", {"Kostnader!C5": "Kommunen"},
          ("unknown_member", "Kostnader!C5")),
    cells("a cost kind in capitals with spaces", {"Kostnader!A5": " LOKALER "}),
    cells("a cost kind that is none", {"Kostnader!A5": "Hyra"}, ("unknown_choice", "Kostnader!A5")),
    cells("the year as text", {"Kostnader!D5": " 2024 "}),
    cells("another year", {"Kostnader!D5": 2025}, ("outside_period", "Kostnader!D5"),
          ("sum_mismatch", "Sammanställning!B9"), ("sum_mismatch", "Sammanställning!C9")),
    cells("a truth value as a member", {"Kostnader!C5": True}, ("unknown_member", "Kostnader!C5")),
)  # fmt: skip

ODD: tuple[Odd, ...] = (*SHEETS, *COLUMNS, *ROWS, *AMOUNTS, *NAMES)


def by_name(cases: Iterable[Odd] = ODD) -> dict[str, Odd]:
    return {case.name: case for case in cases}
