"""Which party is meant by what somebody wrote: a full name, a short one, or its kind alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from budgets.content import same
from budgets.context import Party

KINDS = {
    "kommunen": "municipality",
    "kommun": "municipality",
    "regionen": "region",
    "region": "region",
    "landstinget": "region",
}
SHORT = {"af": "arbetsförmedlingen", "fk": "försäkringskassan"}
ENDINGS = {"kn": "kommun", "kommunen": "kommun"}
SHORTEST = 3


@dataclass(frozen=True)
class Meant:
    """A party, and whether it was named in full; else how it was recognised."""

    party: Party
    how: str = ""


def meant(written: str, parties: Sequence[Party]) -> Meant | None:
    """The one party that a cell names: "Reg. Blekinge", "AF", "kommunen"; None when unclear."""
    text = same(written)
    for party in parties:
        if text == same(party.name):
            return Meant(party)
    found = [party for party in parties if _is_short_for(text, party)]
    if len(found) == 1:
        return Meant(found[0], f"”{written.strip()}” tolkas som {found[0].name}")
    return None


def named_in(text: str, parties: Sequence[Party]) -> Meant | None:
    """The one party whose whole name, or short name, stands within a longer text."""
    folded = same(text)
    full = [party for party in parties if same(party.name) in folded]
    if len(full) == 1:
        return Meant(full[0])
    words = re.findall(r"\w+", folded)
    found = {
        party.name: party
        for word in words
        if word in SHORT or word in {"kommunen", "regionen"}
        for party in parties
        if _is_short_for(word, party)
    }
    if len(found) != 1:
        return None
    (party,) = found.values()
    return Meant(party, f"namnet i ”{text.strip()}” tolkas som {party.name}")


def _is_short_for(text: str, party: Party) -> bool:
    """Each written word begins the name's own word; "AF" and "kommunen" are known as such."""
    if text in KINDS:
        return party.kind == KINDS[text]
    name = same(party.name).split()
    if SHORT.get(text) == name[0]:
        return True
    written = [ENDINGS.get(word, word) for word in re.findall(r"\w+", text)]
    if not written or len(written) > len(name) or len(written[0]) < SHORTEST:
        return False
    return all(whole.startswith(part) for part, whole in zip(written, name, strict=False))
