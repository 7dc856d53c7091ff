"""The deadlines of meetings, minutes and appeals, with Swedish holidays."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays

ATTESTATION_DAYS = 14
NOTICE_DAYS = 2
APPEAL_DAYS = 21
REMINDER_DAYS = 7


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[date]:
    """Sundays and public holidays, and the eves that count as such (SFS 1930:173 2 §).

    Midsummer's eve, Christmas eve and New Year's eve are equal to a public holiday there.
    """
    found = set(holidays.country_holidays("SE", years=year, include_sundays=False))
    midsummer_day = next(day for n in range(20, 27) if (day := date(year, 6, n)).weekday() == 5)
    found |= {midsummer_day - timedelta(days=1), date(year, 12, 24), date(year, 12, 31)}
    return frozenset(found)


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
