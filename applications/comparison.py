"""What changed between two frozen versions, question by question, in the words that people read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from applications.answers import words_of
from budgets.content import BudgetContent
from budgets.summary import summarise
from finsam.typography import kronor

Piece = tuple[str, str]


@dataclass(frozen=True)
class Change:
    """One question (or the budget, or the annexes) that is not as before."""

    section: str
    question: str
    pieces: list[Piece]


def changes_between(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Everything that differs, in the order of the template."""
    before, after = _answers(old), _answers(new)
    found = []
    for key, (section, question) in {**_headings(old), **_headings(new)}.items():
        found += _whole(section, question, before.get(key, ""), after.get(key, ""))
    found += _whole("Budget", "Summor", _budget_text(old), _budget_text(new))
    found += _whole("Bilagor", "Filer", _annex_text(old), _annex_text(new))
    found += _whole("Parter", "Parter", _party_text(old), _party_text(new))
    return found


Key = tuple[str, str]


def _headings(content: Mapping[str, Any]) -> dict[Key, tuple[str, str]]:
    return {
        (section["key"], question["key"]): (section["heading"], question["heading"])
        for section in content["sections"]
        for question in section["questions"]
    }


def _answers(content: Mapping[str, Any]) -> dict[Key, str]:
    return {
        (section["key"], question["key"]): words_of(question["shown"])
        for section in content["sections"]
        for question in section["questions"]
    }


def word_diff(old: str, new: str) -> list[Piece]:
    """Runs of ("same" | "del" | "ins", text), by words."""
    left, right = (re.findall(r"\s+|[^\s]+", text) for text in (old, new))
    pieces: list[Piece] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(("same", "".join(left[a:b])))
            continue
        if a < b:
            pieces.append(("del", "".join(left[a:b])))
        if c < d:
            pieces.append(("ins", "".join(right[c:d])))
    return pieces


def _whole(section: str, question: str, old: str, new: str) -> list[Change]:
    return [Change(section, question, word_diff(old, new))] if old != new else []


def _budget_text(content: Mapping[str, Any]) -> str:
    summary = summarise(BudgetContent.from_json(content["budget"]["rows"]))
    lines = [f"Sökt: {kronor(summary.requested)}", f"Kostnad: {kronor(summary.total_cost)}"]
    lines += [f"{name}: {kronor(cost)}" for name, cost in summary.by_member.items()]
    return "\n".join(lines)


def _annex_text(content: Mapping[str, Any]) -> str:
    """Each annex by name and content: a new file under an old name is a change, too."""
    return "\n".join(
        f"{annex.get('title') or annex.get('name')} (kontrollsumma {annex['sha256'][:8]})"
        for annex in content["annexes"]
    )


def _party_text(content: Mapping[str, Any]) -> str:
    return "\n".join(party["name"] for party in content["parties"])
