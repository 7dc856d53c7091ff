"""Moving a grant between its budget lines, or lowering it, on a change that was approved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from budgets.content import BudgetContent
from budgets.figures import note_figures
from budgets.frames import change_grant
from budgets.models import Grant, GrantLine, RevisedBudget, RevisedState
from budgets.payment_lines import plan_lines
from budgets.revised_budgets import granted_figure, holder_of, lay_out
from budgets.split import split
from finsam import clock
from finsam.errors import NotAllowed, NotPossible
from finsam.people.models import User
from finsam.registry.events import locked_head, record_event
from finsam.registry.models import Case


def lines_to_change(*, grant: Grant, content: BudgetContent, actor: User | None) -> list[GrantLine]:
    """The grant's lines; laid out on the decided budget where nothing has been claimed yet."""
    return plan_lines(grant=grant, content=content, actor=actor)


def change_lines(
    *,
    grant: Grant,
    amounts: Mapping[str, int],
    note: str,
    filed_by: User,
    filed_at: datetime,
    key: str,
    actor: User,
    case: Case | None,
) -> RevisedBudget:
    """Lay the grant out anew, as an approved revised budget beside the earlier; once for each key.

    `amounts` in kronor by line. A lower sum gives the difference back to the frame, though never
    what has been paid already: then the lines share what is left. Writes `grant_lines_changed`.
    Raises NotPossible for a higher sum (that is a new decision of the board).
    """
    with transaction.atomic():
        locked_head(grant.association)
        grant = Grant.objects.select_related("association", "account").get(pk=grant.pk)
        if filed_by.pk == actor.pk:
            raise NotAllowed("same_person", "Någon annan än den som begärde ändringen avgör den.")
        wanted = sum(amounts.values())
        if wanted > grant.amount:
            raise NotPossible("over_grant", "Ett högre belopp kräver ett nytt beslut av styrelsen.")
        total = max(wanted, grant.amount - grant.unpaid)
        if total < grant.amount:
            grant = change_grant(grant=grant, amount=total, key=key, actor=actor)
        lines = list(grant.lines.all())
        chosen = [amounts.get(line.key, 0) for line in lines]
        shares = split(total, chosen if any(chosen) else [line.cost for line in lines])
        highest = grant.revised_budgets.aggregate(highest=Max("number"))["highest"]
        made = RevisedBudget.objects.create(
            association=grant.association,
            grant=grant,
            number=(highest or 0) + 1,
            state=RevisedState.APPROVED,
            rows=[_row(line, amount) for line, amount in zip(lines, shares, strict=True)],
            note=note[:2000],
            filed_by=filed_by,
            filed_at=filed_at,
            approved_by=actor,
            approved_at=clock.now(),
        )
        note_figures(
            association=grant.association,
            holder=holder_of(made),
            title=str(made),
            figures=[granted_figure(grant)],
        )
        lay_out(made)
        record_event(
            association=grant.association,
            actor=actor,
            action="grant_lines_changed",
            obj=grant,
            case=case,
            payload={"total": total, "lines": {row["key"]: row["amount"] for row in made.rows}},
        )
    return made


def _row(line: GrantLine, amount: int) -> dict[str, object]:
    return {
        "key": line.key,
        "label": line.label,
        "party": line.party,
        "is_staff": line.is_staff,
        "cost": line.cost,
        "amount": amount,
    }
