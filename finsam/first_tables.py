"""First migrations that draw the models once for all their tables, so that a set-up is quick."""

from __future__ import annotations

from itertools import groupby

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import CreateModel, Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class FirstTables(Migration):
    """A migration whose new tables are made from one drawing of the models.

    Django draws every model tied to the new one again for each table. Ours are all tied together
    by people and associations: seventy tables cost six thousand drawings and most of the time
    that a set-up took. `CreateModel`s that stand after each other need only the last drawing.
    """

    def apply(
        self,
        project_state: ProjectState,
        schema_editor: BaseDatabaseSchemaEditor,
        collect_sql: bool = False,
    ) -> ProjectState:
        """Apply runs of new tables at once, and every other step as Django does."""
        if collect_sql:
            return super().apply(project_state, schema_editor, collect_sql)
        every = self.operations
        for is_new, steps in groupby(every, lambda step: isinstance(step, CreateModel)):
            # Django gives each migration its own list, whatever its types say.
            self.operations = list(steps)  # type: ignore[misc]
            project_state = (
                self._create(project_state, schema_editor, self.operations)
                if is_new
                else super().apply(project_state, schema_editor, collect_sql)
            )
        self.operations = every  # type: ignore[misc]
        return project_state

    def _create(
        self,
        before: ProjectState,
        schema_editor: BaseDatabaseSchemaEditor,
        steps: list[Operation],
    ) -> ProjectState:
        after = before.clone()
        after.__dict__.pop("apps", None)
        for step in steps:
            step.state_forwards(self.app_label, after)
        for step in steps:
            step.database_forwards(self.app_label, schema_editor, before, after)
        return after
