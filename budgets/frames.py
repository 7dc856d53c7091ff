"""Setting frames, and reserving, changing and releasing grants within them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from budgets.ledger import balance_now, equity_account, transfer
from budgets.models import (
    Account,
    AccountKind,
    Frame,
    FrameSource,
    Grant,
    Lot,
    Transfer,
    TransferReason,
)
from budgets.payment_lines import plan_again
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.errors import Conflict, NotPossible
from finsam.people.models import User
from finsam.registry.events import locked_head, record_event
from finsam.registry.models import Event
from finsam.typography import kronor


@dataclass(frozen=True)
class PlannedLot:
    """A part of the planned distribution of a frame."""

    name: str
    amount: int
    member: Member | None = None


def set_frame(
    *,
    association: Association,
    name: str,
    year: int,
    sources: Sequence[tuple[Account, int]],
    lots: Sequence[PlannedLot] = (),
    is_example_plan: bool = False,
    actor: User | None,
) -> Frame:
    """Set a frame as the sum of what it is drawn from pools and equity; writes `frame_set`.

    The same frame again changes nothing; another of the same name and year is a Conflict. Raises
    InsufficientFunds when a source does not hold its part (KL 11:15), NotPossible when the
    planned distribution passes the frame.
    """
    amount = sum(part for _, part in sources)
    _check_frame(association, name, amount, sources, lots)
    with transaction.atomic():
        locked_head(association)
        frame = Frame.objects.filter(association=association, name=name, year=year).first()
        if frame is not None:
            return _same_frame(frame, sources, lots)
        account = Account.objects.create(
            association=association, kind=AccountKind.FRAME, name=name, year=year
        )
        facts = {"name": name, "year": year, "amount": amount}
        frame = Frame.objects.create(
            association=association, account=account, is_example_plan=is_example_plan, **facts
        )
        event = record_event(
            association=association,
            actor=actor,
            action="frame_set",
            obj=frame,
            payload=facts
            | {
                "sources": {source.name: part for source, part in sources},
                "lots": {lot.name: lot.amount for lot in lots},
            },
        )
        _draw(frame, sources, actor, event)
        _plan(frame, lots)
    return frame


def reserve_grant(
    *,
    frame: Frame,
    amount: int,
    key: str,
    actor: User | None,
    event: Event | None = None,
    name: str = "",
    lot: Lot | None = None,
) -> Grant:
    """Reserve `amount` kronor of the frame for a decision, once for each key.

    Writes `grant_reserved` unless the decision's own event is given. Raises InsufficientFunds,
    which says what is left, when the frame does not suffice; Conflict when the key is taken.
    """
    association = frame.association
    with transaction.atomic():
        locked_head(association)
        earlier = Grant.objects.filter(association=association, key=key).first()
        if earlier is not None:
            return _same_grant(earlier, frame, amount)
        if frame.closed_at is not None:
            raise NotPossible("frame_closed", f"{frame.name} är avslutad. Välj en annan ram.")
        title = name or (lot.name if lot else frame.name)
        account = Account.objects.create(
            association=association, kind=AccountKind.GRANT, name=title, year=frame.year
        )
        grant = Grant.objects.create(
            association=association,
            frame=frame,
            lot=lot,
            name=title,
            account=account,
            amount=amount,
            original_amount=amount,
            key=key,
        )
        transfer(
            source=frame.account,
            target=grant.account,
            amount=amount,
            reason=TransferReason.GRANT_DECIDED,
            key=f"grant-{grant.pk}",
            actor=actor,
            event=event or _grant_event(grant, actor, "grant_reserved", amount),
        )
    return grant


def change_grant(
    *, grant: Grant, amount: int, key: str, actor: User | None, event: Event | None = None
) -> Grant:
    """Raise or lower a grant to `amount` kronor, once for each key; the frame gives or takes.

    Writes `grant_changed` unless an event is given. Raises InsufficientFunds when the frame, or
    what is not yet paid of the grant, does not suffice.
    """
    with transaction.atomic():
        locked_head(grant.association)
        grant = Grant.objects.select_related("account", "frame__account").get(pk=grant.pk)
        if Transfer.objects.filter(association=grant.association, key=key).exists():
            return grant
        difference = amount - grant.amount
        if amount < 0:
            raise NotPossible("negative_grant", "Ett bidrag kan inte vara under noll.", "amount")
        if grant.closed_at is not None and difference:
            raise NotPossible("grant_closed", f"{grant.name} är slutredovisad.", "amount")
        if difference > 0:
            _move_grant(grant, difference, TransferReason.GRANT_RAISED, key, actor, event)
        elif difference < 0:
            _move_grant(grant, difference, TransferReason.GRANT_LOWERED, key, actor, event)
        plan_again(grant)
    return grant


def release_grant(
    *,
    grant: Grant,
    key: str,
    actor: User | None,
    event: Event | None = None,
    amount: int | None = None,
) -> Grant:
    """Give back what is not paid of a grant, to the frame, or to equity when it is closed.

    All of it, or no more than `amount` kronor. Writes `grant_changed` unless an event is given.
    Once for each key; nothing left is no fault.
    """
    with transaction.atomic():
        locked_head(grant.association)
        grant = Grant.objects.select_related("account", "frame__account").get(pk=grant.pk)
        unpaid = balance_now(grant.account)
        released = unpaid if amount is None else min(amount, unpaid)
        done = Transfer.objects.filter(association=grant.association, key=key).exists()
        if released and not done:
            _move_grant(grant, -released, TransferReason.GRANT_RELEASED, key, actor, event)
    return grant


def close_frame(*, frame: Frame, actor: User | None) -> Frame:
    """End a frame: what was not granted becomes equity; writes `frame_closed`, once."""
    with transaction.atomic():
        locked_head(frame.association)
        frame = Frame.objects.select_related("account", "association").get(pk=frame.pk)
        if frame.closed_at is not None:
            return frame
        left = balance_now(frame.account)
        event = record_event(
            association=frame.association,
            actor=actor,
            action="frame_closed",
            obj=frame,
            payload={"left": left},
        )
        if left:
            transfer(
                source=frame.account,
                target=equity_account(frame.association),
                amount=left,
                reason=TransferReason.FRAME_CLOSED,
                key=f"frame-{frame.pk}-closed",
                actor=actor,
                event=event,
            )
        frame.closed_at = clock.now()
        frame.save(update_fields=["closed_at"])
    return frame


def _check_frame(
    association: Association,
    name: str,
    amount: int,
    sources: Sequence[tuple[Account, int]],
    lots: Sequence[PlannedLot],
) -> None:
    allowed = {AccountKind.POOL, AccountKind.EQUITY}
    if any(account.association_id != association.pk for account, _ in sources):
        raise ValueError("An account of another association.")
    if not name.strip():
        raise NotPossible("frame_name", "Ge ramen ett namn.", "name")
    if amount <= 0 or any(account.kind not in allowed for account, _ in sources):
        raise NotPossible(
            "frame_source", "Säg vilken pott eller vilket eget kapital ramen tas ur (KL 11:15)."
        )
    planned = sum(lot.amount for lot in lots)
    if planned > amount:
        raise NotPossible(
            "plan_over_frame",
            f"Den planerade fördelningen är {kronor(planned)}, ramen {kronor(amount)}. "
            f"Sänk fördelningen med {kronor(planned - amount)}.",
        )


def _draw(
    frame: Frame, sources: Sequence[tuple[Account, int]], actor: User | None, event: Event
) -> None:
    """Move each source's part into the frame."""
    for source, part in sources:
        FrameSource.objects.create(frame=frame, account=source, amount=part)
        transfer(
            source=source,
            target=frame.account,
            amount=part,
            reason=TransferReason.FRAME_SET,
            key=f"frame-{frame.pk}-from-{source.pk}",
            actor=actor,
            event=event,
        )


