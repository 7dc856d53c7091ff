"""What is sought, proposed and granted within a frame, told by the floor above that knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from budgets.models import Frame, Lot
from finsam.associations.models import Association


@dataclass(frozen=True)
class Sought:
    """One application as it stands against a frame; sums in whole kronor.

    `key` is lasting ("application-7"), `opinion` the council's recommendation in a word.
    `proposed` is None until somebody has proposed a sum.
    """

    key: str
    label: str
    url: str
    lot_id: int | None
    sought: int
    proposed: int | None = None
    granted: int = 0
    opinion: str = ""


@dataclass(frozen=True)
class FrameRow:
    """A row of a frame's table: a lot with what is sought of it, or an application without one."""

    key: str
    label: str
    lot: Lot | None
    plan: int | None
    sought: int
    proposed: int | None
    granted: int
    opinion: str = ""
    name: str = ""
    url: str = ""

    @property
    def left(self) -> int | None:
        """What is left of the plan; below zero when more is granted than planned."""
        return None if self.plan is None else self.plan - self.granted


@dataclass(frozen=True)
class DrawsOn:
    """What draws on a frame, or will when it has got one; with the page where that is seen to."""

    name: str
    url: str
    frame_id: int | None


Drawing = Callable[[Association, int], Iterable[DrawsOn]]
_drawing: list[Drawing] = []


def provide_drawing(provider: Drawing) -> Drawing:
    """Register who can tell what draws on an association's frames of a year."""
    if provider not in _drawing:
        _drawing.append(provider)
    return provider


def drawing_on_frames(association: Association, year: int) -> list[DrawsOn]:
    """What draws on the frames of a year, and what has none yet."""
    return [one for provider in _drawing for one in provider(association, year)]


Provider = Callable[[Frame], Iterable[Sought]]
_providers: list[Provider] = []


def provide_sought(provider: Provider) -> Provider:
    """Register who can tell what is sought of a frame (called when the upper app is ready)."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def frame_rows(frame: Frame) -> list[FrameRow]:
    """The rows of a frame: its lots in their order, then applications outside the plan."""
    found = [sought for provider in _providers for sought in provider(frame)]
    lots = list(frame.lots.select_related("member"))
    of_lots = [_lot_row(lot, [part for part in found if part.lot_id == lot.pk]) for lot in lots]
    known = {lot.pk for lot in lots}
    others = [_own_row(part) for part in found if part.lot_id not in known]
    return of_lots + others


def _lot_row(lot: Lot, parts: Sequence[Sought]) -> FrameRow:
    proposed = [part.proposed for part in parts if part.proposed is not None]
    only = parts[0] if len(parts) == 1 else None
    return FrameRow(
        key=f"lot-{lot.pk}",
        label=lot.name,
        lot=lot,
        plan=lot.planned_amount,
        sought=sum(part.sought for part in parts),
        proposed=sum(proposed) if proposed else None,
        granted=sum(part.granted for part in parts),
        opinion=only.opinion if only else "",
        name=only.label if only else "",
        url=only.url if only else "",
    )


def _own_row(part: Sought) -> FrameRow:
    return FrameRow(
        key=part.key,
        label=part.label,
        lot=None,
        plan=None,
        sought=part.sought,
        proposed=part.proposed,
        granted=part.granted,
        opinion=part.opinion,
        url=part.url,
    )
