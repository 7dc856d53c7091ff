"""X-05: the whole way with JavaScript off, from the draft to the decision that is attested."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from applications.models import ApplicationState
from boards.demo import acts
from boards.demo.settling import DEMO_PASSWORD
from tests.journeys.conftest import Visit
from tests.journeys.story import Example, fill_in


def signed_in(visit: Visit, example: Example, who: str, address: str) -> Page:
    """By the form, as anybody does."""
    page = visit(javascript=False)
    page.goto(f"/konto/login/?next={address}")
    page.get_by_label("E-post").fill(example.person(who).email)
    page.get_by_label("Lösenord").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Logga in").click()
    return page


def test_X05_from_draft_to_submitted_without_javascript(example: Example, visit: Visit) -> None:
    acts.write_budget(example.cast, example.effort("olofstrom"))
    answers = example.effort("olofstrom").all_answers
    nadja = signed_in(visit, example, "nadja_berg", "/blekinge/mina/")
    nadja.get_by_role("link", name="Kvinnor vidare").first.click()
    nadja.get_by_role("list", name="Ansökans delar").get_by_role("link", name="Målgrupp").click()

    # Section after section: the button saves and leads to the next; rows are added by a button.
    for _ in range(20):
        if "/underskrifter/" in nadja.url:
            break
        fill_in(nadja, answers)
        onward = nadja.get_by_role("button", name=re.compile("Spara och gå till"))
        if onward.count():
            onward.click()
        else:
            nadja.get_by_role("link", name=re.compile("^Nästa:")).click()
    nadja.get_by_role("button", name="Lås och begär underskrifter").click()
    expect(nadja.locator("main")).to_contain_text("Kontrollsumma")
    address = example.application("olofstrom").get_absolute_url()

    # Each party's signatory signs.
    for who in ("henrik_stalnacke", "lena_torstensson", "camilla_rydh"):
        page = signed_in(visit, example, who, f"{address}underskrifter/")
        button = page.get_by_role("button", name="Skriv under", exact=True)
        if not button.count():
            continue
        page.get_by_label(re.compile("läst", re.IGNORECASE)).check()
        page.locator("input[type=password]").fill(DEMO_PASSWORD)
        button.click()
        expect(page.locator("main")).to_contain_text(example.person(who).name)

    nadja.goto(f"{address}lamna-in/")
    nadja.locator("input[type=checkbox]").check()
    nadja.get_by_role("button", name="Lämna in ansökan").click()
    expect(nadja.get_by_role("heading", level=1)).to_have_text("Ansökan är inlämnad")
    assert example.application("olofstrom").state == ApplicationState.SUBMITTED


def test_X05_reviewed_decided_and_attested_without_javascript(
    example: Example, visit: Visit
) -> None:
    meeting = example.meeting("board", "called")
    office = signed_in(visit, example, "oskar_lindh", f"/blekinge/moten/{meeting.pk}/rum/")
    office.get_by_role("button", name="Alla ledamöter är här").click()
    office.get_by_role("button", name="Öppna mötet").click()
    for _ in range(20):
        if office.get_by_role("button", name="Utse och gå vidare").count():
            office.get_by_label(re.compile("Emil Bergdahl")).check()
            office.get_by_role("button", name="Utse och gå vidare").click()
        elif office.get_by_role("button", name="Fastställ beslutet").count():
            office.get_by_label("Bifall", exact=True).check(force=True)
            office.get_by_label(re.compile("Belopp som beviljas")).fill("1 950 000")
            office.get_by_label("Finansieras ur").select_option(index=1)
            office.get_by_role("button", name="Fastställ beslutet").click()
        elif office.get_by_role("button", name="Fastställ och gå vidare").count():
            office.get_by_role("button", name="Fastställ och gå vidare").click()
        else:
            break
    office.get_by_role("link", name="Avsluta mötet").first.click()
    office.get_by_role("button", name="Avsluta mötet").click()
    office.get_by_role("button", name="Skicka till justerarna").click()

    for who in ("kerstin_magnusson", "emil_bergdahl"):
        page = signed_in(visit, example, who, "/blekinge/styrelse/")
        page.get_by_role("link", name=re.compile("Läs och justera")).click()
        page.get_by_label("Ditt lösenord").fill(DEMO_PASSWORD)
        page.get_by_role("button", name="Justera protokollet").click()
    expect(page.locator(".next")).to_contain_text("Protokollet är justerat")

    tobias = signed_in(visit, example, "tobias_wikander", "/blekinge/mina/")
    tobias.get_by_role("link", name="Hållplatsen").first.click()
    expect(tobias.locator("main")).to_contain_text("1\u00a0950\u00a0000\u00a0kr")
