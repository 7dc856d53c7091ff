"""Where upper floors say at what address the document behind a register entry can be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from finsam.people.access import Visitor
from finsam.registry.models import Record

Linker = Callable[[Sequence[Record], Visitor], Mapping[int, str]]
_linkers: list[Linker] = []


def link_records(linker: Linker) -> Linker:
    """Let a function say the addresses, by record id, that this visitor may open."""
    if linker not in _linkers:
        _linkers.append(linker)
    return linker


def addresses_of(records: Sequence[Record], visitor: Visitor) -> dict[int, str]:
    """The address of each record's document, where there is one and the visitor may read it."""
    found: dict[int, str] = {}
    for linker in _linkers:
        found.update(linker(records, visitor))
    return found
