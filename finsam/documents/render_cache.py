"""Remembering what has been rendered, by content, so that a changed item costs only itself."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from django.conf import settings

MOST_FILES = 2_000


def remembered(kind: str, parts: Sequence[str | bytes], make: Callable[[], bytes]) -> bytes:
    """What `make` gives for these parts; made anew only when they or the code have changed.

    A lost or broken cache costs time, never a document: entries carry their own checksum.
    """
    path = _folder() / f"{kind}-{_key(parts)}"
    kept = _read(path)
    if kept is None:
        kept = make()
        _write(path, kept)
    return kept


def _key(parts: Sequence[str | bytes]) -> str:
    counted = hashlib.sha256(bytes.fromhex(code_checksum()))
    for part in parts:
        data = part.encode(errors="surrogatepass") if isinstance(part, str) else part
        counted.update(len(data).to_bytes(8, "big") + data)
    return counted.hexdigest()


@lru_cache(maxsize=1)
def code_checksum() -> str:
    """A checksum of the code and templates that make documents: new code forgets the old."""
    counted = hashlib.sha256()
    places = (Path(__file__).parent, Path(settings.BASE_DIR) / "templates/documents")
    for place in places:
        for path in sorted(place.rglob("*")):
            if path.suffix in {".py", ".html", ".css"}:
                counted.update(path.read_bytes())
    return counted.hexdigest()


def _folder() -> Path:
    folder = Path(settings.VAR) / "rendered"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _read(path: Path) -> bytes | None:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    checksum, body = data[:32], data[32:]
    if hashlib.sha256(body).digest() != checksum:
        return None
    with suppress(FileNotFoundError):
        os.utime(path)
    return body


def _write(path: Path, body: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        file.write(hashlib.sha256(body).digest() + body)
    Path(file.name).replace(path)
    _forget_oldest(path.parent)


def _forget_oldest(folder: Path) -> None:
    """Keep the folder from growing without end: what was used longest ago goes first."""
    entries = [entry for entry in os.scandir(folder) if entry.is_file()]
    if len(entries) <= MOST_FILES:
        return
    entries.sort(key=lambda entry: entry.stat().st_mtime)
    for entry in entries[: len(entries) - MOST_FILES * 3 // 4]:
        Path(entry.path).unlink(missing_ok=True)
