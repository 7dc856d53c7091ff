"""X-01 and H-02: every page as every role, wide and narrow, full, empty and with errors.

The addresses are those of the map of the house, so a new page is looked at from its first day.
Each is looked at once, and again where a role or a state sees it built otherwise. Who is let in
is tried by the access test, whose table tells here whom to ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from applications.models import ApplicationState
from finsam.people.models import RoleKind, User
from tests.access.world import OF_AN_EFFORT, Door, World, address, doors, who_meets, world
from tests.conftest import found_association, person_with_role
from tests.journeys import browser as tools
from tests.journeys.story import Example

PARTS = 8
"""Neighbours on the map are built alike: what one has been shown, the next is not shown again."""
WRITING = ("applicant", "director", "council", "board")
STATES = (ApplicationState.DRAFT, ApplicationState.RETURNED, ApplicationState.TO_BOARD)
"""One before, one between, one after the office's review; the other states share their pages."""
CASE = {"application", "public_id", "party", "annex", "section"}
TAG = re.compile(rb"<[^>]+>")
SAID_IN_TAGS = re.compile(
    rb" ((?:href|src|action|value|id|for|name|title|datetime)"
    rb'|(?:hx|aria)-[a-z-]+|data-(?!color|variant|size)[a-z-]+)="[^"]*"'
)
"""What differs between two pages that are built alike, and axe does not see as anything else."""


@dataclass
class Looked:
    """What has been looked at, and what was wrong with it."""

    pages: int = 0
    faults: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    pieces: set[int] = field(default_factory=set)


@pytest.fixture
def found(example: Example) -> World:
    assert example.association.slug == "blekinge"
    return world()


def is_new(looked: Looked, door: Door, response: HttpResponse) -> bool:
    """Whether it is a whole page at a new address, or built of something not yet looked at."""
    if response.streaming or "text/html" not in response.get("Content-Type", ""):
        if response.status_code == 200:
            looked.files.add(door.name)
        return False
    if b"<html" not in response.content:
        return False
    pieces = pieces_of(response.content)
    is_known = door.name in looked.addresses or response.status_code in (403, 404)
    if is_known and pieces <= looked.pieces:
        return False
    looked.addresses.add(door.name)
    looked.pieces |= pieces
    return True


def pieces_of(body: bytes) -> set[int]:
    """Each three tags that follow each other, so that another row of a table is nothing new."""
    tags = [SAID_IN_TAGS.sub(rb" \1", tag) for tag in TAG.findall(main_part(body))]
    return {hash(three) for three in zip(tags, tags[1:], tags[2:], strict=False)}


def main_part(body: bytes) -> bytes:
    """The page without the head that tells who is signed in."""
    return body.partition(b"<main")[2] or body


class Viewer:
    """Shows an answer of the site to Chromium, with the site's own headers, scripts and styles.

    The server itself hands out the answer: were it laid into the browser, the browser would keep
    no styles and no fonts from one page to the next.
    """

    def __init__(self, page: Page, server: LiveServer) -> None:
        self.page, self.base = page, server.url
        self.shown: dict[str, HttpResponse] = {}
        self.site: Any = server.thread.httpd.get_app()
        server.thread.httpd.set_app(self.answer)

    def answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        response = self.shown.get(environ["PATH_INFO"])
        if response is None:
            body: Iterable[bytes] = self.site(environ, start_response)
            return body
        headers = [(name, str(value)) for name, value in response.items()]
        start_response(f"{response.status_code} {response.reason_phrase}", headers)
        return [response.content]

    def look(self, path: str, who: str, response: HttpResponse, looked: Looked) -> None:
        """Axe at two widths, and that nothing reaches out of a window of 320 pixels."""
        self.shown = {path: response}
        self.page.set_viewport_size({"width": tools.WIDE, "height": 900})
        self.page.goto(f"{self.base}{path}")
        where = f"{path} as {who}"
        looked.pages += 1
        looked.faults += [f"{where}: {fault}" for fault in tools.accessibility_faults(self.page)]
        self.page.set_viewport_size({"width": tools.NARROW, "height": 900})
        looked.faults += [
            f"{where} at 320: {fault}" for fault in tools.accessibility_faults(self.page)
        ]
        if tools.overflow(self.page) > 0:
            looked.faults.append(f"{where}: wider than 320: {tools.reaching_out(self.page)[-3:]}")


