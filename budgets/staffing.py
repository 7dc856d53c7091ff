"""What a staff row costs: share of full time × months × monthly salary × (1 + overhead)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


def exact_cost(*, percent: Decimal, months: Decimal, salary: int, overhead: Decimal) -> Decimal:
    """The cost in kronor before rounding; percent and overhead in percent units (100, 40.1)."""
    product = EXACT.multiply(EXACT.multiply(percent, months), Decimal(salary))
    return EXACT.divide(EXACT.multiply(product, EXACT.add(Decimal(100), overhead)), Decimal(10_000))


def row_cost(*, percent: Decimal, months: Decimal, salary: int, overhead: Decimal) -> int:
    """The cost in whole kronor, rounded half up, per row."""
    exact = exact_cost(percent=percent, months=months, salary=salary, overhead=overhead)
    return round_half_up(exact)


def round_half_up(value: Decimal) -> int:
    """Whole kronor; a half goes up, away from zero."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP, context=EXACT))
