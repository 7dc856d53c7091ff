"""An applicant finishes the draft: sections, parties, budget, an annex, and asks for signatures."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, expect

from applications.budgeting import budget_context
from applications.models import Answer, Application
from boards.demo.settling import DEMO_PASSWORD
from budgets.content import BudgetContent
from budgets.workbook_write import write_workbook
from finsam.messages.models import Message
from tests.documents.pictures import png
from tests.journeys.conftest import Visit
from tests.journeys.story import Example, fill_in

Look = Callable[[Page], None]


def sign_in_as_a_person_does(page: Page, email: str, go_to: str) -> None:
    page.goto(f"/konto/login/?next={go_to}")
    page.get_by_label("E-post").fill(email)
    page.get_by_label("Lösenord").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Logga in").click()


def test_11_applicant_writes_the_sections_that_remain(
    example: Example, visit: Visit, look: Look
) -> None:
    page = visit()
    sign_in_as_a_person_does(page, example.person("nadja_berg").email, "/blekinge/mina/")

    # What waits for the applicant stands first, with the last day.
    waiting = page.get_by_role("region", name="Väntar på er").or_(page.locator("#vantar"))
    expect(waiting.first).to_be_visible()
    look(page)
    page.get_by_role("link", name="Kvinnor vidare").first.click()

    # The application is a list of tasks, and says what to do next.
    expect(page.get_by_role("list", name="Ansökans delar")).to_contain_text("Målgrupp")
    expect(page.locator(".next")).to_be_visible()
    look(page)
    page.get_by_role("list", name="Ansökans delar").get_by_role("link", name="Målgrupp").click()

    # What is typed is saved while one types.
    answers = example.effort("olofstrom").all_answers
    page.locator("#q-target_group_description").fill("Utrikesfödda kvinnor, 20–55 år.")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Sparat", timeout=15_000)
    look(page)
    kept = Answer.objects.get(
        application=example.application("olofstrom"), question__key="target_group_description"
    )
    assert "Utrikesfödda kvinnor" in str(kept.value)

    # A wrong number is told on top with a link to its field, and nothing typed is lost.
    page.locator("#q-age_from").fill("tjugo")
    page.get_by_role("button", name="Markera som klart").click()
    expect(page.locator(".ds-error-summary")).to_be_visible()
    expect(page.locator("#q-age_from")).to_have_value("tjugo")
    look(page)

    # Section by section, each leading to the next.
    names = ("Syfte och mål", "Genomförande", "Organisation och styrning")
    fill_in(page, answers)
    for name in names:
        page.get_by_role("button", name="Spara och gå till").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        fill_in(page, answers)
    look(page)
    page.get_by_role("button", name="Markera som klart").click()
    page.get_by_role("link", name="Till översikten").click()
    row = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Organisation"))
    expect(row.first).to_contain_text("Klar")


def test_11_applicant_and_co_applicant_are_told_of_each_other(
    example: Example, visit: Visit, look: Look
) -> None:
    address = example.application("olofstrom").get_absolute_url()
    nadja, samir = visit(example.person("nadja_berg")), visit(example.person("samir_dahl"))

    # A person of another party is invited, and may write only here.
    nadja.goto(f"{address}parter/")
    expect(nadja.locator("main")).to_contain_text("Huvudman")
    look(nadja)
    nadja.get_by_role("link", name="Region Blekinge").click()
    nadja.get_by_label("E-post").last.fill("barnmorska@region-blekinge.exempel.se")
    nadja.get_by_role("button", name="Bjud in").click()
    expect(nadja.locator("main")).to_contain_text("barnmorska@region-blekinge.exempel.se")
    look(nadja)
    example.work()
    assert Message.objects.filter(address="barnmorska@region-blekinge.exempel.se").exists()

    # Both write the same question: the second sees both texts and chooses.
    for page, text in ((samir, "Samirs text."), (nadja, "Nadjas text.")):
        page.goto(f"{address}avsnitt/participation/")
        page.locator("#q-participation").wait_for()
        page.evaluate("document.querySelector('[data-autosave]').removeAttribute('data-autosave')")
        page.locator("#q-participation").fill(text)
    samir.get_by_role("button", name="Spara", exact=True).click()
    expect(samir.locator("[data-autosave-status]")).to_contain_text("Sparat")
    nadja.get_by_role("button", name="Spara", exact=True).click()
    expect(nadja.locator("main")).to_contain_text("Samirs text.")
    expect(nadja.locator("main")).to_contain_text("Nadjas text.")
    look(nadja)
    nadja.get_by_label("Behåll båda efter varandra").check()
    nadja.get_by_role("button", name="Spara valet").click()
    nadja.goto(f"{address}avsnitt/participation/")
    expect(nadja.locator("#q-participation")).to_have_value(re.compile("Samirs.*Nadjas", re.DOTALL))

    # A co-applicant says that their part is done.
    samir.goto(f"{address}parter/")
    samir.get_by_role("link", name="Arbetsförmedlingen").click()
    samir.get_by_role("button", name="Vi är klara", exact=True).click()
    expect(samir.locator("main")).to_contain_text("Klar med sin del")
    look(samir)


def test_11_applicant_makes_the_budget_in_excel_and_in_the_browser(
    example: Example, visit: Visit, look: Look, tmp_path: Path
) -> None:
    application = example.application("olofstrom")
    content = example.effort("olofstrom").budget()
    page = visit(example.person("nadja_berg"))
    page.goto(f"{application.get_absolute_url()}budget/")
    look(page)
    with page.expect_download() as template:
        page.get_by_role("link", name=re.compile("Hämta arbetsboken")).click()
    assert template.value.suggested_filename.endswith(".xlsx")

    # A workbook with a cost that cannot be sought and sums that differ is told cell by cell.
    wrong = replace(content.costs[4], description="Tolk vid gruppträffar", amount=26_000)
    faulty = replace(content, costs=(*content.costs[:4], wrong, *content.costs[5:]))
    upload(page, workbook(tmp_path / "forsta.xlsx", application, faulty))
    expect(page.locator("main")).to_contain_text("Tolk")
    expect(page.locator("main")).to_contain_text("Kostnader")
    look(page)

    # Mended, each difference is shown and ticked, and what is ticked is taken in.
    page.goto(f"{application.get_absolute_url()}budget/")
    upload(page, workbook(tmp_path / "andra.xlsx", application, content))
    expect(page.get_by_role("heading", name="Vad som skulle ändras")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Läs in det ikryssade").click()
    expect(page.locator("#budget-summor")).to_contain_text("800\u00a0000\u00a0kr")
    look(page)

    # The same in the browser: typed, with the sums following, and moved by keyboard.
    page.locator("#kostnader-2-amount").fill("15 500")
    expect(page.locator("#kostnader-summa")).to_have_text("151\u00a0000\u00a0kr")
    page.locator("#kostnader-2-amount").press("ArrowDown")
    expect(page.locator("#kostnader-3-amount")).to_be_focused()
    page.locator("#kostnader-2-amount").fill("14 500")
    page.get_by_role("button", name="Spara budgeten").click()
    expect(page.locator(".messages")).to_contain_text("parad")

    # Files that do not belong are refused in plain words.
    poor = tmp_path / "budget.xlsx"
    poor.write_bytes(b"%PDF-1.4 inte en arbetsbok")
    upload(page, poor)
    expect(page.locator(".ds-error-summary")).to_be_visible()
    look(page)


def workbook(place: Path, application: Application, content: BudgetContent) -> Path:
    place.write_bytes(write_workbook(content, budget_context(application)))
    return place


def upload(page: Page, file: Path) -> None:
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Ladda upp").click()
    page.wait_for_load_state()


def test_11_applicant_adds_an_annex_and_asks_for_signatures(
    example: Example, visit: Visit, look: Look, tmp_path: Path
) -> None:
    bring_to_the_last_sections(example)
    application = example.application("olofstrom")
    page = visit(example.person("nadja_berg"))
    page.goto(f"{application.get_absolute_url()}bilagor/")
    look(page)
    picture = tmp_path / "Karta över mötesplatser.png"
    picture.write_bytes(png())
    page.locator("input[type=file]").set_input_files(picture)
    page.get_by_label("Rubrik").or_(page.get_by_label("Titel")).first.fill("Mötesplatser 2024")
    page.get_by_role("button", name="Lägg till", exact=True).click()
    expect(page.locator("#bilagor").locator("..").locator("..")).to_contain_text(
        "Mötesplatser 2024"
    )
    look(page)

    # A program called a PDF is known by its content, and refused.
    program = tmp_path / "avtal.pdf"
    program.write_bytes(b"MZ\x90\x00" + b"\x00" * 200)
    page.locator("input[type=file]").set_input_files(program)
    page.get_by_role("button", name="Lägg till", exact=True).click()
    expect(page.locator(".ds-error-summary")).to_be_visible()
    look(page)

    # Everything is there: the content is locked and the signatories are asked.
    page.goto(application.get_absolute_url())
    expect(page.locator(".next")).to_contain_text("nderskrift")
    page.goto(f"{application.get_absolute_url()}underskrifter/")
    look(page)
    page.get_by_role("link", name="Läs igenom först").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kvinnor vidare")
    look(page)
    page.go_back()
    page.get_by_role("button", name="Lås och begär underskrifter").click()
    expect(page.locator("main")).to_contain_text("Kontrollsumma")
    look(page)
    example.work()
    asked = Message.objects.filter(event_key__startswith="sign").values_list("address", flat=True)
    assert example.person("henrik_stalnacke").email in asked


def bring_to_the_last_sections(example: Example) -> None:
    """Everything written by the story's own acts, up to annexes and signatures."""
    from boards.demo import acts

    cast, effort = example.cast, example.effort("olofstrom")
    acts.write_budget(cast, effort)
    acts.write_application(cast, effort)
