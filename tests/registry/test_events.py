"""Events: written with the change, chained, and never changed."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import Error, connection, transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from finsam.associations.models import Association
from finsam.people.models import User
from finsam.registry.append_only import append_only, append_only_lifted, protected_tables
from finsam.registry.canonical import canonical, digest
from finsam.registry.events import event_hash, record_event
from finsam.registry.middleware import RequestIdMiddleware
from finsam.registry.models import ChainHead, Event
from finsam.registry.request_id import current_request_id, request_id


def write(association: Association, actor: User | None = None, **payload: object) -> Event:
    with transaction.atomic():
        return record_event(
            association=association, actor=actor, action="tried", obj=association, payload=payload
        )


def test_an_event_tells_who_what_and_when(association: Association, director: User) -> None:
    with request_id("request-12"):
        event = write(association, director, amount=1_850_000)
    event.refresh_from_db()

    assert (event.actor, event.actor_name, event.actor_roles) == (
        director,
        director.name,
        "Förbundschef",
    )
    assert (event.object_type, event.object_id) == ("associations.association", str(association.pk))
    assert event.payload == {"amount": 1_850_000}
    assert event.payload_digest == digest({"amount": 1_850_000})
    assert event.request_id == "request-12"


def test_events_are_chained_per_association(
    association: Association, other_association: Association
) -> None:
    first = write(association)
    elsewhere = write(other_association)
    second = write(association)

    assert [first.sequence, elsewhere.sequence, second.sequence] == [1, 1, 2]
    assert (first.previous_hash, elsewhere.previous_hash) == ("", "")
    assert second.previous_hash == first.hash
    assert ChainHead.objects.get(association=association).hash == second.hash


def test_the_hash_is_the_same_when_read_back(association: Association, director: User) -> None:
    event = write(association, director, text="Åsa \x00 \ud800", when=dt.date(2023, 9, 1))

    read = Event.objects.get(pk=event.pk)
    assert event_hash(read) == read.hash
    assert digest(read.payload) == read.payload_digest


@pytest.mark.django_db(transaction=True)
def test_L02_outside_a_transaction_no_event_is_written(association: Association) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        record_event(association=association, actor=None, action="tried", obj=association)

    assert Event.objects.count() == 0


def test_L02_a_rollback_leaves_no_event_and_no_gap(association: Association) -> None:
    with transaction.atomic():
        write(association)
        transaction.set_rollback(True)

    assert write(association).sequence == 1
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registry_event SET action = 'other'",
        "UPDATE registry_event SET payload = '{}' WHERE sequence = 1",
        "DELETE FROM registry_event",
        "DELETE FROM registry_event WHERE sequence = 1",
    ],
)
def test_L03_the_database_refuses_to_change_an_event(
    association: Association, statement: str
) -> None:
    write(association)
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)

    assert Event.objects.get().action == "tried"


@pytest.mark.postgres
def test_L03_postgresql_refuses_to_truncate(association: Association) -> None:
    write(association)
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        connection.cursor().execute("TRUNCATE registry_event CASCADE")

    assert Event.objects.count() == 1


def test_the_protection_can_be_lifted_only_inside_the_block(association: Association) -> None:
    write(association)
    before = protected_tables(connection)
    with append_only_lifted(connection):
        assert protected_tables(connection) == []
        Event.objects.all().delete()

    assert protected_tables(connection) == before
    assert "registry_event" in before
    write(association)
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        Event.objects.all().delete()


def test_only_a_plain_table_name_is_protected() -> None:
    with pytest.raises(ValueError, match="table name"):
        append_only("registry_event; DROP TABLE people_user")


def test_a_payload_is_written_in_one_way() -> None:
    value = {
        2: {"b", "a"},
        "sum": Decimal("1.50"),
        "share": 0.1,
        "at": dt.datetime(2023, 9, 1, tzinfo=dt.UTC),
        "id": UUID(int=7),
        "parts": ("x", None, True),
    }

    assert canonical(value) == {
        "2": ["a", "b"],
        "sum": "1.50",
        "share": "0.1",
        "at": "2023-09-01T00:00:00+00:00",
        "id": "00000000-0000-0000-0000-000000000007",
        "parts": ["x", None, True],
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_the_canonical_form_survives_json(value: object) -> None:
    written = canonical(value)

    assert canonical(json.loads(json.dumps(written))) == written
    assert digest(value) == digest(written)


def answer(headers: dict[str, str]) -> HttpResponseBase:
    """What the middleware makes of a request; the body is the id that the view saw."""
    middleware = RequestIdMiddleware(lambda _request: HttpResponse(current_request_id()))
    return middleware(RequestFactory().get("/", headers=headers))


def test_each_request_has_an_id_that_goes_back() -> None:
    response = answer({"X-Request-ID": "abc-12345"})

    assert response["X-Request-ID"] == "abc-12345"
    assert b"".join(response) == b"abc-12345"
    assert len(answer({})["X-Request-ID"]) == 32
    assert current_request_id() == ""


@pytest.mark.parametrize(
    "hostile", ["abcd\x1b[31m", "a\tb<script>", "x" * 65, "å" * 10, "abc", "ab cd ef", "abcd\nef"]
)
def test_I07_no_strange_sign_enters_the_request_id(hostile: str) -> None:
    assert len(answer({"X-Request-ID": hostile})["X-Request-ID"]) == 32
