"""The budget workbook's fixed places, as in the contract: sheets, columns, lists and formulas.

Without Django, so that the child process that reads a workbook can use it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from budgets.content import (
    COST_KINDS,
    FIRST_ROW,
    ROWS,
    SOURCES,
    BudgetContent,
    CostKind,
    Sheet,
    Source,
    same,
)

GUIDE = "Läs mig"
SUMMARY = "Sammanställning"
TEMPLATE = "_mall"
# The property of the file that says which budget it is, at which version.
STAMP = "Portalens budget"
SHEETS = (GUIDE, Sheet.STAFF, Sheet.COSTS, Sheet.FINANCING, SUMMARY, TEMPLATE)
HEADER_ROW = 4
LAST_ROW = FIRST_ROW + ROWS - 1
KEYS = ("template", "version", "application", "years")
LIST_COLUMNS = {"parties": "D", "kinds": "E", "sources": "F", "years": "G"}


@dataclass(frozen=True)
class Column:
    """A column of an input sheet: its header, the field it fills and how the cell is read."""

    field: str
    header: str
    reads: str
    width: int
    choices: str = ""
    longest: int = 0


COLUMNS: dict[Sheet, tuple[Column, ...]] = {
    Sheet.STAFF: (
        Column("party", "Part", "text", 26, "parties", 120),
        Column("role", "Funktion", "text", 30, longest=200),
        Column("employer", "Arbetsgivare", "text", 26, longest=200),
        Column("year", "År", "year", 8, "years"),
        Column("percent", "Tjänstgöringsgrad %", "decimal", 13),
        Column("months", "Månader", "decimal", 10),
        Column("salary", "Månadslön", "kronor", 14),
        Column("overhead", "PO-pålägg %", "decimal", 11),
        Column("cost", "Kostnad", "formula", 15),
        Column("note", "Anmärkning", "text", 34, longest=500),
    ),
    Sheet.COSTS: (
        Column("kind", "Kostnadsslag", "kind", 28, "kinds"),
        Column("description", "Beskrivning", "text", 44, longest=500),
        Column("party", "Part", "text", 26, "parties", 120),
        Column("year", "År", "year", 8, "years"),
        Column("amount", "Belopp", "kronor", 15),
        Column("note", "Anmärkning", "text", 34, longest=500),
    ),
    Sheet.FINANCING: (
        Column("source", "Källa", "source", 24, "sources"),
        Column("party", "Part eller finansiär", "text", 30, "parties", 120),
        Column("year", "År", "year", 8, "years"),
        Column("amount", "Belopp", "kronor", 15),
    ),
}


@cache
def letter(number: int) -> str:
    """1 → A, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def staff_formula(row: int) -> str:
    """The cost of a staff row; empty until share, months and salary are numbers."""
    return f'=IF(COUNT(E{row}:G{row})=3,ROUND(E{row}*F{row}*G{row}*(100+N(H{row}))/10000,0),"")'


def normal_formula(formula: str) -> str:
    """A formula as it is compared: programs differ in case, spaces, quotes and dollar signs."""
    return re.sub(r"[\s$']", "", formula).upper().removeprefix("=").replace(";", ",")


@dataclass(frozen=True)
class Figure:
    """A computed cell of the summary sheet: where, its formula, and what it must show."""

    cell: str
    formula: str
    amount: Callable[[BudgetContent], int]
    meaning: str


@dataclass(frozen=True)
class Line:
    """A line of the summary sheet, one figure per year and their sum."""

    row: int
    label: str
    bold: bool
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Block:
    """A table of the summary sheet with its heading."""

    row: int
    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class _Item:
    """A line before it has its place: a formula per column, and its sum in a year."""

    label: str
    formula: Callable[[str], str]
    amount: Callable[[BudgetContent, int], int]
    bold: bool = False


def summary_blocks(parties: Sequence[str], years: Sequence[int]) -> tuple[Block, ...]:
    """The tables of the summary sheet for these parties and years, from row 4 down."""
    blocks: list[Block] = []
    row = HEADER_ROW
    for heading, items in (
        ("Kostnad och finansiering", _totals()),
        ("Kostnad per part", [_member_item(name) for name in parties]),
        ("Kostnad per kostnadsslag", _kind_items()),
        ("Finansiering per källa", [_source_item(source) for source in Source]),
        ("Sökt här per part", [_sought_item(name) for name in parties]),
    ):
        lines = tuple(_line(row + place, item, years) for place, item in enumerate(items, start=1))
        blocks.append(Block(row, heading, lines))
        row += len(items) + 2
    return tuple(blocks)


def summary_figures(parties: Sequence[str], years: Sequence[int]) -> Iterator[Figure]:
    """Every computed cell of the summary sheet."""
    for block in summary_blocks(parties, years):
        for line in block.lines:
            yield from line.figures


def difference_cell(years: Sequence[int], year: int | None) -> str:
    """The cell that shows a year's difference, or the sum's when the year has no column."""
    place = next((at for at, other in enumerate(years) if other == year), len(years))
    return f"{letter(place + 2)}{HEADER_ROW + 5}"


