"""How the places of money are called within a sentence."""

from __future__ import annotations


def frame_in_words(name: str) -> str:
    """ramen Individinsatser 2024; "Ram för insatser 2024" becomes ramen för insatser 2024."""
    first, _, rest = name.partition(" ")
    if first.casefold() in {"ram", "ramen"} and rest:
        return f"ramen {rest}"
    return f"ramen {name}".strip()
