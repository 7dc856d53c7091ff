"""What the floors above tell the public pages: published decisions and coming meetings.

The upper floor registers a provider when it starts; without one there is simply nothing to show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from finsam.associations.models import Association


@dataclass(frozen=True)
class PublishedDecision:
    """A decision of attested minutes; `number` is its paragraph, `amount` in whole kronor."""

    decided_on: date
    number: str
    heading: str
    outcome: str
    amount: int | None = None
    recipient: str = ""
    url: str = ""


@dataclass(frozen=True)
class ComingMeeting:
    """A meeting that takes up applications, and the last day for material to it."""

    on: date
    body: str
    material_last_day: date | None = None


class DecisionList(Protocol):
    """Decisions to be read a page at a time, newest first."""

    def count(self) -> int: ...

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice) -> Sequence[PublishedDecision]: ...


Decisions = Callable[[Association], DecisionList]
Meetings = Callable[[Association, int], Sequence[ComingMeeting]]

_decisions: list[Decisions] = []
_meetings: list[Meetings] = []


def provide_decisions(provider: Decisions) -> Decisions:
    """Register who knows the published decisions; the last registered answers."""
    _decisions[:] = [provider]
    return provider


def provide_meetings(provider: Meetings) -> Meetings:
    """Register who knows the coming meetings, nearest first."""
    _meetings[:] = [provider]
    return provider


def published_decisions(association: Association) -> DecisionList | list[PublishedDecision]:
    return _decisions[0](association) if _decisions else []


def coming_meetings(association: Association, limit: int) -> Sequence[ComingMeeting]:
    return _meetings[0](association, limit) if _meetings else []
