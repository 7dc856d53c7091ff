"""Sums of a budget, always computed from the rows and never taken from a workbook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from budgets.content import BudgetContent, CostKind, Source

STAFF = "Personal"
NO_PARTY = "Utan part"
NO_KIND = "Utan kostnadsslag"
Key = TypeVar("Key")


@dataclass(frozen=True)
class Summary:
    """The sums of one budget in whole kronor. A year of None gathers rows without one."""

    total_cost: int
    staff_cost: int
    requested: int
    financing: int
    by_member: dict[str, int]
    staff_by_member: dict[str, int]
    requested_by_member: dict[str, int]
    by_kind: dict[str, int]
    by_source: dict[Source, int]
    by_year: dict[int | None, int]
    financing_by_year: dict[int | None, int]
    requested_by_year: dict[int | None, int]

    @property
    def differences(self) -> dict[int | None, int]:
        """Financing less cost per year; each must be 0."""
        years = sorted({*self.by_year, *self.financing_by_year}, key=lambda year: year or 0)
        return {
            year: self.financing_by_year.get(year, 0) - self.by_year.get(year, 0) for year in years
        }

    @property
    def difference(self) -> int:
        return self.financing - self.total_cost

    @property
    def co_financing(self) -> int:
        """All that is not sought here."""
        return self.financing - self.requested


def summarise(content: BudgetContent) -> Summary:
    """All sums of the rows; a cell that could not be read counts as 0."""
    sought = [row for row in content.financing if row.source is Source.SOUGHT]
    staff = _total((STAFF, row.cost) for row in content.staff)
    kinds = _total((row.kind.label if row.kind else "", row.cost) for row in content.costs)
    ordered = {kind.label: kinds[kind.label] for kind in CostKind if kind.label in kinds}
    return Summary(
        total_cost=sum(row.cost for row in content.cost_entries),
        staff_cost=sum(row.cost for row in content.staff),
        requested=sum(row.amount or 0 for row in sought),
        financing=sum(row.amount or 0 for row in content.financing),
        by_member=_total((row.party or NO_PARTY, row.cost) for row in content.cost_entries),
        staff_by_member=_total((row.party or NO_PARTY, row.cost) for row in content.staff),
        requested_by_member=_total((row.party or NO_PARTY, row.amount or 0) for row in sought),
        by_kind=staff | ordered | ({NO_KIND: kinds[""]} if "" in kinds else {}),
        by_source=_total((row.source, row.amount or 0) for row in content.financing if row.source),
        by_year=_by_year((row.year, row.cost) for row in content.cost_entries),
        financing_by_year=_by_year((row.year, row.amount or 0) for row in content.financing),
        requested_by_year=_by_year((row.year, row.amount or 0) for row in sought),
    )


def _total(pairs: Iterable[tuple[Key, int]]) -> dict[Key, int]:
    sums: dict[Key, int] = defaultdict(int)
    for key, amount in pairs:
        sums[key] += amount
    return dict(sums)


def _by_year(pairs: Iterable[tuple[int | None, int]]) -> dict[int | None, int]:
    sums = _total(pairs)
    return {year: sums[year] for year in sorted(sums, key=lambda year: year or 0)}
