"""The child process that reads one file: it limits itself, calls one function, answers in JSON.

Run by path, isolated (`python -I sandbox_child.py …`), with an empty environment. It imports
neither Django nor settings, so that it starts fast and a fault in a parser finds no secrets.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1024 * 1024
# Address space also counts libraries and thread stacks that are reserved but never used.
ADDRESS_MARGIN = 256
OPEN_FILES = 64


def limit(*, seconds: int, megabytes: int) -> None:
    """Let the kernel stop this process when it takes more than it was given."""
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_DATA: megabytes * MEGABYTE,
        resource.RLIMIT_AS: (megabytes + ADDRESS_MARGIN) * MEGABYTE,
    }
    for what, most in limits.items():
        _, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))


def find(path: str) -> Callable[..., Any]:
    """The function named `package.module.function`."""
    module, _, name = path.rpartition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found


def answer(path: str, arguments: dict[str, Any], data: bytes) -> dict[str, Any]:
    """What the function says of the data, or how it failed."""
    try:
        return {"result": find(path)(data, **arguments)}
    except MemoryError:
        return {"fault": "memory"}
    except Exception as fault:  # noqa: BLE001 - the process's edge: any fault is an answer
        return {"fault": "error", "detail": f"{type(fault).__name__}: {fault}"[:500]}


def main(path: str, arguments: str, seconds: str, megabytes: str) -> None:
    limit(seconds=int(seconds), megabytes=int(megabytes))
    sys.path.insert(0, str(ROOT))
    reply = sys.stdout.buffer
    sys.stdout = sys.stderr  # a library that prints must not spoil the answer
    said = answer(path, json.loads(arguments), sys.stdin.buffer.read())
    reply.write(json.dumps(said).encode())
    reply.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
