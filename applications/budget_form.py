"""The budget's three tables as inputs of a page, with the columns that the workbook has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from applications.answers import Posted
from budgets.amounts import AmountError, read_decimal, read_kronor
from budgets.content import (
    COST_KINDS,
    ROWS,
    SOURCES,
    BudgetContent,
    CostEntry,
    CostKind,
    Entry,
    FinancingEntry,
    Sheet,
    Source,
    StaffEntry,
    decimal_text,
)
from budgets.context import BudgetContext
from budgets.workbook_layout import COLUMNS, Column
from finsam.typography import number

EMPTY_ROWS = 3
KEYS = {Sheet.STAFF: "staff", Sheet.COSTS: "costs", Sheet.FINANCING: "financing"}
ENTRIES: Mapping[Sheet, type[Any]] = {
    Sheet.STAFF: StaffEntry,
    Sheet.COSTS: CostEntry,
    Sheet.FINANCING: FinancingEntry,
}
GUIDANCE = {
    Sheet.STAFF: "En rad för varje tjänst eller del av tjänst. Kostnaden räknas ut.",
    Sheet.COSTS: "Allt som inte är personal.",
    Sheet.FINANCING: "Varifrån pengarna kommer. Summan ska bli lika stor som kostnaden, år för år.",
}


@dataclass(frozen=True)
class CellInput:
    name: str
    label: str
    heading: str
    value: str
    options: tuple[tuple[str, str], ...] = ()
    is_free: bool = False
    numeric: bool = False
    computed: str = ""
    error: str = ""


@dataclass(frozen=True)
class SheetInput:
    """One table: its rows of inputs, those written and some empty ones after."""

    sheet: Sheet
    key: str
    guidance: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[CellInput, ...], ...]

    @property
    def errors(self) -> list[tuple[str, str]]:
        return [
            (f"{self.sheet}, {cell.label}: {cell.error}", f"#{cell.name}")
            for row in self.rows
            for cell in row
            if cell.error
        ]


@dataclass(frozen=True)
class ReadBudget:
    """What a form held: the content when all of it could be read, else the inputs with faults."""

    content: BudgetContent | None
    sheets: list[SheetInput]

    @property
    def errors(self) -> list[tuple[str, str]]:
        return [error for sheet in self.sheets for error in sheet.errors]


def sheets_of(content: BudgetContent, context: BudgetContext) -> list[SheetInput]:
    """The tables as they are stored."""
    entries: Mapping[Sheet, Sequence[Entry]] = {
        Sheet.STAFF: content.staff,
        Sheet.COSTS: content.costs,
        Sheet.FINANCING: content.financing,
    }
    return [
        _sheet(
            sheet,
            {entry.position: _raw(entry) for entry in rows},
            {},
            context,
            {entry.position: entry.cost for entry in rows if isinstance(entry, StaffEntry)},
        )
        for sheet, rows in entries.items()
    ]


def read_budget(posted: Posted, context: BudgetContext) -> ReadBudget:
    """The tables of a form, typed; a cell that cannot be read keeps what was written in it."""
    found: dict[Sheet, list[Any]] = {}
    drawn: list[SheetInput] = []
    faults = 0
    for sheet, key in KEYS.items():
        raws, errors, entries, costs = _read_sheet(sheet, key, posted)
        found[sheet] = entries
        faults += len(errors)
        drawn.append(_sheet(sheet, raws, errors, context, costs))
    content = None
    if not faults:
        content = BudgetContent(
            tuple(found[Sheet.STAFF]), tuple(found[Sheet.COSTS]), tuple(found[Sheet.FINANCING])
        )
    return ReadBudget(content, drawn)


def _read_sheet(
    sheet: Sheet, key: str, posted: Posted
) -> tuple[dict[int, dict[str, str]], dict[tuple[int, str], str], list[Entry], dict[int, int]]:
    raws: dict[int, dict[str, str]] = {}
    errors: dict[tuple[int, str], str] = {}
    entries: list[Entry] = []
    costs: dict[int, int] = {}
    columns = [column for column in COLUMNS[sheet] if column.field != "cost"]
    for position in range(1, ROWS + 1):
        raw = {
            column.field: " ".join(str(posted.get(f"{key}-{position}-{column.field}", "")).split())
            for column in columns
        }
        # The year and the choices alone make no row: they stand in the empty ones too.
        if not any(text for field, text in raw.items() if field != "year"):
            continue
        raws[position] = raw
        values: dict[str, Any] = {}
        for column in columns:
            try:
                values[column.field] = READERS[column.reads](raw[column.field], column)
            except (AmountError, ValueError) as error:
                errors[position, column.field] = (
                    error.message if isinstance(error, AmountError) else str(error)
                )
        if not any((position, column.field) in errors for column in columns):
            entry = ENTRIES[sheet](position, **values)
            entries.append(entry)
            if isinstance(entry, StaffEntry):
                costs[position] = entry.cost
    return raws, errors, entries, costs


def _sheet(
    sheet: Sheet,
    raws: Mapping[int, Mapping[str, str]],
    errors: Mapping[tuple[int, str], str],
    context: BudgetContext,
    costs: Mapping[int, int],
) -> SheetInput:
    key = KEYS[sheet]
    last = max(raws, default=0)
    shown = [*sorted(raws), *range(last + 1, min(last + EMPTY_ROWS, ROWS) + 1)]
    rows = tuple(
        tuple(
            _cell(key, position, column, raws.get(position, {}), errors, context, costs)
            for column in COLUMNS[sheet]
        )
        for position in shown
    )
    return SheetInput(sheet, key, GUIDANCE[sheet], COLUMNS[sheet], rows)


def _cell(
    key: str,
    position: int,
    column: Column,
    raw: Mapping[str, str],
    errors: Mapping[tuple[int, str], str],
    context: BudgetContext,
    costs: Mapping[int, int],
) -> CellInput:
    only_year = str(context.years[0]) if len(context.years) == 1 else ""
    value = raw.get(column.field, only_year if column.field == "year" else "")
    return CellInput(
        name=f"{key}-{position}-{column.field}",
        label=f"{column.header}, rad {position}",
        heading=column.header,
        value=value,
        options=_options(column, value, context),
        # Where money comes from may be somebody who is no party.
        is_free=key == "financing" and column.field == "party",
        numeric=column.reads in ("kronor", "decimal", "formula"),
        computed=number(costs[position]) if column.field == "cost" and position in costs else "",
        error=errors.get((position, column.field), ""),
    )


def _options(column: Column, value: str, context: BudgetContext) -> tuple[tuple[str, str], ...]:
    """What the cell's list offers; a value that is no longer in it is still shown."""
    match column.choices:
        case "parties":
            listed = [(name, name) for name in context.names]
        case "kinds":
            listed = [(str(kind), label) for kind, label in COST_KINDS.items()]
        case "sources":
            listed = [(str(source), label) for source, label in SOURCES.items()]
        case "years":
            listed = [(str(year), str(year)) for year in context.years]
        case _:
            return ()
    if value and value not in {key for key, _ in listed}:
        listed.append((value, f"{value} (finns inte i ansökan)"))
    return tuple(listed)


