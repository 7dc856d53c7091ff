"""A real Chromium for the journeys: signed in or not, wide or narrow, with or without JavaScript.

Every page that is opened here is watched: a script that fails, a message of the browser's console,
a breach of the content security policy or a missing style fails the journey that caused it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from finsam.people.models import User
from tests import example as kept
from tests.journeys import browser as tools
from tests.journeys.story import Example

HERE = Path(__file__).parent
FAILED: pytest.StashKey[bool] = pytest.StashKey()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the fixtures know whether the journey went well."""
    report = yield
    item.stash[FAILED] = report.failed or item.stash.get(FAILED, False)
    return report


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, where the tests read the database.
    with pytest.MonkeyPatch.context() as patch, tools.chromium() as browser:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield browser


class Visit(Protocol):
    """Open a browser of one's own; each has its own cookies, so several people can be at work."""

    def __call__(
        self, user: User | None = None, *, width: int = tools.WIDE, javascript: bool = True
    ) -> Page: ...


@pytest.fixture
def visit(
    chromium: Browser, live_server: LiveServer, request: pytest.FixtureRequest
) -> Iterator[Visit]:
    """`page = visit(director)`, then `page.goto("/sjo/kansli/")`."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_browser(
        user: User | None = None, *, width: int = tools.WIDE, javascript: bool = True
    ) -> Page:
        context = tools.open_context(chromium, live_server.url, width=width, javascript=javascript)
        contexts.append(context)
        tools.listen(context, complaints)
        if user is not None:
            tools.sign_in(context, live_server.url, user)
        return context.new_page()

    yield open_browser
    if request.node.stash.get(FAILED, False):
        tools.take_pictures(request.node.name, contexts)
    for context in contexts:
        context.close()
    assert complaints == [], "The browser complained."


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """Fails with each fault that axe finds on the page as it stands, contrast included."""

    def check(page: Page) -> None:
        assert tools.accessibility_faults(page) == [], page.url

    return check


@pytest.fixture
def assert_reflows() -> Callable[[Page], None]:
    """Fails when the page is wider than the window."""

    def check(page: Page) -> None:
        assert tools.overflow(page) <= 0, f"{page.url}: {tools.reaching_out(page)}"

    return check


@pytest.fixture
def look(
    assert_accessible: Callable[[Page], None], assert_reflows: Callable[[Page], None]
) -> Callable[[Page], None]:
    """What every page of a journey must stand: axe with contrast, and a window of 320 pixels."""

    def check(page: Page) -> None:
        size = page.viewport_size
        assert_accessible(page)
        page.set_viewport_size({"width": tools.NARROW, "height": 900})
        assert_reflows(page)
        if size is not None:
            page.set_viewport_size(size)

    return check


@pytest.fixture
def example(transactional_db: None, live_server: LiveServer) -> Example:
    """The example installation as a newcomer finds it, with its documents made.

    Each journey begins with the same, and what it changes is gone when it ends.
    """
    if connection.vendor != "sqlite":
        pytest.skip("The example is kept as an SQLite file.")
    kept.bring(Path(connection.settings_dict["NAME"]), Path(settings.VAR) / "files")
    return Example()
