"""The sender's sums beside ours: where they differ, which of the two is wrong and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from budgets.content import same
from budgets.own.items import CHOSEN, SOUGHT_USE, STAFF_USE, TOTAL_USE, Item
from budgets.own.vocabulary import PART_OF_TOTAL, SECTIONS, TOTAL
from budgets.workbook_cells import Page
from budgets.workbook_layout import letter
from finsam.typography import enumerate_words, kronor

Verdict = Literal["same", "sheet_wrong", "chosen", "unclear", "no_result"]
REFERENCE = re.compile(
    r"(?:(?:'([^']+)'|([\w.åäöÅÄÖ-]+))!)?\$?([A-Z]{1,3})\$?([0-9]{1,5})"
    r"(?::\$?([A-Z]{1,3})\$?([0-9]{1,5}))?"
)
MOST_CELLS = 5_000
NAMED = 3


@dataclass(frozen=True)
class Comparison:
    """One sum of the sheet. `sender` is None when the sheet shows no result."""

    item: Item
    what: str
    sender: int | None
    ours: int
    verdict: Verdict
    cause: str

    @property
    def difference(self) -> int:
        return self.ours - (self.sender or 0)


def compare_totals(items: Sequence[Item], pages: Sequence[Page]) -> list[Comparison]:
    """Every sum of the sheets beside ours; a row's own sum is told of only when it differs."""
    found = []
    for item in items:
        if item.use not in {TOTAL_USE, SOUGHT_USE}:
            continue
        compared = _compare(item, items, pages)
        is_row_sum = len(item.sums) > 1 and not _is_total(item)
        if not is_row_sum or compared.verdict not in {"same", "no_result"}:
            found.append(compared)
    return found


def _is_total(item: Item) -> bool:
    return item.use == SOUGHT_USE or TOTAL.search(same(item.label)) is not None


def _compare(item: Item, items: Sequence[Item], pages: Sequence[Page]) -> Comparison:
    what, parts, ours = _ours(item, items)
    if not item.has_result or item.amount is None:
        cause = "Arket visar ingen summa här: formeln har inget sparat värde att jämföra med."
        return Comparison(item, what, None, ours, "no_result", cause)
    if item.amount == ours:
        return Comparison(item, what, item.amount, ours, "same", "")
    verdict, cause = _judged(item, parts, ours - item.amount, items, pages)
    return Comparison(item, what, item.amount, ours, verdict, cause)


def _ours(item: Item, items: Sequence[Item]) -> tuple[str, list[Item], int]:
    """What a sum stands for, the items in it, and what they add up to."""
    text = same(item.label)
    if item.use == SOUGHT_USE:
        mine = [one for one in items if (one.is_cost or one.is_own) and _is_of(one, item)]
        return "Sökt belopp", mine, _signed(mine)
    above = [
        one
        for one in items
        if one.sheet == item.sheet and one.column in item.sums and one.row < item.row
    ]
    if not _is_total(item):
        return _row_or_other_sheet(item, items)
    if PART_OF_TOTAL.search(text):
        start = max((one.row for one in above if one.use == TOTAL_USE), default=0)
        block = [one for one in above if one.row > start and one.is_cost]
        return "Delsumma", block, _total(block)
    if any(one.use == SOUGHT_USE for one in above) and any(one.is_own for one in above):
        own = [one for one in above if one.is_own]
        costs = [one for one in items if one.is_cost]
        every_own = [one for one in items if one.is_own]
        return "Finansiering", [*costs, *own], _total(costs) - _total(every_own) + _total(own)
    if SECTIONS["other"].search(text):
        others = [one for one in above if one.is_cost and one.use != STAFF_USE]
        return "Övriga kostnader", others, _total(others)
    costs = [one for one in above if one.is_cost]
    if SECTIONS["staff"].search(text):
        staff = [one for one in costs if one.use == STAFF_USE]
        return "Personal", staff, _total(staff)
    fetched = [one for one in above if one.use == TOTAL_USE and not _is_total(one) and one.formula]
    more = [part for one in fetched for part in _row_or_other_sheet(one, items)[1]]
    return "Kostnad i allt", [*costs, *more], _total([*costs, *more])


