"""Reading the cells of an .xlsx in one pass: value, formula and kind of each, and nothing else.

Its own reader, because both the formula and the result saved with it are needed, and openpyxl
gives one of them per loading. Runs in the child process, after the guard; needs no Django.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Any, Literal
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse
from openpyxl.formula.translate import Translator
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from budgets.workbook_layout import letter

Kind = Literal["number", "text", "boolean", "error", "date"]
LAST_ROW = 20_000
LAST_COLUMN = 256
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
ROOT = "xl/workbook.xml"


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
    """A sheet by its name; cells by their reference."""

    name: str
    state: str
    cells: dict[str, Cell] = field(default_factory=dict)
    last_row: int = 0


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
    except (zipfile.BadZipFile, KeyError, IndexError, ValueError, SyntaxError) as error:
        raise BrokenWorkbook(str(error)) from error


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
    formats = dict(BUILTIN_FORMATS)
    dates: set[int] = set()
    for element in _elements(package, part, "numFmts", "cellXfs"):
        if _local(element.tag) == "numFmts":
            for own in element:
                formats[int(own.get("numFmtId", 0))] = own.get("formatCode", "")
        else:
            for place, style in enumerate(element):
                code = formats.get(int(style.get("numFmtId", 0)), "General")
                if is_date_format(code):
                    dates.add(place)
    return dates


def _read_cells(
    package: zipfile.ZipFile, part: str, page: Page, texts: list[str], dates: set[int]
) -> None:
    masters: dict[str, _Master] = {}
    row_number = 0
    for row in _elements(package, part, "row"):
        row_number = int(row.get("r") or row_number + 1)
        if row_number > LAST_ROW:
            raise BrokenWorkbook("too many rows")
        column = 0
        for element in row:
            if _local(element.tag) != "c":
                continue
            column = _column_number(element.get("r", "")) or column + 1
            if column > LAST_COLUMN:
                raise BrokenWorkbook("too many columns")
            reference = f"{letter(column)}{row_number}"
            cell = _cell(element, reference, texts, dates, masters)
            if cell is not None:
                page.cells[reference] = cell
                page.last_row = max(page.last_row, row_number)


def _column_number(reference: str) -> int:
    found = REFERENCE.fullmatch(reference)
    number = 0
    for sign in found[1] if found else "":
        number = number * 26 + ord(sign) - 64
    return number


def _cell(
    element: Element,
    reference: str,
    texts: list[str],
    dates: set[int],
    masters: dict[str, _Master],
) -> Cell | None:
    kind, value, formula = element.get("t", "n"), None, ""
    raw: str | None = None
    for child in element:
        tag = _local(child.tag)
        if tag == "v":
            raw = child.text
        elif tag == "is":
            raw = _text_of(child)
        elif tag == "f":
            formula = _formula(child, reference, masters)
    if raw is None or raw == "":
        return Cell("text", None, formula) if formula else None
    if kind == "s":
        return Cell("text", texts[int(raw)], formula)
    if kind in {"str", "inlineStr"}:
        return Cell("text", raw, formula)
    if kind == "b":
        return Cell("boolean", raw.strip() not in {"0", "false"}, formula)
    if kind in {"e", "d"}:
        return Cell("error" if kind == "e" else "date", raw, formula)
    value = _number(raw)
    is_date = int(element.get("s") or 0) in dates
    return Cell("date" if is_date else "number", value, formula)


def _number(raw: str) -> int | float:
    """A whole number as such, so that no large sum passes through a float."""
    text = raw.strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 16 else float(text)


def _formula(element: Element, reference: str, masters: dict[str, _Master]) -> str:
    """The formula of a cell; one that is shared is moved from its master to here."""
    text = element.text or ""
    shared = element.get("si", "") if element.get("t") == "shared" else ""
    if not shared:
        return f"={text}" if text else ""
    if text:
        masters[shared] = _Master(reference, f"={text}")
        return f"={text}"
    master = masters.get(shared)
    if master is None:
        return "="
    moved: str = Translator(master.formula, origin=master.reference).translate_formula(reference)
    return moved
