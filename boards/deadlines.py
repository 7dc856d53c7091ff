"""The deadlines of meetings, minutes and appeals, with Swedish holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

ATTESTATION_DAYS = 14
NOTICE_DAYS = 2
APPEAL_DAYS = 21
LATE_DAYS = 14
MEMO_DAYS = 2
COUNCIL_READING_DAYS = 2
CONSULTATION_DAYS = 5
REVIEW_DAYS = 5


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[date]:
    """Public holidays, and the eves that count as such (SFS 1930:173 2 §); not every Sunday.

    Midsummer's eve, Christmas eve and New Year's eve are equal to a public holiday there.
    """
    return frozenset(_days_off(year))


def _days_off(year: int) -> set[date]:
    found = set(holidays.country_holidays("SE", years=year, include_sundays=False))
    midsummer_day = next(day for n in range(20, 27) if (day := date(year, 6, n)).weekday() == 5)
    return found | {midsummer_day - timedelta(days=1), date(year, 12, 24), date(year, 12, 31)}


def is_working_day(day: date) -> bool:
    """Neither Saturday, Sunday nor (equal to) a public holiday."""
    return day.weekday() < 5 and day not in public_holidays(day.year)


def first_working_day(day: date) -> date:
    """The day itself or the next working day (SFS 1930:173 2 §)."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def last_working_day(day: date) -> date:
    """The day itself or the working day before."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def dispatch_day(meeting_day: date, dispatch_days: int) -> date:
    """The last day to send the packet: so many days before, never on a day off."""
    return last_working_day(meeting_day - timedelta(days=dispatch_days))


def material_freeze_day(meeting_day: date, dispatch_days: int) -> date:
    """The last day for material: the working day before the dispatch."""
    return last_working_day(dispatch_day(meeting_day, dispatch_days) - timedelta(days=1))


def attestation_due(meeting_day: date) -> date:
    """Minutes are attested within 14 days of the meeting (KL 5:69)."""
    return meeting_day + timedelta(days=ATTESTATION_DAYS)


def notice_due(attested_on: date) -> date:
    """The attestation is announced no later than the second day after (KL 8:12)."""
    return attested_on + timedelta(days=NOTICE_DAYS)


def appeal_ends(latest_posting: date) -> date:
    """The last day to appeal: three weeks from the announcement (KL 13:5).

    A last day on a Saturday, Sunday or holiday moves to the next working day (SFS 1930:173).
    """
    return first_working_day(latest_posting + timedelta(days=APPEAL_DAYS))


def legal_force_day(latest_posting: date) -> date:
    """The day after the time for appeal has run out."""
    return appeal_ends(latest_posting) + timedelta(days=1)


def removal_day(posted_on: date) -> date:
    """The first day a notice may be taken down: after the whole time for appeal (KL 8:12)."""
    return appeal_ends(posted_on) + timedelta(days=1)


@dataclass(frozen=True)
class RoundDay:
    """A day on the way to the board's decision, and who has to act until then."""

    key: str
    text: str
    on: date
    whose: str


def round_countdown(board_day: date, dispatch_days: int) -> tuple[RoundDay, ...]:
    """The days of a whole round, counted backwards from the day of the board; none is a day off.

    Each step is given its days before the next one, so that a late step pushes none together.
    """
    dispatch = dispatch_day(board_day, dispatch_days)
    freeze = material_freeze_day(board_day, dispatch_days)
    council = last_working_day(freeze - timedelta(days=MEMO_DAYS))
    statements = last_working_day(council - timedelta(days=COUNCIL_READING_DAYS))
    reviewed = last_working_day(statements - timedelta(days=CONSULTATION_DAYS))
    last_day = last_working_day(reviewed - timedelta(days=REVIEW_DAYS))
    return (
        RoundDay("last_day", "Sista dag att lämna in ansökan", last_day, "Sökande"),
        RoundDay("reviewed", "Kansliets granskning klar", reviewed, "Kansliet"),
        RoundDay("statements", "Yttranden från samråd", statements, "Samrådsgrupper"),
        RoundDay("council", "Beredande organ rekommenderar", council, "Beredande organ"),
        RoundDay("freeze", "Materialstopp, beslutsunderlag klara", freeze, "Förbundschefen"),
        RoundDay("dispatch", "Kallelse och handlingar skickas", dispatch, "Kansliet"),
        RoundDay("board", "Styrelsen beslutar", board_day, "Styrelsen"),
    )


def stage(on: date, today: date, lead: int) -> str:
    """Which reminder a deadline is due for: "before", "today", "late", or none ("").

    "before" from `lead` days ahead, "late" during two weeks after. Whoever has been away gets the
    one that holds now and never those that were missed (Q-10).
    """
    left = (on - today).days
    if left > 0:
        return "before" if left <= lead else ""
    if left < 0:
        return "late" if left >= -LATE_DAYS else ""
    return "today"
