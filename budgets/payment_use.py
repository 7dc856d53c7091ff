"""What has been used of a grant, line by line, by the requests that were approved."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, Sum

from budgets.models import Grant, PaymentState
from budgets.models.payments import ORE

APPROVED = (PaymentState.APPROVED, PaymentState.PAID)


@dataclass(frozen=True)
class LineUse:
    """A budget line: its share of the grant and what has been used of it, in whole kronor."""

    label: str
    budget: int
    used: int

    @property
    def left(self) -> int:
        return self.budget - self.used


def use_of(grant: Grant) -> list[LineUse]:
    """Each line of the grant with its approved costs; none before the first request is begun."""
    approved = Q(claims__request__state__in=APPROVED)
    lines = grant.lines.annotate(ore=Sum("claims__ore", filter=approved))
    return [
        LineUse(line.label, line.amount, round((line.ore or 0) / ORE))
        for line in lines.order_by("position")
    ]
