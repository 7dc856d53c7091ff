"""An applicant writes, signs and hands in: without scripts, and with two windows at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from applications.models import Answer, Application
from finsam.associations.models import Association, Member
from finsam.people.models import RoleKind, User
from tests.factories import (
    PASSWORD,
    fill_budget,
    give_role,
    make_complete,
    make_draft,
    make_programme,
    make_round,
    reread,
)
from tests.journeys.conftest import Visit

Look = Callable[[Page], None]


@pytest.fixture
def writer(transactional_db: None, association: Association, member: Member) -> User:
    """Writes for the municipality and may sign for it."""
    from tests.factories import make_person

    person = make_person(RoleKind.APPLICANT, association, member, name="Anna Exempel")
    give_role(person, RoleKind.SIGNATORY, association, member)
    return person


def test_X05_from_the_beginning_to_the_receipt_without_scripts(
    writer: User, association: Association, visit: Visit, look: Look
) -> None:
    programme = make_programme(association, signature_rule="lead")
    make_round(association, programme=programme)
    page = visit(writer, javascript=False)

    page.goto("/sjo/mina/")
    page.get_by_role("link", name="Börja").click()
    page.get_by_role("button", name="Börja").click()
    expect(page.get_by_role("heading", level=2, name="Nästa steg är ert")).to_be_visible()

    page.get_by_role("link", name="Grunduppgifter").first.click()
    page.get_by_label("Insatsens namn?").fill("Vägen vidare")
    page.get_by_label("Sammanfattning?").fill("För unga.\n\n- en sak\n- en till")
    page.get_by_label("Från och med").fill("2024-01-01")
    page.get_by_label("Till och med").fill("2024-12-31")
    page.get_by_role("button", name="Spara och gå till sökande").click()

    page.get_by_label("Medlem").select_option(label="Region Sjö")
    page.get_by_role("button", name="Lägg till medlemmen").click()
    page.get_by_role("link", name="Nästa: målgrupp").click()

    page.get_by_label("Unga vuxna").check()
    page.get_by_label("Kvinnor").fill("12")
    page.get_by_label("Män").fill("14")
    page.get_by_role("button", name="Spara och gå till syfte och mål").click()
    page.get_by_label("Syfte?").fill("Fler i arbete.")
    page.get_by_role("button", name="Spara och gå till genomförande").click()
    page.get_by_label("Period, rad 1").fill("Våren")
    page.get_by_label("Aktivitet, rad 1").fill("Start")
    page.get_by_role("button", name="Spara och gå till budget").click()

    # The budget is filled in as a workbook is read: by its own tests. Here its rows are laid in.
    application = Application.objects.get()
    fill_budget(reread(application), writer)
    page.goto(application.get_absolute_url())
    page.get_by_role("link", name="Avgränsning", exact=True).click()
    page.get_by_label("Vad pengarna inte går till?").check()
    page.get_by_role("button", name="Markera som klart").click()

    page.get_by_role("link", name="Underskrifter", exact=True).click()
    page.get_by_role("button", name="Lås och begär underskrifter").click()
    page.get_by_label("Jag har läst ansökan").check()
    page.get_by_label("Ditt lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Skriv under").click()
    page.get_by_role("link", name="Gå till inlämning").click()
    page.get_by_role("button", name="Lämna in ansökan").click()
    expect(page.get_by_role("alert")).to_contain_text("Kryssa i att uppgifterna stämmer")
    page.get_by_label("Uppgifterna stämmer").check()
    page.get_by_role("button", name="Lämna in ansökan").click()
    expect(page.get_by_role("heading", level=1, name="Ansökan är inlämnad")).to_be_visible()
    expect(page.get_by_role("heading", level=2, name="SFS ")).to_be_visible()


def test_O01_two_windows_at_once(
    writer: User, association: Association, member: Member, visit: Visit, look: Look
) -> None:
    application = make_draft(make_round(association), member, writer)
    url = f"{application.get_absolute_url()}avsnitt/basics/"
    one, two = visit(writer), visit(writer)
    for page in (one, two):
        page.goto(url)
    one.get_by_label("Insatsens namn?").fill("Ett namn")
    expect(one.locator("[data-autosave-status]")).to_contain_text("Sparat", timeout=10_000)

    two.get_by_label("Insatsens namn?").fill("Ett annat namn")
    panel = two.locator("[data-autosave-panel]")
    expect(panel).to_contain_text("Två texter till samma fråga", timeout=10_000)
    expect(panel).to_contain_text("Ett namn")
    expect(panel).to_contain_text("Ett annat namn")
    two.get_by_label("Spara din text i stället").check()
    two.get_by_role("button", name="Spara valet").click()
    expect(two.get_by_label("Insatsens namn?")).to_have_value("Ett annat namn")
    answer = Answer.objects.get(application=application, question__key="title")
    assert answer.value == "Ett annat namn"


def test_X01_the_pages_stand_axe_and_a_narrow_window(
    writer: User, association: Association, member: Member, visit: Visit, look: Look
) -> None:
    empty = make_draft(make_round(association), member, writer)
    full = make_complete(make_round(association), member, writer)
    page = visit(writer)
    for application in (empty, full):
        root = application.get_absolute_url()
        for rest in ("", "avsnitt/basics/?visa=fel", "avsnitt/goals/", "avsnitt/plan/", "parter/",
                     "budget/", "bilagor/", "underskrifter/", "lamna-in/", "las/",
                     "meddelanden/"):  # fmt: skip
            page.goto(f"{root}{rest}")
            look(page)
    for path in ("/sjo/mina/", "/sjo/ideer/"):
        page.goto(path)
        look(page)
