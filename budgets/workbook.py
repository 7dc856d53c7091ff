"""A budget as a workbook: the same data as in the browser, read back by `check`."""

from __future__ import annotations

from budgets.content import BudgetContent
from budgets.context import BudgetContext
from budgets.models import Budget
from budgets.revisions import stamp_of
from budgets.workbook_write import write_workbook


def export_workbook(budget: Budget, context: BudgetContext) -> bytes:
    """The budget as a workbook; imported again unchanged it gives the same rows."""
    return write_workbook(budget.content(), context, stamp_of(budget))


def empty_workbook(context: BudgetContext) -> bytes:
    """The template without rows."""
    return write_workbook(BudgetContent(), context)
