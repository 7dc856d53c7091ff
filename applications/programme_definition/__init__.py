"""The definition of a funding programme: read from TOML, checked, and never half accepted."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from applications.programme_definition.checks import check
from applications.programme_definition.shape import ProgrammeDefinition
from finsam.definitions import DefinitionError, Problem, parse, read_text

__all__ = [
    "PROGRAMMES",
    "DefinitionError",
    "Problem",
    "ProgrammeDefinition",
    "as_json",
    "parse_programme",
    "read_programme",
]

PROGRAMMES = Path(__file__).resolve().parent.parent / "programmes"


def read_programme(path: Path) -> ProgrammeDefinition:
    """The definition in a file. Raises DefinitionError with file, key and what was expected."""
    return parse_programme(read_text(path), file=path.name)


def parse_programme(text: str, *, file: str) -> ProgrammeDefinition:
    """The definition in a text; `file` is its name, whose stem must be the programme's slug."""
    definition = parse(ProgrammeDefinition, text, file=file)
    problems = check(definition, file)
    if problems:
        raise DefinitionError(problems)
    return definition


def as_json(value: Any) -> Any:
    """The definition as plain JSON values, as it is kept with the programme: dates as texts."""
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: as_json(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, tuple):
        return [as_json(item) for item in value]
    return str(value) if isinstance(value, StrEnum) else value
