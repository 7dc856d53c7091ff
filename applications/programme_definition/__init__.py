"""The definition of a funding programme: read from TOML, checked, and never half accepted."""

from __future__ import annotations

import tomllib
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from applications.programme_definition.checks import check
from applications.programme_definition.reading import DefinitionError, Problem, Reader
from applications.programme_definition.shape import ProgrammeDefinition

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
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DefinitionError([Problem(path.name, "(filen)", "en fil som finns")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(
            [Problem(path.name, "(filen)", "en läsbar fil i UTF-8", str(error))]
        ) from None
    return parse_programme(text, file=path.name)


def parse_programme(text: str, *, file: str) -> ProgrammeDefinition:
    """The definition in a text; `file` is its name, whose stem must be the programme's slug."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError([Problem(file, "(filen)", "giltig TOML", str(error))]) from None
    reader = Reader(file)
    definition = reader.read(ProgrammeDefinition, table)
    if definition is None:
        raise DefinitionError(reader.problems)
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
