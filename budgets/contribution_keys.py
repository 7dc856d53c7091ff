"""How the members of one kind share what they owe together: the key, and the check against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from budgets.contributions import PAYER_OF_KIND, Payer, lawful_shares
from budgets.models import Contribution, ContributionKey, KeyBasis
from budgets.split import split
from finsam.associations.models import Association, Member
from finsam.errors import DomainError, NotPossible
from finsam.typography import enumerate_words, kronor


def payers_of(members: Sequence[Member]) -> dict[Payer, list[Member]]:
    """The members by who pays a share of FL 5 §, in the law's order."""
    found: dict[Payer, list[Member]] = {payer: [] for payer in Payer}
    for member in members:
        if member.kind in PAYER_OF_KIND:
            found[PAYER_OF_KIND[member.kind]].append(member)
    return {payer: rows for payer, rows in found.items() if rows}


def weights_for(
    association: Association, year: int, members: Sequence[Member], basis: KeyBasis
) -> list[int]:
    """The members' weights: inhabitants, or what each paid the year before.

    Raises NotPossible when the key needs what is not known.
    """
    if basis == KeyBasis.POPULATION:
        unknown = [member.name for member in members if not member.population]
        if unknown:
            raise NotPossible(
                "population_unknown",
                f"Antal invånare saknas för {enumerate_words(unknown)}. Välj en annan nyckel.",
            )
        return [member.population or 0 for member in members]
    last = dict(
        Contribution.objects.filter(
            association=association, year=year - 1, member__in=members
        ).values_list("member", "planned_amount")
    )
    if not sum(last.values()):
        raise NotPossible("no_shares", f"Det finns inga bidrag för {year - 1} att dela efter.")
    return [last.get(member.pk, 0) for member in members]


def suggested(
    association: Association,
    year: int,
    members: Sequence[Member],
    total: int,
    bases: Mapping[Payer, KeyBasis],
) -> dict[Member, int]:
    """What each member would owe of a total, by the law's shares and the chosen keys.

    Within a kind that has no key but an agreement the first member gets all, to be shared out by
    hand; the state's half is paid by Försäkringskassan alone.
    """
    amounts: dict[Member, int] = {}
    for payer, owed in lawful_shares(total).items():
        rows = payers_of(members).get(payer, [])
        if payer is Payer.STATE:
            rows = [row for row in rows if row.kind == "insurance_agency"] or rows
        basis = bases.get(payer, KeyBasis.AGREED)
        if len(rows) > 1 and basis != KeyBasis.AGREED:
            weights = weights_for(association, year, rows, basis)
        else:
            weights = [1, *[0] * (len(rows) - 1)]
        amounts |= dict(zip(rows, split(owed, weights), strict=True)) if rows else {}
    return amounts


def check_keys(
    association: Association,
    year: int,
    amounts: Mapping[Member, int],
    bases: Mapping[Payer, KeyBasis],
) -> dict[Payer, list[int]]:
    """The weights of each key, after checking the plan against it to the krona.

    Raises DomainError, naming member and difference, when an amount is not by the key.
    """
    used: dict[Payer, list[int]] = {}
    for payer, members in payers_of(list(amounts)).items():
        basis = bases.get(payer, KeyBasis.AGREED)
        if basis == KeyBasis.AGREED:
            continue
        weights = weights_for(association, year, members, basis)
        by_key = split(sum(amounts[member] for member in members), weights)
        wrong = [
            f"{member.name} ska betala {kronor(owed)}, inte {kronor(amounts[member])}"
            for member, owed in zip(members, by_key, strict=True)
            if amounts[member] != owed
        ]
        if wrong:
            raise DomainError(
                "wrong_key",
                f"Planen följer inte nyckeln ({basis.label.lower()}): {enumerate_words(wrong)}. "
                "Rätta beloppen eller välj överenskomna belopp.",
            )
        used[payer] = weights
    return used


def keep_keys(
    association: Association,
    year: int,
    members: Sequence[Member],
    bases: Mapping[Payer, KeyBasis],
    weights: Mapping[Payer, Sequence[int]],
) -> None:
    """Write the keys of a year, in the caller's transaction."""
    for payer, rows in payers_of(members).items():
        used = dict(zip((str(row.pk) for row in rows), weights.get(payer, ()), strict=False))
        ContributionKey.objects.update_or_create(
            association=association,
            year=year,
            payer=str(payer),
            defaults={"basis": bases.get(payer, KeyBasis.AGREED), "weights": used},
        )
