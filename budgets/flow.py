"""The picture of a year's money: from contributions to what has been paid out, as drawn bands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q, Sum

from budgets.models import Account, AccountKind, Transfer
from finsam.associations.models import Association
from finsam.typography import number

WIDTH, HEIGHT, TOP, GAP, THICK = 960, 340, 44, 50, 14
# Where each place stands in the picture, column by column from the left, and what it is called.
PLACES: tuple[tuple[tuple[str, str], ...], ...] = (
    (("contribution", "Bidrag"), ("opening", "Ingående"), ("returned", "Återfört")),
    (("year", "Årets medel"),),
    (("base_financing", "Pott, basfinansiering"), ("efforts", "Pott, insatser"),
     ("equity", "Eget kapital")),
    (("base", "Basfinansiering"), ("frame", "Ramar")),
    (("grant", "Beviljat"),),
    (("paid_out", "Utbetalt"),),
)  # fmt: skip
NAMES = {key: name for column in PLACES for key, name in column}
COLUMN = {key: at for at, column in enumerate(PLACES) for key, _ in column}
SOURCES = ("contribution", "opening", "returned")


@dataclass(frozen=True)
class Place:
    """A kind of account in the picture: what has come in, gone on, and lies there now."""

    key: str
    name: str
    came: int
    went: int
    x: float
    y: float
    height: float

    @property
    def label_x(self) -> float:
        return self.x if COLUMN[self.key] < len(PLACES) - 1 else self.x + THICK

    @property
    def anchor(self) -> str:
        return "start" if COLUMN[self.key] < len(PLACES) - 1 else "end"

    @property
    def label_y(self) -> float:
        """Where the sum stands, close above the place; its name is a line higher."""
        return round(self.y - 7, 1)

    @property
    def name_y(self) -> float:
        return round(self.y - 25, 1)

    @property
    def passed(self) -> int:
        return max(self.came, self.went)

    @property
    def tone(self) -> str:
        return "association" if self.key in ("grant", "paid_out") else "second"


@dataclass(frozen=True)
class Band:
    """Money that has moved between two places, drawn as a band."""

    source: str
    target: str
    amount: int
    path: str

    @property
    def title(self) -> str:
        return f"{NAMES[self.source]} till {NAMES[self.target]}: {number(self.amount)} kronor"


@dataclass(frozen=True)
class Flow:
    """The picture with its places and bands; the table beside it says the same."""

    places: tuple[Place, ...]
    bands: tuple[Band, ...]
    width: int = WIDTH
    height: int = HEIGHT + TOP + 20
    thick: int = THICK

    @property
    def told(self) -> str:
        """The picture in a sentence, for who cannot see it."""
        return f"Pengarnas väg. {'. '.join(band.title for band in self.bands)}."


def flow_of_year(association: Association, year: int) -> Flow:
    """What has moved between the kinds of account of a year; one query."""
    moved = _moved(association, year)
    keys = [key for key in NAMES if any(key in pair for pair in moved)]
    came, went = _sums(moved, 1), _sums(moved, 0)
    places = _stand(keys, came, went)
    return Flow(tuple(places.values()), tuple(_draw(moved, places)))


def _moved(association: Association, year: int) -> dict[tuple[str, str], int]:
    """Net sums between places, in the direction that money flows."""
    rows = (
        Transfer.objects.filter(
            Q(source__year=year) | Q(target__year=year), association=association
        )
        .order_by()
        .values_list("source__kind", "source__pool__kind", "target__kind", "target__pool__kind")
        .annotate(sum=Sum("amount"))
    )
    net: dict[tuple[str, str], int] = defaultdict(int)
    for source_kind, source_pool, target_kind, target_pool, amount in rows:
        source, target = source_pool or source_kind, target_pool or target_kind
        if source == target or source not in COLUMN or target not in COLUMN:
            continue
        forward = COLUMN[source] < COLUMN[target]
        pair = (source, target) if forward else (target, source)
        net[pair] += amount if forward else -amount
    return {pair: amount for pair, amount in net.items() if amount > 0}


def _sums(moved: Mapping[tuple[str, str], int], side: int) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for pair, amount in moved.items():
        sums[pair[side]] += amount
    return sums


def _stand(keys: list[str], came: Mapping[str, int], went: Mapping[str, int]) -> dict[str, Place]:
    """Place the kinds in their columns, the heights in proportion to what has passed."""
    passed = {key: max(came.get(key, 0), went.get(key, 0)) for key in keys}
    columns = [[key for key, _ in column if key in passed] for column in PLACES]
    most = max((sum(passed[key] for key in column) for column in columns), default=0) or 1
    tallest = max(len(column) for column in columns)
    scale = (HEIGHT - GAP * (tallest - 1)) / most
    step = (WIDTH - THICK) / (len(PLACES) - 1)
    places: dict[str, Place] = {}
    for at, column in enumerate(columns):
        y = float(TOP)
        for key in column:
            height = max(passed[key] * scale, 2)
            places[key] = Place(
                key,
                NAMES[key],
                # What the outside has given, and equity had from before, came from elsewhere.
                passed[key] if key in SOURCES else came.get(key, 0),
                went.get(key, 0),
                round(at * step, 1),
                round(y, 1),
                round(height, 1),
            )
            y += height + GAP
    return places


def _draw(moved: Mapping[tuple[str, str], int], places: Mapping[str, Place]) -> list[Band]:
    left: dict[str, float] = {key: place.y for key, place in places.items()}
    right = dict(left)
    bands = []
    order = list(NAMES)
    for pair in sorted(moved, key=lambda pair: (order.index(pair[0]), order.index(pair[1]))):
        source, target = places[pair[0]], places[pair[1]]
        width = moved[pair] * source.height / (source.passed or 1)
        start, end = right[pair[0]], left[pair[1]]
        bands.append(Band(*pair, moved[pair], _path(source, target, start, end, width)))
        right[pair[0]] += width
        left[pair[1]] += width
    return bands


def _path(source: Place, target: Place, start: float, end: float, width: float) -> str:
    x1, x2 = source.x + THICK, target.x
    middle = (x1 + x2) / 2
    return (
        f"M{x1:.1f},{start:.1f} "
        f"C{middle:.1f},{start:.1f} {middle:.1f},{end:.1f} {x2:.1f},{end:.1f} "
        f"V{end + width:.1f} "
        f"C{middle:.1f},{end + width:.1f} {middle:.1f},{start + width:.1f} "
        f"{x1:.1f},{start + width:.1f} Z"
    )


def balances_of(association: Association, year: int) -> dict[str, int]:
    """What lies in each place now: of the year's own accounts, and of equity; one query."""
    rows = (
        Account.objects.filter(Q(year=year) | Q(kind=AccountKind.EQUITY), association=association)
        .order_by()
        .values_list("kind", "pool__kind")
        .annotate(sum=Sum("balance"))
    )
    return {pool or kind: amount for kind, pool, amount in rows}


def accounts_of(association: Association, year: int, key: str) -> list[Account]:
    """The accounts of a place in the picture."""
    found = Account.objects.filter(association=association).select_related("association")
    if key in ("base_financing", "efforts"):
        found = found.filter(pool__kind=key, year=year)
    elif key in (AccountKind.EQUITY, AccountKind.OPENING, AccountKind.RETURNED):
        found = found.filter(kind=key)
    else:
        found = found.filter(kind=key, year=year)
    return list(found.order_by("name"))
