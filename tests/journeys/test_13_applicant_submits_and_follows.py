"""The applicant submits the signed application, keeps the receipt and sees where it is."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from applications.models import ApplicationState
from boards.demo import acts
from tests.journeys.browser import fetch_behind
from tests.journeys.conftest import Visit
from tests.journeys.story import Example

Look = Callable[[Page], None]


def test_13_applicant_submits_and_gets_the_receipt(
    example: Example, visit: Visit, look: Look
) -> None:
    cast, effort = example.cast, example.effort("olofstrom")
    acts.write_budget(cast, effort)
    acts.write_application(cast, effort)
    acts.sign_by_all(cast, effort)

    page = visit(example.person("nadja_berg"))
    page.goto("/blekinge/mina/")
    page.get_by_role("link", name="Kvinnor vidare").first.click()
    page.locator(".next").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lämna in ansökan")
    look(page)

    # Without the confirmation nothing is sent.
    page.get_by_role("button", name="Lämna in ansökan").click()
    expect(page.locator(".ds-error-summary")).to_be_visible()
    assert example.application("olofstrom").state == ApplicationState.DRAFT
    look(page)
    page.locator("input[type=checkbox]").check()
    page.get_by_role("button", name="Lämna in ansökan").click()

    # The receipt tells number and moment at once; its PDF is made behind.
    expect(page.get_by_role("heading", level=1)).to_have_text("Ansökan är inlämnad")
    expect(page.locator(".next h2")).to_have_text(re.compile(r"^SFB \d{4}/\d+$"))
    look(page)
    example.work()
    page.reload()
    receipt = fetch_behind(page, page.get_by_role("link", name="Kvittensen som PDF"))
    assert receipt.startswith(b"%PDF")

    # From now on the page shows where the application is, and nothing can be changed.
    page.get_by_role("link", name="Följ ansökan").click()
    expect(page.get_by_role("list", name="Ansökans väg")).to_contain_text("pågår nu")
    expect(page.get_by_role("list", name="Ansökans delar")).to_have_count(0)
    look(page)
    page.goto(f"{example.application('olofstrom').get_absolute_url()}meddelanden/")
    look(page)
    page.locator("textarea").fill("När får vi veta om något behöver kompletteras?")
    page.get_by_role("button", name="Skicka").click()
    expect(page.locator(".comments")).to_contain_text("När får vi veta")
    look(page)
