"""Finds what looks like a Swedish personal identity number in free text, to warn before sending."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

# Year, month, day (60 more for a coordination number), birth number and check digit.
WRITTEN = re.compile(r"(?<![\d-])(?:(?:19|20)\d{2}|\d{2})(\d{2})(\d{2})[-+–  ]?(\d{4})(?![\d])")
LEAP_YEAR = 2000
COORDINATION = 60


def personal_numbers(text: str) -> list[str]:
    """The numbers in a text whose day exists and whose check digit is right, as they stand there.

    Organisation numbers have a month above 12 and are not found; sums and telephone numbers
    hardly ever pass both checks.
    """
    return list(_found(text))


def masked(number: str) -> str:
    """The number as it can be shown in a warning: 19850101-XXXX."""
    return f"{number[:-4]}XXXX"


def _found(text: str) -> Iterator[str]:
    for match in WRITTEN.finditer(text):
        digits = re.sub(r"\D", "", match[0])[-10:]
        if _is_day(int(match[1]), int(match[2])) and _checks(digits):
            yield match[0]


def _is_day(month: int, day: int) -> bool:
    """Whether the day is in the calendar of a leap year; the century is not always written."""
    day = day - COORDINATION if day > COORDINATION else day
    try:
        date(LEAP_YEAR, month, day)
    except ValueError:
        return False
    return True


def _checks(digits: str) -> bool:
    """The Luhn sum over ten digits."""
    total = 0
    for at, digit in enumerate(digits):
        product = int(digit) * (2 if at % 2 == 0 else 1)
        total += product // 10 + product % 10
    return total % 10 == 0
