"""Swedish typesetting of running text: what belongs together is never broken over two lines."""

from __future__ import annotations

import re

from finsam.typography import MONTHS, NBSP

_UNITS = "kr|kronor|tkr|mnkr|mkr|procent|%|år|dagar|månader|veckor|timmar|tjänster|tjänst|sidor"
_LEADS = "§§|§|kl\\.|Dnr|dnr|nr|kap\\.|bil\\.|Bilaga|bilaga|sidan|version|punkt|avsnitt|tel\\."
_SPACE = "[ \u00a0]"

_digits = re.compile(rf"(?<![\d-])(\d{{1,3}})((?:{_SPACE}\d{{3}})+)(?!\d)")
_unit = re.compile(rf"(\d) (?=(?:{_UNITS})(?!\w))")
_lead = re.compile(rf"(?<!\w)({_LEADS}) (?=\d)")
_section = re.compile(r"(\d) (?=§|kap\.)")
_day = re.compile(rf"(?<!\d)([0-3]?\d) (?=(?:{'|'.join(MONTHS)})\b)")
_register = re.compile(r"\b([A-ZÅÄÖ]{2,6}) (?=\d{4}/\d)")
_dash = re.compile(r" ([–—]) ")


def typeset(text: str) -> str:
    """The text with no-break spaces in sums, dates, paragraphs and register numbers."""
    text = _digits.sub(lambda found: found.group(0).replace(" ", NBSP), text)
    for pattern in (_unit, _lead, _section, _day, _register):
        text = pattern.sub(rf"\1{NBSP}", text)
    return _dash.sub(rf"{NBSP}\1 ", text)
