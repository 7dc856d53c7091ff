"""Writing a budget's rows, and freezing the budget as it is submitted or decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from budgets.content import BudgetContent, Entry, Sheet
from budgets.models import Budget, BudgetVersion, CostRow, FinancingRow, StaffRow
from budgets.revisions import keep_revision
from budgets.summary import summarise
from finsam import clock
from finsam.associations.models import Association
from finsam.errors import Conflict, NotPossible
from finsam.people.models import User
from finsam.registry.canonical import digest
from finsam.registry.events import record_event

ROW_MODELS: dict[Sheet, type[StaffRow | CostRow | FinancingRow]] = {
    Sheet.STAFF: StaffRow,
    Sheet.COSTS: CostRow,
    Sheet.FINANCING: FinancingRow,
}


def new_budget(*, association: Association, years: Sequence[int], actor: User | None) -> Budget:
    """An empty budget for the years of an application; the application writes the event."""
    with transaction.atomic():
        budget = Budget.objects.create(
            association=association, years=sorted(set(years)), changed_by=actor
        )
        keep_revision(budget)
    return budget


def set_years(*, budget: Budget, years: Sequence[int], actor: User | None) -> Budget:
    """Change which years the budget covers; writes `budget_years_set`. The rows stay."""
    wanted = sorted(set(years))
    if wanted == budget.years:
        return budget
    with transaction.atomic():
        _claim_version(budget, budget.version, actor)
        Budget.objects.filter(pk=budget.pk).update(years=wanted)
        budget.years = wanted
        record_event(
            association=budget.association,
            actor=actor,
            action="budget_years_set",
            obj=budget,
            payload={"years": wanted},
        )
    return budget


def save_rows(
    *,
    budget: Budget,
    sheet: Sheet,
    rows: Sequence[Entry],
    expected_version: int,
    actor: User | None,
) -> Budget:
    """Replace one table of a budget; writes `budget_saved`. Rows without change write nothing.

    Raises Conflict when somebody saved after `expected_version`, NotPossible when it is locked.
    """
    if any(row.sheet is not sheet for row in rows):
        raise ValueError("A row of another sheet.")
    if expected_version == budget.version and _rows_of(budget, sheet) == list(rows):
        return budget
    with transaction.atomic():
        _claim_version(budget, expected_version, actor)
        _replace(budget, sheet, rows)
        _record_saved(budget, actor, [sheet])
    return budget


def replace_content(
    *, budget: Budget, content: BudgetContent, expected_version: int, actor: User | None
) -> Budget:
    """Replace all three tables at once; writes `budget_saved`.

    Raises Conflict when somebody saved after `expected_version`, NotPossible when it is locked.
    """
    with transaction.atomic():
        _claim_version(budget, expected_version, actor)
        _replace(budget, Sheet.STAFF, content.staff)
        _replace(budget, Sheet.COSTS, content.costs)
        _replace(budget, Sheet.FINANCING, content.financing)
        _record_saved(budget, actor, list(Sheet))
    return budget


def freeze_budget(*, budget: Budget, actor: User | None) -> BudgetVersion:
    """Keep the budget as it is now, with its hash; writes `budget_frozen`.

    An unchanged budget gives the version that was frozen last.
    """
    with transaction.atomic():
        Budget.objects.select_for_update().get(pk=budget.pk)
        content = budget.content()
        rows = content.as_json()
        sha256 = digest(rows)
        last = budget.versions.order_by("-number").first()
        if last is not None and last.sha256 == sha256:
            return last
        summary = summarise(content)
        highest = budget.versions.aggregate(highest=Max("number"))["highest"]
        version = BudgetVersion.objects.create(
            budget=budget,
            number=(highest or 0) + 1,
            content=rows,
            total_cost=summary.total_cost,
            requested_amount=summary.requested,
            sha256=sha256,
            created_by=actor,
        )
        record_event(
            association=budget.association,
            actor=actor,
            action="budget_frozen",
            obj=version,
            payload={"number": version.number, "sha256": sha256, "requested": summary.requested},
        )
    return version


def lock_budget(*, budget: Budget, actor: User | None, locked: bool = True) -> Budget:
    """Close the budget for changes, or open it again; writes `budget_locked` or `budget_opened`."""
    with transaction.atomic():
        changed = Budget.objects.filter(pk=budget.pk, is_locked=not locked).update(is_locked=locked)
        if changed:
            record_event(
                association=budget.association,
                actor=actor,
                action="budget_locked" if locked else "budget_opened",
                obj=budget,
            )
        budget.is_locked = locked
    return budget


def _claim_version(budget: Budget, expected: int, actor: User | None) -> None:
    """Count the version up if it is still the one that was read; else say who was before."""
    changed_at = clock.now()
    open_rows = Budget.objects.filter(pk=budget.pk, version=expected, is_locked=False)
    if not open_rows.update(version=F("version") + 1, changed_at=changed_at, changed_by=actor):
        now = Budget.objects.select_related("changed_by").get(pk=budget.pk)
        if now.is_locked:
            raise NotPossible("budget_locked", "Budgeten är inlämnad och kan inte ändras.")
        who = now.changed_by.name if now.changed_by else "Någon annan"
        raise Conflict(
            "budget_changed",
            f"{who} har ändrat budgeten sedan du öppnade den. Jämför och välj vad som ska gälla.",
        )
    budget.version = expected + 1
    budget.changed_at, budget.changed_by = changed_at, actor


def _rows_of(budget: Budget, sheet: Sheet) -> list[Entry]:
    rows: Any = ROW_MODELS[sheet].objects.filter(budget=budget)
    return [row.entry() for row in rows]


def _replace(budget: Budget, sheet: Sheet, rows: Sequence[Any]) -> None:
    model: Any = ROW_MODELS[sheet]
    model.objects.filter(budget=budget).delete()
    names = [name for name in next(iter(rows)).columns if name != "cost"] if rows else []
    model.objects.bulk_create(
        model(
            budget=budget,
            position=row.position,
            **{name: _stored(row, name) for name in names},
        )
        for row in rows
    )


def _stored(row: Any, name: str) -> Any:
    """The value of a field; a choice that is not made is stored as an empty text."""
    value = getattr(row, name)
    return value or "" if name in {"kind", "source"} else value


def _record_saved(budget: Budget, actor: User | None, sheets: Sequence[Sheet]) -> None:
    """The event tells that and where, with a digest: the rows are the applicant's own draft."""
    keep_revision(budget)
    record_event(
        association=budget.association,
        actor=actor,
        action="budget_saved",
        obj=budget,
        payload={
            "version": budget.version,
            "sheets": [str(sheet) for sheet in sheets],
            "sha256": digest(budget.content().as_json()),
        },
    )
