"""From confirmed items to the budget's rows: the same sums to the krona."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, Decimal

from budgets.content import BudgetContent, CostEntry, CostKind, FinancingEntry, Source, StaffEntry
from budgets.context import BudgetContext
from budgets.own.items import SOURCE_USES, STAFF_USE, Item
from budgets.staffing import row_cost

STEP = Decimal("0.00000001")
FULL = Decimal(100)
LONGEST_ROLE, LONGEST_TEXT = 200, 500
# Percent of full time, months, monthly salary, overhead percent.
Facts = tuple[Decimal, Decimal, int, Decimal]


def content_of(items: Sequence[Item], context: BudgetContext) -> BudgetContent:
    """The rows that confirmed items become; what is sought is cost less own, party by party.

    Each in the year of its table or column. Items that are left open are left out.
    """
    counted = [item for item in items if not item.open and item.amount]
    staff = [item for item in counted if item.use == STAFF_USE]
    costs = [item for item in counted if item.is_cost and item.use != STAFF_USE]
    own = [item for item in counted if item.is_own]
    years: list[int | None] = [*context.years] or [None]
    sought = [
        (name, year, amount)
        for year in years
        for name, amount in sought_of([i for i in counted if i.year == year], context.names)
        if amount
    ]
    return BudgetContent(
        tuple(_staff(at, item, context) for at, item in enumerate(staff, start=1)),
        tuple(
            CostEntry(
                at, kind=CostKind(item.use), description=item.label[:LONGEST_TEXT],
                party=item.party, year=item.year, amount=item.amount,
            )
            for at, item in enumerate(costs, start=1)
        ),
        tuple(
            FinancingEntry(at, source=source, party=party, year=year, amount=amount)
            for at, (source, party, year, amount) in enumerate(
                [
                    *((Source.SOUGHT, *each) for each in sought),
                    *((SOURCE_USES[item.use], item.party, item.year, item.amount) for item in own),
                ],
                start=1,
            )
        ),
    )  # fmt: skip


def sought_of(items: Iterable[Item], names: Sequence[str]) -> list[tuple[str, int]]:
    """Cost less own financing of each party, in the order of the parties."""
    left = dict.fromkeys(names, 0)
    for item in items:
        sign = item.is_cost - item.is_own
        left[item.party] = left.get(item.party, 0) + sign * (item.amount or 0)
    return list(left.items())


def _staff(at: int, item: Item, context: BudgetContext) -> StaffEntry:
    """A staff row that costs what the item says.

    With share, months, salary and overhead in the sheet these are taken as they are when they give
    the amount. Else the salary is reckoned from the amount, and the note says so.
    """
    amount, year = item.amount or 0, item.year
    months = item.months or (context.months_in(year) if year else Decimal(12))
    note = f"Ur {item.place}: lön inklusive PO, räknad ur beloppet."
    ways = [_as_written(item, months), _reckoned(amount, item.share or FULL, months)]
    facts = next(
        (way for way in ways if way and _cost(way) == amount),
        (FULL, Decimal(1), amount, Decimal(0)),
    )
    if facts is ways[0]:
        note = f"Ur {item.place}." + ("" if item.overhead is not None else " Lön inklusive PO.")
    percent, months, salary, overhead = facts
    return StaffEntry(
        at, party=item.party, role=item.label[:LONGEST_ROLE], employer=item.party, year=year,
        percent=percent, months=months, salary=salary, overhead=overhead, note=note,
    )  # fmt: skip


def _as_written(item: Item, months: Decimal) -> Facts | None:
    """The row's own figures, where it has them in whole kronor."""
    if item.share is None or item.salary is None or item.salary != int(item.salary):
        return None
    return item.share, months, int(item.salary), item.overhead or Decimal(0)


def _reckoned(amount: int, share: Decimal, months: Decimal) -> Facts:
    """The salary that gives the amount; the share is trimmed so that no krona is lost."""
    salary = int((amount * FULL / (share * months)).to_integral_value(ROUND_CEILING))
    percent = (amount * FULL / (months * salary)).quantize(STEP)
    return percent, months, salary, Decimal(0)


def _cost(facts: Facts) -> int:
    percent, months, salary, overhead = facts
    return row_cost(percent=percent, months=months, salary=salary, overhead=overhead)
