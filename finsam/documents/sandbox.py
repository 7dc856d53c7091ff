"""Reading what strangers sent in a child process, so that a bad file can hurt only that child."""

from __future__ import annotations

import json
import logging
import math
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

from finsam.errors import DomainError

CHILD = Path(__file__).with_name("sandbox_child.py")
MOST_OUTPUT = 32 * 1024 * 1024
# A slow machine may need longer than the child may compute: wall time is a multiple of CPU time.
PATIENCE = 2

Fault = Literal["crashed", "timeout", "memory", "error", "too_much"]

SENTENCE = (
    "Filen kunde inte läsas. Öppna den i det program där den gjordes, "
    "spara den på nytt och lämna in den igen."
)

logger = logging.getLogger(__name__)


class Unreadable(DomainError):
    """A file that could not be read; `reason` tells how the reading ended."""

    def __init__(self, code: str, reason: Fault, detail: str = "") -> None:
        super().__init__(code, SENTENCE)
        self.reason = reason
        self.detail = detail


def call(
    function: str,
    *,
    data: bytes,
    arguments: dict[str, Any] | None = None,
    seconds: float = 5,
    megabytes: int = 300,
    code: str = "unreadable_file",
) -> Any:
    """What `function(data, **arguments)` returns, computed in a child process.

    `function` is its full name, `package.module.function`, in a module that does without Django;
    arguments (small) and result must be JSON. The child may compute for `seconds` and use
    `megabytes` of memory. Raises Unreadable with `code` when it fails in any way.
    """
    command = [
        *(sys.executable, "-I", str(CHILD), function),
        *(json.dumps(arguments or {}), str(math.ceil(seconds)), str(megabytes)),
    ]
    try:
        done = subprocess.run(  # noqa: S603 - our own child, its words are ours
            command,
            input=data,
            capture_output=True,
            timeout=seconds * PATIENCE,
            check=False,
            env={"LANG": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        raise _unreadable(function, code, "timeout", "no answer") from None
    fault, detail = _fault(done)
    if fault:
        raise _unreadable(function, code, fault, detail)
    return json.loads(done.stdout)["result"]


def _fault(done: subprocess.CompletedProcess[bytes]) -> tuple[Fault | None, str]:
    """How the child failed, if it did, with what it said of it."""
    if done.returncode != 0:
        return _how_it_died(done), done.stderr[-500:].decode(errors="replace")
    if len(done.stdout) > MOST_OUTPUT:
        return "too_much", f"{len(done.stdout)} bytes"
    if not done.stdout.startswith(b'{"result": '):
        said = json.loads(done.stdout or b'{"fault": "crashed"}')
        return said["fault"], said.get("detail", "")
    return None, ""


def _how_it_died(done: subprocess.CompletedProcess[bytes]) -> Fault:
    if done.returncode in {-signal.SIGXCPU, -signal.SIGKILL}:
        return "timeout"
    return "memory" if b"MemoryError" in done.stderr or b"bad_alloc" in done.stderr else "crashed"


def _unreadable(function: str, code: str, fault: Fault, detail: str) -> Unreadable:
    logger.warning("unreadable file: %s in %s: %s", fault, function, detail)
    return Unreadable(code, fault, detail)
