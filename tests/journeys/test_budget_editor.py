"""An applicant fills in the budget in the browser: typed, pasted from Excel, without scripts."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from budgets.editing import new_budget, replace_content
from budgets.models import Budget
from finsam.associations.models import Association
from finsam.people.models import User
from tests.budgets.samples import CONTENT
from tests.journeys.conftest import Visit

pytestmark = pytest.mark.urls("tests.budgets.editor_page")
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture
def budget(transactional_db: None, association: Association) -> Budget:
    made = new_budget(association=association, years=[2024], actor=None)
    return replace_content(budget=made, content=CONTENT, expected_version=1, actor=None)


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def test_sums_follow_what_is_typed_and_rows_are_pasted_from_excel(
    budget: Budget,
    applicant: User,
    visit: Visit,
    assert_accessible: Callable[[Page], None],
    assert_reflows: Callable[[Page], None],
) -> None:
    page = visit(applicant)
    page.goto(f"/prov/budget/{budget.pk}/")
    assert_accessible(page)
    picture(page, "editor")

    page.locator("#kostnader-1-amount").fill("150 000")
    expect(page.locator("#budget-summor")).to_contain_text("ska vara 0")
    expect(page.locator("#kostnader-summa")).to_have_text("150\u00a0000\u00a0kr")
    page.locator("#kostnader-2-description").evaluate(
        """field => {
            const data = new DataTransfer();
            data.setData("text/plain", "Tolk vid träffar\\tKarlshamns kommun\\t2024\\t25 000\\n");
            field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
        }"""
    )
    expect(page.locator("#budget-summor")).to_contain_text("Tolk kan inte sökas")
    expect(page.locator("#kostnader-2-party")).to_have_value("Karlshamns kommun")
    assert_accessible(page)
    picture(page, "editor-findings")

    page.get_by_role("link", name="Kostnader, rad 2").nth(1).click()
    expect(page.locator("#kostnader-2-description")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#kostnader-1-description")).to_be_focused()
    page.get_by_role("button", name="Spara").click()
    page.wait_for_load_state()
    assert [row.amount for row in Budget.objects.get().content().costs] == [150_000, 25_000]
    page.set_viewport_size({"width": 390, "height": 800})
    assert_reflows(page)
    picture(page, "editor-narrow")


def test_X05_rows_are_added_and_saved_without_javascript(
    budget: Budget, applicant: User, visit: Visit, assert_accessible: Callable[[Page], None]
) -> None:
    page = visit(applicant, javascript=False)
    page.goto(f"/prov/budget/{budget.pk}/")
    page.get_by_role("button", name="Fem rader till i Kostnader").click()
    page.locator("#kostnader-9-description").fill("Läromedel")
    page.locator("#kostnader-9-amount").fill("90.000")
    page.get_by_role("button", name="Spara").click()

    expect(page.locator(".ds-error-summary")).to_contain_text("kan betyda")
    expect(page.locator("#kostnader-9-amount")).to_have_value("90.000")
    page.locator("#kostnader-9-amount").fill("90 000")
    page.get_by_role("button", name="Spara").click()

    expect(page.locator("#budget-summor")).to_contain_text("1\u00a0302\u00a0126\u00a0kr")
    assert Budget.objects.get().content().costs[-1].position == 9
