"""Base financing of the consultation teams, which holds while contributions stay unchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from budgets.ledger import transfer
from budgets.models import (
    Account,
    AccountKind,
    BaseFinancing,
    BaseFinancingShare,
    Contribution,
    Pool,
    PoolKind,
    TransferReason,
)
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.errors import DomainError, NotPossible
from finsam.people.models import User
from finsam.registry.events import locked_head, record_event
from finsam.registry.models import Event
from finsam.typography import enumerate_words, kronor


@dataclass(frozen=True)
class TeamShare:
    """What a member's staff in one consultation team costs in the year, in whole kronor."""

    member: Member
    team: str
    amount: int


@dataclass(frozen=True)
class Lowered:
    """A contribution that is less now than when the base financing was set."""

    member: Member
    agreed: int
    now: int

    @property
    def in_words(self) -> str:
        return f"{self.member.name} {kronor(self.agreed - self.now)} lägre"


def set_base_financing(
    *,
    association: Association,
    year: int,
    shares: Sequence[TeamShare],
    reason: str = "",
    actor: User | None,
) -> BaseFinancing:
    """Set what each member gets per team, within the year's pool; writes `base_financing_set`.

    The contributions planned now become its terms. The same again changes nothing. Raises
    InsufficientFunds above the pool, NotPossible without planned contributions or pool, and when
    it is set anew after a contribution was lowered without saying why.
    """
    _check(association, shares)
    with transaction.atomic():
        locked_head(association)
        pool = Pool.objects.filter(
            association=association, year=year, kind=PoolKind.BASE_FINANCING
        ).first()
        terms = _terms_now(association, year)
        if pool is None or not terms:
            raise NotPossible("no_base_pool", "Planera bidragen och fördela året på potter först.")
        base, is_new = BaseFinancing.objects.get_or_create(
            association=association, year=year, defaults={"terms": terms, "set_by": actor}
        )
        wanted = {(share.member.pk, share.team.strip()): share for share in shares}
        kept = {(row.member_id, row.team): row for row in base.shares.select_related("account")}
        there = {key: row.amount for key, row in kept.items() if row.amount}
        asked = {key: share.amount for key, share in wanted.items() if share.amount}
        if not is_new and there == asked and base.terms == terms:
            return base
        if lowered_contributions(association, year) and not reason.strip():
            raise NotPossible(
                "reason_missing",
                "Ett bidrag har sänkts sedan basfinansieringen fastställdes. Skriv vad som gäller "
                "nu.",
                "reason",
            )
        base.terms, base.reason = terms, reason.strip()
        base.set_at, base.set_by = clock.now(), actor
        base.save(update_fields=["terms", "reason", "set_at", "set_by"])
        event = record_event(
            association=association,
            actor=actor,
            action="base_financing_set",
            obj=base,
            payload={
                "year": year,
                "reason": reason.strip(),
                "shares": {f"{m}/{team}": amount for (m, team), amount in asked.items()},
            },
        )
        # What is lowered goes back first, so that what is raised finds it in the pool.
        keys = dict.fromkeys([*kept, *wanted])
        for key in sorted(keys, key=lambda key: asked.get(key, 0) > there.get(key, 0)):
            row = kept.get(key) or _open_share(base, wanted[key])
            _move(base, pool, row, asked.get(key, 0), actor, event)
    return base


def lowered_contributions(association: Association, year: int) -> list[Lowered]:
    """The contributions that are lower than what the year's base financing was agreed on.

    Empty: it is secured, or there is none. Two queries.
    """
    base = BaseFinancing.objects.filter(association=association, year=year).first()
    if base is None:
        return []
    plan = Contribution.objects.filter(association=association, year=year).select_related("member")
    return lowered_since(base.terms, {row.member: row.planned_amount for row in plan})


def lowered_since(terms: Mapping[str, int], planned: Mapping[Member, int]) -> list[Lowered]:
    """What is planned lower than the terms; a member keeps its row when it pays nothing."""
    return [
        Lowered(member, terms[str(member.pk)], amount)
        for member, amount in planned.items()
        if amount < terms.get(str(member.pk), 0)
    ]


def note_lowered(association: Association, year: int, actor: User | None) -> list[Lowered]:
    """After a change of plan: write `base_financing_lowered` when the base is not secured."""
    found = lowered_contributions(association, year)
    if found:
        record_event(
            association=association,
            actor=actor,
            action="base_financing_lowered",
            obj=BaseFinancing.objects.get(association=association, year=year),
            payload={"year": year, "lowered": {one.member.name: one.now for one in found}},
        )
    return found


def unsecured_words(found: Sequence[Lowered]) -> str:
    """Why the base financing is no longer secured; empty when it is."""
    if not found:
        return ""
    who = enumerate_words([one.in_words for one in found])
    return (
        "Basfinansieringen är inte längre säkrad: den gäller så länge bidragen är oförändrade, "
        f"och sedan den fastställdes betalar {who}."
    )


def _check(association: Association, shares: Sequence[TeamShare]) -> None:
    for share in shares:
        if share.member.association_id != association.pk:
            raise ValueError("A member of another association.")
        if not share.team.strip():
            raise DomainError("team_missing", "Skriv vilket konsultationsteam det gäller.")
        if share.amount < 0:
            raise DomainError("negative_amount", "Ett belopp kan inte vara under noll.")
    keys = [(share.member.pk, share.team.strip().casefold()) for share in shares]
    if len(set(keys)) != len(keys):
        raise DomainError("share_twice", "Samma myndighet står två gånger i ett team. Slå ihop.")


def _terms_now(association: Association, year: int) -> dict[str, int]:
    rows = Contribution.objects.filter(association=association, year=year, planned_amount__gt=0)
    return {str(member): amount for member, amount in rows.values_list("member", "planned_amount")}


def _open_share(base: BaseFinancing, share: TeamShare) -> BaseFinancingShare:
    account = Account.objects.create(
        association_id=base.association_id,
        kind=AccountKind.BASE,
        name=f"Basfinansiering {share.member.name}, {share.team.strip()} {base.year}"[:160],
        year=base.year,
    )
    return BaseFinancingShare.objects.create(
        base=base, member=share.member, team=share.team.strip(), amount=0, account=account
    )


def _move(
    base: BaseFinancing,
    pool: Pool,
    row: BaseFinancingShare,
    amount: int,
    actor: User | None,
    event: Event,
) -> None:
    difference = amount - row.amount
    if not difference:
        return
    raised = difference > 0
    transfer(
        source=pool.account if raised else row.account,
        target=row.account if raised else pool.account,
        amount=abs(difference),
        reason=TransferReason.BASE_SET if raised else TransferReason.BASE_LOWERED,
        key=f"base-{row.pk}-{event.sequence}",
        actor=actor,
        event=event,
    )
    row.amount = amount
    row.save(update_fields=["amount"])
