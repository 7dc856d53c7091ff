"""A budget out as a workbook and in from one: the same data in the browser and in Excel."""

from __future__ import annotations

from dataclasses import dataclass

from budgets.check import CheckResult, check_workbook
from budgets.content import BudgetContent
from budgets.context import BudgetContext
from budgets.editing import replace_content
from budgets.models import Budget
from budgets.revisions import stamp_of
from budgets.workbook_write import write_workbook
from finsam.people.models import User


@dataclass(frozen=True)
class ImportResult:
    """What came of a workbook: the check with all findings, and whether its rows were taken in."""

    check: CheckResult
    is_imported: bool


def export_workbook(budget: Budget, context: BudgetContext) -> bytes:
    """The budget as a workbook; imported again unchanged it gives the same rows."""
    return write_workbook(budget.content(), context, stamp_of(budget))


def empty_workbook(context: BudgetContext) -> bytes:
    """The template without rows."""
    return write_workbook(BudgetContent(), context)


def import_workbook(
    *,
    budget: Budget,
    data: bytes,
    context: BudgetContext,
    actor: User | None,
    expected_version: int | None = None,
    name: str = "budget.xlsx",
) -> ImportResult:
    """Check a workbook and take in its rows; see `take_rows`.

    The check runs in a child process: inside a transaction of your own, call `check_workbook`
    before it and `take_rows` within.
    """
    check = check_workbook(data, context, name)
    return take_rows(
        budget=budget,
        check=check,
        actor=actor,
        expected_version=budget.version if expected_version is None else expected_version,
    )


def take_rows(
    *, budget: Budget, check: CheckResult, expected_version: int, actor: User | None
) -> ImportResult:
    """Make the rows of a checked workbook the budget, if all could be read; writes `budget_saved`.

    A workbook that breaks rules of money becomes the draft all the same, with its findings; one
    that is not ours or has cells that cannot be read changes nothing. Raises Conflict when the
    budget was changed after `expected_version`.
    """
    if not check.can_be_taken:
        return ImportResult(check, is_imported=False)
    replace_content(
        budget=budget, content=check.content, expected_version=expected_version, actor=actor
    )
    return ImportResult(check, is_imported=True)
