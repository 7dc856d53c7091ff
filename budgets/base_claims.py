"""Claiming base financing: by a member in the portal, or on paper and noted by the office."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max, Sum

from budgets.base_payments import (
    OFFICE_PAYS,
    WAITING,
    S,
    require_secured,
    speaks_for,
    tell_base_payment,
)
from budgets.ledger import InsufficientFunds
from budgets.models import Account, BaseFinancingShare, BasePayment
from budgets.payment_accounts import read_account
from budgets.two_persons import require_office, require_same
from finsam import clock
from finsam.associations.models import Association
from finsam.errors import DomainError, NotAllowed
from finsam.people.models import User
from finsam.registry.events import locked_head


@dataclass(frozen=True)
class BaseClaim:
    """What a member claims of its share for a period, in whole kronor, and where it is paid."""

    amount: int
    period_from: date
    period_to: date
    reference: str
    account_type: str
    account_number: str


def register_base_payment(
    *, share: BaseFinancingShare, claim: BaseClaim, key: str, actor: User
) -> BasePayment:
    """Note what the member has claimed on paper, once a `key`; writes `base_payment_registered`.

    The first of two pairs of eyes. Another claim by the same key is a Conflict. Raises NotPossible
    while the base financing is not secured, InsufficientFunds (saying what is left) above the
    share, DomainError for a period outside the year or an account that cannot be one.
    """
    require_office(share.base.association, actor, OFFICE_PAYS)
    seen: dict[str, Any] = {"registered_by": actor, "registered_at": clock.now()}
    return _note(share, claim, key, actor, S.REGISTERED, seen)


def claim_base_payment(
    *, share: BaseFinancingShare, claim: BaseClaim, key: str, actor: User
) -> BasePayment:
    """Claim a member's own share in the portal, once a `key`; writes `base_payment_claimed`.

    Raises NotAllowed without a role for the member, and what `register_base_payment` raises.
    """
    if not speaks_for(share, actor):
        raise NotAllowed(
            "not_the_members", f"Bara den som har en roll för {share.member.name} kan begära det."
        )
    return _note(share, claim, key, actor, S.CLAIMED, {"claimed_by": actor})


def claimable_year(association: Association, members: Collection[int]) -> int | None:
    """The latest year whose base financing has a share of one of the members."""
    if not members:
        return None
    shares = BaseFinancingShare.objects.filter(base__association=association, member__in=members)
    found: int | None = shares.aggregate(latest=Max("base__year"))["latest"]
    return found


def room_left(share: BaseFinancingShare) -> int:
    """What can still be claimed of a share, in kronor: unpaid, less what waits for approval."""
    waiting: int | None = share.payments.filter(state__in=WAITING).aggregate(sum=Sum("amount"))[
        "sum"
    ]
    balance: int = Account.objects.values_list("balance", flat=True).get(pk=share.account_id)
    return balance - (waiting or 0)


def _note(
    share: BaseFinancingShare,
    claim: BaseClaim,
    key: str,
    actor: User,
    state: S,
    by: Mapping[str, Any],
) -> BasePayment:
    account = _check_claim(share, claim)
    with transaction.atomic():
        association = share.base.association
        locked_head(association)
        earlier = BasePayment.objects.with_share().filter(association=association, key=key).first()
        if earlier is not None:
            return _same(earlier, share, claim, account)
        require_secured(association, share.base.year)
        left = room_left(share)
        if claim.amount > left:
            raise InsufficientFunds(share.account, claim.amount, left)
        highest = share.payments.aggregate(highest=Max("number"))["highest"]
        made: BasePayment = BasePayment.objects.create(
            association=association,
            share=share,
            number=(highest or 0) + 1,
            key=key,
            period_from=claim.period_from,
            period_to=claim.period_to,
            amount=claim.amount,
            reference=claim.reference.strip(),
            account_type=claim.account_type,
            account_number=account,
            state=state,
            **by,
        )
        tell_base_payment(made, f"base_payment_{state}", actor)
    return made


def _check_claim(share: BaseFinancingShare, claim: BaseClaim) -> str:
    """The account's digits, when all of the claim can be right."""
    if claim.amount <= 0:
        raise DomainError("amount_not_positive", "Beloppet ska vara större än noll.", "amount")
    if claim.period_to < claim.period_from:
        raise DomainError("period_backwards", "Perioden slutar innan den börjar.", "period_to")
    year = share.base.year
    if (claim.period_from.year, claim.period_to.year) != (year, year):
        raise DomainError(
            "outside_year",
            f"Basfinansieringen gäller {year}. Välj dagar i det året.",
            "period_from",
        )
    if not claim.reference.strip():
        raise DomainError(
            "reference_missing",
            "Skriv vilken faktura eller rekvisition från medlemmen det gäller.",
            "reference",
        )
    return read_account(claim.account_type, claim.account_number)


def _same(
    earlier: BasePayment, share: BaseFinancingShare, claim: BaseClaim, account: str
) -> BasePayment:
    there = (
        earlier.share_id, earlier.amount, earlier.period_from, earlier.period_to,
        earlier.reference, earlier.account_type, earlier.account_number,
    )  # fmt: skip
    said = (
        share.pk, claim.amount, claim.period_from, claim.period_to,
        claim.reference.strip(), claim.account_type, account,
    )  # fmt: skip
    require_same(there, said, "En utbetalning är redan registrerad")
    return earlier
