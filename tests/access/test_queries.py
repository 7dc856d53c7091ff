"""What every page asks the database: at most 15 questions, the overview of the office 25.

Every address of the table is read by those it opens to, for one object of each kind and state
that the example has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from applications.models import Application
from boards.models import AgendaItem, Meeting
from tests import example as kept
from tests.access.world import OF_A_CASE, Door, World, address, doors, who_meets, world

BAR, BARS = 15, {"boards:dashboard": 25}
# The last is asked once in a process: whether SQLite knows JSON.
NOT_QUESTIONS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "SELECT JSON(")


class Asked:
    """How many questions have been asked, but those about transactions."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        self.count += not sql.startswith(NOT_QUESTIONS)
        return execute(sql, *more)


def places(found: World, door: Door) -> Iterator[str]:
    """The addresses behind a door: one for each object that differs in kind or state."""
    values = found.behind(found.here, "to_board")
    if "item" in door.names:
        items = AgendaItem.objects.filter(meeting__association=found.here)
        for item in _one_of_each(items, "kind", "state", "meeting__state", "application__state"):
            yield address(door, values | {"item": str(item.pk), "meeting": str(item.meeting_id)})
    elif "meeting" in door.names:
        meetings = Meeting.objects.filter(association=found.here)
        for meeting in _one_of_each(meetings, "state", "body__kind", "minutes__state"):
            yield address(door, values | {"meeting": str(meeting.pk)})
    elif OF_A_CASE & set(door.names):
        for case in _one_of_each(Application.objects.filter(association=found.here), "state"):
            yield address(door, found.behind(found.here, case.state))
    else:
        yield address(door, values)


def _one_of_each(rows: Any, *names: str) -> list[Any]:
    differing = {}
    for pk, *values in rows.order_by("-pk").values_list("pk", *names):
        differing[tuple(values)] = pk
    return list(rows.filter(pk__in=differing.values()))


@pytest.fixture
def found(transactional_db: None) -> World:
    kept.bring(Path(connection.settings_dict["NAME"]), Path(settings.VAR) / "files")
    return world()


@pytest.mark.slow
@pytest.mark.anywhere
def test_no_page_asks_more_than_its_bar(found: World) -> None:
    opens_to = who_meets("ok", "GET")
    clients = {who: found.client(who) for who in found.people}
    over, read = {}, set()
    for door in doors():
        for path in places(found, door):
            for who in opens_to[door.name]:
                asked = Asked()
                with connection.execute_wrapper(asked):
                    response = clients[who].get(path)
                if response.status_code != 200:
                    continue
                read.add(door.name)
                if asked.count > BARS.get(door.name, BAR):
                    over[door.name, who, path] = asked.count
    assert over == {}
    assert len(read) > 100
