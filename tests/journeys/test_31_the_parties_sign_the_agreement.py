"""The agreement from the office's first page to the start of the effort, signed by all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from applications.models import Application
from boards.agreement_content import executing_parties
from boards.models import Agreement
from finsam import clock
from finsam.associations.models import Association
from finsam.people.models import RoleKind, User
from tests import factories as make
from tests.journeys.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def told(association: Association, applicant: User, director: User) -> Application:
    told = make.make_granted(association, applicant, director)
    make.make_ongoing(told)
    return told


@pytest.mark.parametrize("javascript", [True, False])
def test_the_office_writes_and_all_sign(
    visit: Visit, told: Application, look: Callable[[Page], None], javascript: bool
) -> None:
    association = told.association
    people = [make.make_person(RoleKind.DIRECTOR, association)]
    people += [
        make.make_person(RoleKind.SIGNATORY, association, party.member)
        for party in executing_parties(told)
    ]
    office = visit(people[0], javascript=javascript)
    office.goto(f"/{association.slug}/kansli/ansokan/{told.public_id}/")
    office.goto(f"/{association.slug}/kansli/avtal/{told.public_id}/")
    _look(office, look, javascript, "1-borja")
    office.get_by_role("button", name="Ta fram avtalet").click()
    office.get_by_label("Syfte, målgrupp och mål").fill("Fler invånare i arbete eller studier.")
    office.get_by_label("Roller och ansvar").fill("Ekby kommun leder. Regionen bidrar med vård.")
    office.get_by_label("Uppföljning och rapporter").fill("Delårsrapport den 15 augusti.")
    _look(office, look, javascript, "2-skriv")
    office.get_by_role("button", name="Spara villkoren").click()
    office.get_by_role("button", name="Spara, lås och skicka för underskrift").click()
    _look(office, look, javascript, "3-skickat")

    for number, person in enumerate(people):
        page = visit(person, javascript=javascript)
        page.goto(f"/{association.slug}/avtal/{told.public_id}/")
        if number == 1:
            _look(page, look, javascript, "4-skriv-under")
        page.get_by_label("Jag har läst avtalet och skriver under det").check()
        page.get_by_label("Ditt lösenord").fill(make.PASSWORD)
        page.get_by_role("button", name="Skriv under avtalet").click()
        expect(page.get_by_text("Tack, avtalet är underskrivet.")).to_be_visible()
    _look(page, look, javascript, "5-alla")

    office.reload()
    _look(office, look, javascript, "6-starta")
    office.get_by_role("textbox", name="Insatsen börjar").fill(clock.today().isoformat())
    office.get_by_role("button", name="Starta insatsen").click()
    expect(office.get_by_text("Insatsen är igång").first).to_be_visible()
    assert Agreement.objects.get().application.state == "running"


def _look(page: Page, look: Callable[[Page], None], javascript: bool, name: str) -> None:
    """Axe and 320 pixels; axe itself is a script, so only where there are scripts."""
    if javascript:
        look(page)
        if place := os.environ.get("AG_PICTURES"):
            page.screenshot(path=Path(place) / f"{name}-wide.png", full_page=True)
            size = page.viewport_size
            page.set_viewport_size({"width": 360, "height": 800})
            page.screenshot(path=Path(place) / f"{name}-phone.png", full_page=True)
            page.set_viewport_size(size)
