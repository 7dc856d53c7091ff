"""An association's colour as documents use it: dark enough to read, with tints beside it."""

from __future__ import annotations

from collections.abc import Iterable

from finsam.associations.colour import LEAST_CONTRAST, contrast_with_white


def look_of(colour: str) -> dict[str, str]:
    """The colour (darkened until white text can be read on it), a light tint and a second tone."""
    while contrast_with_white(colour) < LEAST_CONTRAST:
        colour = _hex(int(part * 0.9) for part in _rgb(colour))
    return {"colour": colour, "tint": _lighter(colour, 0.93), "second": _lighter(colour, 0.5)}


def _lighter(colour: str, share: float) -> str:
    return _hex(round(part + (255 - part) * share) for part in _rgb(colour))


def _rgb(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _hex(parts: Iterable[int]) -> str:
    return "#" + "".join(f"{part:02x}" for part in parts)
