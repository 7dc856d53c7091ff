"""What the economy pages show, gathered in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from budgets.base_financing import Lowered, lowered_since, unsecured_words
from budgets.contributions import PAYER_OF_KIND, SHARES, Payer, lawful_shares
from budgets.flow import balances_of
from budgets.models import (
    Account,
    AccountKind,
    BaseFinancingShare,
    Contribution,
    ContributionKey,
    EquityLevel,
    Frame,
    Grant,
    Pool,
    Transfer,
)
from budgets.sought import FrameRow
from finsam import clock
from finsam.associations.models import Association
from finsam.typography import enumerate_words, number
from finsam.ui import Bar, BarPart, bar


@dataclass(frozen=True)
class PayerSums:
    """What a payer of FL 5 § owes of a year, and has paid."""

    label: str
    share: int
    lawful: int
    planned: int
    paid: int


@dataclass(frozen=True)
class FrameSums:
    """A frame with what is granted and left of it."""

    frame: Frame
    granted: int

    @property
    def left(self) -> int:
        return self.frame.account.balance

    @property
    def told(self) -> str:
        return f"Beviljat {number(self.granted)} av ramen {number(self.frame.amount)} kronor"


@dataclass(frozen=True)
class YearOverview:
    """The economy of one year: from contributions to where each krona is now."""

    year: int
    years: tuple[int, ...]
    contributions: tuple[Contribution, ...]
    payers: tuple[PayerSums, ...]
    pools: tuple[Pool, ...]
    frames: tuple[FrameSums, ...]
    year_account: Account | None
    equity: Account | None
    now: tuple[BarPart, ...]
    balances: dict[str, int]
    keys: tuple[ContributionKey, ...]
    shares: tuple[BaseFinancingShare, ...]
    lowered: tuple[Lowered, ...]
    equity_most: int | None

    @property
    def equity_over(self) -> int:
        """How much more equity there is than the association's own level; 0 within it."""
        if self.equity is None or self.equity_most is None:
            return 0
        return max(self.equity.balance - self.equity_most, 0)

    @property
    def base_total(self) -> int:
        return sum(share.amount for share in self.shares)

    @property
    def base_paid(self) -> int:
        return sum(share.paid for share in self.shares)

    @property
    def unsecured(self) -> str:
        return unsecured_words(self.lowered)

    @property
    def planned(self) -> int:
        return sum(row.planned_amount for row in self.contributions)

    @property
    def paid(self) -> int:
        return sum(row.paid_amount for row in self.contributions)

    @property
    def undivided(self) -> int:
        return self.year_account.balance if self.year_account else 0

    @property
    def now_bar(self) -> Bar:
        """Where the year's money is now, and the same in words for who cannot see it."""
        told = enumerate_words([f"{part.text} {number(part.amount)}" for part in self.now])
        return bar(self.now, label=f"Pengarna nu, i kronor: {told}.")

    @property
    def now_total(self) -> int:
        return sum(part.amount for part in self.now)


def year_overview(
    association: Association, year: int, years: Sequence[int] | None = None
) -> YearOverview:
    """Everything the year's page shows; `years` are those with money, where they are known."""
    contributions = tuple(
        Contribution.objects.filter(association=association, year=year).select_related(
            "member", "source__association"
        )
    )
    pools = tuple(
        Pool.objects.filter(association=association, year=year).select_related(
            "account__association"
        )
    )
    single = Q(kind=AccountKind.YEAR, year=year) | Q(kind=AccountKind.EQUITY)
    found = Account.objects.filter(single, association=association)
    accounts = {account.kind: account for account in found.select_related("association")}
    shares = tuple(
        BaseFinancingShare.objects.filter(
            base__association=association, base__year=year
        ).select_related("base", "member", "account__association", "paid_account__association")
    )
    planned = {row.member: row.planned_amount for row in contributions}
    balances = balances_of(association, year)
    return YearOverview(
        year=year,
        years=with_current(years_with_money(association) if years is None else years, year),
        contributions=contributions,
        payers=_payers(contributions),
        pools=pools,
        frames=frame_sums(association, year),
        year_account=accounts.get(AccountKind.YEAR),
        equity=accounts.get(AccountKind.EQUITY),
        now=_where_it_is(balances),
        balances=balances,
        keys=tuple(ContributionKey.objects.filter(association=association, year=year)),
        shares=shares,
        lowered=tuple(lowered_since(shares[0].base.terms, planned) if shares else ()),
        equity_most=equity_most(association, sum(planned.values())),
    )


