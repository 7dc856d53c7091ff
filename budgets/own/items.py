"""Each amount of a sheet of the applicants' own: what it seems to be, and from what that is told.

An item is one cell with an amount. Its proposals are shown with their reasons; what could not be
told at all is left open and must be chosen before anything is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from budgets.amounts import AmountError, read_decimal, read_kronor
from budgets.content import COST_KINDS, CostKind, Source, decimal_text, same
from budgets.context import BudgetContext
from budgets.own.choices import Choices
from budgets.own.names import meant, named_in
from budgets.own.tables import CHECK, ROWS_READ, Table, text_of
from budgets.own.vocabulary import (
    IN_KIND,
    OWN,
    SECTIONS,
    SHARE,
    SOUGHT,
    STAFF,
    TOTAL,
    kind_of,
)
from budgets.staffing import row_cost
from budgets.workbook_cells import Cell, Page
from finsam.typography import kronor, number

STAFF_USE, TOTAL_USE, SOUGHT_USE, SKIP = "staff", "total", "sought_total", "skip"
SOURCE_USES = {"own": Source.OWN, "in_kind": Source.IN_KIND, "financier": Source.OTHER}
# What an amount can be, in the words of the page.
USES: dict[str, str] = {
    STAFF_USE: "Personal",
    **{str(kind): label for kind, label in COST_KINDS.items()},
    "own": "Egen finansiering (kontant)",
    "in_kind": "Egen insats i natura",
    "financier": "Annan finansiär",
    SOUGHT_USE: "Sökt belopp (jämförs)",
    TOTAL_USE: "Summa (jämförs)",
    SKIP: "Räknas inte",
}
CHOSEN = "Valt av er."
COSTS = {STAFF_USE, *map(str, CostKind)}
ANOTHER_SHEET = re.compile(r"(?:'([^']+)'|([\w.åäöÅÄÖ-]+))!")
FULL = Decimal(100)


@dataclass(frozen=True)
class Item:
    """One amount of a sheet. `amount` is in whole kronor, None when it could not be read.

    `why` are the reasons for what is proposed; `open` says what must be chosen. `sums` are the
    columns that a sum stands for: its own, or those of all parties. `year` is 0 when it must be
    chosen, and None in an application without years.
    """

    sheet: str
    cell: str
    label: str
    written: str
    amount: int | None
    use: str
    party: str = ""
    why: tuple[str, ...] = ()
    open: str = ""
    readings: tuple[int, ...] = ()
    share: Decimal | None = None
    months: Decimal | None = None
    salary: Decimal | None = None
    overhead: Decimal | None = None
    formula: str = ""
    has_result: bool = True
    is_text: bool = False
    year: int | None = None
    sums: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        return f"{self.sheet}!{self.cell}"

    @property
    def row(self) -> int:
        return int(self.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))

    @property
    def column(self) -> str:
        return self.cell.rstrip("0123456789")

    @property
    def is_cost(self) -> bool:
        return self.use in COSTS

    @property
    def is_own(self) -> bool:
        return self.use in SOURCE_USES


def find_items(
    pages: Sequence[Page],
    tables: Sequence[Table],
    context: BudgetContext,
    choices: Choices | None = None,
) -> list[Item]:
    """The amounts of all used tables, as proposed or as chosen."""
    by_name = {page.name: page for page in pages}
    used = [table for table in tables if table.used]
    names = {table.sheet for table in used}
    found = [item for table in used for item in _items(by_name[table.sheet], table, names, context)]
    chosen = choices or Choices()
    settled = [_chosen(item, chosen) for item in _readings_settled(found)]
    return _own_staff_in_kind(settled, chosen)


def _chosen(item: Item, choices: Choices) -> Item:
    place = item.place
    if place in choices.uses and choices.uses[place] != item.use:
        item = replace(item, use=choices.uses[place], why=(CHOSEN,))
    if place in choices.parties and choices.parties[place] != item.party:
        item = replace(item, party=choices.parties[place], why=(*item.why, "Part vald av er."))
    if place in choices.amounts:
        item = replace(item, amount=choices.amounts[place])
    return replace(item, open=_open(item))


def _open(item: Item) -> str:
    """What must be chosen before the item can be taken; nothing when all is said."""
    if item.use in {SKIP, TOTAL_USE, SOUGHT_USE}:
        return ""
    if item.use not in USES:
        return "Välj vad beloppet är."
    if item.amount is None:
        return "Välj vilket belopp som är rätt." if item.readings else "Skriv beloppet."
    if not item.party:
        return "Välj part."
    return "Välj vilket år tabellens belopp gäller." if item.year == 0 else ""


def _items(
    page: Page, table: Table, used_sheets: set[str], context: BudgetContext
) -> Iterator[Item]:
    """Row by row below the header; a row with a label alone begins a new part of the table."""
    label_column = table.letter("label")
    section = _section(text_of(page.cells.get(f"{label_column}{table.header_row}")))
    last = min(page.last_row, table.header_row + ROWS_READ)
    for row in range(table.header_row + 1, last + 1):
        label = text_of(page.cells.get(f"{label_column}{row}"))
        held = [
            (at, party, cell)
            for at, party in table.amounts
            if (cell := page.cells.get(f"{at}{row}")) is not None
        ]
        if not held:
            section = _section(label) or section
            continue
        yield from _row_sum(page, table, row, label)
        for at, party, cell in held:
            item = _item(page, table, f"{at}{row}", cell, label)
            item = replace(item, year=table.year_of(at) if context.years else None)
            if item.amount == 0 and item.has_result:
                continue
            item = _with_staff_facts(item, page, table, row, context)
            item = _with_use(item, section, used_sheets)
            yield _with_party(item, party, page, table, context)


def _row_sum(page: Page, table: Table, row: int, label: str) -> Iterator[Item]:
    """The sum over the parties that stands at the end of a row, to compare."""
    at = table.letter(CHECK)
    cell = page.cells.get(f"{at}{row}") if at else None
    if cell is not None:
        item = _item(page, table, f"{at}{row}", cell, label)
        use = SOUGHT_USE if SOUGHT.search(same(label)) else TOTAL_USE
        columns = tuple(letter for letter, _ in table.amounts)
        yield replace(item, use=use, sums=columns, why=("radens summa",))


def _section(label: str) -> str:
    text = same(label)
    return next((name for name, words in SECTIONS.items() if words.search(text)), "")


def _item(page: Page, table: Table, at: str, cell: Cell, label: str) -> Item:
    """The cell's amount in whole kronor, or why it is not known."""
    written = text_of(cell) if cell.value is not None else cell.formula
    base = Item(
        page.name, at, label, written, None, "", formula=cell.formula,
        is_text=cell.kind == "text", sums=(at.rstrip("0123456789"),),
    )  # fmt: skip
    if cell.value is None:
        return replace(base, has_result=False, why=("Formeln har inget sparat värde.",))
    try:
        if table.unit != 1:
            exact = read_decimal(str(cell.value)) * table.unit
            shown = written.replace(".", ",") if cell.kind == "number" else written
            return _rounded(replace(base, why=(f"{shown} tkr",)), exact)
        amount = read_kronor(cell.value)
    except AmountError as error:
        if error.nearest is not None:
            rounded = f"{written} har ören och avrundas till {kronor(error.nearest)}"
            return replace(base, amount=error.nearest, why=(rounded,))
        return replace(base, why=(error.message,), readings=error.readings)
    if cell.kind != "text":
        return replace(base, amount=amount)
    return replace(base, amount=amount, why=(f"Texten ”{written}” läses som {kronor(amount)}",))


