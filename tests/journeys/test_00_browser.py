"""Before the journeys: that one can sign in, and that the journeys' own guards see faults."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from finsam.people.models import User
from tests.journeys import browser as tools
from tests.journeys.conftest import Visit


def test_H05_a_person_signs_in_with_the_form(visit: Visit, administrator: User) -> None:
    page = visit()
    page.goto("/konto/login/")
    page.get_by_label("E-post").fill(administrator.email)
    page.get_by_label("Lösenord").fill("ett långt lösenord")
    page.get_by_role("button", name="Logga in").click()
    page.wait_for_url(lambda url: "/login" not in url)

    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    session = cookies["__Host-session"]
    assert (session["secure"], session["httpOnly"], session["sameSite"]) == (True, True, "Lax")
    assert session["path"] == "/"
    assert session["domain"] == "localhost"


def test_the_browser_can_be_signed_in_without_the_form(visit: Visit, administrator: User) -> None:
    page = visit(administrator)
    page.goto("/konto/login/")

    assert "/login" not in page.url


@pytest.fixture
def page_of(chromium: Browser, live_server: LiveServer) -> object:
    """A page with a body of the test's own under the portal's own security policy."""
    policy = Client().get("/halsa/").headers["Content-Security-Policy"]

    def open_page(body: str, complaints: list[str], width: int = tools.WIDE) -> Page:
        context = tools.open_context(chromium, live_server.url, width=width)
        tools.listen(context, complaints)
        page = context.new_page()
        html = f"<!doctype html><html lang=sv><title>Prov</title><body><main>{body}</main></html>"
        headers = {"Content-Security-Policy": policy, "Content-Type": "text/html; charset=utf-8"}
        page.route("**/prov/", lambda route: route.fulfill(body=html, headers=headers))
        page.goto("/prov/")
        return page

    return open_page


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<h1>Prov</h1><script>document.title = 'körd'</script>", "script-src"),
        ("<h1 style='color: red'>Prov</h1>", "style-src"),
        ("<h1 onclick='alert(1)'>Prov</h1>", "script-src"),
        ("<h1>Prov</h1><img alt='' src='https://exempel.se/bild.png'>", "img-src"),
        ("<h1>Prov</h1><iframe title='ram' src='/halsa/'></iframe>", "default-src"),
        ("<h1>Prov</h1><object title='fil' data='/halsa/'></object>", "object-src"),
    ],
)
def test_H02_a_breach_of_the_security_policy_is_seen(page_of, body: str, told: str) -> None:
    complaints: list[str] = []
    page = page_of(body, complaints)
    page.wait_for_timeout(200)

    assert page.title() == "Prov"
    assert any(told in complaint for complaint in complaints), complaints


def test_a_missing_style_is_seen(page_of) -> None:
    complaints: list[str] = []
    page_of("<h1>Prov</h1><link rel=stylesheet href='/static/saknas.css'>", complaints)

    assert any("/static/saknas.css: 404" in complaint for complaint in complaints)


def test_X01_axe_finds_what_is_wrong_under_our_own_policy(page_of) -> None:
    page = page_of("<h1>Prov</h1><img src='/static/x.png'><input name=a>", [])

    faults = tools.accessibility_faults(page)

    assert {fault.split(" ")[0] for fault in faults} == {"image-alt", "label"}


def test_a_page_wider_than_its_window_is_seen(page_of) -> None:
    wide = "<h1>Prov</h1><table><tr><td><img alt='' width=900 height=9></table>"

    assert tools.overflow(page_of(wide, [], width=tools.NARROW)) > 500
    assert tools.overflow(page_of("<h1>Prov</h1>", [], width=tools.NARROW)) == 0


def test_the_session_cookie_is_the_one_that_an_installation_has() -> None:
    assert settings.SESSION_COOKIE_NAME == "__Host-session"