@pytest.fixture
def viewer(chromium: Browser, live_server: LiveServer) -> Iterator[Viewer]:
    context = tools.open_context(chromium, live_server.url)
    complaints: list[str] = []
    tools.listen(context, complaints)
    viewer = Viewer(context.new_page(), live_server)
    yield viewer
    live_server.thread.httpd.set_app(viewer.site)
    context.close()
    # A page shown out of its session asks for things that are refused; styles and scripts are not.
    assert [one for one in complaints if "/static/" in one or "Security Policy" in one] == []


def addresses(found: World, some: Sequence[Door]) -> Iterator[tuple[Door, str]]:
    """Each address once for each state of the case that it may be about."""
    shown: set[str] = set()
    for door in some:
        states: Sequence[str] = STATES if CASE & set(door.names) else STATES[-1:]
        for state in ["effort"] if OF_AN_EFFORT.search(door.name) else states:
            path = address(door, found.behind(found.here, state))
            if path not in shown:
                shown.add(path)
                yield door, path


def part_of_the_map(part: int) -> list[Door]:
    every = doors()
    return every[len(every) * part // PARTS : len(every) * (part + 1) // PARTS]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_X01_every_page_and_what_it_answers_to_an_empty_form(
    part: int, found: World, viewer: Viewer
) -> None:
    looked, let_in, refused = Looked(), who_meets("ok", "GET"), who_meets("403", "GET")
    writing = who_meets("ok", "POST")
    clients = {who: found.client(who) for who in found.people}
    for door, path in addresses(found, part_of_the_map(part)):
        for who in [*let_in[door.name], *refused[door.name][:1]]:
            if door.name in looked.files:
                break  # what gives a file takes long to make it, and shows no page
            response = clients[who].get(path, headers={"host": "localhost"})
            if response.status_code in (200, 403, 404) and is_new(looked, door, response):
                viewer.look(path, who, response, looked)
        for who in [who for who in WRITING if who in writing[door.name]]:
            with transaction.atomic():
                response = clients[who].post(path, {}, headers={"host": "localhost"})
                transaction.set_rollback(True)
            if response.status_code in (200, 409, 422) and is_new(looked, door, response):
                viewer.look(path, who, response, looked)
    assert looked.pages >= 10
    assert looked.faults == []


@pytest.mark.slow
def test_X01_empty_states(example: Example, viewer: Viewer) -> None:
    """An association on its first day: no programme, no meeting, no money."""
    there = found_association("sjo", "Samordningsförbundet Sjö", "SFS")
    member = there.members.get(slug="kommunen")
    people: dict[str, User | None] = {"anonymous": None}
    for kind in RoleKind:
        ours = member if kind in (RoleKind.APPLICANT, RoleKind.SIGNATORY) else None
        people[kind.value] = person_with_role(kind, there, member=ours)
    looked = Looked()
    for who, person in people.items():
        client = Client()
        if person is not None:
            client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
        for door in doors():
            if set(door.names) != {"association"}:
                continue
            path = address(door, {"association": "sjo"})
            response = client.get(path, headers={"host": "localhost"})
            if response.status_code == 200 and is_new(looked, door, response):
                viewer.look(path, who, response, looked)
    assert looked.pages >= 15
    assert looked.faults == []


@pytest.mark.slow
def test_X01_every_page_of_the_operator(found: World, viewer: Viewer) -> None:
    """What stands outside the associations, with its errors too."""
    found.people["operator"] = User.objects.create_superuser("drift@exempel.se", None, name="Drift")
    client, looked = found.client("operator"), Looked()
    outside = [door for door in doors() if "association" not in door.names]
    for door, path in addresses(found, outside):
        for response in (client.get(path), client.post(path, {})):
            if response.status_code in (200, 422) and is_new(looked, door, response):
                viewer.look(path, "operator", response, looked)
    assert "administration:new_association" in looked.addresses
    assert looked.faults == []


def test_the_parts_are_the_map_of_the_house(found: World) -> None:
    """The crawl would pass on nothing if its list were empty."""
    every = [door for part in range(PARTS) for door in part_of_the_map(part)]
    assert every == doors()
    assert len(list(addresses(found, every))) >= 120
