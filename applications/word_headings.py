"""Knows a heading again when people have numbered, shortened or reworded it.

Nothing here knows of the database: names in, a key out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

NUMBER = re.compile(
    r"^\s*(?:(?:avsnitt|kapitel|del|fråga)\s+)?(?:§\s*)?(?:\d{1,2}(?:\.\d{1,2})*[.):]?|[a-zåäö][.)])"
    r"[\s\-–:]+",
    re.IGNORECASE,
)
ENDING_IN_BRACKETS = re.compile(r"\((?:er|ar|or|en|na|erna|s|n|t)\)", re.IGNORECASE)
IN_BRACKETS = re.compile(r"\(([^)]*)\)")
PARTS = re.compile(r"\s[–—-]\s|[:?!;]")
SIGNS = re.compile(r"[^0-9a-zåäöéü ]+")
JOINING = {"och", "samt", "eller", "med", "and"}
# Words that stand in nearly every heading say nothing of which one it is.
COMMON = JOINING | {
    *("i", "av", "för", "om", "på", "till", "mot", "som", "den", "det", "de", "en", "ett", "hur"),
    *("vi", "ni", "vad", "vilka", "vilken", "vilket", "är", "ska", "finns", "parternas", "vår"),
    *("insatsen", "insatsens", "insats", "projektet", "projektets", "projekt", "våra", "er", "ert"),
}
STEM = 5
LONGEST_HEADING = 200
SURE, LIKELY = 0.95, 0.74
LIKENESS = 0.87
SHARE_OF_WORDS = 0.7


@dataclass(frozen=True)
class Names:
    """What one section or question may be called; the first name is the one to show."""

    key: str
    names: tuple[str, ...]

    @cached_property
    def plain(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(normal for name in self.names if (normal := normalise(name))))


def normalise(text: str) -> str:
    """Small letters without number, signs and joining words: two spellings of one become alike."""
    words = unicodedata.normalize("NFC", text).casefold().replace("\xa0", " ").replace("\xad", "")
    words = ENDING_IN_BRACKETS.sub("", NUMBER.sub("", words))
    words = words.replace("&", " och ").replace("/", " och ").replace("-", " ")
    return " ".join(word for word in SIGNS.sub(" ", words).split() if word not in JOINING)


def best_match(heading: str, among: Iterable[Names], *, least: float = LIKELY) -> str | None:
    """The key that the heading means, or None when none is near enough."""
    if len(heading) > LONGEST_HEADING:
        return None
    scored = [(likeness(heading, names), at, names.key) for at, names in enumerate(among)]
    score, _, key = max(scored, key=lambda found: (found[0], -found[1]), default=(0.0, 0, ""))
    return key if score >= least else None


def likeness(heading: str, names: Names) -> float:
    """How surely the heading means one of the names: 1 the same, 0 nothing in common."""
    return max((_likeness(heading, name) for name in names.plain), default=0.0)


def _likeness(heading: str, name: str) -> float:
    whole = normalise(heading)
    if not whole:
        return 0.0
    if whole == name:
        return 1.0
    if sorted(whole.split()) == sorted(name.split()):
        return 0.98
    if any(
        part == name or sorted(part.split()) == sorted(name.split()) for part in _parts(heading)
    ):
        return 0.96
    ratio = SequenceMatcher(None, whole, name, autojunk=False).ratio()
    if ratio >= LIKENESS and _stems(whole) & _stems(name):
        return 0.8 + ratio / 10
    if len(name) > 20 and len(whole) > 20 and (whole.startswith(name) or name.startswith(whole)):
        return 0.86
    return _shared(_stems(whole), _stems(name))


def _shared(heading: frozenset[str], name: frozenset[str]) -> float:
    """Long names that share most of their telling words."""
    if len(heading) < 3 or len(name) < 2:
        return 0.0
    common = len(heading & name)
    share = max(common / len(heading), common / len(name))
    return LIKELY + share / 20 if common >= 2 and share >= SHARE_OF_WORDS else 0.0


def _parts(heading: str) -> Sequence[str]:
    """What stands in brackets, beside a dash or after a colon may be the name itself."""
    pieces = [*IN_BRACKETS.findall(heading), IN_BRACKETS.sub(" ", heading)]
    for piece in list(pieces):
        pieces += PARTS.split(piece)
    return [normal for piece in pieces if len(normal := normalise(piece)) > 2]


def _stems(text: str) -> frozenset[str]:
    return frozenset(word[:STEM] for word in text.split() if word not in COMMON and len(word) > 2)