def _is_of(one: Item, total: Item) -> bool:
    """Whether an item belongs to the party that a sought amount is of; all when it is of none."""
    return not total.party or one.party == total.party


def _row_or_other_sheet(item: Item, items: Sequence[Item]) -> tuple[str, list[Item], int]:
    """The sum over a row's parties, or what is fetched from a sum on another sheet."""
    if len(item.sums) > 1:
        row = [
            one
            for one in items
            if one.sheet == item.sheet and one.row == item.row and one.column in item.sums
        ]
        return "Radens summa", row, _total(row)
    places = _references(item.formula, item.sheet)
    sources = [one for one in items if (one.sheet, one.cell) in places and one is not item]
    parts = [part for one in sources for part in _ours(one, items)[1] if one.use == TOTAL_USE]
    return f"Hämtat från bladet {sources[0].sheet}" if sources else "Summa", parts, _total(parts)


def _judged(
    item: Item,
    parts: Sequence[Item],
    difference: int,
    items: Sequence[Item],
    pages: Sequence[Page],
) -> tuple[Verdict, str]:
    """Which of two sums that differ is wrong, and why."""
    how_much = f"{kronor(abs(difference))} för {'låg' if difference > 0 else 'hög'}"
    reached = _reached(item, pages)
    texts = [one for one in parts if one.is_text and (one.sheet, one.cell) in reached]
    if texts and _total(texts) == difference:
        cells = enumerate_words([f"{one.cell} ”{one.written}”" for one in texts])
        return "sheet_wrong", (
            f"Arkets summa är fel, {how_much}: {cells} är text och räknas inte av SUMMA. "
            "Vår summa räknar med beloppet."
        )
    missed = [one for one in parts if reached and (one.sheet, one.cell) not in reached]
    if missed and _total(missed) == difference:
        rows = enumerate_words([f"{one.cell} ”{one.label}”" for one in missed[:NAMED]])
        return "sheet_wrong", f"Arkets summa är fel, {how_much}: formeln når inte {rows}."
    if any(CHOSEN in one.why for one in items if one in parts or (one.sheet, one.cell) in reached):
        return "chosen", "Skillnaden kommer av vad ni har valt för raderna."
    if not item.formula:
        return "sheet_wrong", (
            f"Arkets summa är skriven för hand och är {how_much} mot raderna. Vår summa är "
            "räknad ur raderna; kontrollera att alla rader är rätt."
        )
    return "unclear", (
        f"Arkets summa är {how_much} mot raderna. Kontrollera raderna och låt kalkylprogrammet "
        "räkna om arket."
    )


def _reached(item: Item, pages: Sequence[Page]) -> set[tuple[str, str]]:
    """Every cell that a formula counts, also through other formulas."""
    by_name = {page.name: page for page in pages}
    reached: set[tuple[str, str]] = set()
    waiting = [(item.sheet, item.formula)]
    while waiting and len(reached) < MOST_CELLS:
        sheet, formula = waiting.pop()
        for place in _references(formula, sheet) - reached:
            reached.add(place)
            page = by_name.get(place[0])
            cell = page.cells.get(place[1]) if page else None
            if cell is not None and cell.formula:
                waiting.append((place[0], cell.formula))
    return reached


def _references(formula: str, sheet: str) -> set[tuple[str, str]]:
    return set(_cells_of(formula, sheet))


def _cells_of(formula: str, sheet: str) -> Iterator[tuple[str, str]]:
    for quoted, plain, column, row, last_column, last_row in REFERENCE.findall(formula):
        name = quoted or plain or sheet
        first, last = _number(column), _number(last_column or column)
        rows = range(int(row), int(last_row or row) + 1)
        if (last - first + 1) * len(rows) > MOST_CELLS:
            continue
        yield from (
            (name, f"{letter(at)}{number}") for at in range(first, last + 1) for number in rows
        )


def _number(column: str) -> int:
    total = 0
    for sign in column:
        total = total * 26 + ord(sign) - 64
    return total


def _total(items: Sequence[Item]) -> int:
    return sum(item.amount or 0 for item in items)


def _signed(items: Sequence[Item]) -> int:
    return sum((item.is_cost - item.is_own) * (item.amount or 0) for item in items)
