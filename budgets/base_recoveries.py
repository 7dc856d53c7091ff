"""Base financing that was wrongly paid and has come back: registered by one, booked by another."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Sum

from budgets.base_payments import locked_base_payment
from budgets.ledger import InsufficientFunds, transfer
from budgets.models import (
    Account,
    BasePayment,
    BasePaymentState,
    BaseRecovery,
    RecoveryState,
    TransferReason,
)
from budgets.two_persons import require_another, require_office, require_same
from finsam import clock
from finsam.errors import DomainError, NotPossible
from finsam.messages.mail import send_mail
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.registry.models import Event
from finsam.typography import kronor

OFFICE_BOOKS = "Bara kansliet bokför återbetalningar."


def register_base_recovery(
    *, payment: BasePayment, amount: int, reason: str, key: str, actor: User
) -> BaseRecovery:
    """Note that `amount` kronor of a payment have come back, once for each `key`.

    The first of two pairs of eyes: no money moves. Writes `base_recovery_registered`. Raises
    NotPossible unless it is paid, or while another waits; InsufficientFunds above what is paid
    and not recovered; Conflict when the key came with another sum.
    """
    said = reason.strip()
    if not said:
        raise DomainError("reason_missing", "Skriv varför pengarna återbetalas.", "reason")
    if amount <= 0:
        raise DomainError("amount_not_positive", "Beloppet ska vara större än noll.", "amount")
    with transaction.atomic():
        payment = locked_base_payment(payment)
        require_office(payment.association, actor, OFFICE_BOOKS)
        earlier = payment.recoveries.filter(key=key).first()
        if earlier is not None:
            there = earlier.amount, earlier.reason
            require_same(there, (amount, said), "En återbetalning är redan registrerad")
            found: BaseRecovery = earlier
            return found
        if payment.state != BasePaymentState.PAID or payment.share.paid_account is None:
            raise NotPossible("not_paid", "Bara det som är utbetalt kan återbetalas.")
        if payment.recoveries.filter(state=RecoveryState.REGISTERED).exists():
            raise NotPossible(
                "recovery_waits", "En återbetalning väntar redan på att någon annan bokför den."
            )
        left = recoverable(payment)
        if amount > left:
            raise InsufficientFunds(payment.share.paid_account, amount, left)
        made: BaseRecovery = BaseRecovery.objects.create(
            payment=payment, key=key, amount=amount, reason=said, registered_by=actor
        )
        _tell(made, "base_recovery_registered", actor)
    return made


def book_base_recovery(*, recovery: BaseRecovery, actor: User) -> BaseRecovery:
    """Book what another person registered: paid out → the member's share, which may claim it anew.

    By the same person again it is done once. Tells the member's people by mail. Raises NotAllowed
    for the person who registered it, NotPossible when it has been removed.
    """
    with transaction.atomic():
        recovery = _locked(recovery)
        payment = recovery.payment
        require_office(payment.association, actor, OFFICE_BOOKS)
        if recovery.state == RecoveryState.BOOKED and recovery.booked_by_id == actor.pk:
            return recovery
        require_another(
            recovery.registered_by_id,
            actor,
            "Du har registrerat återbetalningen. Någon annan på kansliet behöver bokföra den.",
        )
        _check_waiting(recovery)
        recovery.state = RecoveryState.BOOKED
        recovery.booked_by, recovery.booked_at = actor, clock.now()
        recovery.save(update_fields=["state", "booked_by", "booked_at"])
        event = _tell(recovery, "base_recovery_booked", actor)
        transfer(
            source=Account.objects.get(paid_base_share=payment.share),
            target=payment.share.account,
            amount=recovery.amount,
            reason=TransferReason.RECOVERED,
            key=f"base-recovery-{recovery.pk}",
            actor=actor,
            event=event,
            note=recovery.reason[:250],
        )
        if payment.claimed_by is not None:
            _send_recovered(recovery, payment.claimed_by)
    return recovery


def remove_base_recovery(*, recovery: BaseRecovery, actor: User) -> BaseRecovery:
    """Put away what was registered by mistake, before it is booked; removed twice it is once."""
    with transaction.atomic():
        recovery = _locked(recovery)
        require_office(recovery.payment.association, actor, OFFICE_BOOKS)
        if recovery.state == RecoveryState.STOPPED:
            return recovery
        _check_waiting(recovery)
        recovery.state = RecoveryState.STOPPED
        recovery.save(update_fields=["state"])
        _tell(recovery, "base_recovery_removed", actor)
    return recovery


def recoverable(payment: BasePayment) -> int:
    """What is paid of a payment and has not come back, in kronor."""
    booked = payment.recoveries.filter(state=RecoveryState.BOOKED)
    back: int | None = booked.aggregate(sum=Sum("amount"))["sum"]
    return payment.amount - (back or 0)


def _locked(recovery: BaseRecovery) -> BaseRecovery:
    """The recovery as it is once it is its turn, with its payment and the payment's accounts."""
    payment = locked_base_payment(recovery.payment)
    found: BaseRecovery = BaseRecovery.objects.get(pk=recovery.pk)
    found.payment = payment
    return found


def _check_waiting(recovery: BaseRecovery) -> None:
    if recovery.state != RecoveryState.REGISTERED:
        raise NotPossible(
            "wrong_state",
            f"Återbetalningen är redan {recovery.get_state_display().lower()}. Läs om sidan.",
        )


def _send_recovered(recovery: BaseRecovery, to: User) -> None:
    payment = recovery.payment
    send_mail(
        association=payment.association,
        to=to,
        event_key=f"base_recovery_booked:{recovery.pk}",
        subject=f"Återbetalning bokförd: {payment.title}",
        template="mail/base_recovery_booked.txt",
        context={
            "title": payment.title,
            "team": payment.share.team,
            "amount": kronor(recovery.amount),
            "reason": recovery.reason,
            "path": payment.get_absolute_url(),
        },
    )


def _tell(recovery: BaseRecovery, action: str, actor: User) -> Event:
    payment = recovery.payment
    return record_event(
        association=payment.association,
        actor=actor,
        action=action,
        obj=payment,
        payload={
            "recovery": recovery.pk,
            "amount": recovery.amount,
            "reason": recovery.reason,
            "state": recovery.state,
        },
    )
