"""What the journeys do with a browser: watch it, look for faults on a page, take its picture."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Response,
    sync_playwright,
)

from finsam.people.models import User

WIDE = 1280
NARROW = 320
AXE = settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "EN-301-549", "best-practice"]
PICTURES = settings.BASE_DIR / "test-results"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Letters where they are on a screen of today, not moved to whole pixels.
    "--font-render-hinting=none",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium, without a window.

    The one that is built without windows takes a third of the work: the other makes them all,
    with their menus, and does not show them.
    """
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if path is None:
        raise FileNotFoundError(
            "Chromium is missing. On Debian: apt-get install chromium-headless-shell"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def open_context(
    browser: Browser, url: str, *, width: int = WIDE, javascript: bool = True
) -> BrowserContext:
    """A browser of one's own, with cookies of its own, somewhere in Sweden."""
    context = browser.new_context(
        base_url=url,
        viewport={"width": width, "height": 900},
        java_script_enabled=javascript,
        locale="sv-SE",
        timezone_id="Europe/Stockholm",
        reduced_motion="reduce",
    )
    context.set_default_timeout(60_000)
    return context


def sign_in(context: BrowserContext, url: str, user: User) -> None:
    """Give the browser what it would have after signing in; the form has a journey of its own."""
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    context.add_cookies(
        [
            {
                "name": settings.SESSION_COOKIE_NAME,
                "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                # A __Host- cookie is taken for https alone; Chromium sends it to localhost anyway.
                "url": url.replace("http://", "https://"),
                "secure": settings.SESSION_COOKIE_SECURE,
                "httpOnly": True,
                "sameSite": "Lax",
            }
        ]
    )


def listen(context: BrowserContext, complaints: list[str]) -> None:
    """Write down what the browser complains of on every page of the context."""

    def on_console(message: ConsoleMessage) -> None:
        # An answer that is an error is judged below, where its kind is known.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            where = message.page.url if message.page else ""
            complaints.append(f"{where}: {message.text}")

    def on_response(response: Response) -> None:
        # A page may answer 403 or 404, and a journey looks at that; its styles may not.
        page_of_its_own = response.request.resource_type in {"document", "xhr", "fetch"}
        if response.status >= (500 if page_of_its_own else 400):
            complaints.append(f"{response.url}: {response.status}")

    context.on("console", on_console)
    context.on("weberror", lambda error: complaints.append(f"{error.page}: {error.error}"))
    context.on("response", on_response)


def accessibility_faults(page: Page) -> list[str]:
    """Each fault that axe finds on the page as it stands, contrast included."""
    # Through the debugger, which the page's own security policy does not reach.
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"() => {{ {AXE.read_text(encoding='utf-8')} }}")
    found: list[dict[str, Any]] = page.evaluate(
        # What axe fetches ahead serves rules of films and of turned screens, none of which we ask.
        "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations'], preload: false})"
        ".then(found => found.violations)",
        AXE_TAGS,
    )
    return [
        f"{fault['id']} ({fault['help']}): {node['html'][:200]}"
        for fault in found
        for node in fault["nodes"]
    ]


def fetch_behind(page: Page, link: Locator) -> bytes:
    """The file that a link leads to, asked for with the person's own cookies.

    A browser shows a PDF by itself, so that there is no page to look at.
    """
    whole: list[int] = page.evaluate(
        "async url => Array.from(new Uint8Array(await (await fetch(url)).arrayBuffer()))",
        link.get_attribute("href"),
    )
    return bytes(whole)


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window; what scrolls inside itself may be wide."""
    width: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


def reaching_out(page: Page) -> list[str]:
    """What is wider than the window, to say why it overflows."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('body *')]
            .filter(one => one.getBoundingClientRect().right > innerWidth + 0.5)
            .filter(one => !one.closest('.table-wrap, .steps-box'))
            .map(one => one.outerHTML.slice(0, 120))"""
    )
    return found


def take_pictures(name: str, contexts: list[BrowserContext]) -> None:
    """Leave a picture of each open page, for whoever wonders why a journey failed."""
    PICTURES.mkdir(exist_ok=True)
    pages = [page for context in contexts for page in context.pages]
    for number, page in enumerate(pages, start=1):
        file = re.sub(r"[^\w-]+", "_", f"{name}-{number}")
        page.screenshot(path=PICTURES / f"{file}.png", full_page=True)
