"""Files on disk that are whole or not there at all, also after a power cut."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage

from finsam.jobs.faults import fault

UNFINISHED = "unfinished"


class DurableFileStorage(FileSystemStorage):
    """Writes beside, makes sure of it, then gives the file its name in one step.

    A name is never given twice to different content here (names are checksums), so a file that
    exists already is simply written over by its equal.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File[Any]) -> str:
        target = Path(self.path(name))
        unfinished = self.unfinished_folder / f"{uuid.uuid4().hex}.tmp"
        make_folder(unfinished.parent)
        make_folder(target.parent)
        try:
            _write(unfinished, content)
            fault("tmp_written")
            unfinished.replace(target)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        _make_sure_of_folder(target.parent)
        fault("after_rename")
        return name

    @property
    def unfinished_folder(self) -> Path:
        return Path(self.base_location) / UNFINISHED


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, each noted durably in the one that holds it."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o750, exist_ok=True)
    _make_sure_of_folder(folder.parent)


def _write(path: Path, content: File[Any]) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    with os.fdopen(handle, "wb") as file:
        for chunk in content.chunks():
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def _make_sure_of_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
