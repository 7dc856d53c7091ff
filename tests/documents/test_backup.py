"""S-03, S-04, S-06: what is backed up comes back whole, from either database to either."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from applications.annexes import add_annex
from applications.models import Application
from finsam.documents.backup import BackupError, kept_models, take_backup
from finsam.documents.consistency import all_findings
from finsam.documents.models import StoredFile
from finsam.documents.restoring import restore_backup
from finsam.registry.append_only import protected_tables
from finsam.registry.models import RegisterCounter
from finsam.registry.register import open_case
from finsam.registry.verification import verify_chain
from tests.factories import make_complete, make_round, png
from tests.kept import kept

pytestmark = pytest.mark.django_db(transaction=True)

WRITER = """
import os, sys
import django
django.setup()
from finsam.associations.models import Association
from finsam.registry.register import open_case
association = Association.objects.get(slug="sjo")
for number in range(100_000):
    case = open_case(association=association, title=f"Ärende {number}", actor=None)
    print(case.running_number, flush=True)
"""


@kept
def filled(association, member, applicant):
    application = make_complete(make_round(association), member, applicant)
    add_annex(application=application, file=png(), title="Bild", actor=applicant)
    open_case(association=association, title="Åäö – ”citat”", actor=applicant)
    return application


def rows_of_everything():
    return {
        model._meta.db_table: list(model._base_manager.order_by("pk").values())
        for model in kept_models()
    }


def empty_installation():
    """As after `migrate` on a clean machine, as far as the backup can tell."""
    for stored in StoredFile.objects.all():
        storages["default"].delete(stored.key)


@pytest.fixture
def taken(filled, tmp_path: Path):
    path = tmp_path / "kopia.zip"
    take_backup(path)
    return path


def test_S04_everything_comes_back_and_verifies(filled, taken, association):
    before = rows_of_everything()
    triggers = protected_tables(connection)
    empty_installation()
    open_case(association=association, title="Efter kopian", actor=None)
    restored = restore_backup(taken, replace=True)
    assert rows_of_everything() == before
    assert restored.rows == sum(map(len, before.values()))
    assert restored.files == StoredFile.objects.values("key").distinct().count() > 0
    assert protected_tables(connection) == triggers
    assert verify_chain(association).broken is None
    assert list(all_findings()) == []
    # What is written afterwards gets new keys, and the register its next number.
    last = RegisterCounter.objects.get(association=association).last_number
    assert open_case(association=association, title="Nytt", actor=None).running_number == last + 1


def test_S04_a_backup_tells_of_each_part_and_holds_no_session(taken):
    with zipfile.ZipFile(taken) as box:
        manifest = json.loads(box.read("manifest.json"))
        assert set(box.namelist()) == {*manifest["parts"], "manifest.json"}
    assert "rows/django_session.jsonl" not in manifest["parts"]
    assert all(len(part["sha256"]) == 64 for part in manifest["parts"].values())


def test_S04_a_changed_backup_is_refused_and_nothing_is_touched(taken, filled):
    before = rows_of_everything()
    changed = taken.with_name("andrad.zip")
    with zipfile.ZipFile(taken) as old, zipfile.ZipFile(changed, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "rows/applications_application.jsonl":
                data = data.replace(b"Ekby", b"Alby").replace(b"V\xc3\xa4gen", b"Vagen")
            new.writestr(entry.filename, data)
    with pytest.raises(BackupError, match="har ändrats"):
        restore_backup(changed, replace=True)
    shorter = taken.with_name("kort.zip")
    shorter.write_bytes(taken.read_bytes()[:-2000])
    with pytest.raises(BackupError, match="ingen hel säkerhetskopia"):
        restore_backup(shorter, replace=True)
    assert rows_of_everything() == before


def test_S04_an_installation_in_use_is_replaced_only_with_yes(taken, filled):
    with pytest.raises(CommandError, match="--yes"):
        call_command("restore", str(taken))
    call_command("restore", str(taken), "--yes")
    assert Application.objects.get().title == "Vägen vidare"


def test_S04_another_version_is_refused(taken, monkeypatch):
    monkeypatch.setattr("finsam.documents.restoring.applied_migrations", lambda: [["x", "0001"]])
    with pytest.raises(BackupError, match="annan version"):
        restore_backup(taken, replace=True)


def test_a_broken_file_keeps_the_backup_from_being_made(filled, tmp_path):
    stored = StoredFile.objects.first()
    storages["default"].delete(stored.key)
    with pytest.raises(CommandError, match="verify_documents"):
        call_command("backup", "--out", str(tmp_path / "kopia.zip"))
    assert list(tmp_path.iterdir()) == []


# --- under load -------------------------------------------------------------------------------


@contextmanager
def writer():
    """Another process that opens one case after the other until the block ends."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    with subprocess.Popen(
        [sys.executable, "-c", WRITER],
        stdout=subprocess.PIPE,
        env=environment,
        cwd=settings.BASE_DIR,
        text=True,
    ) as busy:
        try:
            yield busy
        finally:
            busy.kill()


def test_S03_a_backup_under_load_holds_all_that_was_acknowledged(association, tmp_path):
    with writer() as busy:
        for number in range(5):
            acknowledged = [int(busy.stdout.readline()) for _ in range(5)][-1]
            path = tmp_path / f"{number}.zip"
            take_backup(path)
            with zipfile.ZipFile(path) as box:
                cases = box.read("rows/registry_case.jsonl").splitlines()[1:]
                counters = box.read("rows/registry_registercounter.jsonl").splitlines()
            assert json.loads(counters[1])[-1] == len(cases) >= acknowledged


@pytest.mark.skipif(connection.vendor != "sqlite", reason="copies the files of SQLite")
def test_S06_every_copy_of_a_sudden_stop_opens_and_holds(association, tmp_path):
    place = Path(connection.settings_dict["NAME"])
    chance = random.Random(6)
    with writer() as busy:
        busy.stdout.readline()
        for number in range(50):
            time.sleep(chance.uniform(0, 0.02))
            busy.send_signal(signal.SIGSTOP)
            copy = tmp_path / str(number)
            copy.mkdir()
            for suffix in ("", "-wal"):
                part = place.with_name(place.name + suffix)
                if part.exists():
                    shutil.copyfile(part, copy / f"copy.sqlite3{suffix}")
            busy.send_signal(signal.SIGCONT)
            check_copy(copy / "copy.sqlite3")
            shutil.rmtree(copy)


def check_copy(path: Path) -> None:
    opened = sqlite3.connect(path)
    opened.create_function("REGEXP", 2, lambda pattern, text: bool(re.search(pattern, text)))
    try:
        assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        cases = opened.execute("SELECT count(*) FROM registry_case").fetchone()[0]
        numbers = opened.execute("SELECT last_number FROM registry_registercounter").fetchall()
        events = opened.execute(
            "SELECT count(*) FROM registry_event WHERE action = 'case_opened'"
        ).fetchone()[0]
        assert (cases, cases) == (numbers[0][0], events)
    finally:
        opened.close()
