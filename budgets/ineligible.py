"""Recognising costs that the money may not be used for (FL 7 §) by what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from budgets.context import IneligibleWords

WORD = re.compile(r"[\w-]+")


def ineligible_reason(description: str, kinds: Iterable[IneligibleWords]) -> str:
    """Why the cost cannot be sought, or an empty text when nothing gives it away.

    A pattern is a word, `*` standing for any letters; parts joined by `+` must all be there.
    """
    words = " ".join(WORD.findall(description.casefold()))
    for kind in kinds:
        if any(all(part.search(words) for part in _parts(pattern)) for pattern in kind.words):
            return kind.reason
    return ""


@lru_cache(maxsize=1_000)
def _parts(pattern: str) -> tuple[re.Pattern[str], ...]:
    """The parts of a pattern, each to be found as a whole word."""
    written = [re.escape(part).replace(r"\*", r"\S*") for part in pattern.casefold().split("+")]
    return tuple(re.compile(rf"(?<!\S){part}(?!\S)") for part in written)
