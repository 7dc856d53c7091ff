"""An association's look as documents use it: its logo, its colour dark enough to read, tints."""

from __future__ import annotations

from collections.abc import Iterable

from finsam.associations.colour import LEAST_CONTRAST, contrast_with_white
from finsam.associations.models import Association
from finsam.documents.storage import key_of


def look_of(colour: str, logo: str = "") -> dict[str, str]:
    """The colour, darkened until white text can be read on it, lighter tones, the logo's place."""
    while contrast_with_white(colour) < LEAST_CONTRAST:
        colour = _hex(int(part * 0.9) for part in _rgb(colour))
    return {
        "colour": colour,
        "tint": _lighter(colour, 0.93),
        "second": _lighter(colour, 0.5),
        "logo": logo,
    }


def logo_key(association: Association) -> str:
    """Where the association's logo lies; empty without one."""
    return key_of(association, association.logo) if association.logo else ""


def template_key(association: Association) -> str:
    """Where the association's own Word template lies; empty for the portal's."""
    return key_of(association, association.word_template) if association.word_template else ""


def _lighter(colour: str, share: float) -> str:
    return _hex(round(part + (255 - part) * share) for part in _rgb(colour))


def _rgb(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _hex(parts: Iterable[int]) -> str:
    return "#" + "".join(f"{part:02x}" for part in parts)
