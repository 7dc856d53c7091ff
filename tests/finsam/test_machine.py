"""What the machine lacks is said in a sentence that tells what to install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from finsam import machine

SCRIPT = settings.BASE_DIR / "finsam" / "machine.py"


def run(*arguments: str, path: Path) -> subprocess.CompletedProcess[str]:
    """The script as make runs it, on a machine where only `path` is searched for commands."""
    return subprocess.run(
        [sys.executable, "-I", str(SCRIPT), *arguments],
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_says_what_is_missing_where_it_may_not_install(tmp_path: Path) -> None:
    done = run("run", path=tmp_path)

    assert done.returncode == 1
    assert done.stderr == (
        "Node.js with npm was not found: it is needed. "
        "On Debian or Ubuntu: sudo apt-get install nodejs npm\n"
    )


def test_what_only_some_tests_need_does_not_stop_the_others(tmp_path: Path) -> None:
    for name in ("node", "npm", "chromium", "pdftoppm", "pdftotext", "clamd"):
        (tmp_path / name).touch(mode=0o755)

    done = run("test", path=tmp_path)

    assert done.returncode == 0
    assert "LibreOffice without windows was not found: the tests that need it" in done.stderr
    assert "libreoffice-calc-nogui libreoffice-writer-nogui" in done.stderr


@pytest.mark.parametrize("arguments", [(), ("play",), ("run", "test")])
def test_wrong_use_is_told(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*arguments, path=tmp_path)

    assert done.returncode == 2
    assert "finsam/machine.py run|test" in done.stderr


def test_a_machine_that_runs_these_tests_lacks_nothing_that_is_needed() -> None:
    lacking = [need.what for need in machine.missing(machine.TEST) if not need.optional]

    assert lacking == []


def test_a_library_is_found_by_loading_it() -> None:
    assert machine.library("libsaknas.so.9", "libc.so.6")() is True
    assert machine.library("libsaknas.so.9")() is False


def test_the_tests_need_all_that_the_portal_needs() -> None:
    assert set(machine.RUN) < set(machine.TEST)
