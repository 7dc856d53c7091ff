"""The director sees the whole, tries a distribution of the frame and writes a decision memo."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from applications.models import ApplicationState
from budgets.models import Allocation
from tests.journeys.browser import fetch_behind
from tests.journeys.conftest import Visit
from tests.journeys.story import Example

Look = Callable[[Page], None]


def test_15_director_tries_a_distribution_within_the_frame(
    example: Example, visit: Visit, look: Look
) -> None:
    page = visit(example.person("helena_brandt"))
    page.goto("/blekinge/kansli/")
    round_ = page.locator(
        "section", has=page.get_by_role("heading", name="Individinsatser 2024")
    ).first
    expect(round_).to_contain_text("9\u00a0000\u00a0000\u00a0kr")
    look(page)
    round_.get_by_role("link", name="Prova fördelning").click()
    look(page)

    # What does not fit is told with how much it is over; what fits, with what is left.
    link = page.get_by_role("link", name="Prova fördelning")
    if link.count():
        link.first.click()
    fields = page.locator("tbody input")
    for place in range(fields.count()):
        fields.nth(place).fill("2 000 000")
    expect(page.locator("#summor")).to_contain_text("Över ramen")
    look(page)
    fields.nth(0).fill("800 000")
    expect(page.locator("#summor")).to_contain_text("200\u00a0000\u00a0kr")
    page.get_by_label("Namn").fill("Förslag till styrelsen")
    page.get_by_role("button", name="Spara förslaget").click()
    expect(page.locator(".messages")).to_contain_text("är sparat")
    look(page)
    assert Allocation.objects.get(name="Förslag till styrelsen").total == 8_800_000


def test_15_director_writes_the_memo(example: Example, visit: Visit, look: Look) -> None:
    page = visit(example.person("helena_brandt"))
    page.goto("/blekinge/kansli/ansokningar/")
    page.get_by_role("link", name="Språk i arbete").click()
    look(page)
    page.get_by_role("link", name="Beslutsunderlag").click()
    look(page)
    page.get_by_role("button", name="Börja skriva").click()

    # All that is known is filled in; what is written is saved meanwhile.
    expect(page.get_by_role("complementary", name="Det som är känt")).to_contain_text("Tillstyrkt")
    look(page)
    page.get_by_label("Sammanfattning").first.fill("Sölvesborg söker 1 100 000 kr.")
    page.get_by_label(re.compile("Föreslaget belopp")).fill("1 050 000")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Sparat", timeout=15_000)
    page.get_by_role("button", name="Klart: skicka till styrelsen").click()
    expect(page.locator(".next")).to_contain_text("Underlaget är klart")
    look(page)
    assert example.application("solvesborg").state == ApplicationState.TO_BOARD

    # The worker makes it as PDF and as Word.
    example.work()
    page.reload()
    pdf = fetch_behind(page, page.get_by_role("link", name="Öppna som PDF"))
    assert pdf.startswith(b"%PDF")
    word = page.get_by_role("link", name="Word", exact=True)
    assert fetch_behind(page, word).startswith(b"PK")
    look(page)
