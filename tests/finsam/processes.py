"""Looking at real processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something that another process does; fails when it does not happen."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"It did not happen within {seconds} s.")
        time.sleep(0.05)


def _status(pid: int) -> dict[str, str]:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def alive(pid: int) -> bool:
    """Whether the process runs; one that is dead and not yet buried does not."""
    state = _status(pid).get("State", "X")
    return state[0] not in "ZX"


def children_of(pid: int) -> list[int]:
    """The process's living children."""
    numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [number for number in numbers if _status(number).get("PPid") == str(pid)]
