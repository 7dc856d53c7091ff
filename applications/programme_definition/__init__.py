"""The definition of a funding programme: read from TOML, checked, and never half accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from applications.programme_definition.checks import check
from applications.programme_definition.shape import ProgrammeDefinition, RoundDefinition
from finsam.definitions import DefinitionError, Problem, parse, read_text
from finsam.definitions_writing import read_json

__all__ = [
    "PROGRAMMES",
    "DefinitionError",
    "Problem",
    "ProgrammeDefinition",
    "as_json",
    "definition_of",
    "moved",
    "parse_programme",
    "read_programme",
]

DIGEST = "template_digest"
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


def definition_of(said: Mapping[str, Any], *, file: str) -> ProgrammeDefinition:
    """The definition from the JSON that is kept with a programme, checked like a file.

    Raises DefinitionError with every fault.
    """
    definition, reader = read_json(
        ProgrammeDefinition, {key: value for key, value in said.items() if key != DIGEST}, file=file
    )
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


def moved(definition: ProgrammeDefinition, days: int) -> ProgrammeDefinition:
    """The definition with its rounds' calendar moved; years and periods of the efforts stay."""
    by = timedelta(days=days)

    def moved_round(round_: RoundDefinition) -> RoundDefinition:
        return replace(
            round_,
            opens=round_.opens + by,
            last_day=round_.last_day + by if round_.last_day else None,
            dates=tuple(
                replace(
                    date_,
                    last_day=date_.last_day + by,
                    board_meeting=date_.board_meeting + by if date_.board_meeting else None,
                )
                for date_ in round_.dates
            ),
            milestones=tuple(replace(point, day=point.day + by) for point in round_.milestones),
        )

    return replace(definition, rounds=tuple(moved_round(round_) for round_ in definition.rounds))
