"""Paying out base financing: a claim is checked by one at the office, approved by another."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from budgets.base_financing import lowered_contributions, unsecured_words
from budgets.ledger import transfer
from budgets.models import (
    Account,
    AccountKind,
    BaseFinancingShare,
    BasePayment,
    BasePaymentState,
    Transfer,
    TransferReason,
)
from budgets.models.payments import MEMBER_ROLES
from budgets.two_persons import require_another, require_office
from finsam import clock
from finsam.associations.models import Association
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.messages.mail import send_mail
from finsam.people.access import visitor_for
from finsam.people.models import User
from finsam.registry.events import locked_head, record_event
from finsam.registry.models import Event
from finsam.typography import kronor

S = BasePaymentState
# From which states, by which action, to which state; by the office, and what was claimed may be
# stopped by the member too.
STEPS: dict[str, tuple[tuple[S, ...], S, str]] = {
    "registered": ((S.CLAIMED,), S.REGISTERED, "Kontrollerad"),
    "approved": ((S.REGISTERED,), S.APPROVED, "Godkänn"),
    "stopped": ((S.CLAIMED, S.REGISTERED, S.APPROVED), S.STOPPED, "Stoppa"),
    "paid": ((S.APPROVED,), S.PAID, "Utbetald"),
}
WAITING = (S.CLAIMED, S.REGISTERED)
OFFICE_PAYS = "Bara kansliet betalar ut basfinansiering."


def check_base_payment(*, payment: BasePayment, actor: User) -> BasePayment:
    """The office has checked what the member claimed; writes `base_payment_registered`.

    The first of two pairs of eyes. By the same person again it is done once.
    """
    with transaction.atomic():
        payment = locked_base_payment(payment)
        require_office(payment.association, actor, OFFICE_PAYS)
        if payment.state == S.REGISTERED and payment.registered_by_id == actor.pk:
            return payment
        _check_not_own(payment, actor)
        _check_step(payment, "registered")
        return _step(payment, "registered", actor, registered_by=actor, registered_at=clock.now())[
            0
        ]


def approve_base_payment(*, payment: BasePayment, actor: User) -> BasePayment:
    """Approve what another person registered: the money leaves the share at once.

    By the same person again it is done once. Raises NotAllowed for the person who registered it,
    NotPossible while the base financing is not secured, InsufficientFunds above the share.
    """
    with transaction.atomic():
        payment = locked_base_payment(payment)
        require_office(payment.association, actor, OFFICE_PAYS)
        if payment.state == S.APPROVED and payment.approved_by_id == actor.pk:
            return payment
        require_another(
            payment.registered_by_id,
            actor,
            "Du har registrerat utbetalningen. Någon annan på kansliet behöver godkänna den.",
        )
        _check_not_own(payment, actor)
        _check_step(payment, "approved")
        require_secured(payment.association, payment.share.base.year)
        payment, event = _step(
            payment, "approved", actor, approved_by=actor, approved_at=clock.now()
        )
        transfer(
            source=payment.share.account,
            target=_paid_account(payment.share),
            amount=payment.amount,
            reason=TransferReason.PAID,
            key=_paid_key(payment),
            actor=actor,
            event=event,
            note=f"Utbetalning {payment.number}, {payment.reference}"[:250],
        )
    return payment


def stop_base_payment(*, payment: BasePayment, reason: str, actor: User) -> BasePayment:
    """End a payment that has not gone to the bank; approved money goes back to the share.

    Stopped twice it is once. Raises NotPossible once it is in a payment file.
    """
    if not reason.strip():
        raise DomainError("reason_missing", "Skriv varför utbetalningen stoppas.", "reason")
    with transaction.atomic():
        payment = locked_base_payment(payment)
        if not (payment.state == S.CLAIMED and speaks_for(payment.share, actor)):
            require_office(payment.association, actor, OFFICE_PAYS)
        if payment.state == S.STOPPED:
            return payment
        _check_step(payment, "stopped")
        if payment.batch_id is not None:
            raise NotPossible(
                "in_batch", "Utbetalningen finns redan i en betalfil. Stoppa den hos banken."
            )
        payment, event = _step(
            payment,
            "stopped",
            actor,
            stopped_by=actor,
            stopped_at=clock.now(),
            stop_reason=reason.strip(),
        )
        made = Transfer.objects.filter(
            association=payment.association, key=_paid_key(payment)
        ).first()
        if made is not None:
            transfer(
                source=made.target,
                target=made.source,
                amount=made.amount,
                reason=TransferReason.CORRECTION,
                key=f"{made.key}-stopped",
                actor=actor,
                event=event,
                note=reason.strip()[:250],
                reverses=made,
            )
        if payment.claimed_by is not None and payment.claimed_by_id != actor.pk:
            _send_stopped(payment, payment.claimed_by)
    return payment


def note_base_payment_paid(payment: BasePayment, actor: User) -> BasePayment:
    """The bank has paid it; part of marking its payment file."""
    payment = locked_base_payment(payment)
    _check_step(payment, "paid")
    return _step(payment, "paid", actor)[0]


def base_waiting_for_payment(association: Association) -> list[BasePayment]:
    """Approved payments that are in no file yet."""
    found = BasePayment.objects.with_share().filter(
        association=association, state=S.APPROVED, batch=None
    )
    return list(found.order_by("approved_at", "pk"))


def locked_base_payment(payment: BasePayment) -> BasePayment:
    """The payment, with its share and its accounts as they are once it is its turn.

    One at a time in the association, so that payments of one share do not open it an account each.
    """
    locked_head(payment.association)
    found: BasePayment = BasePayment.objects.with_share().get(pk=payment.pk)
    return found


def speaks_for(share: BaseFinancingShare, actor: User) -> bool:
    """Whether the person has a role for the member whose share it is."""
    visitor = visitor_for(share.base.association, actor)
    return share.member_id in visitor.member_ids(*MEMBER_ROLES)


def _check_not_own(payment: BasePayment, actor: User) -> None:
    if payment.claimed_by_id == actor.pk:
        raise NotAllowed(
            "own_claim", "Du har begärt utbetalningen. Någon annan på kansliet behöver pröva den."
        )


def _send_stopped(payment: BasePayment, to: User) -> None:
    send_mail(
        association=payment.association,
        to=to,
        event_key=f"base_payment_stopped:{payment.pk}",
        subject=f"Betalas inte ut: {payment.title}",
        template="mail/base_payment_stopped.txt",
        context={
            "title": payment.title,
            "team": payment.share.team,
            "amount": kronor(payment.amount),
            "reason": payment.stop_reason,
            "path": payment.get_absolute_url(),
        },
    )


def require_secured(association: Association, year: int) -> None:
    """The condition of the base financing: that the contributions are unchanged.

    Raises NotPossible while one is lowered.
    """
    text = unsecured_words(lowered_contributions(association, year))
    if text:
        raise NotPossible(
            "base_not_secured",
            f"{text} Fastställ basfinansieringen på nytt innan något mer betalas ut.",
        )


def _check_step(payment: BasePayment, action: str) -> None:
    sources, _, label = STEPS[action]
    if payment.state not in sources:
        raise NotPossible(
            "wrong_state",
            f"”{label}” går inte nu: utbetalningen har läget ”{payment.get_state_display()}”. "
            "Läs om sidan.",
        )


def _step(
    payment: BasePayment, action: str, actor: User, **changes: Any
) -> tuple[BasePayment, Event]:
    payment.state = STEPS[action][1]
    for name, value in changes.items():
        setattr(payment, name, value)
    payment.save(update_fields=["state", *changes])
    return payment, tell_base_payment(payment, f"base_payment_{action}", actor)


def _paid_account(share: BaseFinancingShare) -> Account:
    """Where what has been paid of a share lies, opened with its first payment."""
    if share.paid_account is None:
        share.paid_account = Account.objects.create(
            association=share.base.association,
            kind=AccountKind.PAID_OUT,
            name=f"Utbetalt av {share.account.name}"[:160],
            year=share.base.year,
        )
        share.save(update_fields=["paid_account"])
    return share.paid_account


def _paid_key(payment: BasePayment) -> str:
    return f"base-payment-{payment.pk}-paid"


def tell_base_payment(payment: BasePayment, action: str, actor: User) -> Event:
    """Write the event of a step."""
    return record_event(
        association=payment.association,
        actor=actor,
        action=action,
        obj=payment,
        payload={
            "share": payment.share_id,
            "number": payment.number,
            "amount": payment.amount,
            "state": payment.state,
        },
    )
