"""The stages of a budget's rows, kept a while: what a workbook was exported from."""

from __future__ import annotations

import re

from budgets.content import BudgetContent
from budgets.models import Budget, BudgetRevision

KEPT = 30
STAMP = re.compile(r"([0-9]{1,15})\.([0-9]{1,9})")


def keep_revision(budget: Budget) -> None:
    """Keep the rows as they stand at the budget's version, and drop the oldest that are kept."""
    BudgetRevision.objects.update_or_create(
        budget=budget, version=budget.version, defaults={"content": budget.content().as_json()}
    )
    rows = BudgetRevision.objects.filter(budget=budget)
    kept = rows.order_by("-version").values_list("version", flat=True)[:KEPT]
    rows.exclude(version__in=list(kept)).delete()


def stamp_of(budget: Budget) -> str:
    """What an exported workbook carries to say which budget it is, at which version."""
    return f"{budget.pk}.{budget.version}"


def version_of(stamp: str, budget: Budget) -> int | None:
    """The version that a workbook says it was exported from; None when it is of another budget."""
    found = STAMP.fullmatch(stamp)
    return int(found[2]) if found and int(found[1]) == budget.pk else None


def content_at(budget: Budget, version: int | None) -> BudgetContent | None:
    """The rows as they were at a version; None when that is not known any more."""
    if version is None:
        return None
    if version == budget.version:
        return budget.content()
    rows = BudgetRevision.objects.filter(budget=budget, version__lte=version)
    kept = rows.order_by("-version").first()
    return kept.rows() if kept is not None else None
