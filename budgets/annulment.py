"""Taking back a grant that was recorded wrongly, by the same money the other way."""

from __future__ import annotations

from django.db import transaction

from budgets.ledger import equity_account, reverse, transfer
from budgets.models import Grant, Transfer, TransferReason
from finsam.errors import NotPossible
from finsam.people.models import User
from finsam.registry.events import locked_head
from finsam.registry.models import Event


def annul_grant(
    *, grant: Grant, key: str, actor: User | None, note: str, event: Event | None = None
) -> Grant:
    """Reverse the reservation of a grant; afterwards it holds nothing, and stays as a record.

    Of a frame that has been closed since, the money goes on to equity. Once for each key. Raises
    NotPossible when the grant has been changed or paid from since: then it was no slip of the
    pen, and is changed or released instead.
    """
    with transaction.atomic():
        locked_head(grant.association)
        grant = Grant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
        if Transfer.objects.filter(association=grant.association_id, key=key).exists():
            return grant
        made = Transfer.objects.select_related("source", "target").get(
            association=grant.association_id, key=f"grant-{grant.pk}"
        )
        if grant.amount != grant.original_amount or grant.unpaid != grant.amount:
            raise NotPossible(
                "grant_used",
                "Bidraget har ändrats eller betalats ut sedan det beviljades, så beslutet kan inte "
                "rättas. Fatta ett nytt beslut i stället.",
            )
        reverse(made=made, key=key, actor=actor, note=note, event=event)
        if grant.frame.closed_at is not None:
            transfer(
                source=made.source,
                target=equity_account(grant.association),
                amount=made.amount,
                reason=TransferReason.FRAME_CLOSED,
                key=f"{key}-closed",
                actor=actor,
                event=event,
                note=note,
            )
        grant.amount = 0
        grant.save(update_fields=["amount"])
    return grant
