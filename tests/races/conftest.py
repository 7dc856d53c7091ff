"""What the races share."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections


@pytest.fixture
def pooled(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    """Let threads take their connection from a pool, as in a web process; the test keeps its own.

    On SQLite, which has no pool, every thread has its own as ever.
    """
    if connection.vendor != "postgresql":
        yield
        return
    default: Any = connections.settings["default"]
    options = {**default["OPTIONS"], "pool": settings.POOL}
    monkeypatch.setitem(connections.settings, "default", {**default, "OPTIONS": options})
    yield
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_close_pool).result()


def _close_pool() -> None:
    connection.close_pool()  # type: ignore[attr-defined]