def equity_most(association: Association, contributions: int) -> int | None:
    """The association's own level for equity with contributions of that sum; None when unsaid."""
    for level in EquityLevel.objects.filter(association=association):
        if level.up_to is None or contributions <= level.up_to:
            most: int = level.most(contributions)
            return most
    return None


def frame_sums(association: Association, year: int) -> tuple[FrameSums, ...]:
    """The frames of a year with what is granted of each; one query."""
    grants = Grant.objects.filter(frame=OuterRef("pk")).order_by().values("frame")
    granted = Coalesce(Subquery(grants.annotate(sum=Sum("amount")).values("sum")), 0)
    frames = (
        Frame.objects.filter(association=association, year=year)
        .select_related("account__association", "association")
        .annotate(granted_sum=granted)
        .order_by("name")
    )
    return tuple(FrameSums(frame, getattr(frame, "granted_sum", 0)) for frame in frames)


def years_with_money(association: Association) -> list[int]:
    """The years there is money for, latest first."""
    found = Account.objects.filter(association=association, year__isnull=False)
    years = found.order_by().values_list("year", flat=True).distinct()
    return sorted((year for year in years if year), reverse=True)


def with_current(years: Iterable[int], *also: int) -> tuple[int, ...]:
    """Those years with the current one and the one shown, latest first."""
    return tuple(sorted({*years, *also, clock.today().year}, reverse=True))


def frame_bar(frame: Frame, rows: Sequence[FrameRow]) -> Bar:
    """The frame as a bar: granted, sought and not decided, neither, and what is sought above it."""
    granted = frame.amount - frame.account.balance if frame.closed_at is None else frame.granted
    asked = sum(row.sought for row in rows if not row.granted)
    free = max(frame.amount - granted, 0)
    parts = [
        BarPart("Beviljat", granted),
        BarPart("Sökt, inte beslutat", min(asked, free), "second"),
        BarPart("Varken beviljat eller sökt", max(free - asked, 0), "rest"),
    ]
    if asked > free:
        parts.append(BarPart("Sökt över ramen", asked - free, "over"))
    told = enumerate_words([f"{part.text.lower()} {number(part.amount)}" for part in parts])
    return bar(parts, label=f"Av ramen {number(frame.amount)} kronor: {told}.", total=frame.amount)


def source_words(frame: Frame) -> str:
    """7 000 000 ur potten för insatser, 2 000 000 ur eget kapital."""
    return ", ".join(
        f"{number(source.amount)} ur {source.account.in_words}" for source in frame.sources.all()
    )


def transfers_of(account: Account) -> QuerySet[Transfer]:
    """The transfers behind an account's balance, newest first, to be cut into pages."""
    found: QuerySet[Transfer] = Transfer.objects.of_account(account)
    return found


def _payers(contributions: Sequence[Contribution]) -> tuple[PayerSums, ...]:
    lawful = lawful_shares(sum(row.planned_amount for row in contributions))
    return tuple(
        PayerSums(
            label=payer.label.capitalize(),
            share=SHARES[payer],
            lawful=lawful[payer],
            planned=sum(row.planned_amount for row in rows),
            paid=sum(row.paid_amount for row in rows),
        )
        for payer in Payer
        if (rows := [row for row in contributions if PAYER_OF_KIND[row.member.kind] is payer])
    )


def _where_it_is(balances: Mapping[str, int]) -> tuple[BarPart, ...]:
    """The year's own accounts by kind; equity lies beside the years and is shown apart."""
    pools = balances.get("base_financing", 0) + balances.get("efforts", 0)
    parts = (
        BarPart("Utbetalt", balances.get(AccountKind.PAID_OUT, 0), "association"),
        BarPart("Beviljat, inte utbetalt", balances.get(AccountKind.GRANT, 0), "association"),
        BarPart("Basfinansiering", balances.get(AccountKind.BASE, 0), "second"),
        BarPart("I ramar, inte beviljat", balances.get(AccountKind.FRAME, 0), "second"),
        BarPart("I potter", pools, "third"),
        BarPart("Inte fördelat", balances.get(AccountKind.YEAR, 0), "rest"),
    )
    return tuple(part for part in parts if part.amount or part.tone == "rest")
