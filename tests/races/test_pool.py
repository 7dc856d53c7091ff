"""The pool of connections of one process, which the other races go past."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'"),
]
CLIENTS = 50
MOST = 16


def process_on_the_server() -> int:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid() FROM pg_sleep(0.01)")
            return int(cursor.fetchone()[0])
    finally:
        connection.close()


def served(clients: int) -> list[int]:
    """The server's processes that answered so many threads, who asked at the same time."""
    with ThreadPoolExecutor(clients) as threads:
        return list(threads.map(lambda _: process_on_the_server(), range(clients)))


@pytest.mark.usefixtures("pooled")
def test_Q05_fifty_share_sixteen_connections_and_new_ones_when_all_were_thrown_out() -> None:
    first = served(CLIENTS)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(p)) FROM unnest(%s::int[]) p", [list(set(first))]
        )
    second = served(CLIENTS)

    assert len(first) == len(second) == CLIENTS
    assert 1 < len(set(first)) <= MOST
    assert 1 < len(set(second)) <= MOST
    assert set(first).isdisjoint(second)
