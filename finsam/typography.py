"""How sums, dates and counts are written in Swedish, alike on pages, in documents and in mail."""

from __future__ import annotations

import re
from datetime import date, datetime

from finsam.clock import stockholm

NBSP = "\u00a0"
MINUS = "\u2212"
MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni",
    "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip
WEEKDAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")


def number(amount: int) -> str:
    """Whole number in groups of three with no-break spaces: 9 000 000."""
    grouped = f"{abs(amount):,}".replace(",", NBSP)
    return f"{MINUS}{grouped}" if amount < 0 else grouped


def kronor(amount: int) -> str:
    """Whole kronor with unit, never broken over two lines: 9 000 000 kr."""
    return f"{number(amount)}{NBSP}kr"


_PARTED = re.compile(
    r"(?<=[0-9]) (?=[0-9]{3}(?![0-9])|(?:kr|kronor|tkr|mkr|procent|%)(?![a-zåäö]))"
)


def unbroken(text: str) -> str:
    """A text that people wrote, its sums kept on one line: "Lägre än 180 000 kr"."""
    return _PARTED.sub(NBSP, text)


def with_ore(ore: int) -> str:
    """Kronor and öre from öre: 12 345,67; even kronor without decimals."""
    whole, rest = divmod(abs(ore), 100)
    text = number(whole) + (f",{rest:02d}" if rest else "")
    return f"{MINUS}{text}" if ore < 0 else text


def date_long(day: date) -> str:
    """25 september 2023 (a datetime is read as the Swedish day)."""
    day = _swedish_day(day)
    return f"{day.day}{NBSP}{MONTHS[day.month - 1]} {day.year}"


def date_short(day: date) -> str:
    """25 sep (months of at most four letters are not cut)."""
    day = _swedish_day(day)
    month = MONTHS[day.month - 1]
    return f"{day.day}{NBSP}{month if len(month) <= 4 else month[:3]}"


def weekday(day: date) -> str:
    """måndag … söndag."""
    return WEEKDAYS[_swedish_day(day).weekday()]


def clock_time(moment: datetime) -> str:
    """kl. 14.03, Swedish wall clock."""
    return f"kl.{NBSP}{stockholm(moment):%H.%M}"


def moment_long(moment: datetime) -> str:
    """1 september 2023 kl. 22.47, Swedish wall clock."""
    return f"{date_long(moment)} {clock_time(moment)}"


def plural(count: int, one: str, many: str) -> str:
    """1 dag, 2 dagar."""
    return f"{number(count)}{NBSP}{one if count == 1 else many}"


def enumerate_words(words: list[str]) -> str:
    """a, b och c."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} och {words[-1]}"


def _swedish_day(day: date) -> date:
    return stockholm(day).date() if isinstance(day, datetime) else day


_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def storable(text: str) -> str:
    """A text as somebody wrote it, without the signs that no database or document can hold."""
    return _UNSTORABLE.sub("", text.replace("\r\n", "\n")).strip()
