"""A plugin of pytest for `make mutations`: what asks no database is tried first.

A fault in a rule is then told within the second, before a database has been made ready.
"""

from __future__ import annotations

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_asks_database)


def _asks_database(item: pytest.Item) -> bool:
    is_marked = item.get_closest_marker("django_db") is not None
    return is_marked or "db" in getattr(item, "fixturenames", ())
