"""The year's economy: planned and paid contributions, and the year divided into pools."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from budgets.base_financing import note_lowered
from budgets.contribution_keys import check_keys, keep_keys
from budgets.contributions import Payer, check_shares
from budgets.ledger import equity_account, opening_account, transfer, year_account
from budgets.models import (
    Account,
    AccountKind,
    Contribution,
    KeyBasis,
    Pool,
    PoolKind,
    Transfer,
    TransferReason,
)
from finsam.associations.models import Association, Member
from finsam.errors import Conflict, NotPossible
from finsam.people.models import User
from finsam.registry.events import locked_head, record_event
from finsam.registry.models import Event
from finsam.typography import kronor


def plan_contributions(
    *,
    association: Association,
    year: int,
    amounts: Mapping[Member, int],
    actor: User | None,
    keys: Mapping[Payer, KeyBasis] | None = None,
) -> list[Contribution]:
    """Set what each member is to pay in a year, in whole kronor; writes `contributions_planned`.

    `keys` say how the members of a kind share what they owe together; where none is said they
    have agreed on it. Raises WrongShares unless the kinds of party pay 50/25/25 (FL 5 §),
    DomainError when an amount is not by its key. The same plan again changes nothing. When a
    contribution is lowered below what the base financing was agreed on, that is noted.
    """
    if any(member.association_id != association.pk for member in amounts):
        raise ValueError("A member of another association.")
    if any(amount < 0 for amount in amounts.values()):
        raise NotPossible("negative_contribution", "Ett bidrag kan inte vara under noll.")
    check_shares((member.kind, amount) for member, amount in amounts.items())
    weights = check_keys(association, year, amounts, keys or {})
    with transaction.atomic():
        locked_head(association)
        keep_keys(association, year, list(amounts), keys or {}, weights)
        plan = Contribution.objects.filter(association=association, year=year)
        before = {row.member_id: row.planned_amount for row in plan}
        wanted = {member.pk: amount for member, amount in amounts.items()}
        if before != wanted:
            record_event(
                association=association,
                actor=actor,
                action="contributions_planned",
                obj=association,
                payload={"year": year, "amounts": wanted, "before": before},
            )
            for member, amount in amounts.items():
                _plan_one(association, member, year, amount)
            plan.exclude(member__in=amounts).update(planned_amount=0)
            note_lowered(association, year, actor)
        return list(plan.select_related("member", "source"))


def book_contribution(
    *, contribution: Contribution, amount: int, key: str, actor: User | None
) -> Transfer:
    """Book money paid in by a member into the year; writes `contribution_paid`, once for a key."""
    association = contribution.association
    with transaction.atomic():
        locked_head(association)
        made = Transfer.objects.filter(association=association, key=key).first()
        event = None
        if made is None:
            event = record_event(
                association=association,
                actor=actor,
                action="contribution_paid",
                obj=contribution,
                payload={"member": contribution.member_id, "amount": amount},
            )
        return transfer(
            source=contribution.source,
            target=year_account(association, contribution.year),
            amount=amount,
            reason=TransferReason.CONTRIBUTION_PAID,
            key=key,
            actor=actor,
            event=event,
        )


def open_equity(*, association: Association, amount: int, actor: User | None) -> Account:
    """Book the equity an association brings with it, once; writes `equity_opened`.

    Raises Conflict when another opening balance has been booked.
    """
    with transaction.atomic():
        locked_head(association)
        equity = equity_account(association)
        booked = Transfer.objects.filter(association=association, key="equity-opening").first()
        if booked is not None:
            if booked.amount != amount:
                raise Conflict(
                    "equity_opened",
                    f"Ingående eget kapital är redan bokfört: {kronor(booked.amount)}.",
                )
            return equity
        event = record_event(
            association=association,
            actor=actor,
            action="equity_opened",
            obj=equity,
            payload={"amount": amount},
        )
        transfer(
            source=opening_account(association),
            target=equity,
            amount=amount,
            reason=TransferReason.OPENING_BALANCE,
            key="equity-opening",
            actor=actor,
            event=event,
        )
        return equity


def divide_year(
    *,
    association: Association,
    year: int,
    pools: Mapping[PoolKind, int],
    actor: User | None,
    to_equity: int = 0,
) -> list[Pool]:
    """Divide a year's money into pools and equity; writes `year_divided`.

    The amounts are what each pool is to have been assigned in all, so the same call again moves
    nothing. Raises InsufficientFunds when the year does not hold the rest, and NotPossible when
    a pool would have less than it already got.
    """
    with transaction.atomic():
        locked_head(association)
        source = year_account(association, year)
        wanted = [(_pool(association, year, kind), amount) for kind, amount in pools.items()]
        saved = saved_of_year(association, year)
        if all(pool.assigned_amount == amount for pool, amount in wanted) and saved == to_equity:
            return [pool for pool, _ in wanted]
        event = record_event(
            association=association,
            actor=actor,
            action="year_divided",
            obj=source,
            payload={"year": year, "pools": dict(pools), "to_equity": to_equity},
        )
        for pool, amount in wanted:
            _assign(source, pool.account, pool.assigned_amount, amount, actor, event)
            pool.assigned_amount = amount
            pool.save(update_fields=["assigned_amount"])
        _assign(source, equity_account(association), saved, to_equity, actor, event)
        return [pool for pool, _ in wanted]


def saved_of_year(association: Association, year: int) -> int:
    """How much of a year's money has become equity."""
    moved = Transfer.objects.filter(
        association=association,
        source__kind=AccountKind.YEAR,
        source__year=year,
        target__kind=AccountKind.EQUITY,
    )
    return sum(moved.values_list("amount", flat=True))


def _assign(
    source: Account, target: Account, before: int, amount: int, actor: User | None, event: Event
) -> None:
    """Move what is new of the amount assigned to a pool or to equity."""
    if amount < before:
        raise NotPossible(
            "already_assigned",
            f"Till {target.in_words} har redan {kronor(before)} avsatts. Välj minst det.",
        )
    if amount > before:
        transfer(
            source=source,
            target=target,
            amount=amount - before,
            reason=TransferReason.YEAR_DIVIDED,
            key=f"year-{source.year}-{target.pk}-{before}-{amount}",
            actor=actor,
            event=event,
        )


def _plan_one(association: Association, member: Member, year: int, amount: int) -> None:
    contribution = Contribution.objects.filter(
        association=association, member=member, year=year
    ).first()
    if contribution is None:
        source = Account.objects.create(
            association=association,
            kind=AccountKind.CONTRIBUTION,
            name=f"Bidrag från {member.name} {year}",
            year=year,
            may_be_negative=True,
        )
        contribution = Contribution(
            association=association, member=member, year=year, source=source
        )
    contribution.planned_amount = amount
    contribution.save()


def _pool(association: Association, year: int, kind: PoolKind) -> Pool:
    """The year's pool of a kind, opened when first asked for."""
    pool = Pool.objects.filter(association=association, year=year, kind=kind).first()
    if pool is not None:
        return pool
    account = Account.objects.create(
        association=association,
        kind=AccountKind.POOL,
        name=f"{PoolKind(kind).pool_name} {year}",
        year=year,
    )
    return Pool.objects.create(association=association, year=year, kind=kind, account=account)
