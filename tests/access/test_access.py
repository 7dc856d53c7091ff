"""P-01: every address × role × tenant × state of the case, against the declared table.

`ACCESS_TABLE=write pytest tests/access -k P01` writes the table anew; read the difference before
it is committed: the table is the promise, the pages have to keep it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from tests import example as kept
from tests.access.world import STATES, TABLE, World, address, doors, outcome, states_of, world

TRYING = ("anonymous", "applicant", "co_applicant", "director", "council", "chair", "auditor")
BOTH_MAY_HAVE = ("slug", "programme", "section", "number", "version", "question", "report")
Row = dict[str, list[str]]


def _try(client: Client, method: str, path: str) -> str:
    """Try a door and take back whatever it changed."""
    with transaction.atomic():
        response = client.get(path) if method == "GET" else client.post(path, {})
        transaction.set_rollback(True)
    return outcome(response)


def _measured(found: World) -> dict[str, Row]:
    """For each door and state: what it does to whom, as lists of roles by outcome."""
    clients = {who: found.client(who) for who in found.people}
    measured: dict[str, Row] = {}
    for door in doors():
        for state in states_of(door):
            values = found.behind(found.here, STATES.get(state, ""))
            for method in ("GET", "POST"):
                row: Row = {}
                for who, client in clients.items():
                    row.setdefault(_try(client, method, address(door, values)), []).append(who)
                name = f"{method} {door.name}" + (f" [{state}]" if state != "-" else "")
                measured[name] = dict(sorted(row.items()))
    return measured


@pytest.fixture
def found(transactional_db: None) -> World:
    """The example installation with its documents made."""
    kept.bring(Path(connection.settings_dict["NAME"]), Path(settings.VAR) / "files")
    return world()


@pytest.mark.slow
@pytest.mark.anywhere
def test_P01_every_address_opens_to_exactly_the_declared_roles(found: World) -> None:
    measured = _measured(found)
    if os.environ.get("ACCESS_TABLE") == "write":
        lines = (
            f" {json.dumps(name)}: {json.dumps(row)}" for name, row in sorted(measured.items())
        )
        TABLE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    declared: dict[str, Any] = json.loads(TABLE.read_text())
    assert sorted(measured) == sorted(declared), "an address is in no list"
    differing = {
        name: (row, declared[name]) for name, row in measured.items() if row != declared[name]
    }
    assert differing == {}
    assert not [name for name, row in measured.items() if "fault" in row]


def test_P01_what_the_table_promises_of_drafts() -> None:
    """Read off the table itself: a draft opens to the applicant's side alone."""
    side = {"applicant", "co_applicant", "signatory"}
    declared: dict[str, Row] = json.loads(TABLE.read_text())
    for name, row in declared.items():
        if name.endswith("[draft]") and "applications:" in name:
            assert set(row.get("ok", [])) <= side, name


def test_P01_what_the_table_promises_of_strangers() -> None:
    """People of another association get in nowhere but where everybody does.

    Whoever is signed in may see the own list (one can be invited to write without a role here),
    be sent on from the start address, and accept an invitation: nothing of ours stands there.
    """
    declared: dict[str, Row] = json.loads(TABLE.read_text())
    own = (
        "applications:mine",
        "applications:my_reports",
        "applications:start",
        "applications:invitation",
    )
    for name, row in declared.items():
        if name.split()[1] in own:
            continue
        let_in = set(row.get("ok", []))
        if "anonymous" not in let_in:
            assert not let_in & {"foreign_director", "foreign_applicant"}, name


@pytest.mark.slow
@pytest.mark.anywhere
def test_P02_and_P03_nothing_of_another_association_is_reached_or_shown(found: World) -> None:
    """1 000 requests with another association's ids: 404, and no word of theirs in any answer."""
    foreign_words = _mark(found)
    clients = {who: found.client(who) for who in TRYING}
    asked, let_in = 0, []
    for door in doors():
        for state in (STATES.get(name, "") for name in states_of(door)):
            ours, theirs = found.behind(found.here, state), found.behind(found.elsewhere, state)
            keys = [
                name for name in door.names if name != "association" and ours[name] != theirs[name]
            ]
            for key in keys:
                if key in BOTH_MAY_HAVE:
                    continue  # the objects behind them are checked below
                path = address(door, {**ours, key: theirs[key]})
                for who, client in clients.items():
                    for method in ("GET", "POST"):
                        with transaction.atomic():
                            response = (
                                client.get(path) if method == "GET" else client.post(path, {})
                            )
                            transaction.set_rollback(True)
                        asked += 1
                        if outcome(response) not in ("404", "403", "405", "login"):
                            let_in.append((who, method, path))
                        _has_none(response, foreign_words, (who, method, path))
    assert let_in == []
    assert asked >= 1000
    for who, client in clients.items():
        for door in doors():
            path = address(door, found.behind(found.here, STATES["received"]))
            _has_none(client.get(path), foreign_words, (who, "GET", path))


def _mark(found: World) -> list[str]:
    """Put a word of its own into everything of the other association that people read."""
    word = "MÄRKT-JÄMTLAND"
    there = found.elsewhere
    for application in there.applications.all():
        type(application).objects.filter(pk=application.pk).update(
            title=f"{word} {application.title}"
        )
    for idea in there.ideas.all():
        type(idea).objects.filter(pk=idea.pk).update(title=f"{word} {idea.title}")
    there.meetings.update(place=word)
    for round_ in there.rounds.all():
        type(round_).objects.filter(pk=round_.pk).update(name=f"{word} {round_.name}")
    there.members.filter(name="Krokoms kommun").update(short_name=word)
    return [word, "samlad-vag"]


def _has_none(response: Any, words: list[str], where: object) -> None:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = body.decode("utf-8", "ignore")
    for word in words:
        assert word not in text, (word, where)
