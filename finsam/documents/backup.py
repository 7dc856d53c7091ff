"""A backup of everything: the rows of one instant and the files that they point at, in one file.

The file is a zip: `rows/<table>.jsonl` (one JSON list a row), `files/<key>` and, last of all,
`manifest.json` with a SHA-256 for each part. It holds plain values, so that what was taken from
SQLite is restored into PostgreSQL and the other way round.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder

from finsam import clock
from finsam.documents.models import StoredFile
from finsam.documents.storage import fault_of, open_stream
from finsam.errors import DomainError

FORMAT = 1
ROWS, FILES, MANIFEST = "rows/", "files/", "manifest.json"
PIECE = 256 * 1024
AT_A_TIME = 1000
# What is bound to one running installation and worth nothing in another.
PASSING = {"django_session"}


Read = Callable[[str], Iterable[Sequence[Any]]]


class BackupError(DomainError):
    """A backup that could not be taken or put back, with what to do."""


@dataclass(frozen=True)
class Taken:
    """What went into a backup."""

    rows: int
    files: int
    size: int


def take_backup(path: Path) -> Taken:
    """Write a backup to `path`, which appears only when it is whole. Raises BackupError.

    SQLite is copied through its own backup interface, PostgreSQL is read in one repeatable
    transaction: the rows are those of one instant, also while others write. Files are never
    changed or removed by the portal, so those that the rows point at can be read afterwards.
    """
    folder = path.resolve().parent
    if not folder.is_dir():
        raise BackupError("no_folder", f"Mappen {folder} finns inte.")
    handle, name = tempfile.mkstemp(dir=folder, prefix=".backup-", suffix=".tmp")
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            taken = _write(out)
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return Taken(taken.rows, taken.files, path.stat().st_size)


def kept_models() -> list[type[models.Model]]:
    """Every table of the portal whose rows a backup holds, many-to-many tables included."""
    found = apps.get_models(include_auto_created=True)
    return sorted(
        (
            model
            for model in found
            if model._meta.managed and not model._meta.proxy and model._meta.db_table not in PASSING
        ),
        key=lambda model: model._meta.db_table,
    )


def applied_migrations() -> list[list[str]]:
    """The schema's version: every migration that has been carried out."""
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


def as_plain(value: Any) -> Any:
    """A column's value as JSON can hold it."""
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal() | UUID():
            return str(value)
        case bytes() | memoryview():
            return base64.b64encode(bytes(value)).decode()
    return value


# --- writing --------------------------------------------------------------------------------------


def _write(out: IO[bytes]) -> Taken:
    parts: dict[str, dict[str, Any]] = {}
    rows = 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as box:
        with _one_instant() as read:
            migrations = sorted(map(list, read("SELECT app, name FROM django_migrations")))
            for model in kept_models():
                name = f"{ROWS}{model._meta.db_table}.jsonl"
                table = _Table(model)
                parts[name] = _put(box, name, table.lines(read))
                parts[name]["rows"] = table.count
                rows += table.count
            kept = [StoredFile(**row) for row in _Table(StoredFile).rows(read)]
        files = 0
        for stored in kept:
            name = f"{FILES}{stored.key}"
            if name not in parts:
                parts[name] = _put_file(box, name, stored)
                files += 1
        manifest = {
            "format": FORMAT,
            "made_at": clock.now().isoformat(),
            "database": connection.vendor,
            "migrations": migrations,
            "parts": parts,
        }
        box.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
    return Taken(rows, files, 0)


@contextmanager
def _one_instant() -> Iterator[Read]:
    """What reads rows while they stand still."""
    if connection.vendor == "sqlite":
        with tempfile.TemporaryDirectory(prefix="finsam-backup-") as folder:
            copy = sqlite3.connect(Path(folder) / "copy.sqlite3")
            try:
                connection.ensure_connection()
                # SQLite's own way, which also takes in what stands in the write-ahead log.
                connection.connection.backup(copy)
                yield copy.execute
            finally:
                copy.close()
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield _read_postgresql


def _read_postgresql(statement: str) -> Iterator[Sequence[Any]]:
    """Rows through a cursor of the server's, so that no table has to fit into memory."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(AT_A_TIME):
            yield from rows


class _Table:
    """A table being read; `count` is right when all of its rows have been."""

    def __init__(self, model: type[models.Model]) -> None:
        meta = model._meta
        self.fields = list(meta.concrete_fields)
        self.count = 0
        quote = connection.ops.quote_name
        columns = ", ".join(quote(str(field.column)) for field in self.fields)
        key = quote(str(meta.pk.column))
        self.statement = f"SELECT {columns} FROM {quote(meta.db_table)} ORDER BY {key}"  # noqa: S608
        self.converters = [self._converters(field, meta.db_table) for field in self.fields]

    def rows(self, read: Read) -> Iterator[dict[str, Any]]:
        """Rows as the models' own values, by attribute."""
        names = [field.attname for field in self.fields]
        for raw in read(self.statement):
            self.count += 1
            yield dict(zip(names, map(self._converted, raw, self.converters), strict=True))

    def lines(self, read: Read) -> Iterator[bytes]:
        """The names of the columns, then a line for each row."""
        yield json.dumps([field.attname for field in self.fields]).encode() + b"\n"
        for row in self.rows(read):
            values = [as_plain(value) for value in row.values()]
            yield json.dumps(values, ensure_ascii=False).encode() + b"\n"

    def _converters(self, field: Any, table: str) -> list[Any]:
        """What Django itself does to a column's value, for this database."""
        column = field.get_col(table)
        own = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
        return [partial(convert, expression=column, connection=connection) for convert in own]

    @staticmethod
    def _converted(value: Any, converters: list[Any]) -> Any:
        for convert in converters:
            value = convert(value)
        return value


def _put_file(box: zipfile.ZipFile, name: str, stored: StoredFile) -> dict[str, Any]:
    """A stored file, checked against its row: a backup of broken files would be no backup."""
    fault = fault_of(stored)
    if fault:
        raise BackupError(
            "broken_file",
            f"Filen {stored.name} ({stored.key}) är inte som när den lagrades: {fault}. "
            "Kör verify_documents och rätta lagret först.",
        )
    with open_stream(stored) as file:
        return _put(box, name, iter(lambda: file.read(PIECE), b""), stored=True)


def _put(
    box: zipfile.ZipFile, name: str, pieces: Iterator[bytes], *, stored: bool = False
) -> dict[str, Any]:
    """One part of the archive, with its checksum. Files are packed already."""
    digest, size = hashlib.sha256(), 0
    entry = zipfile.ZipInfo(name, clock.now().timetuple()[:6])
    entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with box.open(entry, "w", force_zip64=True) as part:
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            part.write(piece)
    return {"sha256": digest.hexdigest(), "size": size}
