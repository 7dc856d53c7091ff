"""The auditor reads the ledger and the events, and can change nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from finsam.registry.models import Event
from tests.journeys.conftest import Visit
from tests.journeys.story import Example

Look = Callable[[Page], None]


def test_19_auditor_reads_ledger_and_events_and_changes_nothing(
    example: Example, visit: Visit, look: Look
) -> None:
    before = Event.objects.count()
    page = visit(example.person("bertil_sandvik"))

    # The year, a frame, and each sum down to its transfers.
    page.goto("/blekinge/ekonomi/")
    page.get_by_role("link", name="2024", exact=True).click()
    expect(page.locator("main")).to_contain_text("Ram för individinsatser 2024")
    look(page)
    page.get_by_role("link", name="Ram för individinsatser 2024").first.click()
    look(page)
    page.locator("main a[href*='/ekonomi/konto/']").first.click()
    look(page)

    # The events: who did what and when, found by case and day; each carries its proof.
    page.goto("/blekinge/kansli/handelser/")
    look(page)
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("kontrollsumma")
    look(page)

    # The register, an application and its documents; nothing to press.
    page.goto("/blekinge/diarium/")
    look(page)
    page.goto("/blekinge/kansli/ansokningar/")
    expect(page.get_by_role("table")).not_to_contain_text("Kvinnor vidare")
    page.get_by_role("link", name="Hållplatsen").click()
    expect(page.locator("main").get_by_role("button")).to_have_count(0)
    look(page)

    # Where the office works, the auditor is told who may.
    page.goto("/blekinge/moten/nytt/")
    expect(page.locator("main")).to_contain_text(re.compile("roll|behörig", re.IGNORECASE))
    look(page)
    assert Event.objects.count() == before
