"""Every component in a real browser: free of faults, folding, and doing what it says."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Dialog, Page, expect

from finsam.people.models import User
from tests.journeys import browser as tools
from tests.journeys.conftest import Visit

pytestmark = [pytest.mark.urls("tests.journeys.styleguide_urls"), pytest.mark.django_db]

GUIDE = {
    "as it is": "/stil/",
    "refused form, messages, wide page": "/stil/?fel=1&meddelanden=1&bred=1",
    "the lightest colour allowed": "/stil/?farg=767676",
}
ERRORS = ["400", "403", "403_csrf", "404", "405", "500", "503"]
SIGNED_OUT = ["login/", "password/reset/", "password/reset/done/", "inactive/", "signup/"]
SIGNED_IN = ["password/change/", "2fa/", "email/", "sessions/", "logout/", "reauthenticate/"]


def assert_sound(page: Page) -> None:
    assert tools.overflow(page) == 0
    assert tools.accessibility_faults(page) == []


@pytest.mark.parametrize("width", [tools.WIDE, 640, tools.NARROW])
@pytest.mark.parametrize("address", GUIDE.values(), ids=GUIDE)
def test_X01_the_style_guide_has_no_faults(visit: Visit, address: str, width: int) -> None:
    page = visit(width=width)
    page.goto(address)

    assert_sound(page)


@pytest.mark.parametrize("width", [tools.WIDE, tools.NARROW])
def test_X01_sign_in_and_account_pages_have_no_faults(
    visit: Visit, director: User, width: int
) -> None:
    stranger, person = visit(width=width), visit(director, width=width)
    for page, addresses in ((stranger, SIGNED_OUT), (person, SIGNED_IN)):
        for address in addresses:
            page.goto(f"/konto/{address}")
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert_sound(page)


@pytest.mark.parametrize("width", [tools.WIDE, tools.NARROW])
def test_X01_error_pages_have_no_faults(visit: Visit, width: int) -> None:
    page = visit(width=width)
    for code in ERRORS:
        page.goto(f"/stil/fel/{code}/")
        assert_sound(page)


def test_X01_the_information_pages_have_no_faults(visit: Visit, association) -> None:
    page = visit(width=tools.NARROW)
    for address in ("/?alla", f"/{association.slug}/tillganglighet/", "/sjo/personuppgifter/"):
        page.goto(address)
        assert_sound(page)


def test_X03_text_may_be_spaced_out_and_colours_forced(visit: Visit) -> None:
    page = visit(width=tools.NARROW)
    page.emulate_media(forced_colors="active")
    page.goto("/stil/")
    page.evaluate(
        """() => { const sheet = new CSSStyleSheet();
        sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; "
          + "word-spacing: 0.16em !important } p { margin-bottom: 2em !important }");
        document.adoptedStyleSheets.push(sheet); }"""
    )

    assert tools.overflow(page) == 0
    tags = page.locator(".ds-tag").first
    assert tags.evaluate("tag => getComputedStyle(tag).borderTopStyle") == "solid"


def test_X02_the_keyboard_reaches_content_menu_and_way_out(visit: Visit, director: User) -> None:
    page = visit(director)
    page.goto("/stil/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Till innehållet")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()

    menu = page.locator("details.who")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Logga ut")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Logga ut")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


def test_X05_menus_and_forms_are_there_without_javascript(visit: Visit, director: User) -> None:
    page = visit(director, width=tools.NARROW, javascript=False)
    page.goto("/stil/")
    page.locator("details.site-menu summary").click()
    expect(page.get_by_role("link", name="Ansökningar")).to_be_visible()
    expect(page.get_by_text("Högst 2 000 tecken.")).to_be_visible()
    expect(page.get_by_role("link", name="Visa hur långt det har kommit")).to_be_visible()

    page.locator("details.site-menu summary").click()
    page.locator("details.who summary").click()
    page.get_by_role("button", name="Logga ut").click()
    expect(page.get_by_role("link", name="Logga in")).to_be_visible()


def test_X04_errors_come_first_and_lead_to_their_fields(visit: Visit) -> None:
    page = visit()
    page.goto("/stil/?fel=1")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    for link in summary.get_by_role("link").all():
        link.click()
        target = (link.get_attribute("href") or "").removeprefix("#")
        expect(page.locator(f"[id='{target}']")).to_be_focused()
    described = page.get_by_label("Sökt belopp 2024").get_attribute("aria-describedby") or ""
    texts = [page.locator(f"[id='{name}']").inner_text() for name in described.split()]
    assert texts[0] == "Hela kronor."
    assert "till exempel 1 850 000" in texts[1]


def test_a_row_of_steps_is_never_broken_unevenly(visit: Visit) -> None:
    """All in a row or all in a column, at every width."""
    page = visit()
    page.goto("/stil/")
    for width in range(tools.NARROW, 1700, 20):
        page.set_viewport_size({"width": width, "height": 900})
        for steps in page.locator(".steps").all():
            tops = steps.locator("> li").evaluate_all(
                "items => items.map(item => Math.round(item.getBoundingClientRect().top))"
            )
            assert len(set(tops)) in {1, len(tops)}, width


def test_a_sum_is_never_broken(visit: Visit) -> None:
    page = visit(width=tools.NARROW)
    page.goto("/stil/")
    broken = page.evaluate(
        """() => [...document.querySelectorAll(".num, .big, .key b")]
        .filter(item => item.innerText.trim() && item.children.length === 0)
        .filter(item => { const range = document.createRange(); range.selectNodeContents(item);
          return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1 })
        .map(item => item.innerText)"""
    )

    assert broken == []


# --- the scripts ------------------------------------------------------------------------------


def writing(page: Page, text: str) -> None:
    page.goto("/stil/")
    page.get_by_label("Bakgrund").fill(text)


def status(page: Page):
    return page.locator("[data-autosave-status]")


def test_autosave_says_when_it_saved_and_carries_the_version(visit: Visit) -> None:
    page = visit()
    writing(page, "Ungdomar utan arbete.")
    expect(status(page)).to_have_text("Ändrat, inte sparat än")
    expect(status(page)).to_have_text(re.compile(r"^Sparat \d\d\.\d\d$"))
    expect(page.locator("[data-autosave] [name=version]")).to_have_value("2")
    assert page.evaluate("localStorage.length") == 0


TYPED_EARLY = """
document.addEventListener("readystatechange", () => {
  const field = document.querySelector("[data-autosave] textarea");
  if (field && document.readyState === "interactive") field.value = "Skrivet direkt.";
});
"""


def test_autosave_saves_what_was_typed_before_its_script_was_read(visit: Visit) -> None:
    page = visit()
    page.add_init_script(TYPED_EARLY)
    page.goto("/stil/")
    expect(status(page)).to_have_text(re.compile(r"^Sparat \d\d\.\d\d$"))
    expect(page.locator("[data-autosave] textarea").first).to_have_value("Skrivet direkt.")


def test_autosave_shows_both_texts_when_two_write(visit: Visit) -> None:
    page = visit()
    writing(page, "Vi skriver samtidigt.")
    panel = page.locator("[data-autosave-panel]")
    expect(panel.get_by_text("Region Blekinges text.")).to_be_visible()
    expect(panel.get_by_text("Vi skriver samtidigt.")).to_be_visible()
    expect(panel).to_be_focused()
    expect(status(page)).to_contain_text("Inte sparat")
    expect(page.get_by_label("Bakgrund")).to_have_value("Vi skriver samtidigt.")


def test_autosave_keeps_the_text_when_the_server_refuses_it(visit: Visit) -> None:
    page = visit()
    writing(page, "Det här är för långt.")
    expect(status(page)).to_have_text("Texten är för lång. Den är inte sparad.")
    expect(page.get_by_label("Bakgrund")).to_have_value("Det här är för långt.")


def test_autosave_gives_the_text_back_after_the_session_ended(visit: Visit) -> None:
    page = visit()
    writing(page, "Skrivet utloggad.")
    expect(page.get_by_role("heading", name="Du har loggats ut")).to_be_visible()
    page.get_by_role("link", name="Logga in och fortsätt").click()
    page.wait_for_load_state()
    expect(page.get_by_label("Bakgrund")).to_have_value("")
    page.get_by_role("button", name="Lägg tillbaka").click()
    expect(page.get_by_label("Bakgrund")).to_have_value("Skrivet utloggad.")


def test_autosave_waits_for_the_network_and_then_saves(visit: Visit) -> None:
    page = visit()
    page.goto("/stil/")
    expect(page.locator("#arbete-1")).to_contain_text("Klart.")  # or its question would fail
    page.context.set_offline(True)
    page.get_by_label("Bakgrund").fill("Skrivet på tåget.")
    expect(status(page)).to_contain_text("Ingen kontakt")
    assert "Skrivet på tåget." in page.evaluate("JSON.stringify(localStorage)")
    page.context.set_offline(False)
    expect(status(page)).to_have_text(re.compile(r"^Sparat"))
    assert page.evaluate("localStorage.length") == 0


def test_autosave_warns_before_one_leaves_unsaved_text(visit: Visit) -> None:
    page = visit()
    page.goto("/stil/")
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    page.get_by_label("Bakgrund").press_sequentially("Hej")
    page.goto("/konto/login/")

    assert asked == ["beforeunload"]


def test_counter_counts_signs_as_the_server_does(visit: Visit) -> None:
    page = visit()
    page.goto("/stil/")
    page.get_by_label("Syfte").fill("åäö\n" + "x" * 1990)
    counter = page.locator("[data-counter-for=id_purpose]")
    expect(counter).to_have_text("6 tecken kvar av 2 000")
    page.get_by_label("Syfte").fill("x" * 2003)
    expect(counter).to_have_text("3 tecken för mycket")
    assert len(page.get_by_label("Syfte").input_value()) == 2003


def test_table_keys_move_and_paste_from_a_workbook(visit: Visit) -> None:
    page = visit()
    page.goto("/stil/")
    first = page.get_by_label("Förslag för Karlskrona")
    first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Förslag för Ronneby")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Förslag för Karlshamn")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Reserv för Karlshamn")).to_be_focused()

    first.focus()
    page.evaluate(
        """() => { const data = new DataTransfer();
        data.setData("text/plain", "3 650 000\\t10 000\\r\\n1 650 000\\t0\\r\\n");
        const how = { clipboardData: data, bubbles: true, cancelable: true };
        document.activeElement.dispatchEvent(new ClipboardEvent("paste", how)) }"""
    )
    expect(first).to_have_value("3 650 000")
    expect(page.get_by_label("Reserv för Karlskrona")).to_have_value("10 000")
    expect(page.get_by_label("Förslag för Ronneby")).to_have_value("1 650 000")
    expect(page.get_by_text("4 rutor fylldes från urklipp.")).to_be_visible()


def test_a_form_is_sent_once_however_often_it_is_pressed(visit: Visit) -> None:
    page = visit()
    page.goto("/stil/")
    sent = page.evaluate(
        """() => { const form = document.querySelector("form.confirm"); let sent = 0;
        form.addEventListener("submit", event => { if (!event.defaultPrevented) sent += 1;
          event.preventDefault() });
        document.addEventListener("submit", event => event.preventDefault());
        const button = form.querySelector("button"); button.click(); button.click(); button.click();
        return [sent, button.getAttribute("aria-disabled"), form.dataset.sent] }"""
    )
    assert sent[1:] == ["true", "1"]

    page.evaluate("window.dispatchEvent(new Event('pageshow'))")
    expect(page.get_by_role("button", name="Lämna in")).not_to_have_attribute(
        "aria-disabled", "true"
    )


def test_a_running_job_tells_how_it_goes_by_itself(visit: Visit) -> None:
    page = visit()
    page.goto("/stil/")
    expect(page.locator("#arbete-1")).to_contain_text("12 av 31 handlingar")
    expect(page.locator("#arbete-1")).to_contain_text("Klart.", timeout=6000)
    expect(page.locator("#arbete-1 progress")).to_have_count(0)
