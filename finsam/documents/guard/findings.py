"""What the child process tells of a file: plain words and lists, so that it can be sent as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict


class Findings(TypedDict):
    """`reason` when the file is refused (else empty), warnings, what to treat with care."""

    reason: str
    warnings: list[str]
    care: list[str]


def refused(reason: str) -> Findings:
    return {"reason": reason, "warnings": [], "care": []}


def taken(*, warnings: Iterable[str] = (), care: Iterable[str] = ()) -> Findings:
    return {"reason": "", "warnings": sorted(warnings), "care": sorted(care)}
