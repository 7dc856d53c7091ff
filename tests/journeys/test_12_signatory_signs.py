"""The organisation's signatory reads the locked application, and declines or signs exactly that."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from applications.freezing import content_hash, content_of
from applications.models import Signature
from applications.signing import freeze_for_signing
from boards.demo import acts
from boards.demo.settling import DEMO_PASSWORD
from tests.journeys.conftest import Visit
from tests.journeys.story import Example

Look = Callable[[Page], None]


def test_12_signatory_signs_what_is_locked(example: Example, visit: Visit, look: Look) -> None:
    cast, effort = example.cast, example.effort("olofstrom")
    acts.write_budget(cast, effort)
    acts.write_application(cast, effort)
    freeze_for_signing(
        application=example.application("olofstrom"), actor=example.person("nadja_berg")
    )
    example.work()

    # The mail with the request is kept in the portal, too.
    page = visit(example.person("henrik_stalnacke"))
    page.goto("/blekinge/meddelanden/")
    look(page)
    page.get_by_role("link", name=re.compile("nderskrift|skriv under", re.IGNORECASE)).first.click()
    look(page)

    # The application waits for the signatory, who reads it and signs with the password.
    page.goto("/blekinge/mina/")
    page.get_by_role("link", name="Kvinnor vidare").first.click()
    look(page)
    page.locator(".next").get_by_role("link").click()
    expect(page.locator("#skriv-under").locator("..").locator("..")).to_contain_text(
        "800\u00a0000\u00a0kr"
    )
    look(page)

    # It is not as it should be: the writers read why, change it and ask again.
    page.get_by_text("Skriv inte under").click()
    look(page)
    page.get_by_label("Varför ansökan inte skrivs under").fill("Sista dagen ska vara den 30 juni.")
    page.get_by_role("button", name="Avböj att skriva under").click()
    expect(page.get_by_role("heading", name="skrev inte under")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Sista dagen ska vara den 30 juni.")
    look(page)
    freeze_for_signing(
        application=example.application("olofstrom"), actor=example.person("nadja_berg")
    )
    page.reload()

    page.get_by_label(re.compile("läst", re.IGNORECASE)).check()
    page.get_by_label(re.compile("lösenord", re.IGNORECASE)).fill("fel lösenord")
    page.get_by_role("button", name="Skriv under", exact=True).click()
    expect(page.locator(".ds-error-summary")).to_be_visible()
    assert not Signature.objects.filter(version__application__title="Kvinnor vidare").exists()
    look(page)
    page.get_by_label(re.compile("läst", re.IGNORECASE)).check()
    page.get_by_label(re.compile("lösenord", re.IGNORECASE)).fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Skriv under", exact=True).click()
    expect(page.locator("main")).to_contain_text("Henrik Stålnacke")
    look(page)

    application = example.application("olofstrom")
    signature = Signature.objects.get(version__application=application)
    assert signature.version.content_hash == content_hash(content_of(application))


def test_12_a_later_change_voids_the_signature_and_says_so(
    example: Example, visit: Visit, look: Look
) -> None:
    cast, effort = example.cast, example.effort("olofstrom")
    acts.write_budget(cast, effort)
    acts.write_application(cast, effort)
    acts.sign_by_all(cast, effort)
    address = example.application("olofstrom").get_absolute_url()

    page = visit(example.person("nadja_berg"))
    page.goto(f"{address}avsnitt/risks/".replace("risks", "organisation"))
    expect(page.locator("main")).to_contain_text("Ansökan är låst för underskrift")
    look(page)
    page.get_by_role("button", name="Öppna för ändringar").click()
    page.goto(f"{address}underskrifter/")
    expect(page.get_by_role("button", name="Lås och begär underskrifter")).to_be_visible()
    look(page)
    application = example.application("olofstrom")
    assert application.signing_version is None
