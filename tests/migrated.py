"""A migrated SQLite database to copy, so that not every run of the tests lives through all history.

It is known by what made it: any change in a migration makes another. Django still runs `migrate`
on the copy, and finds nothing left to do.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import sqlite3
import sys
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings

from finsam.registry import append_only

FOLDER = settings.BASE_DIR / "var" / "migrated"


def _path() -> Path:
    made_of = hashlib.sha256(f"{sys.version} {django.VERSION}".encode())
    made_of.update(Path(append_only.__file__).read_bytes())
    for app in sorted(apps.get_app_configs(), key=lambda config: config.label):
        spec = importlib.util.find_spec(f"{app.name}.migrations")
        for folder in spec.submodule_search_locations or () if spec else ():
            for source in sorted(Path(folder).glob("*.py")):
                made_of.update(f"{app.label} {source.name}".encode())
                made_of.update(source.read_bytes())
    return FOLDER / f"{made_of.hexdigest()[:24]}.sqlite3"


def bring_to(place: Path) -> None:
    """Lay a copy at `place`, where there is one to copy."""
    kept = _path()
    if kept.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, place)
        os.utime(kept)


def keep(place: Path) -> None:
    """Keep the newly migrated database at `place` for the runs to come, and forget old ones.

    A run with --no-migrations leaves a database without their history, which is no use to others.
    """
    kept = _path()
    source = sqlite3.connect(place)
    history = source.execute("SELECT 1 FROM sqlite_master WHERE name = 'django_migrations'")
    if kept.exists() or not history.fetchone():
        source.close()
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}")
    target = sqlite3.connect(unfinished)
    source.backup(target)
    source.close()
    target.close()
    unfinished.replace(kept)
    newest_first = sorted(FOLDER.glob("*.sqlite3"), key=lambda path: -path.stat().st_mtime)
    for old in newest_first[4:]:
        old.unlink(missing_ok=True)
