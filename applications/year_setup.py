"""Lays out a year's money as a programme's definition says it: contributions, pools, equity."""

from __future__ import annotations

from django.db import transaction

from applications.programme_definition import ProgrammeDefinition
from budgets.contributions import Payer, lawful_shares
from budgets.models import KeyBasis, PoolKind
from budgets.split import split
from budgets.year import book_contribution, divide_year, open_equity, plan_contributions
from finsam.associations.models import Association, Member, PartyKind
from finsam.people.models import User

PAYING_KIND = {
    Payer.STATE: PartyKind.INSURANCE_AGENCY,  # pays for Arbetsförmedlingen too (FL 5 §)
    Payer.REGION: PartyKind.REGION,
    Payer.MUNICIPALITIES: PartyKind.MUNICIPALITY,
}


def set_up_year(
    definition: ProgrammeDefinition, *, association: Association, actor: User | None = None
) -> None:
    """Plan and book the members' contributions and divide the year; again changes nothing.

    Contributions are 50/25/25 (FL 5 §), within a kind by population where it is known. Does
    nothing for a programme that says nothing of the year's economy.
    """
    economy = definition.economy
    if economy is None:
        return
    with transaction.atomic():
        contributions = plan_contributions(
            association=association,
            year=economy.year,
            amounts=planned_amounts(association, economy.income),
            keys=_keys(association),
            actor=actor,
        )
        for contribution in contributions:
            if contribution.planned_amount:
                book_contribution(
                    contribution=contribution,
                    amount=contribution.planned_amount,
                    key=f"contribution-{economy.year}-{contribution.member_id}",
                    actor=actor,
                )
        if economy.equity_assigned:
            open_equity(association=association, amount=economy.equity_assigned, actor=actor)
        divide_year(
            association=association,
            year=economy.year,
            pools={PoolKind(pool.key): pool.amount for pool in economy.pools},
            actor=actor,
        )


def _keys(association: Association) -> dict[Payer, KeyBasis]:
    """By population within the kinds where it is known of all."""
    members = list(association.members.filter(parent=None, is_active=True))
    return {
        payer: KeyBasis.POPULATION
        for payer, kind in PAYING_KIND.items()
        if all(member.population for member in members if member.kind == kind)
        and payer is not Payer.STATE
    }


def planned_amounts(association: Association, income: int) -> dict[Member, int]:
    """What each paying member owes of a year's income, in whole kronor."""
    amounts: dict[Member, int] = {}
    for payer, owed in lawful_shares(income).items():
        members = list(
            association.members.filter(kind=PAYING_KIND[payer], parent=None, is_active=True)
        )
        shares = [member.population or 1 for member in members]
        amounts |= dict(zip(members, split(owed, shares), strict=True))
    return amounts
