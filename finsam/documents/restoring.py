"""Putting a backup back: everything checked before anything is touched, all rows or none."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.core.management.color import no_style
from django.db import connection, models, transaction

from finsam.associations.models import Association
from finsam.documents.backup import (
    AT_A_TIME,
    FILES,
    FORMAT,
    MANIFEST,
    PIECE,
    ROWS,
    BackupError,
    applied_migrations,
    kept_models,
)
from finsam.people.models import User
from finsam.registry.append_only import append_only_lifted


@dataclass(frozen=True)
class Restored:
    """What a backup held, and when it was taken (ISO text)."""

    rows: int
    files: int
    made_at: str


def holds_something() -> bool:
    """Whether the installation already has anything that restoring would replace."""
    return Association.objects.exists() or User.objects.exists()


def restore_backup(path: Path, *, replace: bool = False) -> Restored:
    """Put a backup into this installation, whose database must be migrated to the same version.

    Every part is compared with its checksum first. Rows are put in in one transaction; with
    `replace` what was there before is removed in it. Raises BackupError and changes nothing.
    """
    try:
        with zipfile.ZipFile(path) as box:
            manifest = _manifest(box)
            _check_parts(box, manifest)
            _check_version(manifest)
            if holds_something() and not replace:
                raise BackupError(
                    "not_empty",
                    "Installationen innehåller redan uppgifter. Återställning ersätter allt: kör "
                    "om med --yes om det är det du vill.",
                )
            files = _put_files(box, manifest)
            rows = _put_rows(box, manifest)
    except (zipfile.BadZipFile, OSError, KeyError, ValueError) as fault:
        raise BackupError(
            "unreadable_backup", f"{path} är ingen hel säkerhetskopia: {fault}"
        ) from fault
    return Restored(rows, files, str(manifest["made_at"]))


# --- checking -------------------------------------------------------------------------------------


def _manifest(box: zipfile.ZipFile) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(box.read(MANIFEST))
    if manifest.get("format") != FORMAT:
        raise BackupError("other_format", "Säkerhetskopian har ett format som inte känns igen.")
    return manifest


def _check_parts(box: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
    """Each part is there, nothing else is, and all are as they were written."""
    held = set(box.namelist()) - {MANIFEST}
    if held != set(manifest["parts"]):
        raise BackupError("broken_backup", "Säkerhetskopian saknar delar eller har främmande.")
    for name, told in manifest["parts"].items():
        digest = hashlib.sha256()
        with box.open(name) as part:
            while piece := part.read(PIECE):
                digest.update(piece)
        if digest.hexdigest() != told["sha256"]:
            raise BackupError(
                "broken_backup",
                f"Delen {name} har ändrats efter att säkerhetskopian togs. Inget är återställt.",
            )


def _check_version(manifest: dict[str, Any]) -> None:
    here = applied_migrations()
    if manifest["migrations"] != here:
        other = [pair for pair in manifest["migrations"] if pair not in here] or [
            pair for pair in here if pair not in manifest["migrations"]
        ]
        raise BackupError(
            "other_version",
            "Säkerhetskopian är tagen med en annan version av portalen (skiljer sig vid "
            f"{'.'.join(other[0])}). Installera samma version, kör migrate och återställ sedan.",
        )


# --- putting in -----------------------------------------------------------------------------------


def _put_files(box: zipfile.ZipFile, manifest: dict[str, Any]) -> int:
    """The files first: rows without files would be worse than files without rows."""
    storage = storages["default"]
    count = 0
    for name in manifest["parts"]:
        if not name.startswith(FILES):
            continue
        key, data = name.removeprefix(FILES), box.read(name)
        if not _is_there(storage, key, data):
            storage.delete(key)
            storage.save(key, ContentFile(data))
        count += 1
    return count


def _is_there(storage: Storage, key: str, data: bytes) -> bool:
    if not storage.exists(key):
        return False
    with storage.open(key) as held:
        return bool(held.read() == data)


def _put_rows(box: zipfile.ZipFile, manifest: dict[str, Any]) -> int:
    tables = kept_models()
    with append_only_lifted(connection), transaction.atomic():
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            for model in tables:
                cursor.execute(f"DELETE FROM {_quoted(model._meta.db_table)}")  # noqa: S608
        rows = sum(_put_table(box, manifest, model) for model in tables)
        connection.check_constraints()
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), tables):
                cursor.execute(statement)
    return rows


def _put_table(box: zipfile.ZipFile, manifest: dict[str, Any], model: type[models.Model]) -> int:
    name = f"{ROWS}{model._meta.db_table}.jsonl"
    fields = {field.attname: field for field in model._meta.concrete_fields}
    with box.open(name) as part:
        columns = [fields[attname] for attname in json.loads(part.readline())]
        count = 0
        while batch := list(islice(part, AT_A_TIME)):
            _insert(model, columns, (json.loads(line) for line in batch))
            count += len(batch)
    if count != manifest["parts"][name]["rows"]:
        raise BackupError("broken_backup", f"{name} har {count} rader, inte så många som sagts.")
    return count


def _insert(model: type[models.Model], columns: Sequence[Any], rows: Iterator[list[Any]]) -> None:
    names = ", ".join(_quoted(field.column) for field in columns)
    marks = ", ".join(["%s"] * len(columns))
    table = _quoted(model._meta.db_table)
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - our own names
    values = [
        [_for_database(field, value) for field, value in zip(columns, row, strict=True)]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


def _for_database(field: Any, value: Any) -> Any:
    """A plain value as the column's own type, and that as the database's driver wants it."""
    target = field.target_field if field.is_relation else field
    if value is not None and not isinstance(target, models.JSONField):
        value = (
            base64.b64decode(value)
            if isinstance(target, models.BinaryField)
            else target.to_python(value)
        )
    return target.get_db_prep_save(value, connection)


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))
