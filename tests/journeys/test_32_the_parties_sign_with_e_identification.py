"""The pages of signing at an external service, and of an addendum signed there, as people use them:
back and again, in two tabs, pressed twice, with a session that has ended, at the wrong address.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from applications.changing import set_delegation, submit_change
from applications.models import Application, ChangeKind
from applications.report_plan import effort_period
from boards.agreement_content import executing_parties
from boards.agreements import send_agreement
from boards.changes import decide_change
from boards.models import Agreement, AgreementSignature
from finsam import clock
from finsam.associations.models import Association
from finsam.documents.models import SigningOrder
from finsam.people.models import RoleKind, User
from tests import factories as make
from tests.conftest import found_association
from tests.documents.signing_service import SigningServer, signing_server
from tests.journeys.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def service(tmp_path: Path, settings: Any) -> Iterator[SigningServer]:
    with signing_server(tmp_path, settings) as server:
        yield server


@pytest.fixture
def told(association: Association, applicant: User, director: User) -> Application:
    return make.make_granted(association, applicant, director)


@pytest.fixture
def addendum(told: Application, applicant: User, director: User) -> Agreement:
    """Of a longer time, granted by the director and sent to the parties."""
    make.make_agreed(told, director)
    effort = make.reread(told)
    set_delegation(association=told.association, kinds=["time"], basis="§ 12", actor=director)
    period = effort_period(effort)
    assert period is not None
    change = submit_change(
        application=effort,
        kind=ChangeKind.TIME,
        reason="Rekryteringen drog ut på tiden.",
        ends_on=max(period[1], clock.today()) + timedelta(days=90),
        actor=applicant,
    )
    decide_change(change=change, approves=True, decision="Ryms i ramen.", actor=director)
    found = Agreement.objects.get(change=change)
    send_agreement(agreement=found, actor=director)
    return Agreement.objects.select_related("change", "application__association").get(pk=found.pk)


def signer_of(application: Application) -> User:
    lead = executing_parties(application)[0]
    return make.make_person(RoleKind.SIGNATORY, application.association, lead.member)


def address_of(agreement: Agreement) -> str:
    application = agreement.application
    number = f"tillagg/{agreement.number}/" if agreement.change else ""
    return f"/{application.association.slug}/avtal/{application.public_id}/{number}"


def unfold(page: Page) -> None:
    page.locator("summary", has_text="Skriv under med e-legitimation").first.click()


def test_ordered_once_however_it_is_pressed_and_answered_in_whichever_tab(
    visit: Visit,
    service: SigningServer,
    told: Application,
    director: User,
    look: Callable[[Page], None],
) -> None:
    agreement = make.make_agreement(told, director)
    signer, path = signer_of(told), address_of(agreement)
    page = visit(signer)
    page.goto(path)
    unfold(page)
    _look(page, look, "1-order")
    page.get_by_role("button", name="Beställ underskriften").dblclick()
    onward = page.get_by_role("link", name="Fortsätt till underskriftstjänsten")
    expect(onward).to_be_visible()
    _look(page, look, "2-ordered")
    assert page.get_by_text("Underskriften väntar hos underskriftstjänsten").count() == 1

    page.go_back()
    button = page.get_by_role("button", name="Beställ underskriften")
    if button.count():
        if not button.is_visible():
            unfold(page)
        button.click()
    expect(page.get_by_role("link", name="Fortsätt till underskriftstjänsten")).to_be_visible()
    order = SigningOrder.objects.get()

    other_tab = page.context.new_page()
    other_tab.goto(path)
    service.sign(order.reference)
    other_tab.get_by_role("button", name="Hämta svaret").click()
    expect(other_tab.get_by_text("Underskriften är mottagen")).to_be_visible()
    _look(other_tab, look, "3-signed")
    page.get_by_role("button", name="Hämta svaret").click()
    expect(page.get_by_role("button", name="Hämta svaret")).to_have_count(0)
    assert AgreementSignature.objects.count() == 1


def test_down_and_up_again_declined_and_begun_anew(
    visit: Visit,
    service: SigningServer,
    told: Application,
    director: User,
    look: Callable[[Page], None],
) -> None:
    agreement = make.make_agreement(told, director)
    page = visit(signer_of(told))
    page.goto(address_of(agreement))
    unfold(page)
    service.fault = "down"
    page.get_by_role("button", name="Beställ underskriften").click()
    expect(page.get_by_text("går inte att nå just nu")).to_have_count(1)
    _look(page, look, "4-down")
    service.fault = ""
    page.get_by_role("button", name="Hämta svaret").click()
    expect(page.get_by_role("link", name="Fortsätt till underskriftstjänsten")).to_be_visible()
    order = SigningOrder.objects.get()
    service.decline(order.reference, "Jag läser avtalet en gång till.")
    page.get_by_role("button", name="Hämta svaret").click()
    expect(page.get_by_text("Du avböjde hos underskriftstjänsten")).to_have_count(1)
    expect(page.get_by_text("Du skrev: ”Jag läser avtalet en gång till.”")).to_be_visible()
    _look(page, look, "5-declined")
    page.get_by_role("button", name="Börja om").click()
    expect(page.get_by_role("link", name="Fortsätt till underskriftstjänsten")).to_be_visible()
    assert SigningOrder.objects.count() == 2


def test_a_session_that_ended_comes_back_to_the_agreement_and_nothing_is_ordered(
    visit: Visit,
    service: SigningServer,
    told: Application,
    director: User,
    look: Callable[[Page], None],
) -> None:
    agreement = make.make_agreement(told, director)
    signer, path = signer_of(told), address_of(agreement)
    page = visit(signer)
    page.goto(path)
    unfold(page)
    sessions = [one for one in page.context.cookies() if "session" in one["name"]]
    assert len(sessions) == 1
    page.context.clear_cookies(name=sessions[0]["name"])
    page.get_by_role("button", name="Beställ underskriften").click()
    expect(page.get_by_text("Du var inte längre inloggad, så inget ändrades.")).to_be_visible()
    look(page)
    assert page.url.endswith(f"next={path}")
    page.goto(f"{path}skriv-under/")
    _look(page, look, "6-address-of-a-button")
    page.get_by_role("link", name="Öppna sidan på nytt").click()
    assert path in page.url
    assert SigningOrder.objects.count() == 0

    found_association("ven", "Samordningsförbundet Ven", "SFV")
    stranger = visit(signer)
    answer = stranger.goto(path.replace(f"/{told.association.slug}/", "/ven/"))
    assert answer is not None
    assert answer.status == 404
    look(stranger)


def test_an_addendum_is_read_and_signed_there(
    visit: Visit,
    service: SigningServer,
    addendum: Agreement,
    director: User,
    look: Callable[[Page], None],
) -> None:
    path = address_of(addendum)
    office = visit(director)
    office.goto(path.replace("/avtal/", "/kansli/avtal/"))
    _look(office, look, "7-addendum-office")
    page = visit(signer_of(addendum.application))
    page.goto(path)
    unfold(page)
    expect(page.get_by_label("Jag har läst tillägget och skriver under det")).to_be_visible()
    _look(page, look, "8-addendum")
    page.get_by_role("button", name="Beställ underskriften").click()
    expect(page.get_by_role("link", name="Fortsätt till underskriftstjänsten")).to_be_visible()
    service.sign(SigningOrder.objects.get().reference)
    page.get_by_role("button", name="Hämta svaret").click()
    expect(page.get_by_text("Underskriften är mottagen")).to_be_visible()
    _look(page, look, "9-addendum-signed")
    office.reload()
    expect(office.get_by_text("Undertecknat med e-legitimation")).to_be_visible()


def _look(page: Page, look: Callable[[Page], None], name: str) -> None:
    """Axe and 320 pixels, and a picture wide and narrow where somebody wants to see it."""
    look(page)
    if place := os.environ.get("AG_PICTURES"):
        page.screenshot(path=Path(place) / f"{name}-1280.png", full_page=True)
        size = page.viewport_size
        page.set_viewport_size({"width": 360, "height": 800})
        page.screenshot(path=Path(place) / f"{name}-360.png", full_page=True)
        page.set_viewport_size(size or {"width": 1280, "height": 900})
