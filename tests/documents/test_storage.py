"""Stored bytes: whole or not at all, once per content, and each association's apart."""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from finsam import clock
from finsam.documents.durable import DurableFileStorage
from finsam.documents.models import StoredFile
from finsam.documents.storage import (
    fault_of,
    open_file,
    open_stream,
    put_bytes,
    store_bytes,
    sweep_unfinished,
)

DATA = b"beslut" * 1_000
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "finsam.documents.durable.DurableFileStorage",
            "OPTIONS": {"location": str(tmp_path / "files")},
        },
    }
    return tmp_path / "files"


def stored(association, data: bytes = DATA, name: str = "beslut.pdf") -> StoredFile:
    return store_bytes(
        association=association, data=data, name=name, content_type="application/pdf"
    )


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes, as a full disk would not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_the_portal_stores_durably_by_default():
    assert isinstance(storages["default"], DurableFileStorage)


def test_U10_what_is_stored_is_what_was_given(association, folder):
    file = stored(association)
    digest = hashlib.sha256(DATA).hexdigest()
    assert (file.sha256, file.size, file.name) == (digest, len(DATA), "beslut.pdf")
    assert open_file(file) == DATA
    assert files_in(folder) == [folder / str(association.pk) / digest[:2] / digest]
    assert fault_of(file) == ""


def test_U06_the_same_bytes_lie_once_but_are_two_records(association, folder):
    first, second = stored(association), stored(association, name="kopia.pdf")
    assert first.pk != second.pk
    assert (first.key, first.sha256) == (second.key, second.sha256)
    assert len(files_in(folder)) == 1


def test_two_associations_keep_the_same_bytes_apart(association, other_association, folder):
    assert stored(association).key != stored(other_association).key
    assert len(files_in(folder)) == 2


def test_a_file_that_was_cut_off_is_written_anew_when_it_is_stored_again(association, folder):
    file = stored(association)
    (folder / file.key).write_bytes(DATA[:10])
    assert fault_of(file) == "wrong_size"
    stored(association)
    assert fault_of(file) == ""


def test_a_stored_file_is_checked_against_its_sum(association, folder):
    file = stored(association)
    (folder / file.key).write_bytes(bytes(len(DATA)))
    assert fault_of(file) == "wrong_sum"
    (folder / file.key).unlink()
    assert fault_of(file) == "missing"


def test_a_stored_file_can_be_read_from_the_middle(association, folder):
    with open_stream(stored(association)) as file:
        file.seek(6)
        assert file.read(6) == b"beslut"


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_or_delete_a_stored_file(association, folder, change):
    file = stored(association)
    row = StoredFile.objects.filter(pk=file.pk)
    attempt = row.delete if change == "delete" else partial(row.update, name="annat.pdf")
    with pytest.raises(DatabaseError), transaction.atomic():
        attempt()
    file.refresh_from_db()
    assert file.name == "beslut.pdf"


@pytest.mark.parametrize("sha256", ["", "x" * 64, "A" * 64, "0" * 63])
def test_the_database_refuses_a_checksum_that_is_none(association, sha256):
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredFile.objects.create(
            association=association, key="k", sha256=sha256, size=1, name="n", content_type="t"
        )


def test_Q08_a_full_disk_leaves_nothing_half_written(association, folder):
    with room_for(1_000), pytest.raises(OSError, match="File too large"):
        put_bytes(association=association, data=DATA)
    assert files_in(folder) == []
    assert open_file(stored(association)) == DATA


@pytest.mark.parametrize(
    ("step", "expected"), [("tmp_written", ["unfinished"]), ("after_rename", ["kept"])]
)
def test_Q02_a_power_cut_while_writing_leaves_a_whole_file_or_none(step, expected, tmp_path):
    """A process of its own writes and is killed at the named step."""
    script = (
        "import django; django.setup()\n"
        "from django.conf import settings; settings.FAULT_INJECTION = True\n"
        "from django.core.files.base import ContentFile\n"
        "from finsam.documents.durable import DurableFileStorage\n"
        f"DurableFileStorage(location={str(tmp_path)!r}).save('1/ab/abc', ContentFile(b'x' * 9000))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "FINSAM_FAULT": step},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr
    found = files_in(tmp_path)
    places = ["unfinished" if path.suffix == ".tmp" else "kept" for path in found]
    assert places == expected
    assert [path.stat().st_size for path in found] == [9_000]


def test_Q02_what_a_power_cut_left_is_swept_after_an_hour(folder, tmp_path, settings):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "uploads")
    leftovers = [folder / "unfinished/a.tmp", tmp_path / "uploads/tmpx.upload.pdf"]
    for path in leftovers:
        path.parent.mkdir(parents=True)
        path.write_bytes(b"half")
    kept = folder / "1" / "ab" / "abc"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"whole")
    with clock.at(clock.now() + timedelta(minutes=59)):
        assert sweep_unfinished() == 0
    with clock.at(clock.now() + timedelta(minutes=61)):
        assert sweep_unfinished() == 2
        assert sweep_unfinished() == 0
    assert [path.exists() for path in leftovers] == [False, False]
    assert kept.read_bytes() == b"whole"


def test_uploads_under_way_lie_where_the_sweep_looks():
    assert Path(str(settings.FILE_UPLOAD_TEMP_DIR)).is_dir()
