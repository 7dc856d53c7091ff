"""The order of the tests where several processes share them: those that take long begin.

A process that runs out of tests takes over half of what waits for the one that has most. A long
test that begins among the last would leave the others nothing to take: they would wait for it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

# Those that mostly wait for processes of their own.
RACES = Path(__file__).with_name("races")


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """The same tests, so that one process begins with the races and the others with what counts.

    Were all to begin with races, they would wait together and leave the cores idle.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers == 1:
        return items
    long = [item for item in items if _takes_long(item)]
    # A file stays together: its tests may share what was made for the first of them.
    files = list(dict.fromkeys(item.path for item in long if RACES not in item.path.parents))
    short = [item for item in items if not _takes_long(item)]
    ordered = _of_files(long, {item.path for item in long}.difference(files))
    for worker in range(workers):
        if worker:
            ordered += _of_files(long, files[worker - 1 :: workers - 1])
        # xdist gives each the same number in a row.
        lacking = max(len(items) * (worker + 1) // workers - len(ordered), 0)
        ordered += short[:lacking]
        short = short[lacking:]
    return ordered


def _of_files(items: Iterable[pytest.Item], files: Iterable[Path]) -> list[pytest.Item]:
    wanted = set(files)
    return [item for item in items if item.path in wanted]


def _takes_long(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("slow", "journey"))
