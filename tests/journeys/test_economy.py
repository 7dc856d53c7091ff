"""The director follows the money and tries a distribution; with and without JavaScript."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from budgets import sought
from budgets.frames import reserve_grant
from budgets.models import Allocation, Frame
from budgets.sought import provide_sought
from finsam.associations.models import Association
from finsam.people.models import User
from tests.budgets.conftest import frame_of_nine_million
from tests.budgets.test_allocations import PROPOSAL, applications
from tests.journeys.conftest import Visit

PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture
def nine_million(
    transactional_db: None,
    association: Association,
    director: User,
    monkeypatch: pytest.MonkeyPatch,
) -> Frame:
    """The frame of programme 1 with five applications told of by the floor above."""
    monkeypatch.setattr(sought, "_providers", [])
    provide_sought(applications)
    return frame_of_nine_million(association, director)


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def test_the_director_tries_a_distribution_and_keeps_it(
    nine_million: Frame,
    director: User,
    visit: Visit,
    assert_accessible: Callable[[Page], None],
    assert_reflows: Callable[[Page], None],
) -> None:
    page = visit(director)
    page.goto("/sjo/ekonomi/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ekonomi 2024")
    assert_accessible(page)
    picture(page, "year")

    page.get_by_role("link", name="Individinsatser 2024").click()
    expect(page.get_by_text("Mer söks än ramen räcker till")).to_be_visible()
    assert_accessible(page)
    picture(page, "frame")

    page.get_by_role("link", name="Prova fördelning").click()
    page.wait_for_load_state()  # The script that counts is read after the page.
    fields = page.locator("tbody input")
    expect(page.locator("#summor")).to_contain_text("0\u00a0kr")
    fields.nth(0).fill("4 000 000")
    expect(page.locator("#summor")).to_contain_text("Över ramen")
    assert_accessible(page)
    for place, amount in enumerate(PROPOSAL):
        fields.nth(place).fill(str(amount))
    expect(page.locator("#summor")).to_contain_text("40\u00a0000\u00a0kr")
    expect(page.locator("#summa-andel")).to_contain_text("95")
    picture(page, "try")

    page.get_by_label("Namn").fill("B: hålla ramen, värna Karlskrona")
    page.get_by_role("button", name="Spara förslaget").click()
    expect(page.get_by_text("är sparat")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Namn").fill("A: samma andel")
    page.get_by_role("button", name="Spara som nytt").click()
    expect(page.get_by_text("”A: samma andel” är sparat")).to_be_visible()

    page.goto(f"/sjo/ekonomi/ram/{nine_million.pk}/jamfor/")
    expect(page.get_by_role("columnheader")).to_have_count(5)
    assert_accessible(page)
    picture(page, "compare")
    page.goto(f"/sjo/ekonomi/ram/{nine_million.pk}/")
    page.get_by_role("button", name=re.compile("värna Karlskrona")).click()
    expect(page.locator("#forslag").locator("..").locator("..")).to_contain_text(
        "förs fram i underlaget"
    )
    assert Allocation.objects.get(is_proposed=True).total == 8_960_000
    page.set_viewport_size({"width": 390, "height": 800})
    for name in ("", "prova/", "jamfor/"):
        page.goto(f"/sjo/ekonomi/ram/{nine_million.pk}/{name}")
        assert_reflows(page)
        assert_accessible(page)
        picture(page, f"narrow-{name.strip('/') or 'frame'}")
    page.goto("/sjo/ekonomi/")
    assert_reflows(page)
    picture(page, "narrow-year")


def test_the_amounts_are_moved_between_by_keyboard_and_pasted_from_excel(
    nine_million: Frame, director: User, visit: Visit
) -> None:
    page = visit(director)
    page.goto(f"/sjo/ekonomi/ram/{nine_million.pk}/prova/")
    fields = page.locator("tbody input")

    fields.nth(0).focus()
    page.keyboard.press("ArrowDown")
    expect(fields.nth(1)).to_be_focused()
    fields.nth(1).evaluate(
        """field => {
            const data = new DataTransfer();
            data.setData("text/plain", "1 850 000\\n1 650 000\\n1 050 000\\n760 000\\n");
            field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
        }"""
    )

    expect(fields.nth(4)).to_have_value("760 000")
    expect(page.locator("#summa")).to_have_text("9\u00a0094\u00a0064")


def test_X05_a_distribution_is_tried_without_javascript(
    nine_million: Frame, director: User, visit: Visit
) -> None:
    page = visit(director, javascript=False)
    page.goto(f"/sjo/ekonomi/ram/{nine_million.pk}/prova/")
    for place, amount in enumerate(PROPOSAL):
        page.locator("tbody input").nth(place).fill(str(amount))

    page.get_by_role("button", name="Räkna om").click()

    expect(page.locator("#summor")).to_contain_text("40\u00a0000\u00a0kr")
    expect(page.locator("tbody input").nth(0)).to_have_value("3650000")
    assert not Allocation.objects.exists()


def test_the_auditor_follows_a_sum_to_its_transfers(
    nine_million: Frame,
    director: User,
    auditor: User,
    visit: Visit,
    assert_accessible: Callable[[Page], None],
    assert_reflows: Callable[[Page], None],
) -> None:
    reserve_grant(
        frame=nine_million, amount=1_850_000, key="one", actor=director, name="Hållplatsen"
    )
    page = visit(auditor, width=320)
    page.goto(f"/sjo/ekonomi/ram/{nine_million.pk}/")

    page.get_by_role("link", name="7\u00a0150\u00a0000\u00a0kr").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Individinsatser 2024")
    expect(page.get_by_role("link", name="Till bidraget till Hållplatsen")).to_be_visible()
    assert_accessible(page)
    assert_reflows(page)
    picture(page, "account")


@pytest.mark.parametrize("name", ["bidrag", "inbetalning", "fordela", "ny-ram"])
def test_the_forms_of_a_year_are_usable_and_say_what_is_wrong(
    name: str,
    nine_million: Frame,
    director: User,
    visit: Visit,
    assert_accessible: Callable[[Page], None],
    assert_reflows: Callable[[Page], None],
) -> None:
    page = visit(director, width=390)
    page.goto(f"/sjo/ekonomi/2024/{name}/")
    assert_accessible(page)
    assert_reflows(page)
    page.locator("input[inputmode=numeric]").first.fill("1,5")
    page.locator("form.panel button").first.click()
    expect(page.locator(".ds-error-summary")).to_be_visible()
    assert_accessible(page)
    picture(page, f"form-{name}")
