"""The example's project in four more towns, in one of them twice: smaller than the first."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

from boards.demo.content import EffortContent, EffortsContent
from budgets.summary import summarise
from finsam.typography import kronor

SHARE = Decimal("0.4")
FROM = "Karlskrona"
TOWNS = {
    "solvesborg": ("Sölvesborg", "Sölvesborgs kommun", "karin_akesson"),
    "solvesborg-unga": ("Sölvesborg", "Sölvesborgs kommun", "karin_akesson"),
    "karlshamn": ("Karlshamn", "Karlshamns kommun", "tobias_wikander"),
    "ronneby": ("Ronneby", "Ronneby kommun", "elin_sjoberg"),
    "olofstrom": ("Olofström", "Olofströms kommun", "nadja_berg"),
}
FOR = {"solvesborg-unga": "unga i "}


def with_towns(content: EffortsContent) -> EffortsContent:
    """The content with its first effort told again of each town, under the town's key."""
    first = content.efforts[0]
    return replace(content, efforts=(*content.efforts, *(_in_town(first, key) for key in TOWNS)))


def _in_town(effort: EffortContent, key: str) -> EffortContent:
    town, lead, author = TOWNS[key]

    def moved(text: str) -> str:
        return text.replace(effort.lead, lead).replace(FROM, town)

    smaller = replace(
        effort,
        key=key,
        lead=lead,
        parties=tuple(moved(name) for name in effort.parties),
        author=author,
        writers=(author, *effort.writers[1:]),
        staff=tuple(
            replace(row, party=moved(row.party), percent=row.percent * SHARE)
            for row in effort.staff
        ),
        costs=tuple(
            replace(row, party=moved(row.party), amount=int(row.amount * SHARE))
            for row in effort.costs
        ),
    )
    cost = summarise(smaller.budget()).by_member
    answers = json.loads(moved(json.dumps(effort.answers, ensure_ascii=False, default=str)))
    return replace(
        smaller,
        financing=tuple(
            replace(row, party=moved(row.party), amount=cost[moved(row.party)])
            for row in effort.financing
        ),
        answers={
            **answers,
            "title": f"{effort.title}, {FOR.get(key, '')}{town}",
            "party_roles": [
                {
                    "party": moved(row.party),
                    "role": row.role,
                    "staffing": f"{float(row.percent):g} %",
                }
                for row in smaller.staff
            ],
            "budget_comment": f"Total kostnad är {kronor(sum(cost.values()))}. "
            "Försäkringskassans personal redovisas som egen insats.",
        },
    )
