"""The door: what can be said of a file from outside, then a look into it in a child process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from finsam.documents import sandbox
from finsam.documents.filenames import display_name, extension
from finsam.documents.guard.findings import Findings
from finsam.documents.guard.kinds import (
    ENCRYPTED_PACKAGE,
    Kind,
    hides_a_pdf,
    kind_of_content,
    kind_of_name,
)
from finsam.documents.guard.purposes import PURPOSES, Purpose
from finsam.documents.guard.verdict import Verdict, acceptance, refusal

EXAMINE = "finsam.documents.guard.content.examine"
SECONDS = 5
MEGABYTES = 300


@dataclass(frozen=True)
class Received:
    """A file as it came: its bytes, its name made safe, what it was sent for."""

    data: bytes
    name: str
    purpose: Purpose

    @cached_property
    def promised(self) -> Kind | None:
        """The kind that the name promises."""
        return kind_of_name(extension(self.name))

    @cached_property
    def shown(self) -> str:
        """What the first bytes show."""
        return kind_of_content(self.data)


def inspect(data: bytes, name: str, *, purpose: str) -> Verdict:
    """Whether the portal takes the file, for one of PURPOSES; nothing of it is trusted.

    Never raises for what the file holds: a file that cannot be read is refused as unreadable.
    """
    received = Received(data, display_name(name), PURPOSES[purpose])
    kind = received.promised
    reason = next((reason for reason, strikes in CHECKS if strikes(received)), "")
    if reason or kind is None:
        return refusal(reason, purpose=received.purpose, kind=kind)
    found = look_inside(data, kind)
    if found["reason"]:
        return refusal(found["reason"], purpose=received.purpose, kind=kind)
    return acceptance(kind, warnings=found["warnings"], care=found["care"])


def look_inside(data: bytes, kind: Kind) -> Findings:
    try:
        found: Findings = sandbox.call(
            EXAMINE,
            data=data,
            arguments={"kind": kind.name},
            seconds=SECONDS,
            megabytes=MEGABYTES,
        )
    except sandbox.Unreadable:
        return {"reason": "unreadable", "warnings": [], "care": []}
    return found


def is_empty(received: Received) -> bool:
    return not received.data


def is_too_big(received: Received) -> bool:
    return len(received.data) > received.purpose.most_bytes


def is_not_taken_here(received: Received) -> bool:
    return not received.purpose.takes(received.promised)


def is_two_kinds(received: Received) -> bool:
    return hides_a_pdf(received.data)


def is_locked_office_file(received: Received) -> bool:
    """A locked Word or Excel file is packed in the old format, the new one scrambled inside."""
    return received.shown == "old_office" and ENCRYPTED_PACKAGE in received.data


def is_something_else(received: Received) -> bool:
    kind = received.promised
    return kind is None or received.shown != ("zip" if kind.is_office else kind.name)


CHECKS: tuple[tuple[str, Callable[[Received], bool]], ...] = (
    ("empty", is_empty),
    ("too_big", is_too_big),
    ("type_not_allowed", is_not_taken_here),
    ("polyglot", is_two_kinds),
    ("password_protected", is_locked_office_file),
    ("wrong_type", is_something_else),
)
