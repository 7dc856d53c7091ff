"""Names of files: made safe to show, to store and to send in a header, with letters kept."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

LONGEST = 150
NAMELESS = "namnlös fil"
# Names that Windows gives to devices, whatever the extension.
DEVICE = re.compile(r"(CON|PRN|AUX|NUL|CLOCK\$|COM[0-9¹²³]|LPT[0-9¹²³])(\.|$)", re.IGNORECASE)
# Format characters (bidi controls, zero-width), controls, surrogates, private use, unassigned.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
NOT_IN_HEADER = re.compile(r"[^ !#$&+.0-9A-Z^_`a-z{}~()\[\]@,-]")


def display_name(given: str) -> str:
    """The name as it is shown and stored: no path, nothing invisible, at most 150 characters."""
    last = re.split(r"[/\\]", given)[-1]
    composed = unicodedata.normalize("NFC", last)
    seen = "".join(sign for sign in composed if unicodedata.category(sign) not in UNSEEN)
    name = re.sub(r"\s+", " ", seen).strip().rstrip(". ")
    if DEVICE.match(name):
        name = f"_{name}"
    return _cut(name) or NAMELESS


def extension(name: str) -> str:
    """What stands after the last dot, in small letters; ".htaccess" has no extension."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem else ""


def content_disposition(name: str, *, shown: bool = False) -> str:
    """The header by which a browser saves the file under this name, or shows it (`shown`)."""
    safe = display_name(name)
    plain = unicodedata.normalize("NFKD", safe).encode("ascii", "ignore").decode()
    plain = NOT_IN_HEADER.sub("_", plain)
    place = "inline" if shown else "attachment"
    return f"{place}; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"


def _cut(name: str) -> str:
    """The name within the limit, its ending kept."""
    if len(name) <= LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 10:
        return name[:LONGEST].rstrip(". ")
    return f"{stem[: LONGEST - len(ending) - 1].rstrip()}.{ending}"
