"""Swedish typesetting of running text: what belongs together is never broken over two lines."""

from __future__ import annotations

import re

from finsam.typography import MONTHS, NBSP

ZERO_WIDTH_SPACE = "\u200b"
_UNITS = "kr|kronor|tkr|mnkr|mkr|procent|%|år|dagar|månader|veckor|timmar|tjänster|tjänst|sidor"
_LEADS = "§§|§|kl\\.|Dnr|dnr|nr|kap\\.|bil\\.|Bilaga|bilaga|sidan|version|punkt|avsnitt|tel\\."
_SPACE = "[ \u00a0]"

_digits = re.compile(rf"(?<![\d-])(\d{{1,3}})((?:{_SPACE}\d{{3}})+)(?!\d)")
_phone = re.compile(r"(?<![\d-])0\d{1,3}-\d{2,3}(?: \d{2,3}){1,3}(?!\d)")
_unit = re.compile(rf"(\d) (?=(?:{_UNITS})(?!\w))")
_lead = re.compile(rf"(?<!\w)({_LEADS}) (?=\d)")
_section = re.compile(r"(\d) (?=§|kap\.)")
_day = re.compile(rf"(?<!\d)([0-3]?\d) (?=(?:{'|'.join(MONTHS)})\b)")
_register = re.compile(r"\b([A-ZÅÄÖ]{2,6}) (?=\d{4}/\d)")
_tag = re.compile(r"(<[^>]*>)")
_long_word = re.compile(r"\S{41,}")
# Twenty letters, with the marks that belong to the last of them.
_piece = re.compile("[^\u0300-\u036f]{1,20}[\u0300-\u036f]*|[\u0300-\u036f]+")
_dash = re.compile(r" ([–—]) ")


def typeset(text: str) -> str:
    """The text with no-break spaces in sums, dates, paragraphs and register numbers."""
    text = _digits.sub(lambda found: found.group(0).replace(" ", NBSP), text)
    text = _phone.sub(lambda found: found.group(0).replace(" ", NBSP), text)
    for pattern in (_unit, _lead, _section, _day, _register):
        text = pattern.sub(rf"\1{NBSP}", text)
    return _dash.sub(rf"{NBSP}\1 ", text)


def breakable(text: str) -> str:
    """The text with places to break in words that are longer than any column.

    Cheaper than letting every letter of every cell be such a place.
    """
    return _long_word.sub(lambda found: _in_pieces(found.group(0)), text)


def for_page(text: str) -> str:
    """Typeset text for a printed page."""
    return breakable(typeset(text))


def html_for_page(html: str) -> str:
    """The same for clean HTML: only what stands between the tags."""
    pieces = _tag.split(html)
    return "".join(piece if piece.startswith("<") else for_page(piece) for piece in pieces)


def _in_pieces(word: str) -> str:
    return ZERO_WIDTH_SPACE.join(_piece.findall(word))
