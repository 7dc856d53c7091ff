"""The board meets in the room, decides within the frame; the minutes are attested and announced."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from applications.review import resume_review
from boards.demo import acts
from boards.demo.settling import DEMO_PASSWORD
from boards.models import Meeting, Minutes
from budgets.models import Frame
from finsam.messages.models import Message
from tests.journeys.browser import fetch_behind
from tests.journeys.conftest import Visit
from tests.journeys.story import Example

Look = Callable[[Page], None]
WHOLE = ("karlshamn", "karlskrona", "ronneby", "solvesborg")


@pytest.fixture
def called(example: Example) -> Meeting:
    """All five before the board: together they seek 450 000 kr more than the frame holds."""
    cast, open_one = example.cast, example.effort("olofstrom")
    acts.write_budget(cast, open_one)
    acts.write_application(cast, open_one)
    acts.sign_by_all(cast, open_one)
    acts.submit(cast, open_one)
    resume_review(application=example.application("ronneby"), actor=cast.officer)
    for key in ("karlskrona", "olofstrom", "ronneby"):
        acts.review_application(cast, key)
    for key in ("karlskrona", "ronneby", "solvesborg", "olofstrom"):
        acts.write_memo(cast, key)
    meeting = example.meeting("board", "called")
    acts.put_on_agenda(cast, meeting, ("karlskrona", "ronneby", "solvesborg", "olofstrom"))
    return meeting


def another_act_costs_nothing_that_is_typed(room: Page) -> None:
    """Somebody else present is noted while a decision is being written, and it stands there."""
    room.get_by_text("Villkor och propositionsordning").click()
    room.get_by_label("Villkor", exact=True).fill("Skrivet före avbrottet.")
    others = room.get_by_role("region", name="Övriga närvarande")
    others.locator("summary").click()
    others.get_by_label("Namn").fill("Lo Gäst")
    others.get_by_role("button", name="Lägg till").click()
    expect(room.locator(".messages")).to_contain_text("Närvaron är antecknad.")
    expect(room.get_by_label("Villkor", exact=True)).to_have_value("Skrivet före avbrottet.")
    room.get_by_label("Villkor", exact=True).fill("")


def test_18_board_meets_decides_and_attests(
    example: Example, called: Meeting, visit: Visit, look: Look
) -> None:
    room = visit(example.person("oskar_lindh"))
    room.goto(f"/blekinge/moten/{called.pk}/rum/")
    look(room)

    # Nothing can be opened before those who lead are there.
    room.get_by_role("button", name="Alla ledamöter är här").click()
    expect(room.locator(".room-head")).to_contain_text("Beslutsför: 8 av 8")
    room.get_by_role("button", name="Öppna mötet").click()
    look(room)

    # One leaves; the substitute of the same organisation serves instead.
    seat = room.locator("li", has_text="Per-Olof Granath").last
    seat.locator("summary").click()
    seat.get_by_role("button", name=re.compile("^Går")).click()
    expect(room.locator(".room-head")).to_contain_text("7 av 8")
    seat = room.locator("li", has_text="Per-Olof Granath").last
    seat.locator("summary").click()
    seat.get_by_role("button", name=re.compile("Ersätts av Jenny")).click()
    expect(room.locator(".room-head")).to_contain_text("8 av 8")

    # Formal items with their usual wording, and who attests.
    go_through_formal_items(room)
    look(room)

    # Four grants of what was sought; the words of the decision follow what is filled in.
    for key in WHOLE:
        amount = str(example.sought(key))
        title = example.effort(key).title
        room.get_by_role("navigation", name="Ärenden").get_by_role("link", name=title).click()
        take_up(room)
        room.get_by_label("Bifall", exact=True).check(force=True)
        room.get_by_label(re.compile("Belopp som beviljas")).fill(amount)
        room.get_by_label("Finansieras ur").select_option(index=1)
        expect(room.locator("#ordalydelse")).to_contain_text("Kvar av")
        if key == WHOLE[0]:
            another_act_costs_nothing_that_is_typed(room)
        room.get_by_role("button", name="Fastställ beslutet").click()
        expect(room.locator(".messages")).to_contain_text("är registrerat")
    look(room)

    # The fifth does not fit: refused, with what is left; within the frame it is granted in part.
    room.get_by_role("navigation", name="Ärenden").get_by_role(
        "link", name="Kvinnor vidare"
    ).click()
    take_up(room)
    room.get_by_label("Bifall", exact=True).check(force=True)
    room.get_by_label(re.compile("Belopp som beviljas")).fill("800 000")
    room.get_by_label("Finansieras ur").select_option(index=1)
    room.get_by_role("button", name="Fastställ beslutet").click()
    expect(room.locator("main")).to_contain_text("350\u00a0000\u00a0kr")
    expect(room.locator(".ds-error-summary")).to_be_visible()
    look(room)
    room.get_by_label("Delvis bifall").check(force=True)
    room.get_by_label(re.compile("Belopp som beviljas")).fill("350 000")
    room.get_by_role("button", name="Fastställ beslutet").click()
    expect(room.locator(".messages")).to_contain_text("är registrerat")
    frame = Frame.objects.select_related("account").get(rounds=example.cast.round)
    assert frame.remaining == 0

    # The meeting is closed and its paragraphs get their numbers.
    go_through_formal_items(room)
    room.get_by_role("link", name="Avsluta mötet").first.click()
    look(room)
    room.get_by_role("button", name="Avsluta mötet").click()
    expect(room.get_by_role("heading", level=1)).to_have_text("Protokoll")
    look(room)

    # Decided, but not attested: the applicant sees that, and no outcome.
    applicant = visit(example.person("nadja_berg"))
    applicant.goto(example.application("olofstrom").get_absolute_url())
    expect(applicant.locator("main")).to_contain_text("justering")
    expect(applicant.locator("main")).not_to_contain_text("350\u00a0000")
    look(applicant)

    # The secretary sends the minutes; chair and attester sign exactly that with their passwords.
    room.get_by_role("button", name="Skicka till justerarna").click()
    expect(room.locator(".next")).to_contain_text("Väntar på justering")
    look(room)
    record = Minutes.objects.get(meeting=called)
    for attester in called.attesters.select_related("seat__user"):
        person = visit(attester.seat.user)
        person.goto("/blekinge/styrelse/")
        look(person)
        person.get_by_role("link", name=re.compile("Läs och justera")).click()
        look(person)
        person.get_by_label("Ditt lösenord").fill(DEMO_PASSWORD)
        person.get_by_role("button", name="Justera protokollet").click()
        expect(person.get_by_role("button", name="Justera protokollet")).to_have_count(0)
    record.refresh_from_db()
    assert record.attested_at is not None
    example.work()

    # Notices on every board, with the day noted.
    room.reload()
    post = room.get_by_role("button", name=re.compile("^Anslaget"))
    for _ in range(post.count()):
        form = post.first.locator("xpath=ancestor::form")
        form.locator("input[type=date]").fill(record.attested_at.date().isoformat())
        post.first.click()
        room.wait_for_load_state()
    look(room)
    pdf = fetch_behind(room, room.get_by_role("link", name=re.compile(r"Protokoll, version")))
    assert pdf.startswith(b"%PDF")

    # Then, and only then, the applicant sees the decision and has the letter.
    applicant.reload()
    expect(applicant.locator("main")).to_contain_text("350\u00a0000")
    look(applicant)
    assert Message.objects.filter(
        address=example.person("nadja_berg").email, subject__icontains="beslut"
    ).exists()

    # And the public reads it among the decisions.
    visitor = visit()
    visitor.goto("/blekinge/beslut/")
    expect(visitor.locator("main")).to_contain_text("Kvinnor vidare")
    look(visitor)


def take_up(page: Page) -> None:
    button = page.get_by_role("button", name="Ta upp ärendet nu")
    if button.count():
        button.click()
        page.wait_for_load_state()


def go_through_formal_items(page: Page) -> None:
    """Until an item that needs a decision is at hand, or none is left."""
    for _ in range(20):
        choices = page.get_by_role("button", name="Utse och gå vidare")
        formal = page.get_by_role("button", name="Fastställ och gå vidare")
        if choices.count():
            page.get_by_label(re.compile("Emil Bergdahl")).check()
            choices.click()
        elif formal.count():
            formal.click()
        else:
            return
        page.wait_for_load_state()
