"""The example installation as a database and files to copy, so that each journey begins the same.

It is made once for what the house looks like on a day, by a process of its own: any change of
the code, the templates or the date makes another. Who works on a journey alone may set
EXAMPLE=newest to go on with the one there is.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from finsam import clock
from tests import migrated

BASE = Path(__file__).resolve().parents[1]
FOLDER = BASE / "var" / "example"
MADE_OF = ("finsam", "budgets", "applications", "boards", "templates")
KINDS = {".py", ".toml", ".html", ".txt", ".css", ".svg"}
KEPT = 3


def bring(database: Path, files: Path) -> None:
    """Lay the example into the migrated database and the store of files of a running test."""
    kept = _kept()
    source, target = sqlite3.connect(kept / "portal.sqlite3"), sqlite3.connect(database)
    source.backup(target)
    source.close()
    target.close()
    shutil.copytree(kept / "files", files, dirs_exist_ok=True)


def _kept() -> Path:
    FOLDER.mkdir(parents=True, exist_ok=True)
    newest = max(FOLDER.glob("*/done"), key=lambda path: path.stat().st_mtime, default=None)
    if os.environ.get("EXAMPLE") == "newest" and newest is not None:
        return newest.parent
    with _one_at_a_time():
        # Asked for under the lock: it may take a while, and what it was asked for may change.
        place = FOLDER / _made_of()
        if not (place / "done").exists():
            shutil.rmtree(place, ignore_errors=True)
            _make(place)
            (place / "done").touch()
            _forget_old()
        os.utime(place)
    return place


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _made_of() -> str:
    found = hashlib.sha256(f"{sys.version} {django.VERSION} {clock.today()}".encode())
    for folder in MADE_OF:
        for path in sorted((BASE / folder).rglob("*")):
            if path.suffix in KINDS:
                found.update(str(path.relative_to(BASE)).encode())
                found.update(path.read_bytes())
    return found.hexdigest()[:24]


def _make(place: Path) -> None:
    place.mkdir(parents=True)
    migrated.bring_to(place / "portal.sqlite3")
    environment = {
        **os.environ,
        "TESTS_PLACE": str(place),
        "DATABASE_URL": f"sqlite:///{place / 'portal.sqlite3'}",
        "BROKER_URL": "filesystem://",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    subprocess.run(
        [sys.executable, "-c", "from tests.example import tell; tell()"],
        env=environment,
        cwd=BASE,
        check=True,
    )


def _forget_old() -> None:
    folders = [path for path in FOLDER.iterdir() if path.is_dir()]
    for old in sorted(folders, key=lambda path: -path.stat().st_mtime)[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def tell() -> None:
    """In a process of its own: migrate, load the example and let its worker finish."""
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from boards.demo.loading import load_demo
    from finsam.jobs.work import run_waiting

    call_command("migrate", verbosity=0)
    migrated.keep(Path(connection.settings_dict["NAME"]))
    load_demo()
    run_waiting()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


if __name__ == "__main__":
    # `make test` lets it be made while types are checked.
    django.setup()
    _kept()
