"""Template filters of documents: frozen dates, typeset text, paragraphs, rich text."""

from __future__ import annotations

import base64
import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from finsam import typography
from finsam.documents.richtext import clean_rich_text
from finsam.documents.storage import read_key
from finsam.documents.typesetting import for_page, html_for_page

register = template.Library()
_bullet = re.compile(r"^\s*[-•*–]\s+")


@register.filter
def dag(value: str | date | None) -> str:
    """25 september 2023, of a date or of the text that a frozen source keeps it as."""
    day = _moment(value)
    return "" if day is None else typography.date_long(day)


@register.filter
def stund(value: str | datetime | None) -> str:
    """1 september 2023 kl. 22.47."""
    moment = _moment(value)
    return typography.moment_long(moment) if isinstance(moment, datetime) else dag(value)


@register.filter
def satt(value: Any) -> str:
    """Text with the no-break spaces that Swedish sums, dates and paragraphs ask for."""
    if isinstance(value, int) and not isinstance(value, bool):
        return typography.number(value)
    return for_page(str(value)) if value is not None else ""


@register.filter
def stycken(value: str | None) -> SafeString:
    """Plain text as paragraphs; lines that begin with a dash become a list."""
    blocks = re.split(r"\n\s*\n", (value or "").replace("\r\n", "\n").strip())
    return mark_safe("".join(_block(block) for block in blocks if block.strip()))


@register.filter
def rik(value: str | None) -> SafeString:
    """Rich text, cleaned once more to the tags that the form knows."""
    return mark_safe(html_for_page(clean_rich_text(value or "", strict=False)))


def _block(block: str) -> SafeString:
    lines = block.strip().split("\n")
    if all(_bullet.match(line) for line in lines):
        rows = ((for_page(_bullet.sub("", line)),) for line in lines)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", rows))
    body = mark_safe("<br>".join(escape(for_page(line)) for line in lines))
    return format_html("<p>{}</p>", body)


def _moment(value: str | date | None) -> date | datetime | None:
    if not value or isinstance(value, date):
        return value or None
    return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)


@register.filter
def linje(value: Any) -> bool:
    """Whether a value is one line of text and not a list of them."""
    return not isinstance(value, list | tuple)


@register.filter
def celler(columns: list[Any], row: list[Any]) -> list[tuple[Any, Any]]:
    """The row's cells, each with its column."""
    return list(zip(columns, row, strict=True))


@register.filter
def andelar(parts: list[dict[str, Any]], total: int) -> list[dict[str, Any]]:
    """Parts of a bar with their share of the total in per cent, as CSS writes numbers."""
    whole = max(total, sum(int(part["amount"]) for part in parts), 1)
    return [{**part, "share": f"{100 * int(part['amount']) / whole:.2f}"} for part in parts]


@register.filter
def plats(row: list[Any], position: int) -> Any:
    """What stands at a place of a list."""
    return row[position]


@register.filter
def logotyp(look: dict[str, Any]) -> str:
    """The association's logo as a `data:` address; empty when it has none."""
    key = look.get("logo")
    return _picture(key) if key else ""


@lru_cache(maxsize=16)
def _picture(key: str) -> str:
    data = read_key(key)
    kind = "png" if data.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
