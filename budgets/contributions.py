"""The law's shares of contributions: state half, region and municipalities a quarter each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from budgets.split import split
from finsam.errors import DomainError
from finsam.typography import enumerate_words, kronor


class Payer(StrEnum):
    """Who pays a share of FL 5 §; Försäkringskassan pays all of the state's."""

    STATE = "state"
    REGION = "region"
    MUNICIPALITIES = "municipalities"

    @property
    def label(self) -> str:
        return {"state": "staten", "region": "regionen", "municipalities": "kommunerna"}[self]


SHARES: Mapping[Payer, int] = {Payer.STATE: 50, Payer.REGION: 25, Payer.MUNICIPALITIES: 25}
PAYER_OF_KIND: Mapping[str, Payer] = {
    "insurance_agency": Payer.STATE,
    "employment_service": Payer.STATE,
    "region": Payer.REGION,
    "municipality": Payer.MUNICIPALITIES,
}


class WrongShares(DomainError):
    """A plan of contributions that is not 50/25/25; `differences` in kronor per payer."""

    def __init__(self, differences: Mapping[Payer, int]) -> None:
        parts = [
            f"{payer.label} {kronor(abs(amount))} för {'mycket' if amount > 0 else 'lite'}"
            for payer, amount in differences.items()
            if amount
        ]
        super().__init__(
            "wrong_shares",
            "Bidragen ska vara 50 % från staten, 25 % från regionen och 25 % från kommunerna "
            f"(5 §). Planen har {enumerate_words(parts)}. Rätta beloppen.",
        )
        self.differences = dict(differences)


def lawful_shares(total: int) -> dict[Payer, int]:
    """What each payer owes of a year's total, in whole kronor (FL 5 §)."""
    return dict(zip(SHARES, split(total, list(SHARES.values())), strict=True))


def paid_by(amounts: Iterable[tuple[str, int]]) -> dict[Payer, int]:
    """The sum per payer of (kind of party, kronor). Raises DomainError for another kind."""
    sums = dict.fromkeys(Payer, 0)
    for kind, amount in amounts:
        if kind not in PAYER_OF_KIND:
            raise DomainError(
                "not_a_contributor", "Bara förbundets medlemmar betalar bidrag. Ta bort övriga."
            )
        sums[PAYER_OF_KIND[kind]] += amount
    return sums


def check_shares(amounts: Iterable[tuple[str, int]]) -> dict[Payer, int]:
    """The sum per payer of a plan. Raises WrongShares unless it is 50/25/25 (FL 5 §)."""
    sums = paid_by(amounts)
    lawful = lawful_shares(sum(sums.values()))
    if sums != lawful:
        raise WrongShares({payer: sums[payer] - lawful[payer] for payer in Payer})
    return sums
