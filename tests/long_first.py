"""The order of the tests where several processes share them: those that take long begin.

A process that runs out of tests takes over half of what waits for the one that has most. A long
test that begins among the last would leave the others nothing to take: they would wait for it.
"""

from __future__ import annotations

import os

import pytest


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """The same tests, so that each process has as many long ones, and begins with them."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers == 1:
        return items
    long = [item for item in items if _takes_long(item)]
    # A file stays together: its tests may share what was made for the first of them.
    files = list(dict.fromkeys(item.path for item in long))
    short = [item for item in items if not _takes_long(item)]
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        # As many as xdist gives out in a row: an equal share of those that are left.
        share = (len(items) - len(ordered)) // (workers - worker)
        own = [item for item in long if item.path in files[worker::workers]]
        beside = max(share - len(own), 0)
        ordered += own + short[:beside]
        short = short[beside:]
    return ordered


def _takes_long(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("slow", "journey"))
