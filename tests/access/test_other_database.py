"""Beside another database than SQLite: every page of the example is read there, and sent back.

What pages say is tried beside SQLite alone; here it shows that what they ask is understood.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from finsam.associations.models import Association
from finsam.registry.events import record_event
from tests.access.world import STATES, TABLE, World, address, doors, outcome, states_of, world
from tests.conftest import found_association

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="P-01 reads and sends them all"),
]
# One of each side: they are shown different parts of a page.
READING = {"anonymous", "applicant", "officer", "director", "board", "auditor"}
SENDING = {"applicant", "director"}
# Without a worker no document has been made, and no work is known by one.
OF_DOCUMENTS = {"documents:document", "documents:job", "documents:job_again"}


@pytest.fixture
def found(settings) -> World:
    """The example installation, begun anew; its documents wait to be made."""
    settings.DEMO = settings.DEBUG = True
    old = found_association("sjo", "Samordningsförbundet Sjö", "SFS")
    with transaction.atomic():
        record_event(association=old, actor=None, action="made", obj=old)
    Association.objects.update(is_demo=True)
    call_command("demo", "--background", "--fresh")
    settings.DEBUG = False
    assert not Association.objects.filter(slug="sjo").exists()
    return world()


def _answer(client: Client, method: str, path: str) -> str:
    with transaction.atomic():
        response: Any = client.get(path) if method == "GET" else client.post(path, {})
        if response.streaming:
            list(response.streaming_content)
        transaction.set_rollback(True)
    return outcome(response)


def test_every_page_opens_to_those_to_whom_it_is_declared_open(found: World) -> None:
    declared = json.loads(TABLE.read_text())
    clients = {who: found.client(who) for who in READING}
    asked, differing = 0, {}
    for door in doors():
        for state in states_of(door):
            path = address(door, found.behind(found.here, STATES.get(state, "")))
            name = door.name + (f" [{state}]" if state != "-" else "")
            for method, people in (("GET", READING), ("POST", SENDING)):
                for who in people.intersection(declared[f"{method} {name}"].get("ok", ())):
                    answer = _answer(clients[who], method, path)
                    asked += 1
                    if answer != "ok":
                        differing[method, name, who] = answer
    assert {name.split()[0] for _method, name, _who in differing} == OF_DOCUMENTS, differing
    assert asked > 500
