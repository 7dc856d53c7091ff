"""A budget under work: saved by table, never overwritten silently, frozen with its hash."""

from __future__ import annotations

import pytest

from budgets.check import check_workbook
from budgets.content import BudgetContent, Sheet
from budgets.editing import (
    freeze_budget,
    lock_budget,
    new_budget,
    replace_content,
    save_rows,
    set_years,
)
from budgets.models import Budget, BudgetRevision, BudgetVersion
from budgets.revisions import KEPT, content_at, version_of
from budgets.workbook import export_workbook
from budgets.workbook_cells import read_property
from budgets.workbook_layout import STAMP
from finsam.associations.models import Association
from finsam.errors import Conflict, NotPossible
from finsam.people.models import User
from finsam.registry.canonical import digest
from finsam.registry.models import Event
from tests.budgets.samples import CONTENT, CONTEXT, TOWN, cost, staff, with_cells
from tests.kept import kept


@kept
def budget(association: Association, applicant: User) -> Budget:
    return new_budget(association=association, years=[2024], actor=applicant)


def test_rows_are_saved_by_table_and_read_back_the_same(budget: Budget, applicant: User) -> None:
    save_rows(
        budget=budget,
        sheet=Sheet.STAFF,
        rows=CONTENT.staff,
        expected_version=1,
        actor=applicant,
    )
    save_rows(
        budget=budget, sheet=Sheet.COSTS, rows=CONTENT.costs, expected_version=2, actor=applicant
    )
    save_rows(
        budget=budget,
        sheet=Sheet.FINANCING,
        rows=CONTENT.financing,
        expected_version=3,
        actor=applicant,
    )

    stored = Budget.objects.get(pk=budget.pk)
    assert stored.content() == CONTENT
    assert stored.content().as_json() == CONTENT.as_json()
    assert (stored.version, stored.changed_by) == (4, applicant)


def test_O01_the_second_saver_is_told_who_was_first(
    budget: Budget, applicant: User, other_applicant: User
) -> None:
    save_rows(
        budget=budget, sheet=Sheet.COSTS, rows=[cost()], expected_version=1, actor=other_applicant
    )
    late = Budget.objects.get(pk=budget.pk)

    with pytest.raises(Conflict, match=f"{other_applicant.name} har ändrat"):
        save_rows(
            budget=late,
            sheet=Sheet.COSTS,
            rows=[cost(amount=1)],
            expected_version=1,
            actor=applicant,
        )

    assert Budget.objects.get(pk=budget.pk).content().costs == (cost(),)


def test_saving_the_same_rows_again_writes_nothing(budget: Budget, applicant: User) -> None:
    for _ in range(2):
        save_rows(
            budget=budget,
            sheet=Sheet.COSTS,
            rows=[cost()],
            expected_version=budget.version,
            actor=applicant,
        )

    assert budget.version == 2
    assert Event.objects.filter(action="budget_saved").count() == 1


def test_L02_the_event_of_a_draft_holds_no_content(budget: Budget, applicant: User) -> None:
    save_rows(budget=budget, sheet=Sheet.COSTS, rows=[cost()], expected_version=1, actor=applicant)

    event = Event.objects.get(action="budget_saved")
    assert event.payload == {
        "version": 2,
        "sheets": ["Kostnader"],
        "sha256": digest(budget.content().as_json()),
    }


def test_a_row_of_another_sheet_is_refused(budget: Budget) -> None:
    with pytest.raises(ValueError, match="another sheet"):
        save_rows(budget=budget, sheet=Sheet.COSTS, rows=[staff()], expected_version=1, actor=None)


def test_a_locked_budget_is_not_changed(budget: Budget, applicant: User) -> None:
    lock_budget(budget=budget, actor=applicant)
    lock_budget(budget=budget, actor=applicant)

    with pytest.raises(NotPossible, match="inlämnad"):
        replace_content(budget=budget, content=CONTENT, expected_version=1, actor=applicant)

    assert Event.objects.filter(action="budget_locked").count() == 1
    lock_budget(budget=budget, actor=applicant, locked=False)
    replace_content(budget=budget, content=CONTENT, expected_version=1, actor=applicant)
    assert budget.content() == CONTENT


def test_O02_a_frozen_budget_stays_as_it_was(budget: Budget, applicant: User) -> None:
    replace_content(budget=budget, content=CONTENT, expected_version=1, actor=applicant)
    first = freeze_budget(budget=budget, actor=applicant)
    again = freeze_budget(budget=budget, actor=applicant)
    save_rows(
        budget=budget, sheet=Sheet.COSTS, rows=[cost(amount=1)], expected_version=2, actor=applicant
    )
    second = freeze_budget(budget=budget, actor=applicant)

    assert first == again
    assert (first.number, second.number) == (1, 2)
    kept = BudgetVersion.objects.get(pk=first.pk)
    assert kept.rows() == CONTENT
    assert (kept.total_cost, kept.requested_amount) == (1_212_126, 900_000)
    assert kept.sha256 == digest(kept.content) != second.sha256


def test_years_are_set_once_for_each_change(budget: Budget, applicant: User) -> None:
    set_years(budget=budget, years=[2025, 2024, 2024], actor=applicant)
    set_years(budget=budget, years=[2024, 2025], actor=applicant)

    assert Budget.objects.get(pk=budget.pk).years == [2024, 2025]
    assert Event.objects.filter(action="budget_years_set").count() == 1


# --- through the workbook ---------------------------------------------------------------------


def test_a_budget_goes_out_and_in_again_unchanged(budget: Budget, applicant: User) -> None:
    replace_content(budget=budget, content=CONTENT, expected_version=1, actor=applicant)
    data = export_workbook(budget, CONTEXT)

    check = check_workbook(data, CONTEXT)

    assert (check.content, check.findings, check.can_be_taken) == (CONTENT, (), True)
    assert version_of(read_property(data, STAMP), budget) == budget.version == 2
    assert content_at(budget, 2) == CONTENT
    assert content_at(budget, 1) == BudgetContent()
    assert content_at(budget, None) is None


def test_only_the_latest_stages_of_the_rows_are_kept(budget: Budget) -> None:
    for at in range(KEPT + 2):
        save_rows(
            budget=budget,
            sheet=Sheet.COSTS,
            rows=[cost(amount=at)],
            expected_version=budget.version,
            actor=None,
        )

    kept = BudgetRevision.objects.filter(budget=budget)
    assert kept.count() == KEPT
    assert content_at(budget, 1) is None
    assert content_at(budget, budget.version) == BudgetContent(costs=(cost(amount=KEPT + 1),))


def test_a_workbook_that_breaks_a_rule_can_be_taken_with_its_findings() -> None:
    check = check_workbook(with_cells({"Kostnader!E5": 132_001}), CONTEXT)

    assert [each.code for each in check.findings] == ["sum_mismatch"]
    assert check.can_be_taken


@pytest.mark.parametrize(
    "cells",
    [{"Kostnader!E5": "etthundra"}, {"_mall!B2": 2}, {"Kostnader!A5": "Hyror"}],
)
def test_a_workbook_that_cannot_be_read_through_is_not_taken(cells: dict[str, object]) -> None:
    assert not check_workbook(with_cells(cells), CONTEXT).can_be_taken


def test_members_get_their_full_names_on_import() -> None:
    check = check_workbook(with_cells({"Kostnader!C5": " karlshamns KOMMUN"}), CONTEXT)

    assert check.content.costs[0].party == TOWN
