"""Checking the ledger from its transfers alone, and naming the first place where it breaks."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from budgets.models import Account, BaseFinancingShare, Frame, Grant, Transfer
from finsam.associations.models import Association


@dataclass(frozen=True)
class LedgerReport:
    """What was checked, and the first break in words; empty when all is right."""

    accounts: int
    transfers: int
    first_break: str = ""

    @property
    def ok(self) -> bool:
        return not self.first_break


def verify_ledger(association: Association | None = None) -> LedgerReport:
    """Compute every balance again from the transfers and compare; the sum of all must be zero."""
    accounts = Account.objects.order_by("association", "pk")
    transfers = Transfer.objects.order_by("association", "pk")
    frames = Frame.objects.filter(closed_at=None).order_by("association", "pk")
    grants = Grant.objects.order_by("association", "pk")
    shares = BaseFinancingShare.objects.order_by("base__association", "pk")
    if association is not None:
        accounts = accounts.filter(association=association)
        transfers = transfers.filter(association=association)
        frames = frames.filter(association=association)
        grants = grants.filter(association=association)
        shares = shares.filter(base__association=association)
    first = (
        _broken_transfer(transfers)
        or _broken_account(accounts)
        or _broken_grant(grants)
        or _broken_share(shares)
        or _broken_frame(frames)
    )
    return LedgerReport(accounts.count(), transfers.count(), first)


def _broken_transfer(transfers: QuerySet[Transfer]) -> str:
    """The first transfer that moves nothing, leaves its association or reverses wrongly."""
    astray = transfers.exclude(source__association=F("association")) | transfers.exclude(
        target__association=F("association")
    )
    empty = transfers.filter(Q(amount__lte=0) | Q(source=F("target")))
    crooked = transfers.filter(reverses__isnull=False).exclude(
        reverses__source=F("target"), reverses__target=F("source"), reverses__amount=F("amount")
    )
    for wrong, what in (
        (empty, "flyttar ingenting"),
        (astray, "går mellan två förbund"),
        (crooked, "rättar inte det den ska rätta"),
    ):
        found = wrong.first()
        if found is not None:
            return f"Överföring {found.pk} {what}."
    return ""


def _broken_account(accounts: QuerySet[Account]) -> str:
    """The first account whose balance is not what its transfers add up to, or below its floor."""
    moved = Transfer.objects.order_by()
    received = dict(moved.values_list("target").annotate(sum=Sum("amount")))
    given = dict(moved.values_list("source").annotate(sum=Sum("amount")))
    for account in accounts.iterator():
        balance = received.get(account.pk, 0) - given.get(account.pk, 0)
        if account.balance != balance:
            return (
                f"Konto {account.pk} ({account.name}) har saldot {account.balance} kr, "
                f"överföringarna ger {balance} kr."
            )
        if balance < 0 and not account.may_be_negative:
            return f"Konto {account.pk} ({account.name}) ligger under noll: {balance} kr."
    return ""


def _broken_grant(grants: QuerySet[Grant]) -> str:
    """The first grant that is not what is paid of it and what is left to pay."""
    whole = F("account__balance") + Coalesce(F("paid_account__balance"), 0)
    wrong = grants.annotate(whole=whole).exclude(amount=F("whole")).first()
    if wrong is None:
        return ""
    return (
        f"Bidrag {wrong.pk} ({wrong.name}) är {wrong.amount} kr, men på dess konton finns "
        f"{wrong.whole} kr."
    )


def _broken_share(shares: QuerySet[BaseFinancingShare]) -> str:
    """The first part of a base financing that is not what is paid of it and what is left."""
    whole = F("account__balance") + Coalesce(F("paid_account__balance"), 0)
    wrong = shares.annotate(whole=whole).exclude(amount=F("whole")).first()
    if wrong is None:
        return ""
    return (
        f"Basfinansieringens del {wrong.pk} ({wrong}) är {wrong.amount} kr, men på dess konton "
        f"finns {wrong.whole} kr."
    )


def _broken_frame(frames: QuerySet[Frame]) -> str:
    """The first open frame whose sources and grants do not add up to what is left in it."""
    for frame in frames.select_related("account").iterator():
        drawn = sum(frame.sources.values_list("amount", flat=True))
        if drawn != frame.amount:
            return f"Ram {frame.pk} ({frame.name}) är {frame.amount} kr, källorna {drawn} kr."
        left = frame.amount - frame.granted
        if left != frame.account.balance:
            return (
                f"Ram {frame.pk} ({frame.name}) har {frame.account.balance} kr kvar, "
                f"de beviljade bidragen lämnar {left} kr."
            )
    return ""
