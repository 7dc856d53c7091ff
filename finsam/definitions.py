"""Reads TOML files into frozen dataclasses; a fault is named by file, key and expectation."""

from __future__ import annotations

import dataclasses
import re
import tomllib
import types
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from finsam.errors import DomainError

T = TypeVar("T")
MISSING: Any = object()
UNIONS = (Union, types.UnionType)


@dataclass(frozen=True)
class Between:
    """A whole number within bounds, both included."""

    low: int
    high: int

    def holds(self, value: object) -> bool:
        return isinstance(value, int) and self.low <= value <= self.high

    @property
    def words(self) -> str:
        return f"ett heltal från {self.low} till {self.high}"


@dataclass(frozen=True)
class Pattern:
    """A text of a certain form, with the form in words."""

    regex: str
    words: str

    def holds(self, value: object) -> bool:
        return re.fullmatch(self.regex, str(value)) is not None


@dataclass(frozen=True)
class Length:
    """A text that fits where it is shown."""

    longest: int

    def holds(self, value: object) -> bool:
        return len(str(value)) <= self.longest

    @property
    def words(self) -> str:
        return f"en text på högst {self.longest} tecken"


Slug = Annotated[
    str,
    Length(60),
    Pattern(
        r"[a-z0-9]+(-[a-z0-9]+)*", "ett adressnamn av små bokstäver a–z, siffror och bindestreck"
    ),
]
Key = Annotated[
    str,
    Pattern(r"[a-z][a-z0-9_]*", "en nyckel av små bokstäver a–z, siffror och understreck"),
    Length(60),
]


@dataclass(frozen=True)
class Problem:
    """One fault of a definition file, said so that its writer can mend it."""

    file: str
    key: str
    expected: str
    found: str = ""

    def __str__(self) -> str:
        found = f", men där står {self.found}" if self.found else ""
        return f"{self.file}: {self.key}: väntade {self.expected}{found}."


class DefinitionError(DomainError):
    """A definition file that cannot be used; `problems` has every fault that was found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("definition_invalid", "\n".join(str(problem) for problem in problems))


def read_text(path: Path) -> str:
    """The text of a definition file. Raises DefinitionError when there is none to read."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DefinitionError([Problem(path.name, "(filen)", "en fil som finns")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(
            [Problem(path.name, "(filen)", "en läsbar fil i UTF-8", str(error))]
        ) from None


def parse(shape: type[T], text: str, *, file: str) -> T:
    """The TOML text as `shape`. Raises DefinitionError with every fault there is."""
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise DefinitionError([Problem(file, "(filen)", "giltig TOML", str(error))]) from None
    reader = Reader(file)
    value = reader.read(shape, table)
    if value is None:
        raise DefinitionError(reader.problems)
    return value


class Reader:
    """Walks one file's tables along the shape and collects the faults."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def read(self, shape: type[T], table: Mapping[str, object]) -> T | None:
        """The table as `shape`, or nothing when `problems` has been added to."""
        value = self._table(shape, table, "")
        return None if self.problems else value

    def refuse(self, key: str, expected: str, found: object = MISSING) -> Any:
        shown = "" if found is MISSING else _shown(found)
        self.problems.append(Problem(self.file, key or "(filen)", expected, shown))
        return None

    def _table(self, shape: type[T], table: object, path: str) -> T | None:
        if not isinstance(table, Mapping):
            return self.refuse(path, "en tabell", table)  # type: ignore[no-any-return]
        any_shape: Any = shape
        hints = hints_of(any_shape)
        for key in table:
            if key not in hints:
                self.refuse(_join(path, key), f"en känd nyckel ({', '.join(hints)})", key)
        values: dict[str, object] = {}
        for field in dataclasses.fields(shape):  # type: ignore[arg-type]
            if field.name in table:
                where = _join(path, field.name)
                values[field.name] = self._value(hints[field.name], table[field.name], where)
            elif field.default is dataclasses.MISSING:
                self.refuse(
                    _join(path, field.name), f"{_words(hints[field.name])}, men nyckeln saknas"
                )
        return None if self.problems else shape(**values)

    def _value(self, hint: Any, value: object, path: str) -> object:
        origin = get_origin(hint)
        if origin in UNIONS:
            return self._value(present(hint), value, path)
        if origin is Annotated:
            return self._bounded(hint, value, path)
        if origin is tuple:
            return self._list(get_args(hint)[0], value, path)
        if dataclasses.is_dataclass(hint):
            return self._table(hint, value, path)  # type: ignore[arg-type]
        if origin is Mapping and isinstance(value, dict):
            return value
        return self._scalar(hint, value, path)

    def _bounded(self, hint: Any, value: object, path: str) -> object:
        inner, *bounds = get_args(hint)
        if type(value) is not inner:
            return self.refuse(path, _words(hint), value)
        for bound in bounds:
            if not bound.holds(value):
                return self.refuse(path, bound.words, value)
        return self._value(inner, value, path)

    def _list(self, hint: Any, value: object, path: str) -> object:
        if not isinstance(value, list):
            return self.refuse(path, _words(tuple[hint, ...]), value)
        return tuple(
            self._value(hint, item, f"{path}[{number}]")
            for number, item in enumerate(value, start=1)
        )

    def _scalar(self, hint: Any, value: object, path: str) -> object:
        if isinstance(hint, type) and issubclass(hint, StrEnum):
            if isinstance(value, str) and value in set(hint):
                return hint(value)
        elif hint is date:
            if isinstance(value, date) and not isinstance(value, datetime):
                return value
        elif hint is str:
            if isinstance(value, str) and value.strip():
                return value.strip()
        elif hint is Decimal:
            if type(value) in {int, Decimal}:
                return Decimal(str(value))
        elif type(value) is hint:
            return value
        return self.refuse(path, _words(hint), value)


@cache
def hints_of(shape: Any) -> dict[str, Any]:
    """The types of the shape's fields, with their bounds."""
    return get_type_hints(shape, include_extras=True)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def present(hint: Any) -> Any:
    """The X of `X | None`."""
    return next(arg for arg in get_args(hint) if arg is not types.NoneType)


def _words(hint: Any) -> str:
    """What a value of the type looks like, in words."""
    origin = get_origin(hint)
    if origin in UNIONS:
        return _words(present(hint))
    if origin is Annotated:
        return str(get_args(hint)[1].words)
    if origin is tuple:
        return f"en lista där varje värde är {_words(get_args(hint)[0])}"
    if dataclasses.is_dataclass(hint) or origin is Mapping:
        return "en tabell"
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return f"ett av orden {', '.join(hint)}"
    return {
        str: "en text som inte är tom",
        int: "ett heltal",
        Decimal: "ett tal",
        bool: "true eller false",
        date: "ett datum, till exempel 2023-09-01",
    }[hint]


def _shown(value: object) -> str:
    """The value at fault as the file's writer would know it again, cut to a line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        text = f"”{value.strip()}”" if value.strip() else "en tom text"
    elif isinstance(value, Mapping):
        text = "en tabell"
    elif isinstance(value, list):
        text = "en lista"
    else:
        text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}…”"
