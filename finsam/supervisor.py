"""Keeps a few processes together: they start together, and when one ends, all do."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

PATIENCE = 10.0
_PR_SET_PDEATHSIG = 1


class Supervisor:
    """Starts processes in groups of their own and ends every group when it is told to, or one ends.

    Nothing is restarted: who started the whole should hear that a part of it has died.
    """

    def __init__(self, programs: Mapping[str, Sequence[str]]) -> None:
        self.programs = programs
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self._something_happened = threading.Event()
        self._told_to_stop = False

    def run(self) -> int:
        """Run until a signal to stop (0) or until a process ends by itself (1)."""
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._stop)
        try:
            self._start()
            self._something_happened.wait()
        finally:
            ended = self._ended()
            print("Avslutar …", flush=True)
            self._end_all()
        if self._told_to_stop:
            return 0
        for name, code in ended.items():
            print(f"{name} slutade oväntat (kod {code}). Allt är stoppat.", file=sys.stderr)
        return 1

    def _stop(self, signum: int, frame: object) -> None:
        self._told_to_stop = True
        self._something_happened.set()

    def _start(self) -> None:
        prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

        def die_with_parent() -> None:
            """Not even a supervisor that is killed outright leaves orphans."""
            if prctl is not None:
                prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

        for name, program in self.programs.items():
            # A group of its own: a Ctrl-C in the terminal reaches the supervisor alone.
            child = subprocess.Popen(
                program,
                process_group=0,
                stdin=subprocess.DEVNULL,
                preexec_fn=die_with_parent,  # noqa: PLW1509  no threads are running yet
            )
            self.children[name] = child
        for child in self.children.values():
            threading.Thread(target=self._watch, args=(child,), daemon=True).start()

    def _watch(self, child: subprocess.Popen[bytes]) -> None:
        child.wait()
        self._something_happened.set()

    def _ended(self) -> dict[str, int]:
        return {
            name: child.returncode
            for name, child in self.children.items()
            if child.returncode is not None
        }

    def _end_all(self) -> None:
        for child in self.children.values():
            with suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for child in self.children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(timeout=max(0.0, deadline - time.monotonic()))
        for child in self.children.values():
            # Also what a process that died had started itself.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
