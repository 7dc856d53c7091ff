"""A workbook against the budget, cell by cell: what differs, and the rows when some is taken.

A row that stands in both is compared cell by cell; one that stands in one alone is taken or left
as a whole. Rows are matched by their place, as in the sheet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from budgets.content import BudgetContent, CostKind, Entry, Sheet, Source, decimal_text
from budgets.workbook_layout import COLUMNS
from finsam.typography import kronor, number

TABLES = {Sheet.STAFF: "staff", Sheet.COSTS: "costs", Sheet.FINANCING: "financing"}


class Kind(StrEnum):
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Difference:
    """One cell, or one whole row, that is not the same in the workbook as in the budget.

    `edited` tells whether it was changed in the workbook since that was exported; None when it is
    not known what it was exported from. `clash`: the budget has been changed there as well.
    """

    sheet: Sheet
    position: int
    field: str
    kind: Kind
    before: str
    after: str
    parties: frozenset[str]
    edited: bool | None = None
    clash: bool = False

    @property
    def key(self) -> str:
        """Kostnader!E5 for a cell, Kostnader!5 for a row."""
        return f"{self.sheet}!{self.cell}"

    @property
    def cell(self) -> str:
        row = self.position + 4
        letters = {name: at for at, name in _letters(self.sheet)}
        return f"{letters[self.field]}{row}" if self.field else str(row)

    @property
    def header(self) -> str:
        """The column's header, or what has happened to the row."""
        if self.field:
            return next(c.header for c in COLUMNS[self.sheet] if c.field == self.field)
        return "Ny rad" if self.kind is Kind.ADDED else "Borttagen rad"

    @property
    def is_proposed(self) -> bool:
        """Whether it is ticked from the start: edited in the workbook, and nowhere else."""
        return self.edited is not False and not self.clash


def differences(
    current: BudgetContent, incoming: BudgetContent, base: BudgetContent | None = None
) -> list[Difference]:
    """What differs between the budget and a workbook, in the order of the sheets and rows.

    `base` are the rows that the workbook was exported from, when they are known.
    """
    found: list[Difference] = []
    for sheet in Sheet:
        ours, theirs = _rows(current, sheet), _rows(incoming, sheet)
        before = _rows(base, sheet) if base is not None else None
        for position in sorted({*ours, *theirs}):
            one, other = ours.get(position), theirs.get(position)
            origin = before.get(position) if before is not None else None
            found.extend(
                _judged(difference, one, other, origin) if before is not None else difference
                for difference in _of_row(sheet, position, one, other)
            )
    return found


def merged(
    current: BudgetContent, incoming: BudgetContent, taken: Collection[str]
) -> BudgetContent:
    """The budget's rows with those differences taken whose keys are named."""
    chosen = set(taken)
    rows: dict[Sheet, dict[int, Any]] = {sheet: _rows(current, sheet) for sheet in Sheet}
    for difference in differences(current, incoming):
        if difference.key not in chosen:
            continue
        table = rows[difference.sheet]
        new = _rows(incoming, difference.sheet).get(difference.position)
        if difference.kind is Kind.REMOVED:
            del table[difference.position]
        elif difference.kind is Kind.ADDED:
            table[difference.position] = new
        else:
            value = {difference.field: getattr(new, difference.field)}
            table[difference.position] = replace(table[difference.position], **value)
    tables = {
        name: tuple(rows[sheet][at] for at in sorted(rows[sheet])) for sheet, name in TABLES.items()
    }
    return BudgetContent(**tables)


def changed_parties(before: BudgetContent, after: BudgetContent) -> frozenset[str]:
    """The names in all rows that are not the same: whose part of the budget has changed."""
    return frozenset(name for each in differences(before, after) for name in each.parties)


def shown(entry: Entry, field: str) -> str:
    """A field as people read it: 43 000 kr, 40,1, Lokaler."""
    value = getattr(entry, field)
    if value is None or value == "":
        return ""
    if isinstance(value, CostKind | Source):
        return value.label
    if isinstance(value, Decimal):
        return decimal_text(value).replace(".", ",")
    if field in {"amount", "salary"}:
        return kronor(value)
    return str(value)


def _letters(sheet: Sheet) -> list[tuple[str, str]]:
    return [(chr(65 + at), column.field) for at, column in enumerate(COLUMNS[sheet])]


def _rows(content: BudgetContent, sheet: Sheet) -> dict[int, Any]:
    return {row.position: row for row in getattr(content, TABLES[sheet])}


def _fields(sheet: Sheet) -> list[str]:
    return [column.field for column in COLUMNS[sheet] if column.reads != "formula"]


def _of_row(
    sheet: Sheet, position: int, ours: Any | None, theirs: Any | None
) -> Iterator[Difference]:
    if ours is None or theirs is None:
        row: Any = ours or theirs
        words = _in_words(row)
        kind = Kind.ADDED if ours is None else Kind.REMOVED
        before, after = ("", words) if ours is None else (words, "")
        yield Difference(sheet, position, "", kind, before, after, frozenset({row.party}))
        return
    parties = frozenset({ours.party, theirs.party})
    for field in _fields(sheet):
        if getattr(ours, field) != getattr(theirs, field):
            before, after = shown(ours, field), shown(theirs, field)
            yield Difference(sheet, position, field, Kind.CHANGED, before, after, parties)


def _judged(
    difference: Difference, ours: Any | None, theirs: Any | None, origin: Any | None
) -> Difference:
    """Who has changed it since the export: the workbook, the portal, or both."""
    if difference.field:
        was = getattr(origin, difference.field, None) if origin is not None else None
        edited = origin is None or getattr(theirs, difference.field) != was
        clash = edited and (origin is None or getattr(ours, difference.field) != was)
    else:
        edited = theirs != origin
        clash = edited and ours != origin
    return replace(difference, edited=edited, clash=clash)


def _in_words(row: Any) -> str:
    """A whole row in one line: its filled cells between middle dots, its cost last."""
    parts = [shown(row, field) for field in _fields(row.sheet) if field != "note"]
    words = " · ".join(part for part in parts if part)
    return f"{words} = {number(row.cost)} kr" if row.sheet is Sheet.STAFF and row.cost else words
