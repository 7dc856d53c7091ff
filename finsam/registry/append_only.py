"""Triggers by which the database itself refuses to change or delete what is on record.

For use in migrations: `operations = [append_only("registry_event")]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.db.migrations.state import StateApps

_NAME = re.compile(r"[a-z][a-z0-9_]*")

SQLITE = """
CREATE TRIGGER append_only_{operation}_{table} BEFORE {operation} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION append_only_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
"""
POSTGRESQL_ROWS = """
CREATE TRIGGER append_only_row_{table} BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION append_only_refusal()
"""
POSTGRESQL_TRUNCATE = """
CREATE TRIGGER append_only_truncate_{table} BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION append_only_refusal()
"""


def append_only(table: str) -> RunPython:
    """A migration step after which rows of `table` can be added but not changed or deleted."""
    if not _NAME.fullmatch(table):
        raise ValueError(f"Not a table name: {table!r}")

    def protect(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        _protect(schema_editor.connection, table)

    def release(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        _release(schema_editor.connection, table)

    return RunPython(protect, release)


def protected_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """The tables that carry the triggers, by asking the database."""
    if connection.vendor == "sqlite":
        query = (
            "SELECT DISTINCT tbl_name FROM sqlite_master"
            " WHERE type = 'trigger' AND name LIKE 'append\\_only\\_%' ESCAPE '\\' ORDER BY 1"
        )
    else:
        query = (
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger"
            " WHERE tgname LIKE 'append\\_only\\_%' ORDER BY 1"
        )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [name for (name,) in cursor.fetchall()]


@contextmanager
def append_only_lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Take the protection away inside the block, all in one transaction.

    Only for emptying a demonstration or a test database.
    """
    with transaction.atomic(using=connection.alias):
        tables = protected_tables(connection)
        for table in tables:
            _release(connection, table)
        yield
        for table in tables:
            _protect(connection, table)


def _protect(connection: BaseDatabaseWrapper, table: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for operation in ("update", "delete"):
                cursor.execute(SQLITE.format(table=table, operation=operation))
        else:
            cursor.execute(POSTGRESQL_FUNCTION)
            cursor.execute(POSTGRESQL_ROWS.format(table=table))
            cursor.execute(POSTGRESQL_TRUNCATE.format(table=table))


def _release(connection: BaseDatabaseWrapper, table: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for operation in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER append_only_{operation}_{table}")
        else:
            cursor.execute(f"DROP TRIGGER append_only_row_{table} ON {table}")
            cursor.execute(f"DROP TRIGGER append_only_truncate_{table} ON {table}")
