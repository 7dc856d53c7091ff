"""Readers that go wrong in every way a parser can, for the sandbox's tests."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import time
from typing import Any


def segfault(data: bytes) -> None:
    ctypes.string_at(0)


def abort(data: bytes) -> None:
    os.abort()


def take_memory(data: bytes, megabytes: int) -> int:
    return len(bytearray(megabytes * 1024 * 1024))


def take_memory_bit_by_bit(data: bytes) -> None:
    kept = []
    while True:
        kept.append(b"x" * 1_000_000 + os.urandom(1))


def spin(data: bytes) -> None:
    while True:
        pass


def sleep(data: bytes) -> None:
    time.sleep(60)


def killed_for_memory(data: bytes) -> None:
    """What the machine's own out-of-memory killer does."""
    os.kill(os.getpid(), signal.SIGKILL)


def raise_error(data: bytes) -> None:
    raise ValueError("bad tag at 7")


def leave(data: bytes) -> None:
    os._exit(0)


def print_and_count(data: bytes, times: int) -> int:
    print("chatter of a library")
    return len(data) * times


def talk_too_much(data: bytes) -> str:
    return "x" * 40_000_000


def write_file(data: bytes, path: str) -> None:
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(data)


def surroundings(data: bytes) -> dict[str, Any]:
    import sys

    return {
        "environment": sorted(os.environ),
        "django": "django" in sys.modules,
        "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
    }
