"""The one clock: every rule about time asks here, so that a test can live through a round."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")

_set_moment: ContextVar[datetime | None] = ContextVar("set_moment", default=None)


def now() -> datetime:
    """The moment, aware, in UTC."""
    return _set_moment.get() or datetime.now(UTC)


def today() -> date:
    """The calendar day in Sweden."""
    return stockholm(now()).date()


def stockholm(moment: datetime) -> datetime:
    """The same moment as people in Sweden read it from a wall clock."""
    return moment.astimezone(STOCKHOLM)


def from_wall_clock(day: date, wall: time) -> datetime:
    """The UTC moment of a Swedish wall-clock time.

    Raises ValueError when the time does not exist that day (the hour skipped in spring).
    Of the two moments that share a time in autumn, the later is meant: nobody loses an hour.
    """
    local = datetime.combine(day, wall, tzinfo=STOCKHOLM).replace(fold=1)
    moment = local.astimezone(UTC)
    if moment.astimezone(STOCKHOLM).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(
            f"Klockan {wall:%H.%M} finns inte den {day}: då går klockan över till sommartid."
        )
    return moment


def end_of_day(day: date) -> datetime:
    """The last second (23.59.59) of a Swedish day, in UTC; a last day includes it."""
    return from_wall_clock(day, time(23, 59, 59))


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let the clock stand at `moment` (aware) inside the block."""
    if moment.tzinfo is None:
        raise ValueError("The moment must be aware.")
    token = _set_moment.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _set_moment.reset(token)
