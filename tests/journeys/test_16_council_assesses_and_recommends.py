"""The council is called, its members assess beforehand, and the meeting recommends."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from boards.demo import acts
from boards.models import Assessment, Recommendation
from finsam.messages.models import Message
from tests.journeys.conftest import Visit
from tests.journeys.story import Example

Look = Callable[[Page], None]


def test_16_council_assesses_and_recommends(example: Example, visit: Visit, look: Look) -> None:
    acts.review_application(example.cast, "karlskrona")
    meeting = example.meeting("council", "planned")
    address = f"/blekinge/moten/{meeting.pk}/"

    # The secretary puts the case on the agenda and sends the notice, with a calendar file.
    secretary = visit(example.person("oskar_lindh"))
    secretary.goto("/blekinge/moten/")
    look(secretary)
    secretary.goto(address)
    look(secretary)
    secretary.get_by_role("button", name=re.compile("Lägg till.*Steget vidare")).click()
    expect(secretary.get_by_role("list", name="Ärenden")).to_contain_text("Steget vidare")
    secretary.get_by_role("link", name="Skicka kallelse").click()
    look(secretary)
    secretary.get_by_role("button", name="Skicka kallelsen").click()
    expect(secretary.locator(".next")).to_contain_text("Nästa steg är mötet")
    example.work()
    notice = Message.objects.get(
        event_key=f"notice-{meeting.pk}", address=example.person("eva_hammarlund").email
    )
    assert b"BEGIN:VCALENDAR" in bytes(notice.calendar)

    # A member reads and assesses criterion by criterion.
    member = visit(example.person("eva_hammarlund"))
    member.goto("/blekinge/radet/")
    expect(member.locator(".next")).to_contain_text("1 ansökan väntar på din bedömning")
    look(member)
    member.get_by_role("link", name="Steget vidare").click()
    look(member)
    judge_all_met(member)
    member.get_by_role("button", name="Spara bedömningen").click()
    member.goto("/blekinge/radet/")
    expect(member.locator("main")).to_contain_text("bedömd")
    look(member)
    seat = Assessment.objects.filter(seat__user=example.person("eva_hammarlund"))
    assert seat.filter(item__meeting=meeting).exists()

    # One with an interest of their own says so, and sees the case no more.
    partial = visit(example.person("rolf_ivarsson"))
    partial.goto("/blekinge/radet/")
    partial.get_by_role("link", name="Steget vidare").click()
    partial.locator("summary", has_text="Anmäl jäv").click()
    partial.get_by_label("Skäl", exact=False).last.fill("Chef i den sökande förvaltningen.")
    partial.get_by_role("button", name="Anmäl jäv").click()
    partial.goto("/blekinge/radet/")
    expect(partial.locator("main")).to_contain_text("jäv anmält")
    partial.get_by_role("link", name="Steget vidare").click()
    expect(partial.locator("main")).not_to_contain_text("Sökt")
    look(partial)

    # In the room: presence, the case, the common assessment and the recommendation.
    secretary.goto(f"{address}rum/")
    look(secretary)
    secretary.get_by_role("button", name="Alla ledamöter är här").click()
    secretary.get_by_role("button", name="Öppna mötet").click()
    look(secretary)
    while secretary.get_by_role("button", name="Fastställ och gå vidare").count():
        secretary.get_by_role("button", name="Fastställ och gå vidare").click()
        secretary.wait_for_load_state()
        if secretary.get_by_role("button", name="Registrera rekommendationen").count():
            break
    expect(secretary.locator("main")).to_contain_text("Rolf Ivarsson")
    look(secretary)
    secretary.get_by_role("button", name="Registrera rekommendationen").click()
    expect(secretary.locator(".ds-error-summary")).to_be_visible()
    look(secretary)
    secretary.get_by_label("Tillstyrker med ändring").check(force=True)
    secretary.get_by_label(re.compile("Belopp som tillstyrks")).fill("3 700 000")
    judge_all_met(secretary)
    secretary.get_by_role("button", name="Registrera rekommendationen").click()
    expect(secretary.locator(".messages")).to_contain_text("är registrerad")
    look(secretary)
    secretary.get_by_role("link", name="Avsluta mötet").first.click()
    look(secretary)
    secretary.get_by_role("button", name="Avsluta mötet").click()
    expect(secretary.locator("main")).to_contain_text("avslutat")
    look(secretary)
    said = Recommendation.objects.get(item__meeting=meeting)
    assert said.amount == 3_700_000


def judge_all_met(page: Page) -> None:
    """Each criterion as met; its label covers the button of the choice."""
    for choice in page.get_by_label("Uppfyllt", exact=True).all():
        choice.check(force=True)
