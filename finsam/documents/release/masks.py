"""What is to be hidden in a copy, and finding it however the text happens to be broken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any
from unicodedata import normalize

HYPHENS = "\\-\u2010\u2011\u2013\u00ad"
# A word may be parted at the end of a line, a number by spaces or hyphens.
IN_WORD = rf"(?:[{HYPHENS}]?\s*\n\s*|\u00ad)?"
IN_NUMBER = rf"(?:\s?[{HYPHENS}]?\s?)"
# So many letters in a row stand nowhere by chance, whatever lies between them.
TELLING = 8


@dataclass(frozen=True)
class Mask:
    """Words wherever they stand, or a whole page (from 1), with the section that hides it."""

    section: str
    words: str = ""
    page: int = 0

    @property
    def label(self) -> str:
        """What stands in the copy instead."""
        return f"[Maskerat: {self.section}]"

    def as_source(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Span:
    """A place in a text, from `start` up to `end`, and the mask that hides it."""

    start: int
    end: int
    mask: Mask


def plain(text: str) -> str:
    """The text with each letter written in one way, ligatures in their letters."""
    return normalize("NFKC", text)


def hidden_spans(text: str, masks: Iterable[Mask]) -> list[Span]:
    """Where the masks' words stand, in order and apart; a word is hidden as a whole.

    Capitals and small letters, line breaks, hyphens at the end of a line and the ways to write a
    number count as the same. `text` is expected as `plain` gives it.
    """
    found = [
        Span(*_to_whole_words(text, match.start(), match.end()), mask)
        for mask in masks
        if mask.words
        for match in _pattern(mask.words).finditer(text)
    ]
    apart: list[Span] = []
    for span in sorted(found, key=lambda each: (each.start, -each.end)):
        if apart and span.start < apart[-1].end:
            before = apart.pop()
            apart.append(Span(before.start, max(before.end, span.end), before.mask))
        else:
            apart.append(span)
    return apart


def without_hidden(text: str, masks: Sequence[Mask]) -> str:
    """The text with the label of the mask in the place of what it hides."""
    text, parts, at = plain(text), [], 0
    for span in hidden_spans(text, masks):
        parts += [text[at : span.start], span.mask.label]
        at = span.end
    return "".join([*parts, text[at:]])


def shows(text: str, mask: Mask) -> bool:
    """Whether the mask's words can be read in the text, also when the letters stand apart."""
    if not mask.words:
        return False
    if _pattern(mask.words).search(plain(text)):
        return True
    letters = _run_together(mask.words)
    return len(letters) >= TELLING and letters in _run_together(text)


def of_page(masks: Iterable[Mask], number: int) -> Mask | None:
    """The mask that hides the whole of a page, if one does."""
    return next((mask for mask in masks if mask.page == number), None)


@lru_cache(maxsize=256)
def _pattern(words: str) -> re.Pattern[str]:
    letters = " ".join(plain(words).split())
    together = "".join(
        _letter(letter) + _joint(letter, after)
        for letter, after in zip(letters, f"{letters[1:]} ", strict=True)
    )
    apart = r"\s+".join(map(_letter, letters.replace(" ", "")))
    return re.compile(rf"{together}|\b{apart}\b", re.IGNORECASE)


def _joint(left: str, right: str) -> str:
    """What may stand between two letters of a word, or the digits of a number."""
    if " " in (left, right):
        return ""
    return IN_NUMBER if left.isdigit() and right.isdigit() else IN_WORD


def _letter(letter: str) -> str:
    if letter == " ":
        return rf"[\s{HYPHENS}]+"
    return rf"[{HYPHENS}]?\s*" if re.match(f"[{HYPHENS}]", letter) else re.escape(letter)


def _run_together(text: str) -> str:
    return re.sub(rf"[\s{HYPHENS}]", "", plain(text)).casefold()


def _to_whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return start, end
