"""The operator founds an association; its administrator is led by a list to the first round."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from applications.models import Programme
from finsam.associations.models import Association
from finsam.people.models import Role, User
from tests.journeys.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Look = Callable[[Page], None]
PASSWORD = "en lång ramsa om drift"
SAID = {
    "Namn": "Samordningsförbundet Älvdalen",
    "Kortnamn": "Älvdalen",
    "Adress": "alvdalen",
    "Prefix i diarienummer": "ÄLV",
    "Förbundets e-post": "kansli@alvdalen.exempel.se",
    "Regioner": "Region Norr",
    "Kommuner": "Norrby kommun; 12 300\nSöderby kommun",
    "Administratörens namn": "Alva Norrman",
    "Administratörens e-post": "alva@alvdalen.exempel.se",
}


@pytest.fixture
def operator() -> User:
    return User.objects.create_superuser("drift@exempel.se", PASSWORD, name="Drift")


def fill(page: Page, **changed: str) -> None:
    for label, text in {**SAID, **changed}.items():
        page.get_by_label(label, exact=True).fill(text)


def found_it(page: Page) -> None:
    page.get_by_role("button", name="Lägg upp förbundet").click()


def test_22_a_new_association_is_founded_and_set_up(
    association: Association, operator: User, visit: Visit, look: Look
) -> None:
    page = visit(operator)
    page.goto("/nytt-forbund/")
    look(page)
    found_it(page)
    expect(page.locator(".ds-error-summary")).to_contain_text("Administratörens e-post")
    look(page)

    # An address that another has is told at its field, and nothing that was typed is lost.
    fill(page, Adress=association.slug)
    found_it(page)
    expect(page.locator(".ds-error-summary")).to_contain_text("Adressen är upptagen")
    expect(page.get_by_label("Kommuner", exact=True)).to_have_value(SAID["Kommuner"])

    # The session ends half way: what was typed is there again after signing in.
    page.get_by_label("Adress", exact=True).fill("alvdalen")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    found_it(page)
    page.get_by_label("E-post").fill(operator.email)
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Logga in").click()
    expect(page.get_by_label("Adress", exact=True)).to_have_value("alvdalen")
    look(page)

    # Pressed twice, and sent again from the page one goes back to, it is founded once.
    page.get_by_role("button", name="Lägg upp förbundet").dblclick()
    expect(page.get_by_text("Samordningsförbundet Älvdalen är upplagt.")).to_be_visible()
    look(page)
    page.go_back()
    fill(page)
    found_it(page)
    expect(page).to_have_url(re.compile("/alvdalen/$"))
    assert Role.objects.filter(association__slug="alvdalen").count() == 1

    _set_up(visit(Role.objects.get(association__slug="alvdalen").user), look)


def _set_up(page: Page, look: Look) -> None:
    """The administrator's list, each of its pages, and a first programme after a pattern."""
    page.goto("/alvdalen/kansli/kom-igang/")
    look(page)
    places = [one.get_attribute("href") for one in page.locator("main ol.tasks a").all()]
    for place in dict.fromkeys(filter(None, places)):
        page.goto(place)
        look(page)
    page.goto("/alvdalen/kansli/program/")
    page.get_by_label("Namn").fill("Våra insatser")
    page.get_by_role("button", name="Lägg upp programmet").click()
    expect(page.locator(".ds-error-summary")).to_be_visible()
    look(page)
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Lägg upp programmet").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Våra insatser")
    look(page)
    assert Programme.objects.filter(association__slug="alvdalen").count() == 1