def _rounded(item: Item, exact: Decimal) -> Item:
    amount = int(exact.to_integral_value())
    if amount == exact:
        return replace(item, amount=amount)
    return replace(item, amount=amount, why=(*item.why, f"avrundat till {kronor(amount)}"))


def _with_staff_facts(
    item: Item, page: Page, table: Table, row: int, context: BudgetContext
) -> Item:
    """Share, months, salary and overhead of the row, where the table has such columns."""
    share = _figure(page, table, "share", row)
    why = item.why
    if share is not None and 0 < share <= 2:
        share *= FULL
    if share is None and len(found := SHARE.findall(item.label)) == 1:
        share = Decimal(found[0].replace(",", "."))
    yearly = _figure(page, table, "yearly_salary", row)
    salary = _figure(page, table, "salary", row)
    overhead = _figure(page, table, "overhead", row)
    months = _figure(page, table, "months", row)
    if months is None and (salary is not None or yearly is not None):
        months = context.months_in(item.year) if item.year else Decimal(12)
        why = (*why, f"Kolumn för månader saknas: räknat med {_comma(months)} månader")
    facts = replace(
        item, share=share, months=months, overhead=overhead, why=why,
        salary=yearly / 12 if yearly is not None else salary,
    )  # fmt: skip
    return _cost_from_facts(facts) if not facts.has_result else facts


def _cost_from_facts(item: Item) -> Item:
    """A formula without a saved result: the cost from what the row says, which is told."""
    salary = item.salary
    if item.share is None or item.months is None or salary is None or salary != int(salary):
        return item
    overhead = item.overhead or Decimal(0)
    cost = row_cost(percent=item.share, months=item.months, salary=int(salary), overhead=overhead)
    how = (
        f"räknat ur raden: {_comma(item.share)} % × {_comma(item.months)} mån × "
        f"{number(int(salary))} kr × (1 + {_comma(overhead)} %) = {kronor(cost)}"
    )
    return replace(item, amount=cost, why=(*item.why, how))


