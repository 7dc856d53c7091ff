"""Worker processes to kill: one process loads the portal once and forks a worker for each word.

It reads lines "fork [FAULT]" from standard input and answers with the new worker's process id.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

DIE_WITH_PARENT = 1


class Nursery:
    """The test's end of the pipe."""

    def __init__(self, settings: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.races.nursery"],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": settings},
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.workers: list[int] = []

    def worker(self, fault: str = "") -> int:
        """A new worker; with a fault it kills itself at that step of its next job."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"fork {fault}\n")
        self.process.stdin.flush()
        pid = int(self.process.stdout.readline())
        self.workers.append(pid)
        return pid

    def kill(self, pid: int) -> None:
        """Kill a worker, and wait until it is gone."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            while self.is_alive(pid):
                time.sleep(0.01)

    def is_alive(self, pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True

    def end(self) -> None:
        for pid in self.workers:
            self.kill(pid)
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(20)
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def nursery(settings: str = "tests.races.settings") -> Iterator[Nursery]:
    found = Nursery(settings)
    try:
        yield found
    finally:
        found.end()


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from finsam.jobs import limits

    if os.environ.get("SHORT_PAUSES"):
        limits.PAUSES_AFTER_ERROR = limits.PAUSES_AFTER_DEATH = (0, 0, 1, 1)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
            os.environ["FINSAM_FAULT"] = line.removeprefix("fork").strip()
            devnull = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1):
                os.dup2(devnull, stream)
            if os.environ.get("TRIAL_QUIET"):
                os.dup2(devnull, 2)
            call_command("work", pause=0.05)
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
