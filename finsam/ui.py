"""The small typed values that views hand to the shared components of the pages.

Each stands for what a reader sees (a step, a task, a part of a bar), not for how it is drawn.
A plain dict with the same keys does as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from finsam import clock

Tone = Literal["neutral", "info", "success", "warning", "danger"]
StepState = Literal["done", "now", "coming"]
BarTone = Literal["association", "second", "third", "over", "rest"]


@dataclass(frozen=True)
class Status:
    """A word in a tag; the tone only supports the word."""

    text: str
    tone: Tone = "neutral"


@dataclass(frozen=True)
class Link:
    """A link or a crumb; without `url` it is the place where the reader is."""

    text: str
    url: str = ""
    current: bool = False


@dataclass(frozen=True)
class Step:
    """One milestone. `when` is a date, or a text where the day is not fixed."""

    text: str
    when: date | str = ""
    state: StepState = "coming"
    note: str = ""


@dataclass(frozen=True)
class Task:
    """One row of a task list: what, its state, and a hint on what is missing."""

    text: str
    url: str = ""
    status: Status | None = None
    note: str = ""
    when: date | None = None

    @property
    def urgency(self) -> Status | None:
        """Said in a word beside the date: that the day has come, or has passed."""
        if self.when is None or self.when > clock.today():
            return None
        return (
            Status("i dag", "warning")
            if self.when == clock.today()
            else Status("försenat", "danger")
        )


@dataclass(frozen=True)
class Fact:
    """One line of a summary list; `amount` is written as kronor instead of `value`."""

    term: str
    value: str = ""
    amount: int | None = None
    url: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table; `sort` is its key in ?sort=, empty when it cannot be sorted.

    `prose` holds sentences: on a narrow screen they take the whole width, without the heading.
    `whole` is a number that is never broken over two lines.
    """

    text: str
    numeric: bool = False
    sort: str = ""
    prose: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell: text, an amount, a link or a status (the first that is set is shown)."""

    text: str = ""
    amount: int | None = None
    url: str = ""
    status: Status | None = None
    note: str = ""


@dataclass(frozen=True)
class FileItem:
    """A stored or produced file as a row: name, address, and what is good to know of it."""

    name: str
    url: str = ""
    kind: str = ""
    size: int | None = None
    added: datetime | None = None
    by: str = ""
    status: Status | None = None
    note: str = ""
    remove_url: str = ""


@dataclass(frozen=True)
class Comment:
    """A post in a thread; `internal` ones are seen by the office alone and say so."""

    author: str
    body: str
    at: datetime
    organisation: str = ""
    internal: bool = False
    place: str = ""


@dataclass(frozen=True)
class Signature:
    """One signature asked for, given or voided."""

    party: str
    name: str = ""
    role: str = ""
    at: datetime | None = None
    status: Status = Status("Väntar", "neutral")
    note: str = ""


@dataclass(frozen=True)
class Stat:
    """A figure that stands alone: 9 000 000 kr, with its name and what it means."""

    label: str
    value: str
    note: str = ""
    url: str = ""


@dataclass(frozen=True)
class BarPart:
    """A part of a bar. The amount decides its width; the text stands in the key."""

    text: str
    amount: int
    tone: BarTone = "association"


@dataclass(frozen=True)
class BarSlice:
    """A part placed on the drawn bar, in hundredths of a per cent kept as text for SVG."""

    tone: str
    start: str
    width: str


@dataclass(frozen=True)
class Bar:
    """A drawn bar: slices for the eye, parts for the key, and one sentence for the ear."""

    parts: tuple[BarPart, ...]
    slices: tuple[BarSlice, ...] = field(default=())
    label: str = ""


def bar(parts: Sequence[BarPart], *, label: str, total: int | None = None) -> Bar:
    """Lay the parts beside each other over `total` (their sum, or the sum if it is greater)."""
    amounts = [max(part.amount, 0) for part in parts]
    whole = max(total or 0, sum(amounts)) or 1
    slices: list[BarSlice] = []
    before = 0
    for part, amount in zip(parts, amounts, strict=True):
        # Both ends are rounded, not the width, so that no part overlaps or leaves a gap.
        start, end = (round(sum_ * 10_000 / whole) for sum_ in (before, before + amount))
        if amount:
            slices.append(BarSlice(part.tone, _percent(start), _percent(end - start)))
        before += amount
    return Bar(tuple(parts), tuple(slices), label)


def share_bar(used: int, whole: int, *, label: str) -> Bar:
    """A bar of one sum against another; what goes over is drawn apart."""
    over = max(used - whole, 0)
    parts = [BarPart("", used - over)] + ([BarPart("", over, "over")] if over else [])
    return bar(parts, label=label, total=whole)


def _percent(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def status_of(key: object, looks: Mapping[str, Status]) -> Status:
    """The status of a state by a mapping; an unknown state is shown as it is named."""
    name = str(key)
    return looks.get(name, Status(name))
