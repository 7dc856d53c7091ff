"""Whoever changes the record behind the portal's back is found out, at the right row."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from finsam.associations.models import Association
from finsam.registry.append_only import append_only_lifted
from finsam.registry.events import record_event
from finsam.registry.models import ChainHead, Event

ROWS = 1_000
PLACES = [1, *sorted(random.Random(11).sample(range(2, ROWS - 1), 18)), ROWS - 1]
COLUMNS = (
    "association_id, sequence, at, actor_id, actor_name, actor_roles, action, object_type,"
    " object_id, case_id, payload, payload_digest, request_id, previous_hash, hash"
)


def write_events(association: Association, count: int) -> None:
    with transaction.atomic():
        for number in range(count):
            record_event(
                association=association,
                actor=None,
                action="counted",
                obj=association,
                payload={"number": number},
            )


@pytest.fixture(scope="module")
def chain(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Association]:
    """A chain of 1 000 events, written once for all tests here and taken away afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        association = Association.objects.create(
            slug="kedja", name="Kedja", short_name="K", initials="K", register_prefix="KED",
            kind="coordination", email="kansli@kedja.exempel.se",
        )  # fmt: skip
        write_events(association, ROWS)
        yield association
        transaction.set_rollback(True)


Tamper = Callable[[Association, int], int]


def run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def alter(association: Association, place: int) -> int:
    columns = ("action", "object_id", "actor_name", "request_id", "payload", "at", "actor_roles")
    column = columns[place % len(columns)]
    value = {"payload": '{"number": -1}', "at": "2020-01-01 00:00:00+00:00"}.get(column, "other")
    run(f"UPDATE registry_event SET {column} = %s WHERE sequence = %s", value, place)
    return place


def delete(association: Association, place: int) -> int:
    run("DELETE FROM registry_event WHERE sequence = %s", place)
    return place


def insert(association: Association, place: int) -> int:
    run("UPDATE registry_event SET sequence = -sequence WHERE sequence > %s", place)
    run(
        f"INSERT INTO registry_event ({COLUMNS}) SELECT "
        + COLUMNS.replace("sequence", "sequence + 1").replace("previous_hash, hash", "hash, hash")
        + " FROM registry_event WHERE sequence = %s",
        place,
    )
    run("UPDATE registry_event SET sequence = 1 - sequence WHERE sequence < 0")
    return place + 1


def reorder(association: Association, place: int) -> int:
    run("UPDATE registry_event SET sequence = -1 WHERE sequence = %s", place)
    run("UPDATE registry_event SET sequence = %s WHERE sequence = %s", place, place + 1)
    run("UPDATE registry_event SET sequence = %s WHERE sequence = -1", place + 1)
    return place


def truncate(association: Association, place: int) -> int:
    run("DELETE FROM registry_event WHERE sequence > %s", place)
    return place + 1