def _comma(value: Decimal) -> str:
    return decimal_text(value).replace(".", ",")


def _figure(page: Page, table: Table, role: str, row: int) -> Decimal | None:
    at = table.letter(role)
    cell = page.cells.get(f"{at}{row}") if at else None
    if cell is None or cell.value is None:
        return None
    try:
        return read_decimal(cell.value)
    except AmountError:
        return None


def _with_use(item: Item, section: str, used_sheets: set[str]) -> Item:
    """What the amount is, by the words of its row; left open when nothing tells."""
    text = same(item.label)
    use, why = "", ""
    elsewhere = [one or other for one, other in ANOTHER_SHEET.findall(item.formula)]
    if any(name in used_sheets and name != item.sheet for name in elsewhere):
        use, why = TOTAL_USE, f"hämtas från bladet {elsewhere[0]} och räknas där"
    elif TOTAL.search(text):
        use, why = TOTAL_USE, "summarad"
    elif SOUGHT.search(text):
        use, why = SOUGHT_USE, "sökt belopp"
    elif OWN.search(text):
        use = "in_kind" if IN_KIND.search(text) else "own"
        why = f"”{item.label}” är medfinansiering"
    elif section == "financing":
        use = "own"
    elif item.salary is not None or STAFF.search(text) or section == "staff":
        use = STAFF_USE
    elif found := kind_of(text):
        use, why = str(found[0]), f"ordet ”{found[1]}”"
    elif text:
        use, why = str(CostKind.OTHER), "inget ord i raden säger något annat kostnadsslag"
    item = replace(item, use=use, why=(*item.why, *([why] if why else [])))
    if item.is_own and item.amount is not None and item.amount < 0:
        minus = "skrivet med minus i arket, tecknet tas bort"
        return replace(item, amount=-item.amount, why=(*item.why, minus))
    return item


def _with_party(
    item: Item, column_party: str, page: Page, table: Table, context: BudgetContext
) -> Item:
    if item.use in {TOTAL_USE, SOUGHT_USE, SKIP}:
        return replace(item, party=column_party)
    if column_party:
        return replace(item, party=column_party)
    at = table.letter("party")
    written = text_of(page.cells.get(f"{at}{item.row}")) if at else ""
    found = meant(written, context.parties) if written else named_in(item.label, context.parties)
    if found is not None:
        why = (*item.why, found.how) if found.how else item.why
        return replace(item, party=found.party.name, why=why)
    if written or not context.names or item.is_own:
        return item
    lead = context.names[0]
    return replace(item, party=lead, why=(*item.why, f"ingen part i raden: föreslås {lead}"))


def _readings_settled(items: Sequence[Item]) -> list[Item]:
    """An amount with two readings, where a sum of the sheet agrees with one of them alone."""
    settled = []
    for item in items:
        fits = [
            (reading, total)
            for reading in item.readings
            for total in [_agreeing_total(items, item, reading)]
            if total is not None
        ]
        if len(fits) == 1:
            reading, total = fits[0]
            why = f"summan i {total.cell} stämmer bara om det är {kronor(reading)}"
            item = replace(item, amount=reading, why=(*item.why, why))  # noqa: PLW2901
        settled.append(item)
    return settled


def _agreeing_total(items: Sequence[Item], item: Item, reading: int) -> Item | None:
    """The first sum below an item, when it is the sum of what stands above it with that reading."""
    column = [one for one in items if (one.sheet, one.column) == (item.sheet, item.column)]
    below = [one for one in column if one.row > item.row and one.use == TOTAL_USE]
    if not below:
        return None
    total = below[0]
    start = max(
        (one.row for one in column if one.use == TOTAL_USE and one.row < item.row), default=0
    )
    amounts: Iterable[int | None] = (
        reading if one is item else one.amount for one in column if start < one.row < total.row
    )
    return total if total.amount == sum(amount or 0 for amount in amounts) else None


def _own_staff_in_kind(items: Sequence[Item], choices: Choices) -> list[Item]:
    """Own financing that is just a party's own staff is put in kind, unless one has chosen."""
    staff: dict[str, int] = {}
    own: dict[str, int] = {}
    for item in items:
        if item.use == STAFF_USE:
            staff[item.party] = staff.get(item.party, 0) + (item.amount or 0)
        elif item.use == "own":
            own[item.party] = own.get(item.party, 0) + (item.amount or 0)
    return [
        replace(item, use="in_kind", why=(*item.why, f"lika stort som {item.party}s egen personal"))
        if item.use == "own"
        and item.place not in choices.uses
        and item.party
        and "kontant" not in same(item.label)
        and own[item.party] == staff.get(item.party)
        else item
        for item in items
    ]