def _raw(entry: Entry) -> dict[str, str]:
    """The entry's values as they are written in the inputs."""
    return {
        column.field: _written(getattr(entry, column.field), column)
        for column in COLUMNS[entry.sheet]
        if column.field != "cost"
    }


def _written(value: Any, column: Column) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return decimal_text(value).replace(".", ",")
    if column.reads == "kronor":
        return number(value)
    return str(value)


def _text(raw: str, column: Column) -> str:
    longest = column.longest or 120
    if len(raw) > longest:
        raise ValueError(f"Korta texten till högst {longest} tecken.")
    return raw


def _year(raw: str, column: Column) -> int | None:
    if not raw:
        return None
    if not (raw.isascii() and raw.isdigit() and len(raw) == 4):
        raise ValueError("Välj ett år.")
    return int(raw)


def _decimal(raw: str, column: Column) -> Decimal | None:
    return read_decimal(raw) if raw else None


def _kronor(raw: str, column: Column) -> int | None:
    return read_kronor(raw) if raw else None


def _kind(raw: str, column: Column) -> CostKind | None:
    return CostKind(raw) if raw in set(CostKind) else None


def _source(raw: str, column: Column) -> Source | None:
    return Source(raw) if raw in set(Source) else None


READERS: Mapping[str, Callable[[str, Column], Any]] = {
    "text": _text,
    "year": _year,
    "decimal": _decimal,
    "kronor": _kronor,
    "kind": _kind,
    "source": _source,
}
