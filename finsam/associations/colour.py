"""Which colours an association may have: dark enough for white text on them (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

DEFAULT_COLOUR = "#0b5d57"
LEAST_CONTRAST = 4.5


def contrast_with_white(colour: str) -> float:
    """Contrast ratio of #rrggbb with white, from 1 (white) to 21 (black)."""
    return 1.05 / (_luminance(colour) + 0.05)


def validate_colour(colour: str) -> None:
    """Refuse what is not #rrggbb, and what is too light."""
    if not re.fullmatch(r"#[0-9a-f]{6}", colour):
        raise ValidationError("Skriv färgen som #rrggbb, till exempel #0b5d57.", code="form")
    if contrast_with_white(colour) < LEAST_CONTRAST:
        raise ValidationError(
            "Färgen är för ljus för vit text. Välj en mörkare nyans.", code="too_light"
        )


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
