"""The budget lines of a grant, and how a claim stands against them, in öre."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Sum

from budgets.content import BudgetContent
from budgets.models import Grant, GrantLine, PaymentRequest, PaymentRow
from budgets.models.payments import AT_OFFICE, CLAIMED, ORE
from budgets.split import split
from budgets.summary import NO_PARTY, STAFF
from finsam.errors import NotPossible
from finsam.people.models import User
from finsam.registry.events import locked_head, record_event


@dataclass(frozen=True)
class ClaimRow:
    """One budget line in a claim: budget, claimed before, this period, in all, left; in öre."""

    key: str
    label: str
    party: str
    is_staff: bool
    budget: int
    before: int
    now: int

    @property
    def in_all(self) -> int:
        return self.before + self.now

    @property
    def left(self) -> int:
        return self.budget - self.in_all

    @property
    def over(self) -> int:
        return max(-self.left, 0)

    def needs_word(self, move_percent: int | None) -> bool:
        """Whether more is moved to the line than has been agreed; nothing agreed is nothing."""
        return self.now > 0 and 100 * self.over > self.budget * (move_percent or 0)


@dataclass(frozen=True)
class Claim:
    """The rows of a request with their sums, in öre."""

    rows: tuple[ClaimRow, ...]

    def _sum(self, name: str) -> int:
        return sum(getattr(row, name) for row in self.rows)

    @property
    def budget(self) -> int:
        return self._sum("budget")

    @property
    def before(self) -> int:
        return self._sum("before")

    @property
    def now(self) -> int:
        return self._sum("now")

    @property
    def in_all(self) -> int:
        return self.before + self.now

    @property
    def left(self) -> int:
        return self.budget - self.in_all

    @property
    def staff_now(self) -> int:
        return sum(row.now for row in self.rows if row.is_staff)

    @property
    def amount(self) -> int:
        """What is claimed, in whole kronor: öre over are left out, never added."""
        return self.now // ORE

    def moved(self, move_percent: int | None) -> tuple[ClaimRow, ...]:
        return tuple(row for row in self.rows if row.needs_word(move_percent))


def plan_lines(*, grant: Grant, content: BudgetContent, actor: User | None) -> list[GrantLine]:
    """Lay a grant out on the budget's lines, once; writes `grant_lines_planned`.

    A line is a party's staff, or a party's costs of one kind. Where the grant is less than the
    cost (others pay a part, or less was granted than sought) each line gets its share by largest
    remainder, so that the lines always sum to the grant. Raises NotPossible without any cost.
    """
    costs = costs_of(content)
    with transaction.atomic():
        locked_head(grant.association)
        there = list(grant.lines.all())
        if there:
            return there
        if not sum(costs.values()):
            raise NotPossible("no_costs", "Budgeten har inga kostnader att rekvirera mot.")
        amounts = split(grant.amount, list(costs.values()))
        lines = [
            GrantLine(
                grant=grant,
                key=f"{kind}|{party}",
                label=f"{kind}, {party}",
                party=party,
                is_staff=kind == STAFF,
                cost=cost,
                amount=amount,
                position=position,
            )
            for position, ((kind, party), cost, amount) in enumerate(
                zip(costs, costs.values(), amounts, strict=True), start=1
            )
        ]
        made = GrantLine.objects.bulk_create(lines)
        record_event(
            association=grant.association,
            actor=actor,
            action="grant_lines_planned",
            obj=grant,
            payload={"lines": {line.label: line.amount for line in made}},
        )
    return made


def plan_again(grant: Grant) -> None:
    """After the grant was raised or lowered its lines are shared out anew, in the transaction."""
    lines = list(grant.lines.all())
    if not lines:
        return
    for line, amount in zip(lines, split(grant.amount, _weights(lines)), strict=True):
        line.amount = amount
    GrantLine.objects.bulk_update(lines, ["amount"])


def _weights(lines: Sequence[GrantLine]) -> list[int]:
    """What a line has of the grant now, so that a revised budget keeps its proportions."""
    amounts = [line.amount for line in lines]
    return amounts if any(amounts) else [line.cost for line in lines]


def claim_of(request: PaymentRequest) -> Claim:
    """The claim as it stands now; once it has been sent, as it was then. Three queries."""
    if request.content:
        return frozen_claim(request.content)
    typed = dict(PaymentRow.objects.filter(request=request).values_list("line_id", "ore"))
    before = claimed_before(request)
    return Claim(
        tuple(
            ClaimRow(
                line.key,
                line.label,
                line.party,
                line.is_staff,
                line.amount * ORE,
                before.get(line.pk, 0),
                typed.get(line.pk, 0),
            )
            for line in lines_for(request)
        )
    )


def frozen_claim(content: Mapping[str, Any]) -> Claim:
    """The rows as they were frozen."""
    return Claim(tuple(ClaimRow(**row) for row in content["rows"]))


def lines_for(request: PaymentRequest) -> list[GrantLine]:
    """The lines that the member claims against: its own, or all where it leads."""
    lines = GrantLine.objects.filter(grant=request.grant_id)
    if not request.covers_all:
        lines = lines.filter(party=request.member.name)
    return list(lines)


def claimed_before(request: PaymentRequest) -> dict[int, int]:
    """What the grant's other requests have claimed by line, in öre."""
    others = PaymentRow.objects.filter(
        request__grant=request.grant_id, request__state__in=CLAIMED
    ).exclude(request=request.pk)
    sums = others.order_by().values_list("line").annotate(sum=Sum("ore"))
    return {line: ore for line, ore in sums}  # noqa: C416 - typed as a plain dict


def room_left(grant: Grant, but_for: PaymentRequest | None = None) -> int:
    """What can still be claimed of a grant, in kronor: unpaid, less what waits at the office."""
    waiting = PaymentRequest.objects.filter(grant=grant.pk, state__in=AT_OFFICE)
    if but_for is not None:
        waiting = waiting.exclude(pk=but_for.pk)
    asked: int = waiting.aggregate(sum=Sum("amount"))["sum"] or 0
    unpaid: int = Grant.objects.values_list("account__balance", flat=True).get(pk=grant.pk)
    return unpaid - asked


def costs_of(content: BudgetContent) -> dict[tuple[str, str], int]:
    """Cost by kind and party, in the order of the rows, staff first."""
    sums: dict[tuple[str, str], int] = {}
    for row in content.staff:
        _add(sums, (STAFF, row.party or NO_PARTY), row.cost)
    for cost in content.costs:
        kind = cost.kind.label if cost.kind else "Övrigt"
        _add(sums, (kind, cost.party or NO_PARTY), cost.cost)
    return {place: amount for place, amount in sums.items() if amount}


def _add(sums: dict[tuple[str, str], int], place: tuple[str, str], amount: int) -> None:
    sums[place] = sums.get(place, 0) + amount


def rows_as_json(rows: Sequence[ClaimRow]) -> list[dict[str, Any]]:
    return [
        {
            "key": row.key,
            "label": row.label,
            "party": row.party,
            "is_staff": row.is_staff,
            "budget": row.budget,
            "before": row.before,
            "now": row.now,
        }
        for row in rows
    ]
