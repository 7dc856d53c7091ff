"""P-06: every address that answers with a file, found from the map of addresses.

Whole, in part, its head alone; never by the path that the bytes lie under, never to a stranger.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from finsam.documents.models import Document, StoredFile
from tests import example as kept
from tests.access.world import STATES, Door, World, address, doors, world

IS_FILE = re.compile(r"\.(?!css)[a-z]{3,4}\$?$")
# Files whose addresses do not say so.
ALSO = {
    "applications:annex", "applications:office_annex", "applications:programme_export",
    "documents:document", "documents:logo",
}  # fmt: skip
# Those that lie in the store and that the example has; the others are written when asked for.
STORED = {
    "applications:annex": "applicant",
    "applications:office_annex": "director",
    "applications:original_workbook": "applicant",
    "documents:document": "director",
}
NOBODY = "00000000-0000-0000-0000-000000000000"
PUBLIC = {"minutes", "minutes_extract", "notice_proof", "meeting_notice", "attested_paragraph"}


@pytest.fixture
def found(transactional_db: None) -> World:
    kept.bring(Path(connection.settings_dict["NAME"]), Path(settings.VAR) / "files")
    return world()


def file_doors() -> list[Door]:
    return [door for door in doors() if IS_FILE.search(door.route) or door.name in ALSO]


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.mark.anywhere
@pytest.mark.django_db
@pytest.mark.parametrize("door", file_doors(), ids=lambda door: door.name)
def test_P06_who_asks_for_a_files_head_is_answered_as_who_asks_for_it(door: Door) -> None:
    values = dict.fromkeys(door.names, "1") | {
        "short_id": "22222222", "checksum": "0" * 64, "association": "finns-inte",
        **dict.fromkeys(("application", "public_id", "idea"), NOBODY),
    }  # fmt: skip
    path, client = address(door, values), Client()
    assert client.head(path).status_code == client.get(path).status_code == 404


@pytest.mark.slow
@pytest.mark.anywhere
def test_P06_every_stored_kind_is_given_whole_and_in_part_and_to_no_stranger(found: World) -> None:
    given = set()
    strangers = [found.client(who) for who in ("anonymous", "foreign_director")]
    places = {door.name: door for door in doors()}
    for name, who in STORED.items():
        for state in STATES.values():
            path = address(places[name], found.behind(found.here, state))
            client = found.client(who)
            whole = client.get(path)
            if whole.status_code != 200:
                continue
            given.add(name)
            data = body(whole)
            part = client.get(path, headers={"Range": "bytes=2-9"})
            assert (part.status_code, body(part)) == (206, data[2:10]), name
            assert client.head(path)["Content-Length"] == str(len(data)), name
            assert whole["X-Content-Type-Options"] == "nosniff", name
            if name != "documents:document":
                refused = [each.get(path).status_code for each in strangers]
                assert refused == [302, 403 if name == "applications:office_annex" else 404], name
    assert given == set(STORED)
    for document in Document.objects.filter(association=found.here).exclude(kind__in=PUBLIC):
        assert strangers[1].get(document.get_absolute_url()).status_code == 404, document.kind


@pytest.mark.slow
@pytest.mark.anywhere
def test_P06_what_is_stored_is_reached_by_no_path_of_its_own(found: World) -> None:
    client, stored = found.client("director"), StoredFile.objects.order_by("pk")[:3]
    assert len(stored) == 3
    for file in stored:
        for root in ("", "files/", "media/", "var/files/", "static/"):
            for tail in (file.key, file.sha256):
                assert client.get(f"/{root}{tail}", follow=True).status_code == 404, (root, tail)
