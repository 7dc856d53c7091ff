"""Finding the tables in sheets of the applicants' own: header rows, columns, thousands or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from budgets.amounts import AmountError, read_kronor
from budgets.content import same
from budgets.context import BudgetContext
from budgets.own.choices import Choices
from budgets.own.names import meant
from budgets.own.vocabulary import (
    AMOUNT,
    FIGURE_COLUMNS,
    HEADERS,
    MONTHS,
    OTHER_TIME,
    SET_ASIDE,
    TEXT_COLUMNS,
    THOUSANDS,
    YEAR,
)
from budgets.workbook_cells import Cell, Page
from budgets.workbook_layout import letter

ROWS_SEARCHED = 30
COLUMNS_SEARCHED = 40
ROWS_READ = 400
LEAST_HEADERS = 2
LABEL, PARTY, AMOUNT_ROLE, CHECK, NOTE = "label", "party", "amount", "check", "note"
# Roles of a column, in the words of the page; the amount of a party is "amount:NAME".
ROLES: dict[str, str] = {
    "": "Används inte",
    LABEL: "Benämning",
    PARTY: "Part",
    "share": "Tjänstgöringsgrad",
    "months": "Månader",
    "salary": "Månadslön",
    "yearly_salary": "Årslön",
    "overhead": "PO-pålägg %",
    AMOUNT_ROLE: "Belopp",
    CHECK: "Radens summa",
    NOTE: "Anmärkning",
}


@dataclass(frozen=True)
class Column:
    """A column of a table: what it seems to hold, and why; `year` where it has one of its own."""

    letter: str
    header: str
    role: str
    why: str = ""
    is_hidden: bool = False
    year: int = 0


@dataclass(frozen=True)
class Table:
    """A table in a sheet. `unit` is 1 or 1 000 kronor; `why` tells why it is used, or is not.

    `year` is the year its amounts are of; 0 when it must be chosen.
    """

    key: str
    sheet: str
    header_row: int
    columns: tuple[Column, ...]
    unit: int = 1
    used: bool = True
    why: str = ""
    year: int = 0

    def year_of(self, letter: str) -> int:
        """The year of the amounts in a column."""
        own = next((column.year for column in self.columns if column.letter == letter), 0)
        return own or self.year

    def letters(self, role: str) -> list[str]:
        return [column.letter for column in self.columns if column.role == role]

    def letter(self, role: str) -> str:
        """The first column of a role, or nothing."""
        return next(iter(self.letters(role)), "")

    @property
    def amounts(self) -> list[tuple[str, str]]:
        """Each column of amounts with the party it belongs to, "" when the row tells."""
        return [
            (column.letter, column.role.partition(":")[2])
            for column in self.columns
            if column.role.partition(":")[0] == AMOUNT_ROLE
        ]


def find_tables(
    pages: Sequence[Page], context: BudgetContext, choices: Choices | None = None
) -> list[Table]:
    """Every table of a workbook, in the order of its sheets, as proposed or as chosen."""
    chosen = choices or Choices()
    found = []
    for number, page in enumerate(pages, start=1):
        header_row = chosen.headers.get(page.name) or _header_row(page, context)
        if not header_row:
            continue
        for columns in _blocks(page, header_row, context):
            key = f"{number}{columns[0].letter}"
            year = _year_in(page.name, context) or (
                context.years[0] if len(context.years) == 1 else 0
            )
            table = Table(key, page.name, header_row, columns, _unit(page), year=year)
            found.append(_chosen(_judged(table, page, context), chosen))
    return found


def sheets_without_table(pages: Sequence[Page], tables: Sequence[Table]) -> list[str]:
    """The sheets in which no table was seen."""
    seen = {table.sheet for table in tables}
    return [page.name for page in pages if page.name not in seen]


def text_of(cell: Cell | None) -> str:
    return "" if cell is None or cell.value is None else " ".join(str(cell.value).split())


def is_figure(cell: Cell | None) -> bool:
    """Whether a cell holds an amount: a number, a formula, or text that reads as a sum."""
    if cell is None:
        return False
    if cell.kind == "number" or (cell.formula and cell.value is None):
        return True
    try:
        read_kronor(cell.value)
    except AmountError as error:
        return bool(error.readings or error.nearest is not None)
    return cell.kind == "text"


def _chosen(table: Table, choices: Choices) -> Table:
    columns = tuple(
        replace(column, role=choices.roles[place], why="")
        if (place := f"{table.sheet}!{column.letter}") in choices.roles
        and choices.roles[place] != column.role
        else column
        for column in table.columns
    )
    columns = tuple(
        replace(column, year=choices.years.get(f"{table.sheet}!{column.letter}", column.year))
        for column in columns
    )
    used = choices.used.get(table.key, table.used)
    return replace(
        table,
        columns=columns,
        unit=choices.units.get(table.key, table.unit),
        used=used,
        why=table.why if used == table.used else "",
        year=choices.years.get(table.key, table.year),
    )


def _judged(table: Table, page: Page, context: BudgetContext) -> Table:
    """Whether the table is proposed to be used."""
    head = " ".join(text_of(page.cells.get(f"A{row}")) for row in range(1, 4))
    years = {int(year) for year in YEAR.findall(page.name)}
    if page.state != "visible":
        return replace(table, used=False, why="Bladet är dolt.")
    if SET_ASIDE.search(f"{page.name} {head}"):
        return replace(table, used=False, why="Bladet är märkt som gammalt eller ej gällande.")
    if years and context.years and not years & set(context.years):
        return replace(table, used=False, why="Bladets namn nämner ett annat år.")
    if not table.amounts:
        return replace(table, used=False, why="Ingen kolumn med belopp hittades.")
    return table


def _unit(page: Page) -> int:
    texts = [page.name, *(text_of(cell) for cell in page.cells.values() if cell.kind == "text")]
    return 1_000 if any(THOUSANDS.search(text) for text in texts) else 1


def _header_row(page: Page, context: BudgetContext) -> int:
    """The row with most words that columns go by; 0 when no row has two."""
    best, most = 0, LEAST_HEADERS - 1
    for row in range(1, min(page.last_row, ROWS_SEARCHED) + 1):
        cells = (page.cells.get(f"{letter(at)}{row}") for at in range(1, COLUMNS_SEARCHED))
        hits = sum(_is_header(cell, context) for cell in cells)
        if hits > most:
            best, most = row, hits
    return best


def _is_header(cell: Cell | None, context: BudgetContext) -> bool:
    if cell is not None and cell.kind == "number" and cell.value in context.years:
        return True
    if cell is None or cell.kind != "text" or cell.formula:
        return False
    text = same(text_of(cell))
    return (
        HEADERS.search(text) is not None
        or AMOUNT.search(text) is not None
        or any(_has_word(text, words) for words in TEXT_COLUMNS.values())
        or any(words.search(text) for words in FIGURE_COLUMNS.values())
        or text[:3] in MONTHS
        or meant(text, context.parties) is not None
    )


def _has_word(text: str, words: tuple[str, ...]) -> bool:
    return text in words or text.split(" ", maxsplit=1)[0].rstrip(":.") in words


def _blocks(page: Page, header_row: int, context: BudgetContext) -> Iterator[tuple[Column, ...]]:
    """The tables side by side: one begins at a text column that comes after amounts."""
    block: list[tuple[str, str]] = []
    columns = [(at, kind) for at in _letters(page) if (kind := _content(page, header_row, at))]
    for place, (at, kind) in enumerate(columns):
        has_figures = any(one == "figure" for _, one in block)
        more_figures = any(one == "figure" for _, one in columns[place + 1 :])
        if kind == "text" and has_figures and more_figures:
            yield _columns(page, header_row, block, context)
            block = []
        block.append((at, kind))
    if any(kind == "figure" for _, kind in block):
        yield _columns(page, header_row, block, context)


def _letters(page: Page) -> list[str]:
    used = {place.rstrip("0123456789") for place in page.cells}
    return [at for number in range(1, COLUMNS_SEARCHED) if (at := letter(number)) in used]


def _content(page: Page, header_row: int, at: str) -> str:
    """`text`, `figure` or nothing: what stands below the header in a column."""
    last = min(page.last_row, header_row + ROWS_READ)
    below = [page.cells.get(f"{at}{row}") for row in range(header_row + 1, last + 1)]
    held = [cell for cell in below if cell is not None]
    if not held:
        return ""
    figures = sum(is_figure(cell) for cell in held)
    return "figure" if figures * 2 >= len(held) else "text"


def _columns(
    page: Page, header_row: int, block: Sequence[tuple[str, str]], context: BudgetContext
) -> tuple[Column, ...]:
    """The columns of one table with the roles that their headers speak for."""
    heads = {at: text_of(page.cells.get(f"{at}{header_row}")) for at, _ in block}
    found = [
        Column(
            at,
            heads[at],
            _text_role(heads[at], [kind for _, kind in block[:place]])
            if kind == "text"
            else _figure_role(heads[at]),
            is_hidden=at in page.hidden,
        )
        for place, (at, kind) in enumerate(block)
    ]
    figures = {at for at, kind in block if kind == "figure"}
    return tuple(_with_amounts(found, figures, context))


def _text_role(header: str, before: Sequence[str]) -> str:
    text = same(header)
    for role, words in TEXT_COLUMNS.items():
        if _has_word(text, words):
            return role
    if "text" not in before:
        return LABEL
    return NOTE if "figure" in before else ""


def _figure_role(header: str) -> str:
    text = same(header)
    return next((role for role, words in FIGURE_COLUMNS.items() if words.search(text)), "")


def _with_amounts(columns: list[Column], figures: set[str], context: BudgetContext) -> list[Column]:
    """Say which columns hold the amounts: those headed by parties, or the best one."""
    of_parties = {
        column.letter: who
        for column in columns
        if column.letter in figures and (who := meant(column.header, context.parties))
    }
    of_years = _of_years(columns, figures - of_parties.keys(), context)
    best = None if of_years else _best_amount(columns, figures - of_parties.keys(), context)
    given = []
    for column in columns:
        if len(of_parties) > 1 and column.letter in of_parties:
            who = of_parties[column.letter]
            role = f"{AMOUNT_ROLE}:{who.party.name}"
            given.append(replace(column, role=role, why=who.how))
        elif column.letter in of_years:
            year = of_years[column.letter]
            why = f"rubriken säger {year}"
            given.append(replace(column, role=AMOUNT_ROLE, why=why, year=year))
        elif column is best:
            role = CHECK if len(of_parties) > 1 else AMOUNT_ROLE
            given.append(replace(column, role=role))
        else:
            given.append(column)
    return given


def _of_years(
    columns: Sequence[Column], figures: set[str], context: BudgetContext
) -> dict[str, int]:
    """The columns headed by different years of the application; none unless there are two."""
    found = {
        column.letter: year
        for column in columns
        if column.letter in figures
        and not column.role
        and _amount_score(column, context) > 0
        and (year := _year_in(column.header, context))
    }
    return found if len(set(found.values())) > 1 and len(set(found.values())) == len(found) else {}


def _year_in(text: str, context: BudgetContext) -> int:
    """The one year of the application that a text names; 0 when it names none or several."""
    years = {int(year) for year in YEAR.findall(text)} & set(context.years)
    return years.pop() if len(years) == 1 else 0


def _best_amount(
    columns: Sequence[Column], figures: set[str], context: BudgetContext
) -> Column | None:
    """The column whose header speaks most for being the sought year's amount; the last of many."""
    scored = [
        (_amount_score(column, context), place)
        for place, column in enumerate(columns)
        if column.letter in figures and not column.role
    ]
    best = max(scored, default=(0, 0))
    return columns[best[1]] if best[0] > 0 else None


def _amount_score(column: Column, context: BudgetContext) -> int:
    text = same(column.header)
    years = {int(year) for year in YEAR.findall(text)}
    if column.is_hidden or OTHER_TIME.search(text) or text[:3] in MONTHS:
        return 0
    if years and context.years and not years & set(context.years):
        return 0
    return 3 * bool(years) + 2 * bool(AMOUNT.search(text))
