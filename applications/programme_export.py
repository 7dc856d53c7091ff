"""A programme as the text of its definition file, with what has been altered in the portal."""

from __future__ import annotations

from applications.models import Programme
from applications.programme_definition import definition_of
from finsam.definitions_writing import to_toml


def programme_as_toml(programme: Programme) -> str:
    """TOML that loads to the same definition. Raises DefinitionError for one that is not whole."""
    definition = definition_of(programme.definition, file=f"{programme.slug}.toml")
    return to_toml(definition)
