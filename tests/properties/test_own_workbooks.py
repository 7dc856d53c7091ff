"""Any amount of a sheet of the applicants' own becomes rows that cost just that amount."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from budgets.own.items import Item
from budgets.own.taking import content_of
from budgets.summary import summarise
from tests.budgets.own_samples import context_of

SHARES = st.none() | st.decimals("0.5", "200", places=2)
MONTHS = st.none() | st.decimals("0.5", "24", places=1)
SALARIES = st.none() | st.decimals("0.01", "200000", places=2)
OVERHEADS = st.none() | st.decimals("0", "90", places=2)


@given(st.integers(1, 10**11), SHARES, MONTHS, SALARIES, OVERHEADS)
def test_a_staff_row_costs_the_amount_of_its_cell(
    amount: int,
    share: Decimal | None,
    months: Decimal | None,
    salary: Decimal | None,
    overhead: Decimal | None,
) -> None:
    context = context_of("2021")
    item = Item(
        "Blad", "A1", "Handledare", "", amount, "staff", context.names[0],
        share=share, months=months, salary=salary, overhead=overhead, year=context.years[0],
    )  # fmt: skip

    summary = summarise(content_of([item], context))

    assert (summary.total_cost, summary.requested) == (amount, amount)