def _plan(frame: Frame, lots: Sequence[PlannedLot]) -> None:
    Lot.objects.bulk_create(
        Lot(
            frame=frame,
            member=lot.member,
            name=lot.name,
            planned_amount=lot.amount,
            position=position,
        )
        for position, lot in enumerate(lots, start=1)
    )


def _same_frame(
    frame: Frame, sources: Sequence[tuple[Account, int]], lots: Sequence[PlannedLot]
) -> Frame:
    drawn = {source.account_id: source.amount for source in frame.sources.all()}
    planned = {lot.name: lot.planned_amount for lot in frame.lots.all()}
    if drawn != {account.pk: part for account, part in sources} or planned != {
        lot.name: lot.amount for lot in lots
    }:
        raise Conflict(
            "frame_exists", f"{frame.name} finns redan för {frame.year} med andra belopp."
        )
    return frame


def _same_grant(grant: Grant, frame: Frame, amount: int) -> Grant:
    if grant.frame_id != frame.pk or grant.original_amount != amount:
        raise Conflict(
            "grant_exists",
            f"Beslutet har redan reserverat {kronor(grant.original_amount)} ur {grant.frame}. "
            "Ladda om sidan.",
        )
    return grant


def _move_grant(
    grant: Grant,
    difference: int,
    reason: TransferReason,
    key: str,
    actor: User | None,
    event: Event | None,
) -> None:
    """Move the difference between frame and grant, and write the grant's new amount."""
    frame = grant.frame
    outside = equity_account(grant.association) if frame.closed_at else frame.account
    event = event or _grant_event(grant, actor, "grant_changed", grant.amount + difference)
    transfer(
        source=outside if difference > 0 else grant.account,
        target=grant.account if difference > 0 else outside,
        amount=abs(difference),
        reason=reason,
        key=key,
        actor=actor,
        event=event,
    )
    grant.amount += difference
    grant.save(update_fields=["amount"])


def _grant_event(grant: Grant, actor: User | None, action: str, amount: int) -> Event:
    return record_event(
        association=grant.association,
        actor=actor,
        action=action,
        obj=grant,
        payload={"frame": grant.frame_id, "name": grant.name, "amount": amount},
    )
