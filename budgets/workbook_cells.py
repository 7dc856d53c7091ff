"""Reading the cells of an .xlsx in one pass: value, formula and kind of each, and nothing else.

Its own reader, because both the formula and the result saved with it are needed, and openpyxl
gives one of them per loading. Runs in the child process, after the guard; needs no Django.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from typing import IO, Any, Literal
from xml.etree.ElementTree import Element
from xml.parsers import expat

from defusedxml.ElementTree import iterparse

from budgets.workbook_layout import letter

Kind = Literal["number", "text", "boolean", "error", "date"]
LAST_ROW = 20_000
LAST_COLUMN = 256
COLUMN = re.compile(r"[A-Z]{1,3}")
DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ROOT = "xl/workbook.xml"
PROPERTIES = "docProps/custom.xml"
# Formats that the standard knows by number alone; those of dates and of times of day.
DATE_FORMATS = frozenset({*range(14, 23), *range(45, 48)})
NOT_SHOWN = re.compile(r'"[^"]*"|\\.|_.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
DATE_SIGN = re.compile(r"[dmhys]", re.IGNORECASE)


UNSAVED_FORMULA = (
    "Cellen har en formel utan sparat värde. Öppna filen i Excel eller LibreOffice och spara den, "
    "eller skriv värdet."
)
FAULTS = (zipfile.BadZipFile, KeyError, IndexError, ValueError, SyntaxError, expat.ExpatError)


def own_formula_words(saved: str) -> str:
    """What the user is told of a formula of their own: its saved result is taken as it stands."""
    return (
        "Cellen har en egen formel. Portalen räknar inte om den utan tar värdet som sparades: "
        f"{saved[:60]}. Kontrollera att det stämmer."
    )


class BrokenWorkbook(ValueError):
    """The file is no workbook, or a part of it is missing."""


@dataclass(frozen=True)
class Cell:
    """What a cell holds. `value` is the saved result when there is a formula, None when none is."""

    kind: Kind
    value: Any
    formula: str = ""


@dataclass
class Page:
    """A sheet by its name; cells by their reference, hidden columns by their letters."""

    name: str
    state: str
    cells: dict[str, Cell] = field(default_factory=dict)
    last_row: int = 0
    hidden: set[str] = field(default_factory=set)

    def as_json(self) -> dict[str, Any]:
        cells = {place: [c.kind, c.value, c.formula] for place, c in self.cells.items()}
        return {"name": self.name, "state": self.state, "cells": cells, "hidden": [*self.hidden]}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Page:
        cells = {place: Cell(*held) for place, held in values["cells"].items()}
        last = max((int(place.lstrip(LETTERS)) for place in cells), default=0)
        return cls(values["name"], values["state"], cells, last, set(values["hidden"]))


@dataclass(frozen=True)
class _Master:
    """The cell in which a formula shared by several is written."""

    reference: str
    formula: str


def read_pages(data: bytes) -> list[Page]:
    """All sheets of a workbook with their cells. Raises BrokenWorkbook."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            targets = _relations(package, ROOT)
            texts = _shared_texts(package, targets)
            dates = _date_styles(package, targets)
            pages = []
            for name, state, relation in _sheets(package):
                page = Page(name, state)
                _read_cells(package, targets[relation][1], page, texts, dates)
                pages.append(page)
            return pages
    except FAULTS as error:
        raise BrokenWorkbook(str(error)) from error


