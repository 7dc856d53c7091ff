"""Writes what `finsam.definitions` reads: a frozen dataclass, or its JSON, as a TOML text."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, TypeVar, get_args, get_origin

from finsam.definitions import UNIONS, Reader, hints_of, present

T = TypeVar("T")
ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\f": "\\f", "\r": "\\r"}


def to_toml(value: Any) -> str:
    """The definition as TOML: what is as its default is left out, so it reads back the same."""
    return "\n".join(_table(value, ())).strip() + "\n"


def table_from_json(shape: Any, said: Mapping[str, Any]) -> dict[str, Any]:
    """Plain JSON as the table that TOML would have given: days as days, nothing that is unset.

    Values that do not fit are left as they are, for the reader to name.
    """
    hints = hints_of(shape)
    table = {}
    for field in dataclasses.fields(shape):
        if field.name not in said:
            continue
        value = said[field.name]
        unset = value is None or value in ("", [])
        if unset and field.default is not dataclasses.MISSING:
            continue
        table[field.name] = _from_json(hints[field.name], value)
    return table


def read_json(shape: type[T], said: Mapping[str, Any], *, file: str) -> tuple[T | None, Reader]:
    """The JSON as `shape`, or nothing and a reader that holds every fault."""
    reader = Reader(file)
    return reader.read(shape, table_from_json(shape, said)), reader


def _from_json(hint: Any, value: Any) -> Any:
    origin = get_origin(hint)
    if origin in UNIONS:
        return _from_json(present(hint), value)
    if origin is Annotated:
        return _from_json(get_args(hint)[0], value)
    if origin is tuple and isinstance(value, list):
        return [_from_json(get_args(hint)[0], item) for item in value]
    if dataclasses.is_dataclass(hint) and isinstance(value, Mapping):
        return table_from_json(hint, value)
    if hint is date and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _table(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    """Plain values first, then tables and lists of tables: TOML wants that order."""
    tables = []
    for field in dataclasses.fields(value):
        said = getattr(value, field.name)
        if said is None or (field.default is not dataclasses.MISSING and said == field.default):
            continue
        if dataclasses.is_dataclass(said) or (
            isinstance(said, tuple) and said and dataclasses.is_dataclass(said[0])
        ):
            tables.append((field.name, said))
        else:
            yield f"{field.name} = {_value(said)}"
    for name, said in tables:
        here = (*path, name)
        if isinstance(said, tuple):
            for one in said:
                yield f"\n[[{'.'.join(here)}]]"
                yield from _table(one, here)
        else:
            yield f"\n[{'.'.join(here)}]"
            yield from _table(said, here)


def _value(said: Any) -> str:
    if isinstance(said, bool):
        return str(said).lower()
    if isinstance(said, StrEnum):
        return f'"{said}"'
    if isinstance(said, (int, Decimal)):
        return str(said)
    if isinstance(said, date):
        return said.isoformat()
    if isinstance(said, str):
        return _text(said)
    if isinstance(said, (tuple, list)):
        return f"[{', '.join(map(_value, said))}]"
    if isinstance(said, Mapping):
        return f"{{ {', '.join(f'{key} = {_value(one)}' for key, one in said.items())} }}"
    raise TypeError(f"No TOML for {type(said).__name__}.")


def _text(said: str) -> str:
    """A text over several lines stands as it reads; what else is special is escaped."""
    written = "".join(
        ESCAPES.get(sign) or (sign if sign == "\n" or sign.isprintable() else _unicode(sign))
        for sign in said
    )
    return f'"""\n{written}"""' if "\n" in written else f'"{written}"'


def _unicode(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if ord(sign) <= 0xFFFF else f"\\U{ord(sign):08x}"
