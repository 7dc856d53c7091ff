"""What matters inside a workbook: far cells, formulas that reach out, hidden sheets, odd values."""

from __future__ import annotations

import re

from finsam.documents.guard import limits
from finsam.documents.guard.markup import Attributes, RefusedError
from finsam.documents.guard.package import Package, RelationListener

QUOTED = re.compile(r'"(?:[^"]|"")*"')
SHEET_NAME = re.compile(r"'(?:[^']|'')*'!")
REACHES_OUT = re.compile(
    r"\b(WEBSERVICE|RTD|CALL|REGISTER(\.ID)?|EXEC|EVALUATE|IMAGE|SQL\.REQUEST|"
    r"IMPORT(XML|DATA|HTML|FEED|RANGE))\s*\(",
    re.IGNORECASE,
)
LIKE_FORMULA = re.compile(r"[=+\-@|%＝\t\r].")
FORMULA_ELEMENTS = ("f", "formula", "formula1", "formula2", "definedName")
LIVE_LINKS = ("ddeLink", "oleLink", "connection", "queryTable", "webPr", "dbPr")
# The portal's own workbook keeps which template it is on a sheet of its own.
OUR_SHEET = "_mall"


def reaches_out(formula: str) -> bool:
    """Whether a formula fetches something or starts a program (program|topic!item)."""
    bare = QUOTED.sub("", formula)
    return REACHES_OUT.search(bare) is not None or "|" in SHEET_NAME.sub("", bare)


class SpreadsheetListener(RelationListener):
    """Hears all parts of a workbook."""

    def __init__(self, package: Package) -> None:
        super().__init__(package)
        self.row = self.column = self.sheets = 0
        self.cell_type = ""
        self.starts |= {
            "row": self.on_row,
            "c": self.on_cell,
            "sheet": self.on_sheet,
            "t": self.gather,
            "v": self.gather,
            **dict.fromkeys(FORMULA_ELEMENTS, self.gather),
            **dict.fromkeys(LIVE_LINKS, self.on_live_link),
        }
        self.ends |= {
            "t": self.on_string,
            "v": self.on_value,
            **dict.fromkeys(FORMULA_ELEMENTS, self.on_formula),
        }

    def on_row(self, given: Attributes) -> None:
        self.row = _whole(given.get("r", ""), otherwise=self.row + 1)
        self.column = 0

    def on_cell(self, given: Attributes) -> None:
        """An empty row may stand anywhere (LibreOffice writes the last one); a cell may not."""
        self.cell_type = given.get("t", "n")
        self.column += 1
        letters, row = _split(given.get("r", ""))
        if max(row, self.row) > limits.ROWS:
            raise RefusedError("too_many_rows")
        if self.column > limits.COLUMNS or _is_far_right(letters):
            raise RefusedError("too_many_columns")

    def on_sheet(self, given: Attributes) -> None:
        self.sheets += 1
        if self.sheets > limits.SHEETS:
            raise RefusedError("too_many_sheets")
        hidden = given.get("state", "visible") != "visible"
        if hidden and not (given["state"] == "veryHidden" and given.get("name") == OUR_SHEET):
            self.package.warnings.add("hidden_sheet")

    def on_live_link(self, _: Attributes) -> None:
        self.package.faults.add("external_link")

    def on_formula(self, formula: str) -> None:
        if len(formula) > limits.FORMULA_LENGTH or reaches_out(formula):
            self.package.faults.add("dangerous_formula")

    def on_string(self, text: str) -> None:
        if LIKE_FORMULA.match(text):
            self.package.care.add("formula_like_text")

    def on_value(self, value: str) -> None:
        if self.cell_type == "e":
            self.package.care.add("error_value")
        elif self.cell_type == "str":
            self.on_string(value)
        elif self.cell_type == "n" and value and _is_extreme(value):
            self.package.care.add("extreme_number")

    def part_ends(self) -> None:
        self.row = self.column = 0
        self.cell_type = ""


def _split(reference: str) -> tuple[str, int]:
    letters = reference.rstrip("0123456789")
    return letters.upper(), _whole(reference[len(letters) :], otherwise=0)


def _whole(digits: str, *, otherwise: int) -> int:
    """A row number; absurdly long ones are only said to be far away."""
    if not digits.isdecimal():
        return otherwise
    return int(digits) if len(digits) < 10 else limits.ROWS + 1


def _is_far_right(letters: str) -> bool:
    return (len(letters), letters) > (len(limits.LAST_COLUMN), limits.LAST_COLUMN)


def _is_extreme(value: str) -> bool:
    try:
        return not abs(float(value)) <= limits.LARGEST_NUMBER
    except ValueError:
        return True