def verify(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    """Exit code and the printed object."""
    try:
        call_command("verify_events", "--json", *arguments)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    return code, json.loads(capsys.readouterr().out)


def run_tampered(association: Association, tamper: Tamper, place: int) -> int:
    """Tamper with the protection and the checks out of the way, as an owner of the file could."""
    if connection.vendor == "sqlite":
        run("PRAGMA ignore_check_constraints = ON")
    else:
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run("ALTER TABLE registry_event DROP CONSTRAINT event_sequence_from_one")
        run("ALTER TABLE registry_event DROP CONSTRAINT registry_event_sequence_check")
    try:
        return tamper(association, place)
    finally:
        if connection.vendor == "sqlite":
            run("PRAGMA ignore_check_constraints = OFF")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("tamper", [alter, delete, insert, reorder, truncate])
def test_L01_the_first_bad_row_is_named(
    chain: Association,
    django_db_blocker: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
    tamper: Tamper,
    place: int,
) -> None:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        before = transaction.savepoint()
        with append_only_lifted(connection):
            first_bad = run_tampered(chain, tamper, place)
            code, found = verify(capsys)
        transaction.savepoint_rollback(before)

    assert (code, found["ok"]) == (1, False)
    (report,) = [one for one in found["chains"] if one["association"] == "kedja"]  # type: ignore[attr-defined]
    assert report["broken"]["sequence"] == first_bad
    assert str(first_bad) in report["broken"]["message"]


def test_L01_a_whole_chain_verifies(
    chain: Association,
    django_db_blocker: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        code, found = verify(capsys)
        head = ChainHead.objects.get(association=chain)

    assert (code, found["ok"]) == (0, True)
    assert found["chains"] == [
        {"association": "kedja", "events": ROWS, "head": head.hash, "broken": None}
    ]


def test_an_empty_chain_verifies(
    association: Association, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = verify(capsys)

    assert (code, found["ok"]) == (0, True)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"hash": "0" * 64}, "head_unsigned"),
        ({"sequence": 4}, "head_unsigned"),
        ({"signature": "forged"}, "head_unsigned"),
    ],
)
def test_L01_a_forged_head_is_found(
    association: Association,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, object],
    reason: str,
) -> None:
    write_events(association, 3)
    ChainHead.objects.update(**changes)
    code, found = verify(capsys)

    assert code == 1
    assert found["chains"][0]["broken"]["reason"] == reason


def test_L01_a_removed_head_is_found(
    association: Association, capsys: pytest.CaptureFixture[str]
) -> None:
    write_events(association, 3)
    ChainHead.objects.all().delete()
    code, found = verify(capsys)

    assert code == 1
    assert found["chains"][0]["broken"]["reason"] == "head_missing"


def test_L01_a_recomputed_chain_does_not_get_the_signature(
    association: Association, capsys: pytest.CaptureFixture[str]
) -> None:
    """Hashes can be computed by anyone; the signed head cannot."""
    write_events(association, 3)
    signature = ChainHead.objects.get().signature
    with append_only_lifted(connection):
        Event.objects.all().delete()
    ChainHead.objects.all().delete()
    write_events(association, 2)
    ChainHead.objects.update(signature=signature)
    code, found = verify(capsys)

    assert code == 1
    assert found["chains"][0]["broken"]["reason"] == "head_unsigned"


def test_L01_a_chain_put_back_whole_is_found_by_the_noted_head(
    association: Association, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_events(association, 3)
    with transaction.atomic():
        write_events(association, 2)
        _, found = verify(capsys)
        transaction.set_rollback(True)
    noted = tmp_path / "heads.json"
    noted.write_text(json.dumps(found))
    code, found = verify(capsys, "--against", str(noted))

    assert code == 1
    assert found["chains"][0]["broken"]["reason"] == "other_than_noted"
    assert found["chains"][0]["broken"]["sequence"] == 4


def test_a_grown_chain_agrees_with_the_noted_head(
    association: Association, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_events(association, 3)
    _, found = verify(capsys)
    noted = tmp_path / "heads.json"
    noted.write_text(json.dumps(found))
    write_events(association, 2)

    assert verify(capsys, "--against", str(noted))[0] == 0


def test_an_association_that_is_gone_is_named(
    association: Association, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    noted = tmp_path / "heads.json"
    noted.write_text('{"chains": [{"association": "borta", "events": 1, "head": "ab"}]}')
    code, found = verify(capsys, "--against", str(noted))

    assert (code, found["missing"]) == (1, ["borta"])


def test_a_wrong_file_is_wrong_use(association: Association, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("[]")
    with pytest.raises(CommandError) as error:
        call_command("verify_events", "--against", str(wrong))

    assert error.value.returncode == 2


def test_the_command_speaks_swedish(
    association: Association, capsys: pytest.CaptureFixture[str]
) -> None:
    write_events(association, 3)
    call_command("verify_events")
    assert capsys.readouterr().out.startswith("sjo: 3 händelser, kedjan är hel.")

    with append_only_lifted(connection):
        delete(association, 2)
    with pytest.raises(SystemExit):
        call_command("verify_events")
    assert capsys.readouterr().out == "sjo: FEL. Händelse 2 saknas.\n"
