"""The board's packet: made by a worker of its own, sent, and read on a phone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from finsam.messages.models import Message
from tests.journeys.conftest import Visit
from tests.journeys.story import Example

Look = Callable[[Page], None]


@pytest.fixture
def worker(example: Example) -> Iterator[None]:
    """A worker process beside the site, as an installation has."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "manage.py", "work", "--pause", "0.2"]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)
    yield
    process.terminate()
    process.wait(30)


@pytest.mark.usefixtures("worker")
def test_17_board_gets_its_packet(example: Example, visit: Visit, look: Look) -> None:
    meeting = example.meeting("board", "called")
    address = f"/blekinge/moten/{meeting.pk}/"

    # The office has the packet made; the page tells how far it has come.
    office = visit(example.person("helena_brandt"))
    office.goto(address)
    expect(office.locator(".next")).to_contain_text("Gör beslutspaketet")
    look(office)
    office.get_by_role("button", name="Gör paketet").click()
    expect(office.locator("main")).to_contain_text("aket")
    look(office)
    for _ in range(60):
        office.reload()
        if office.get_by_role("link", name=re.compile("Beslutspaket, version 1")).count():
            break
        office.wait_for_timeout(1000)
    look(office)
    office.get_by_role("button", name="Skicka till styrelsen").click()
    expect(office.locator(".next")).to_contain_text("Nästa steg är mötet")

    # A board member downloads it on a phone.
    member = visit(example.person("per_olof_granath"), width=390)
    member.goto("/blekinge/styrelse/")
    expect(member.locator(".next")).to_contain_text("Handlingarna har kommit")
    look(member)
    with member.expect_response(re.compile("/handlingar/")) as packet:
        member.get_by_role("button", name=re.compile("Hämta beslutspaketet")).click()
    assert packet.value.headers["content-type"] == "application/pdf"
    member.goto("/blekinge/styrelse/")
    expect(member.locator(".next")).to_contain_text("Du har hämtat den senaste versionen")

    # Each item is read by itself, with notes of one's own that nobody else sees.
    member.get_by_role("list", name="Dagordning").get_by_role("link").first.click()
    expect(member.get_by_role("heading", name="Förslag till beslut")).to_be_visible()
    look(member)
    member.locator("summary", has_text="Egen anteckning").first.click()
    member.get_by_label("Bara du ser den").first.fill("Fråga om Arbetsförmedlingens tid.")
    member.get_by_role("button", name="Spara anteckningen").first.click()
    expect(member.get_by_label("Bara du ser den").first).to_have_value(
        "Fråga om Arbetsförmedlingens tid."
    )
    look(member)
    chair = visit(example.person("kerstin_magnusson"))
    chair.goto(member.url)
    expect(chair.get_by_role("heading", name="Förslag till beslut")).to_be_visible()
    expect(chair.locator("main")).not_to_contain_text("Arbetsförmedlingens tid")
    look(chair)
    assert Message.objects.filter(
        event_key__startswith="packet-", address=example.person("jenny_stenberg").email
    ).exists(), "substitutes get the documents too"
