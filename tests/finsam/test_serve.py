"""`manage.py serve`: pages and background work start together, and a signal ends all of it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests import migrated
from tests.finsam.processes import alive, children_of, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="DATABASE_URL names no SQLite"),
]


@pytest.fixture
def address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def environment(tmp_path: Path, django_db_setup: None) -> dict[str, str]:
    """What `make run` gives, with a database and a folder of the test's own."""
    migrated.bring_to(tmp_path / "portal.sqlite3")
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "finsam.settings",
        "DEBUG": "1",
        "LOG_LEVEL": "WARNING",
        "VAR_DIR": str(tmp_path),
    }


@pytest.fixture
def serving(address: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--address", address],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def health(address: str) -> dict[str, object] | None:
    try:
        with urllib.request.urlopen(f"http://{address}/halsa/", timeout=5) as answer:
            found: dict[str, object] = json.load(answer)
            return found
    except OSError:
        return None


def descendants(pid: int) -> list[int]:
    children = children_of(pid)
    return [*children, *(one for child in children for one in descendants(child))]


def test_pages_and_background_work_start_together_and_end_together(
    serving: subprocess.Popen[str], address: str, tmp_path: Path
) -> None:
    wait_until(lambda: health(address) is not None, seconds=60)
    # The worker has announced the queue that it reads.
    wait_until((tmp_path / "broker" / "control" / "celery.exchange").exists, seconds=60)
    started = descendants(serving.pid)
    assert len(started) >= 4
    assert health(address) == {
        "database": True,
        "queue": {"ok": True, "waiting": 0, "oldest_seconds": 0},
        "broker": {"ok": True, "waiting": 0},
        "late": [],
    }

    serving.send_signal(signal.SIGINT)
    said, complained = serving.communicate(timeout=30)

    assert serving.returncode == 0
    assert said.startswith(f"\nPortalen svarar på http://{address} (Ctrl-C avslutar allt).\n")
    assert complained.replace("\nworker: Warm shutdown (MainProcess)\n", "") == ""
    wait_until(lambda: not any(alive(pid) for pid in started))


def test_a_taken_address_is_told_before_anything_starts(
    address: str, environment: dict[str, str]
) -> None:
    host, port = address.split(":")
    with socket.create_server((host, int(port))):
        done = subprocess.run(
            [sys.executable, "manage.py", "serve", "--address", address],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.returncode == 1
    assert f"{address} kan inte användas" in done.stderr
    assert "make run ADDRESS=" in done.stderr
