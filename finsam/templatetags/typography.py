"""Template filters for sums, dates and counts."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.template.defaultfilters import stringfilter

from finsam import clock, typography

register = template.Library()


@register.filter
def kr(amount: int | str | None) -> str:
    """9 000 000 kr; a dash when there is no amount."""
    return "–" if amount is None or amount == "" else typography.kronor(int(amount))


@register.filter
def tal(amount: int | str | None) -> str:
    """9 000 000; a dash when there is none."""
    return "–" if amount is None or amount == "" else typography.number(int(amount))


@register.filter(is_safe=True)
@stringfilter
def obrutet(text: str) -> str:
    """A title or subject in which no sum is broken over two lines."""
    return typography.unbroken(text)


@register.filter
def ore(amount: int | None) -> str:
    """12 345,67 from öre; a dash when there is none."""
    return "–" if amount is None else typography.with_ore(amount)


@register.filter
def datum(day: date | None) -> str:
    return "" if day is None else typography.date_long(day)


@register.filter
def datum_kort(day: date | None) -> str:
    return "" if day is None else typography.date_short(day)


@register.filter
def veckodag(day: date | None) -> str:
    return "" if day is None else typography.weekday(day)


@register.filter
def tidpunkt(moment: datetime | None) -> str:
    return "" if moment is None else typography.moment_long(moment)


@register.filter
def klockslag(moment: datetime | None) -> str:
    return "" if moment is None else typography.clock_time(moment)


@register.filter
def iso(moment: date | None) -> str:
    """Machine-readable value of a <time> element."""
    return "" if moment is None else moment.isoformat()


@register.filter
def dagar_kvar(day: date | None) -> str:
    """i dag, om 1 dag, om 12 dagar, för 3 dagar sedan."""
    if day is None:
        return ""
    target = clock.stockholm(day).date() if isinstance(day, datetime) else day
    days = (target - clock.today()).days
    if days == 0:
        return "i dag"
    if days > 0:
        return f"om {typography.plural(days, 'dag', 'dagar')}"
    return f"för {typography.plural(-days, 'dag', 'dagar')} sedan"


@register.filter
def antal(count: int, words: str) -> str:
    """{{ n|antal:"dag,dagar" }}"""
    one, many = words.split(",")
    return typography.plural(count, one, many)
