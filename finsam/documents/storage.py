"""Keeping bytes: once per content, under their own checksum, on disk or in an object store.

Writing (`put_bytes`) is slow and belongs outside transactions; noting it (`record_file`) is one
row and belongs inside. `store_bytes` does both, for when no transaction is open.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from finsam import clock
from finsam.associations.models import Association
from finsam.documents.durable import DurableFileStorage
from finsam.documents.filenames import display_name
from finsam.documents.models import StoredFile

PIECE = 256 * 1024
LEFT_OVER_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class StoredBytes:
    """Bytes that lie in the storage, not yet noted in any row."""

    key: str
    sha256: str
    size: int


def put_bytes(*, association: Association, data: bytes) -> StoredBytes:
    """Write the bytes durably, unless the same already lie there. Raises OSError."""
    digest = hashlib.sha256(data).hexdigest()
    key = key_of(association, digest)
    storage = _storage()
    if not (storage.exists(key) and storage.size(key) == len(data)):
        key = storage.save(key, ContentFile(data))
    return StoredBytes(key=key, sha256=digest, size=len(data))


def record_file(
    *, association: Association, stored: StoredBytes, name: str, content_type: str
) -> StoredFile:
    """Note stored bytes as a file of the association, under a name that is safe to show."""
    return StoredFile.objects.create(
        association=association,
        key=stored.key,
        sha256=stored.sha256,
        size=stored.size,
        name=display_name(name),
        content_type=content_type,
    )


def store_bytes(
    *, association: Association, data: bytes, name: str, content_type: str
) -> StoredFile:
    """Write the bytes and note them. `content_type` is ours, never a sender's. Raises OSError."""
    stored = put_bytes(association=association, data=data)
    return record_file(association=association, stored=stored, name=name, content_type=content_type)


def key_of(association: Association, digest: str) -> str:
    """Where bytes lie: each association's apart, spread over folders."""
    return f"{association.pk}/{digest[:2]}/{digest}"


def open_file(stored: StoredFile) -> bytes:
    """All bytes of a stored file. Raises FileNotFoundError when they are gone."""
    with open_stream(stored) as file:
        data: bytes = file.read()
    return data


def read_key(key: str) -> bytes:
    """The bytes at a place that a frozen source names. Raises FileNotFoundError."""
    with _storage().open(key, "rb") as file:
        data: bytes = file.read()
    return data


def open_stream(stored: StoredFile) -> IO[Any]:
    """The stored file, open for reading from any place in it; the caller closes it."""
    return _storage().open(stored.key, "rb")


def fault_of(stored: StoredFile) -> str:
    """`missing`, `wrong_size`, `wrong_sum` or nothing: whether the bytes are those once stored."""
    if not _storage().exists(stored.key):
        return "missing"
    digest, size = hashlib.sha256(), 0
    with open_stream(stored) as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            size += len(piece)
    if size != stored.size:
        return "wrong_size"
    return "" if digest.hexdigest() == stored.sha256 else "wrong_sum"


def sweep_unfinished() -> int:
    """Remove what interrupted writing and uploads left behind more than an hour ago."""
    removed = 0
    for folder, pattern in _unfinished_places():
        for path in folder.glob(pattern):
            removed += _remove_if_old(path)
    return removed


def _unfinished_places() -> list[tuple[Path, str]]:
    places = []
    storage = _storage()
    if isinstance(storage, DurableFileStorage):
        places.append((storage.unfinished_folder, "*.tmp"))
    if settings.FILE_UPLOAD_TEMP_DIR:
        places.append((Path(settings.FILE_UPLOAD_TEMP_DIR), "*.upload*"))
    return places


def _remove_if_old(path: Path) -> bool:
    """Another sweep may have been here first."""
    oldest = (clock.now() - LEFT_OVER_AFTER).timestamp()
    try:
        if path.stat().st_mtime > oldest:
            return False
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _storage() -> Storage:
    return storages["default"]