def read_property(data: bytes, name: str) -> str:
    """A property that was given to the file, or nothing. Raises BrokenWorkbook."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            if PROPERTIES not in package.namelist():
                return ""
            found = _elements(package, PROPERTIES, "property")
            return next(
                ("".join(each.itertext()).strip() for each in found if each.get("name") == name), ""
            )
    except FAULTS as error:
        raise BrokenWorkbook(str(error)) from error


def read_grid(data: bytes) -> list[dict[str, Any]]:
    """All sheets as JSON, for the child process. Raises BrokenWorkbook."""
    return [page.as_json() for page in read_pages(data)]


def _local(tag: str) -> str:
    """A tag without its namespace: both editions of the standard name them alike."""
    return tag.rpartition("}")[2]


def _elements(package: zipfile.ZipFile, part: str, *tags: str) -> Iterator[Element]:
    """The elements with these names, each when it is complete; then it is emptied."""
    with package.open(part) as source:
        yield from _parsed(source, tags)


def _parsed(source: IO[bytes], tags: tuple[str, ...]) -> Iterator[Element]:
    for _, element in iterparse(source, events=("end",), forbid_dtd=True):
        if _local(element.tag) in tags:
            yield element
            element.clear()


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.items() if _local(key) == name), "")


def _relations(package: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Kind and part of each relation of a part."""
    folder, _, name = part.rpartition("/")
    found = {}
    for element in _elements(package, f"{folder}/_rels/{name}.rels", "Relationship"):
        target = element.get("Target", "")
        if element.get("TargetMode") != "External":
            full = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
            kind = element.get("Type", "").rpartition("/")[2]
            found[element.get("Id", "")] = (kind, full)
    return found


def _sheets(package: zipfile.ZipFile) -> list[tuple[str, str, str]]:
    """Name, state and relation of each sheet, in order."""
    return [
        (element.get("name", ""), element.get("state", "visible"), _relation_id(element))
        for element in _elements(package, ROOT, "sheet")
    ]


def _relation_id(element: Element) -> str:
    """The r:id of a sheet, which is not its own sheetId."""
    return next(
        (value for key, value in element.items() if key.startswith("{") and _local(key) == "id"), ""
    )


def _part(targets: dict[str, tuple[str, str]], kind: str) -> str:
    return next((part for found, part in targets.values() if found == kind), "")


def _shared_texts(package: zipfile.ZipFile, targets: dict[str, tuple[str, str]]) -> list[str]:
    part = _part(targets, "sharedStrings")
    if not part or part not in package.namelist():
        return []
    return [_text_of(element) for element in _elements(package, part, "si")]


def _text_of(element: Element) -> str:
    """The text of a string item: its own and that of its runs, without reading aids."""
    parts = []
    for child in element:
        tag = _local(child.tag)
        if tag == "t":
            parts.append(child.text or "")
        elif tag == "r":
            parts.extend(part.text or "" for part in child if _local(part.tag) == "t")
    return "".join(parts)


def _date_styles(package: zipfile.ZipFile, targets: dict[str, tuple[str, str]]) -> set[int]:
    """The cell styles that show a number as a date."""
    part = _part(targets, "styles")
    if not part or part not in package.namelist():
        return set()
    own: dict[int, str] = {}
    dates: set[int] = set()
    for element in _elements(package, part, "numFmts", "cellXfs"):
        if _local(element.tag) == "numFmts":
            own.update(
                (int(each.get("numFmtId", 0)), each.get("formatCode", "")) for each in element
            )
            continue
        for place, style in enumerate(element):
            number = int(style.get("numFmtId", 0))
            if _shows_date(own[number]) if number in own else number in DATE_FORMATS:
                dates.add(place)
    return dates


def _shows_date(code: str) -> bool:
    """Whether a number format shows a day or a time: yyyy-mm-dd does, #,##0 "dagar" does not."""
    return DATE_SIGN.search(NOT_SHOWN.sub("", code.partition(";")[0])) is not None


def _read_cells(
    package: zipfile.ZipFile, part: str, page: Page, texts: list[str], dates: set[int]
) -> None:
    """Fill the page with the cells of its part; heard and not built, since sheets are large."""
    sheet = _Sheet(page, texts, dates)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = sheet.start
    parser.EndElementHandler = sheet.end
    parser.CharacterDataHandler = sheet.text
    with package.open(part) as source:
        parser.ParseFile(source)


def _refuse_doctype(*_: object) -> None:
    raise BrokenWorkbook("a document type of its own")


@cache
def _column_number(letters: str) -> int:
    """A → 1, AA → 27; 0 for what names no column."""
    number = 0
    for sign in letters if COLUMN.fullmatch(letters) else "":
        number = number * 26 + ord(sign) - 64
    return number


