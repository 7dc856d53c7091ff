"""The processes of a start on one machine live and end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.finsam.processes import alive, children_of, wait_until

# A program that has a child of its own, and writes down who both are.
PROGRAM = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()} {child.pid}\\n")
if sys.argv[2] == "fails":
    time.sleep(0.3)
    sys.exit(7)
time.sleep(60)
"""
SUPERVISED = """
import sys
from finsam.supervisor import Supervisor
program, notes = sys.argv[1:3]
sys.exit(Supervisor({
    name: [sys.executable, "-c", program, notes, name] for name in sys.argv[3:]
}).run())
"""


def start(notes: Path, *names: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SUPERVISED, PROGRAM, str(notes), *names],
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def pids(notes: Path, programs: int) -> list[int]:
    """The processes of the programs and their children, once all have begun."""
    wait_until(lambda: notes.exists() and notes.read_text().count("\n") == programs)
    return [int(pid) for pid in notes.read_text().split()]


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_told_to_stop_all_end_and_no_child_is_left(tmp_path: Path, signum: int) -> None:
    supervisor = start(tmp_path / "notes", "one", "two")
    started = pids(tmp_path / "notes", 2)
    assert len(started) == 4

    supervisor.send_signal(signum)

    assert supervisor.wait(timeout=20) == 0
    wait_until(lambda: not any(alive(pid) for pid in started))
    assert supervisor.communicate()[1] == ""


def test_when_one_ends_the_others_do_and_it_is_said(tmp_path: Path) -> None:
    supervisor = start(tmp_path / "notes", "lives", "fails")
    started = pids(tmp_path / "notes", 2)

    assert supervisor.wait(timeout=20) == 1
    wait_until(lambda: not any(alive(pid) for pid in started))
    assert supervisor.communicate()[1] == "fails slutade oväntat (kod 7). Allt är stoppat.\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a killed parent")
def test_killed_outright_its_programs_end_too(tmp_path: Path) -> None:
    supervisor = start(tmp_path / "notes", "one", "two")
    pids(tmp_path / "notes", 2)
    programs = children_of(supervisor.pid)
    assert len(programs) == 2

    supervisor.kill()
    supervisor.wait()

    wait_until(lambda: not any(alive(pid) for pid in programs))
    for line in (tmp_path / "notes").read_text().splitlines():
        # The programs' own children end by themselves; here they are tidied away.
        os.kill(int(line.split()[1]), signal.SIGKILL)
    supervisor.communicate()


def test_a_program_that_will_not_end_is_ended(tmp_path: Path) -> None:
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    stubborn += f"open({str(tmp_path / 'up')!r}, 'w'); time.sleep(60)"
    code = (
        "import sys, finsam.supervisor as s; s.PATIENCE = 0.5; "
        "sys.exit(s.Supervisor({'one': [sys.executable, '-c', sys.argv[1]]}).run())"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code, stubborn], process_group=0)
    wait_until((tmp_path / "up").exists)
    (program,) = children_of(supervisor.pid)
    began = time.monotonic()

    supervisor.terminate()

    assert supervisor.wait(timeout=20) == 0
    assert time.monotonic() - began < 10
    assert not alive(program)
