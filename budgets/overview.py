"""What the economy pages show, gathered in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum

from budgets.contributions import PAYER_OF_KIND, SHARES, Payer, lawful_shares
from budgets.models import Account, AccountKind, Contribution, Frame, Grant, Pool, Transfer
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


def year_overview(association: Association, year: int) -> YearOverview:
    """Everything the year's page shows."""
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
    frames = frame_sums(association, year)
    single = Q(kind=AccountKind.YEAR, year=year) | Q(kind=AccountKind.EQUITY)
    found = Account.objects.filter(single, association=association)
    accounts = {account.kind: account for account in found.select_related("association")}
    return YearOverview(
        year=year,
        years=known_years(association, year),
        contributions=contributions,
        payers=_payers(contributions),
        pools=pools,
        frames=frames,
        year_account=accounts.get(AccountKind.YEAR),
        equity=accounts.get(AccountKind.EQUITY),
        now=_where_it_is(association, year),
    )


def frame_sums(association: Association, year: int) -> tuple[FrameSums, ...]:
    """The frames of a year with what is granted of each; four queries."""
    frames = Frame.objects.with_accounts().filter(association=association, year=year)
    granted = dict(
        Grant.objects.filter(association=association, frame__year=year)
        .order_by()
        .values_list("frame")
        .annotate(sum=Sum("amount"))
    )
    return tuple(FrameSums(frame, granted.get(frame.pk, 0)) for frame in frames.order_by("name"))


def known_years(association: Association, *also: int) -> tuple[int, ...]:
    """The years there is money for, latest first; the current one always."""
    found = Account.objects.filter(association=association, year__isnull=False)
    rows = found.order_by().values_list("year", flat=True).distinct()
    years = {year for year in rows if year} | set(also) | {clock.today().year}
    return tuple(sorted(years, reverse=True))


def latest_year(association: Association) -> int:
    """The year to show first: the latest that has money, else the current one."""
    found = Account.objects.filter(association=association, year__isnull=False)
    latest: int | None = found.order_by("-year").values_list("year", flat=True).first()
    return latest or clock.today().year


def frame_bar(frame: Frame, rows: Sequence[FrameRow]) -> Bar:
    """The frame as a bar: granted, sought and not decided, left, and what is sought above it."""
    granted = frame.amount - frame.account.balance if frame.closed_at is None else frame.granted
    asked = sum(row.sought for row in rows if not row.granted)
    free = max(frame.amount - granted, 0)
    parts = [
        BarPart("Beviljat", granted),
        BarPart("Sökt, inte beslutat", min(asked, free), "second"),
        BarPart("Kvar", max(free - asked, 0), "rest"),
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


def _where_it_is(association: Association, year: int) -> tuple[BarPart, ...]:
    """The year's own accounts by kind; equity lies beside the years and is shown apart."""
    sums = Account.objects.filter(association=association, year=year).sum_by_kind()
    parts = (
        BarPart("Utbetalt", sums.get(AccountKind.PAID_OUT, 0), "association"),
        BarPart("Beviljat, inte utbetalt", sums.get(AccountKind.GRANT, 0), "association"),
        BarPart("I ramar, inte beviljat", sums.get(AccountKind.FRAME, 0), "second"),
        BarPart("I potter", sums.get(AccountKind.POOL, 0), "third"),
        BarPart("Inte fördelat", sums.get(AccountKind.YEAR, 0), "rest"),
    )
    return tuple(part for part in parts if part.amount or part.tone == "rest")