def _line(row: int, item: _Item, years: Sequence[int]) -> Line:
    figures = []
    for place, year in enumerate(years):
        column = letter(place + 2)
        figures.append(
            Figure(
                f"{column}{row}",
                f"={item.formula(column)}".replace("{row}", str(row)),
                _in_year(item, year),
                f"{item.label} {year}",
            )
        )
    last = letter(len(years) + 2)
    end = letter(len(years) + 1)
    figures.append(
        Figure(f"{last}{row}", f"=SUM(B{row}:{end}{row})", _in_all(item, years), item.label)
    )
    return Line(row, item.label, item.bold, tuple(figures))


def _in_year(item: _Item, year: int) -> Callable[[BudgetContent], int]:
    return lambda content: item.amount(content, year)


def _in_all(item: _Item, years: Sequence[int]) -> Callable[[BudgetContent], int]:
    return lambda content: sum(item.amount(content, year) for year in years)


def _column(sheet: Sheet, name: str) -> str:
    return f"{sheet}!${name}${FIRST_ROW}:${name}${LAST_ROW}"


def _sums(sheet: Sheet, amount: str, year: str, column: str, *conditions: tuple[str, str]) -> str:
    """SUMIFS over an input sheet's rows of the year that heads the column."""
    pairs = [(year, f"{column}${HEADER_ROW}"), *conditions]
    asked = ",".join(f"{_column(sheet, name)},{value}" for name, value in pairs)
    return f"SUMIFS({_column(sheet, amount)},{asked})"


def _staff_sum(content: BudgetContent, year: int, party: str | None = None) -> int:
    return sum(
        row.cost
        for row in content.staff
        if row.year == year and (party is None or same(row.party) == same(party))
    )


def _cost_sum(
    content: BudgetContent, year: int, *, party: str | None = None, kind: CostKind | None = None
) -> int:
    return sum(
        row.cost
        for row in content.costs
        if row.year == year
        and (party is None or same(row.party) == same(party))
        and (kind is None or row.kind is kind)
    )


def _financing_sum(
    content: BudgetContent, year: int, source: Source | None = None, party: str | None = None
) -> int:
    return sum(
        row.amount or 0
        for row in content.financing
        if row.year == year
        and (source is None or row.source is source)
        and (party is None or same(row.party) == same(party))
    )


def _totals() -> list[_Item]:
    """Cost, financing and difference; the lines stand in rows 5 to 9."""
    first = HEADER_ROW + 1
    return [
        _Item(
            "Personal",
            lambda column: _sums(Sheet.STAFF, "I", "D", column),
            _staff_sum,
        ),
        _Item(
            "Övriga kostnader",
            lambda column: _sums(Sheet.COSTS, "E", "D", column),
            _cost_sum,
        ),
        _Item(
            "Kostnad i allt",
            lambda column: f"{column}{first}+{column}{first + 1}",
            lambda content, year: _staff_sum(content, year) + _cost_sum(content, year),
            bold=True,
        ),
        _Item(
            "Finansiering i allt",
            lambda column: _sums(Sheet.FINANCING, "D", "C", column),
            _financing_sum,
            bold=True,
        ),
        _Item(
            "Skillnad (ska vara 0)",
            lambda column: f"{column}{first + 3}-{column}{first + 2}",
            lambda content, year: (
                _financing_sum(content, year) - _staff_sum(content, year) - _cost_sum(content, year)
            ),
            bold=True,
        ),
    ]


def _member_item(name: str) -> _Item:
    return _Item(
        name,
        lambda column: (
            _sums(Sheet.STAFF, "I", "D", column, ("A", "$A{row}"))
            + "+"
            + _sums(Sheet.COSTS, "E", "D", column, ("C", "$A{row}"))
        ),
        lambda content, year: (
            _staff_sum(content, year, name) + _cost_sum(content, year, party=name)
        ),
    )


def _kind_items() -> list[_Item]:
    staff = _Item(
        "Personal",
        lambda column: _sums(Sheet.STAFF, "I", "D", column),
        _staff_sum,
    )
    return [staff, *(_kind_item(kind) for kind in CostKind)]


def _kind_item(kind: CostKind) -> _Item:
    return _Item(
        COST_KINDS[kind],
        lambda column: _sums(Sheet.COSTS, "E", "D", column, ("A", "$A{row}")),
        lambda content, year: _cost_sum(content, year, kind=kind),
    )


def _source_item(source: Source) -> _Item:
    return _Item(
        SOURCES[source],
        lambda column: _sums(Sheet.FINANCING, "D", "C", column, ("A", "$A{row}")),
        lambda content, year: _financing_sum(content, year, source),
    )


def _sought_item(name: str) -> _Item:
    sought = f'"{SOURCES[Source.SOUGHT]}"'
    return _Item(
        name,
        lambda column: _sums(Sheet.FINANCING, "D", "C", column, ("A", sought), ("B", "$A{row}")),
        lambda content, year: _financing_sum(content, year, Source.SOUGHT, name),
    )
