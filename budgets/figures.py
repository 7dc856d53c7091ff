"""Figures as references: what a document shows is noted with where it comes from.

A document notes its figures when it is written (`note_figures`). When a source changes, every
document that showed it is found (`documents_showing`), and one that may not go out with an old
figure asks first (`require_current`). The floors above say what their figures are now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from budgets.models import Frame, ShownFigure
from finsam import clock
from finsam.associations.models import Association
from finsam.errors import NotPossible
from finsam.typography import enumerate_words, kronor


@dataclass(frozen=True)
class Figure:
    """A sum in kronor and its source: "frame:3:left", "application:7:sought"."""

    key: str
    label: str
    value: int


@dataclass(frozen=True)
class Outdated:
    """A figure that a document shows and that is another one now; gone is None."""

    holder: str
    title: str
    key: str
    label: str
    shown: int
    now: int | None

    @property
    def in_words(self) -> str:
        """Sökt belopp: 500 000 kr, nu 480 000 kr."""
        now = "finns inte längre" if self.now is None else f"nu {kronor(self.now)}"
        return f"{self.label}: {kronor(self.shown)}, {now}"


class OutdatedFigures(NotPossible):
    """A document cannot go out: it shows figures that are others now."""

    def __init__(self, found: Sequence[Outdated]) -> None:
        titles = enumerate_words([f"”{title}”" for title in dict.fromkeys(o.title for o in found)])
        said = "; ".join(one.in_words for one in found[:3])
        super().__init__(
            "outdated_figures",
            f"{titles} visar uppgifter som har ändrats ({said}). Gör om handlingen först.",
        )
        self.found = tuple(found)


Resolver = Callable[[Association, frozenset[int]], Mapping[str, int]]
_resolvers: dict[str, Resolver] = {}


def provide_figures(kind: str) -> Callable[[Resolver], Resolver]:
    """Make a function say what the figures of a kind are now: ids → value by key.

    It answers for all ids in a fixed number of queries.
    """

    def register(resolve: Resolver) -> Resolver:
        _resolvers[kind] = resolve
        return resolve

    return register


def figures_now(
    association: Association, keys: Iterable[str], read: Sequence[Figure] = ()
) -> dict[str, int]:
    """The value of each figure as it is now; what is gone is left out.

    `read` are the figures that the caller has read already, all there are of those sources.
    """
    found = {figure.key: figure.value for figure in read}
    sources = {tuple(key.split(":", 2)[:2]) for key in found}
    wanted: dict[str, set[int]] = defaultdict(set)
    for key in keys:
        kind, pk, _ = key.split(":", 2)
        if (kind, pk) not in sources:
            wanted[kind].add(int(pk))
    for kind, pks in wanted.items():
        if kind in _resolvers:
            found |= _resolvers[kind](association, frozenset(pks))
    return found


def note_figures(
    *, association: Association, holder: str, title: str, figures: Sequence[Figure]
) -> None:
    """Note what a document shows, in place of what it showed before."""
    with transaction.atomic():
        ShownFigure.objects.filter(association=association, holder=holder).delete()
        ShownFigure.objects.bulk_create(
            ShownFigure(
                association=association,
                holder=holder,
                title=title[:250],
                figure=figure.key,
                label=figure.label[:250],
                value=figure.value,
                shown_at=clock.now(),
            )
            for figure in {figure.key: figure for figure in figures}.values()
        )


def outdated(
    association: Association, holders: Sequence[str], read: Sequence[Figure] = ()
) -> list[Outdated]:
    """What the documents show that is another figure now, in their order.

    `read` are figures of now that need not be read again.
    """
    rows = list(ShownFigure.objects.filter(association=association, holder__in=holders))
    now = figures_now(association, {row.figure for row in rows}, read)
    order = {holder: place for place, holder in enumerate(holders)}
    return [
        Outdated(row.holder, row.title, row.figure, row.label, row.value, now.get(row.figure))
        for row in sorted(rows, key=lambda row: (order[row.holder], row.figure))
        if now.get(row.figure) != row.value
    ]


def require_current(association: Association, holders: Sequence[str]) -> None:
    """Raises OutdatedFigures, naming documents and figures, when one shows what has changed."""
    found = outdated(association, holders)
    if found:
        raise OutdatedFigures(found)


def documents_showing(association: Association, figures: Iterable[str]) -> dict[str, str]:
    """Every document that shows one of the figures: title by holder."""
    rows = ShownFigure.objects.filter(association=association, figure__in=list(figures))
    return dict(rows.order_by("holder").values_list("holder", "title").distinct())


def frame_figures(frame: Frame) -> list[Figure]:
    """A frame's figures as a document shows them."""
    return [
        Figure(f"frame:{frame.pk}:amount", f"Ramen {frame.name}", frame.amount),
        Figure(f"frame:{frame.pk}:left", f"Kvar av ramen {frame.name}", frame.remaining),
    ]


@provide_figures("frame")
def _frames_now(association: Association, pks: frozenset[int]) -> Mapping[str, int]:
    frames = Frame.objects.filter(association=association, pk__in=pks).select_related("account")
    return {figure.key: figure.value for frame in frames for figure in frame_figures(frame)}
