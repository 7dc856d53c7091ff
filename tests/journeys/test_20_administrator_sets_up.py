"""The administrator and the director see to the association's settings and roles."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.story import Example

Look = Callable[[Page], None]


def test_20_administrator_sets_up_and_reads_no_draft(
    example: Example, visit: Visit, look: Look
) -> None:
    page = visit(example.person("maja_ekman"))
    page.goto("/blekinge/administration/personer/")
    expect(page.locator("main")).to_contain_text("Förbundschef")
    look(page)
    page.goto("/blekinge/kansli/installningar/")
    look(page)

    # Wrong is told on top; right is saved and seen at once by everybody.
    page.locator("#id_email").fill("ingen adress")
    page.get_by_role("button", name="Spara inställningarna").click()
    expect(page.locator(".ds-error-summary")).to_be_visible()
    look(page)
    page.locator("#id_email").fill("kansliet@finsam-blekinge.exempel.se")
    page.get_by_role("button", name="Spara inställningarna").click()
    expect(page.locator(".messages")).to_contain_text("Inställningarna är sparade.")
    visitor = visit()
    visitor.goto("/blekinge/")
    expect(visitor.locator("footer")).to_contain_text("kansliet@finsam-blekinge.exempel.se")

    # The content of a draft is not the administrator's.
    page.goto(example.application("olofstrom").get_absolute_url())
    expect(page.locator("main")).not_to_contain_text("Kvinnor vidare")
    look(page)


def test_20_director_plans_a_meeting(example: Example, visit: Visit, look: Look) -> None:
    page = visit(example.person("helena_brandt"))
    page.goto("/blekinge/moten/nytt/")
    look(page)
    page.get_by_role("button", name="Planera mötet").click()
    expect(page.locator(".ds-error-summary")).to_be_visible()
    look(page)
    page.get_by_label("Organ").select_option(label="Styrelsen")
    page.get_by_label("Dag", exact=True).fill("2027-02-08")
    page.get_by_label("Börjar").fill("09:00")
    page.get_by_label("Plats", exact=True).fill("Sölvesborg, Stadshuset")
    page.get_by_role("button", name="Planera mötet").click()
    expect(page.get_by_role("list", name="Ärenden")).to_contain_text(
        re.compile("justerare", re.IGNORECASE)
    )
    look(page)
