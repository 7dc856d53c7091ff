"""A set-up draws the models a few times, not once for each table, and makes the same tables."""

from __future__ import annotations

import pytest
from django.db import connection, models
from django.db.migrations import AddField, CreateModel, Migration
from django.db.migrations.state import ModelState, ProjectState

from finsam.first_tables import FirstTables

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = ("House", "Room", "Chair")


def steps():
    """Three tables in a row that point at the one before, then a field that points forward."""
    last = None
    for name in NAMES:
        fields = [("id", models.BigAutoField(primary_key=True))]
        if last:
            fields.append(("inside", models.ForeignKey(f"trial.{last}", models.PROTECT)))
        yield CreateModel(name, fields)
        last = name
    yield AddField("House", "best", models.ForeignKey("trial.Chair", models.PROTECT, null=True))


def made_of(kind, operations):
    """A migration of a kind with these steps."""
    return type("Trial", (kind,), {"operations": operations})("0001_initial", "trial")


@pytest.fixture
def drawn(monkeypatch):
    """The models drawn, in order."""
    seen = []
    draw = ModelState.render

    def counted(self, apps):
        seen.append(self.name)
        return draw(self, apps)

    monkeypatch.setattr(ModelState, "render", counted)
    return seen


def tables_of(kind):
    """What the database says of the tables that a migration of this kind made."""
    migration = made_of(kind, steps())
    with connection.schema_editor() as editor:
        after = migration.apply(ProjectState(), editor)
    try:
        with connection.cursor() as cursor:
            return {
                name: (
                    [c[:2] for c in connection.introspection.get_table_description(cursor, name)],
                    connection.introspection.get_relations(cursor, name),
                )
                for name in (f"trial_{model.lower()}" for model in NAMES)
            }
    finally:
        with connection.schema_editor() as editor:
            for model in reversed(NAMES):
                editor.delete_model(after.apps.get_model("trial", model))


def test_the_tables_are_those_that_django_makes_step_by_step():
    if connection.vendor == "postgresql":
        pytest.skip("a circle of tables cannot be dropped one by one there")
    assert tables_of(FirstTables) == tables_of(Migration)


def test_each_model_is_drawn_once_for_all_new_tables(drawn):
    migration = made_of(FirstTables, list(steps())[: len(NAMES)])
    with connection.schema_editor() as editor:
        after = migration.apply(ProjectState(), editor)
        for model in reversed(NAMES):
            editor.delete_model(after.apps.get_model("trial", model))
    assert drawn == list(NAMES)
