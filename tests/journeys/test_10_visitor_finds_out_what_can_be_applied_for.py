"""A visitor, not signed in, finds out what can be applied for, by whom and when."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from applications.sending import application_key
from finsam.documents.documents import document_for
from tests.journeys.browser import fetch_behind
from tests.journeys.conftest import Visit
from tests.journeys.story import Example

Look = Callable[[Page], None]


def test_10_visitor_finds_out_what_can_be_applied_for(
    example: Example, visit: Visit, look: Look
) -> None:
    page = visit()

    # The first page lists the associations; one of them is theirs.
    page.goto("/")
    look(page)
    page.get_by_role("link", name="Samordningsförbundet i Blekinge").first.click()

    # The landing page says what is open, until when, who may apply and how it goes.
    expect(page).to_have_title(re.compile("Blekinge"))
    card = page.locator("section", has=page.get_by_role("heading", name="Individinsatser 2024"))
    expect(card.first).to_contain_text("9\u00a0000\u00a0000\u00a0kr")
    look(page)

    # The round has milestones, criteria, the questions and what to download.
    page.get_by_role("link", name=re.compile("Till omgången Individinsatser 2024")).click()
    for heading in ("Hållpunkter", "Så bedöms ansökan", "Frågorna i ansökan", "Vem kan söka?"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
    look(page)
    with page.expect_download() as blank:
        page.get_by_role("link", name=re.compile("Excel|Budget", re.IGNORECASE)).first.click()
    assert blank.value.suggested_filename.endswith(".xlsx")

    # Three questions answer whether they can apply.
    page.get_by_role("link", name=re.compile("Kan vi söka")).click()
    look(page)
    page.get_by_role("button", name="Visa svaret").click()
    expect(page.locator(".ds-error-summary")).to_be_visible()
    look(page)
    page.locator("select").select_option(label="Olofströms kommun")
    page.locator("[value=nej]").check()
    page.get_by_role("button", name="Visa svaret").click()
    expect(page.locator(".next")).to_contain_text("Inte som det är nu")
    look(page)
    page.goto("/blekinge/omgangar/individinsatser-2024/")

    # All questions can be printed beforehand.
    page.get_by_role("link", name="Skriv ut alla frågor").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Alla frågor och kriterier")
    look(page)


def test_10_visitor_follows_decisions_and_documents(
    example: Example, visit: Visit, look: Look
) -> None:
    page = visit()

    # The attested minutes are announced on the notice board, and their decisions listed.
    page.goto("/blekinge/anslagstavla/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Anslagstavla")
    expect(page.get_by_role("region", name="Bevis om anslag").first).to_contain_text("kommun")
    look(page)
    minutes = fetch_behind(page, page.get_by_role("link", name="Protokoll (PDF)").first)
    assert minutes.startswith(b"%PDF")
    page.goto("/blekinge/beslut/")
    expect(page.locator("main")).to_contain_text("Ram för individinsatser 2024")
    look(page)

    # The register is open: number, day and what it is about, but no draft.
    page.goto("/blekinge/diarium/")
    expect(page.locator("main")).to_contain_text("Hållplatsen")
    expect(page.locator("main")).not_to_contain_text("utkast")
    look(page)
    page.get_by_role("row", name=re.compile("Hållplatsen")).get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Handlingar")).to_be_visible()
    look(page)

    # A paper in the hand is checked by the id and the code at its foot; a wrong code is told so.
    document = document_for(application_key(example.application("karlshamn")))
    page.goto("/kontrollera/")
    look(page)
    page.get_by_label(re.compile("id", re.IGNORECASE)).first.fill(document.shown_id)
    page.get_by_label(re.compile("kod", re.IGNORECASE)).first.fill(document.check_code)
    page.get_by_role("button", name=re.compile("Kontrollera")).click()
    expect(page.locator("main")).to_contain_text("Hållplatsen")
    look(page)
    page.get_by_label(re.compile("kod", re.IGNORECASE)).first.fill("FELKOD22")
    page.get_by_role("button", name=re.compile("Kontrollera")).click()
    expect(page.locator("main")).not_to_contain_text("Hållplatsen")
    look(page)

    # The office's pages ask who is there.
    page.goto("/blekinge/kansli/")
    expect(page).to_have_url(re.compile("/konto/login/"))
    look(page)
