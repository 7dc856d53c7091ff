"""An officer reviews what has come in, asks for completion, and sees what it changed."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from applications.models import ApplicationState
from tests.journeys.conftest import Visit
from tests.journeys.story import Example

Look = Callable[[Page], None]


def test_14_officer_reviews_and_the_applicant_completes(
    example: Example, visit: Visit, look: Look
) -> None:
    office = visit(example.person("oskar_lindh"))

    # The overview tells what waits; each line leads to the work.
    office.goto("/blekinge/kansli/")
    expect(office.get_by_role("heading", level=1)).to_have_text("Översikt")
    look(office)
    office.get_by_role("link", name="Ansökningar", exact=True).first.click()
    office.get_by_label("Läge").select_option(label="Inkommen")
    office.get_by_role("button", name=re.compile("Visa|Sök|Filtrera")).first.click()
    expect(office.get_by_role("table")).to_contain_text("Steget vidare")
    expect(office.get_by_role("table")).not_to_contain_text("Hållplatsen")
    expect(office.get_by_role("table")).not_to_contain_text("Kvinnor vidare")
    look(office)
    office.get_by_role("link", name="Steget vidare").click()

    # The application on one side, the checklist on the other.
    look(office)
    office.get_by_role("button", name="Börja granska").click()
    expect(office.get_by_role("heading", name="Checklista")).to_be_visible()
    look(office)
    for point in office.locator("fieldset.point").all():
        point.locator("[value=fine]").check()
    office.get_by_role("button", name="Spara checklistan").click()
    expect(office.locator(".next")).to_contain_text("Checklistan är klar")

    # Comments stand at their section: for the office alone, or for the applicant.
    comment(office, "Syfte och mål", "Stäm av målvärdet med förbundets.", internal=True)
    comment(office, "Syfte och mål", "Skriv varför målvärdet är lägre.", internal=False)
    look(office)

    # Completion is asked for of chosen sections, to a day.
    office.get_by_role("link", name="Begär komplettering").click()
    office.get_by_role("button", name="Skicka begäran").click()
    expect(office.locator(".ds-error-summary")).to_be_visible()
    look(office)
    office.get_by_label("Syfte och mål").check()
    office.get_by_label(re.compile("Vad behöver kompletteras")).fill("Motivera målvärdet.")
    office.get_by_role("button", name="Skicka begäran").click()
    expect(office.locator(".next")).to_contain_text("Väntar på komplettering")
    look(office)
    example.work()

    # The applicant sees what is asked for, and can change that alone.
    applicant = visit(example.person("amina_holm"))
    applicant.goto("/blekinge/mina/")
    applicant.get_by_role("link", name="Steget vidare").first.click()
    look(applicant)
    applicant.locator(".next").get_by_role("link").click()
    expect(applicant.locator(".next")).to_contain_text("Motivera målvärdet.")
    expect(applicant.locator("main")).to_contain_text("Skriv varför målvärdet är lägre.")
    expect(applicant.locator("main")).not_to_contain_text("Stäm av målvärdet")
    look(applicant)
    address = example.application("karlskrona").get_absolute_url()
    applicant.goto(f"{address}avsnitt/background/")
    expect(applicant.locator("textarea")).to_have_count(0)
    look(applicant)
    applicant.goto(f"{address}avsnitt/goals/")
    applicant.locator("#q-purpose").press("Control+End")
    applicant.locator("#q-purpose").press_sequentially(" Målvärdet följer 2023 års utfall.")
    applicant.get_by_role("button", name="Markera som klart").or_(
        applicant.get_by_role("button", name="Spara", exact=True)
    ).first.click()
    applicant.goto(f"{address}komplettering/")
    applicant.get_by_role("textbox").last.fill("Vi har motiverat målvärdet.")
    applicant.get_by_role("button", name="Lämna kompletteringen").click()
    expect(applicant.locator("main")).to_contain_text("Steget vidare")
    look(applicant)
    example.work()

    # The office sees word by word what changed, and sends the case on.
    office.reload()
    office.get_by_role("link", name="Vad kompletteringen ändrade").click()
    expect(office.locator("ins")).to_contain_text("Målvärdet följer 2023 års utfall")
    look(office)
    office.get_by_role("link", name="Till granskningen").click()
    office.get_by_label(re.compile("Sammanfattande bedömning")).fill("Komplett och väl avvägd.")
    office.get_by_role("button", name="Klar: till beredning").click()
    expect(office.locator(".next")).to_contain_text("Under beredning")
    look(office)
    assert example.application("karlskrona").state == ApplicationState.IN_PREPARATION


def comment(page: Page, section: str, text: str, *, internal: bool) -> None:
    part = page.locator("section", has=page.get_by_role("heading", name=section, level=2))
    part.get_by_text("Kommentera", exact=False).first.click()
    part.get_by_label("Kommentar", exact=True).fill(text)
    part.get_by_label("Bara för kansliet").set_checked(internal)
    part.get_by_role("button", name="Spara kommentaren").click()
    expect(page.locator("main")).to_contain_text(text)
