"""Recognising costs that the money may not be used for (FL 7 §) by what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from budgets.context import IneligibleWords

WORD = re.compile(r"[\w-]+")


def ineligible_reason(description: str, kinds: Iterable[IneligibleWords]) -> str:
    """Why the cost cannot be sought, or an empty text when nothing gives it away.

    A pattern is a word, `*` standing for any letters; parts joined by `+` must all be there.
    """
    words = WORD.findall(description.casefold())
    for kind in kinds:
        if any(_found(pattern, words) for pattern in kind.words):
            return kind.reason
    return ""


def _found(pattern: str, words: list[str]) -> bool:
    return all(
        any(fnmatchcase(word, part) for word in words) for part in pattern.casefold().split("+")
    )
