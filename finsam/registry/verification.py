"""Reading the chain of events from its beginning, to find the first row that does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from finsam.associations.models import Association
from finsam.registry.canonical import digest
from finsam.registry.events import event_hash, head_is_signed
from finsam.registry.models import ChainHead, Event


@dataclass(frozen=True)
class Break:
    """The first place where the chain does not hold."""

    sequence: int
    reason: str
    message: str


@dataclass(frozen=True)
class ChainReport:
    """What was found in one association's chain."""

    association: str
    events: int
    head: str
    broken: Break | None


def verify_chain(association: Association, earlier: tuple[int, str] | None = None) -> ChainReport:
    """Recompute every event of an association; `earlier` is a length and hash noted before.

    The signed head shows rows cut from the end. Only a head noted elsewhere shows that both the
    chain and its head were put back to an older copy.
    """
    previous, read, noted = "", 0, ""
    for event in Event.objects.filter(association=association).order_by("sequence").iterator():
        found = _fault_of(event, expected=read + 1, previous=previous)
        if found is not None:
            return ChainReport(association.slug, read, previous, found)
        previous, read = event.hash, event.sequence
        if earlier is not None and read == earlier[0]:
            noted = previous
    broken = _fault_of_head(association, read, previous)
    if broken is None and earlier is not None and earlier[0] and noted != earlier[1]:
        broken = Break(
            min(earlier[0], read + 1),
            "other_than_noted",
            "Kedjan är en annan än den som noterades.",
        )
    return ChainReport(association.slug, read, previous, broken)


def _fault_of(event: Event, *, expected: int, previous: str) -> Break | None:
    if event.sequence != expected:
        return Break(expected, "missing", f"Händelse {expected} saknas.")
    checks: Mapping[str, tuple[bool, str]] = {
        "payload": (event.payload_digest == digest(event.payload), "uppgifterna är ändrade"),
        "order": (event.previous_hash == previous, "hör inte ihop med händelsen före"),
        "content": (event.hash == event_hash(event), "innehållet är ändrat"),
    }
    for reason, (holds, words) in checks.items():
        if not holds:
            return Break(expected, reason, f"Händelse {expected}: {words}.")
    return None


def _fault_of_head(association: Association, read: int, last_hash: str) -> Break | None:
    head = ChainHead.objects.filter(association=association).first()
    if head is None:
        if read == 0:
            return None
        return Break(read, "head_missing", "Kedjans ände saknas.")
    if not head_is_signed(head):
        return Break(
            read, "head_unsigned", "Kedjans ände är inte underskriven av den här portalen."
        )
    if head.sequence > read:
        return Break(
            read + 1, "truncated", f"Händelse {read + 1} till {head.sequence} saknas i slutet."
        )
    if (head.sequence, head.hash) != (read, last_hash):
        return Break(
            min(head.sequence + 1, read),
            "added",
            "Kedjan slutar annorlunda än när den skrevs under.",
        )
    return None