class _Sheet:
    """One sheet being read: where we are, and what the cell held so far."""

    def __init__(self, page: Page, texts: list[str], dates: set[int]) -> None:
        self.page, self.texts, self.dates = page, texts, dates
        self.masters: dict[str, _Master] = {}
        self.row = self.column = self.aside = 0
        self.in_cell = False
        self.reference = self.kind = self.formula = ""
        self.style: int | str = 0
        self.raw: str | None = None
        self.given: dict[str, str] = {}
        self.heard: list[str] | None = None

    def start(self, name: str, given: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "c":
            self._cell_starts(given)
        elif tag == "row":
            self.row = int(given.get("r") or self.row + 1)
            self.column = 0
            if self.row > LAST_ROW:
                raise BrokenWorkbook("too many rows")
        elif tag == "col" and given.get("hidden") in {"1", "true"}:
            last = min(int(given.get("max", 0)), LAST_COLUMN)
            self.page.hidden.update(map(letter, range(int(given.get("min", 1)), last + 1)))
        elif self.in_cell:
            if tag in {"v", "f"} or (tag == "t" and not self.aside):
                self.heard = []
                self.given = given
            elif tag == "is":
                self.raw = ""
            elif tag == "rPh":
                self.aside += 1

    def end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if not self.in_cell:
            return
        if tag == "c":
            self._cell_ends()
        elif tag == "rPh":
            self.aside -= 1
        elif self.heard is not None:
            heard, self.heard = "".join(self.heard), None
            if tag == "f":
                self.formula = _formula(heard, self.given, self.reference, self.masters)
            else:
                self.raw = heard if tag == "v" else f"{self.raw or ''}{heard}"

    def text(self, text: str) -> None:
        if self.heard is not None:
            self.heard.append(text)

    def _cell_starts(self, given: dict[str, str]) -> None:
        place = given.get("r", "")
        self.column = _column_number(place.rstrip(DIGITS)) or self.column + 1
        if self.column > LAST_COLUMN:
            raise BrokenWorkbook("too many columns")
        self.reference = f"{letter(self.column)}{self.row}"
        self.kind, self.style = given.get("t", "n"), given.get("s") or 0
        self.raw, self.formula, self.in_cell = None, "", True

    def _cell_ends(self) -> None:
        self.in_cell = False
        if self.raw:
            is_date = int(self.style) in self.dates
            cell = _cell(self.kind, self.raw, self.formula, self.texts, is_date=is_date)
        elif self.formula:
            cell = Cell("text", None, self.formula)
        else:
            return
        self.page.cells[self.reference] = cell
        self.page.last_row = max(self.page.last_row, self.row)


def _cell(kind: str, raw: str, formula: str, texts: list[str], *, is_date: bool) -> Cell:
    if kind == "s":
        return Cell("text", texts[int(raw)], formula)
    if kind in {"str", "inlineStr"}:
        return Cell("text", raw, formula)
    if kind == "b":
        return Cell("boolean", raw.strip() not in {"0", "false"}, formula)
    if kind in {"e", "d"}:
        return Cell("error" if kind == "e" else "date", raw, formula)
    return Cell("date" if is_date else "number", _number(raw), formula)


def _number(raw: str) -> int | float:
    """A whole number as such, so that no large sum passes through a float."""
    text = raw.strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 16 else float(text)


def _formula(text: str, given: dict[str, str], reference: str, masters: dict[str, _Master]) -> str:
    """The formula of a cell; one that is shared is moved from its master to here."""
    shared = given.get("si", "") if given.get("t") == "shared" else ""
    if not shared:
        return f"={text}" if text else ""
    if text:
        masters[shared] = _Master(reference, f"={text}")
        return f"={text}"
    master = masters.get(shared)
    return _moved(master, reference) if master is not None else "="


def _moved(master: _Master, reference: str) -> str:
    """The master's formula as it reads in another cell."""
    # openpyxl takes longer to import than a whole workbook to read, and few formulas are shared.
    from openpyxl.formula.translate import Translator

    moved: str = Translator(master.formula, origin=master.reference).translate_formula(reference)
    return moved
