"""Triggers by which the database itself refuses to change or delete what is on record.

For use in migrations: `operations = [append_only("registry_event")]`. With a condition only
some rows are protected: `append_only("boards_minutes", when="OLD.state = 'attested'")`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_NAME = re.compile(r"[a-z][a-z0-9_]*")

SQLITE = """
CREATE TRIGGER append_only_{operation}_{table} BEFORE {operation} ON {table} {when}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION append_only_refusal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
"""
POSTGRESQL_ROWS = """
CREATE TRIGGER append_only_row_{table} BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW {when} EXECUTE FUNCTION append_only_refusal()
"""
POSTGRESQL_TRUNCATE = """
CREATE TRIGGER append_only_truncate_{table} BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION append_only_refusal()
"""
SQLITE_TRIGGERS = """
SELECT name, tbl_name, sql FROM sqlite_master
WHERE type = 'trigger' AND name LIKE 'append\\_only\\_%' ESCAPE '\\' ORDER BY 1
"""
POSTGRESQL_TRIGGERS = """
SELECT tgname, tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger
WHERE tgname LIKE 'append\\_only\\_%' ORDER BY 1
"""


class append_only(Operation):  # noqa: N801 - it reads as a verb in a list of steps
    """A migration step after which rows of `table` can be added but not changed or deleted.

    `when` is SQL over OLD that both databases understand; only rows that meet it are protected.
    It asks for no models, which Django would otherwise have to draw. Said again of a table it
    replaces what was said before: needed after a migration that SQLite carries out by making the
    table anew, since that drops its triggers.
    """

    reversible = True

    def __init__(self, table: str, *, when: str = "") -> None:
        if not _NAME.fullmatch(table):
            raise ValueError(f"Not a table name: {table!r}")
        self.table, self.when = table, when

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Models stay as they are."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Set the triggers."""
        _release(schema_editor.connection, self.table)
        _protect(schema_editor.connection, self.table, self.when)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Take the table's triggers away."""
        _release(schema_editor.connection, self.table)

    def describe(self) -> str:
        """What `migrate` prints."""
        return f"Refuse changes of rows in {self.table}"


def protected_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """The tables that carry the triggers, by asking the database."""
    return sorted({table for _, table, _ in _triggers(connection)})


@contextmanager
def append_only_lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Take the protection away inside the block, all in one transaction.

    Only for emptying a demonstration or a test database.
    """
    with transaction.atomic(using=connection.alias):
        found = _triggers(connection)
        _drop(connection, found)
        yield
        with connection.cursor() as cursor:
            for _name, _table, definition in found:
                cursor.execute(definition)


def _release(connection: BaseDatabaseWrapper, table: str) -> None:
    _drop(connection, [one for one in _triggers(connection) if one[1] == table])


def _protect(connection: BaseDatabaseWrapper, table: str, when: str) -> None:
    condition = f"WHEN ({when})" if when else ""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for operation in ("update", "delete"):
                cursor.execute(SQLITE.format(table=table, operation=operation, when=condition))
        else:
            cursor.execute(POSTGRESQL_FUNCTION)
            cursor.execute(POSTGRESQL_ROWS.format(table=table, when=condition))
            if not when:
                cursor.execute(POSTGRESQL_TRUNCATE.format(table=table))


def _triggers(connection: BaseDatabaseWrapper) -> list[tuple[str, str, str]]:
    """Name, table and definition of each of these triggers that the database has."""
    query = SQLITE_TRIGGERS if connection.vendor == "sqlite" else POSTGRESQL_TRIGGERS
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [(name, table, definition) for name, table, definition in cursor.fetchall()]


def _drop(connection: BaseDatabaseWrapper, triggers: list[tuple[str, str, str]]) -> None:
    with connection.cursor() as cursor:
        for name, table, _definition in triggers:
            where = "" if connection.vendor == "sqlite" else f" ON {table}"
            cursor.execute(f"DROP TRIGGER {name}{where}")
