"""Asking back what was wrongly paid: one person demands it, another books it when it has come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from django.db import transaction

from budgets.models import DemandState, PaymentRecovery, PaymentRequest, PaymentState
from budgets.payment_mails import tell_member
from budgets.payment_review import recover_payment
from budgets.payment_states import check_may, locked
from budgets.two_persons import require_another, require_same
from finsam import clock
from finsam.errors import DomainError, NotPossible
from finsam.people.models import User
from finsam.registry.events import locked_head, record_event
from finsam.registry.models import Direction
from finsam.registry.register import register_record
from finsam.typography import date_long, kronor, storable

S = DemandState


def demand_recovery(
    *,
    request: PaymentRequest,
    amount: int,
    reason: str,
    due_on: date,
    key: str,
    actor: User,
) -> PaymentRecovery:
    """Ask the member to pay back `amount` kronor of a paid request, once for each `key`.

    Writes `recovery_demanded`, registers it and tells the member; no money is moved. Raises
    NotPossible for more than was paid and is not asked back already, Conflict when the key came
    with other figures.
    """
    said = storable(reason)
    if not said:
        raise DomainError("reason_missing", "Skriv varför pengarna ska betalas tillbaka.", "reason")
    if amount <= 0:
        raise DomainError("amount_missing", "Skriv beloppet i hela kronor.", "amount")
    with transaction.atomic():
        request = locked(request)
        check_may(request, "pay", actor)
        locked_head(request.association)
        earlier = PaymentRecovery.objects.filter(request=request, key=key).first()
        if earlier is not None:
            there = earlier.amount, earlier.reason, earlier.due_on
            require_same(there, (amount, said, due_on), "Pengarna är redan återkrävda")
            return earlier
        left = left_to_recover(request)
        if amount > left:
            raise NotPossible(
                "over_paid",
                f"Av rekvisitionen kan högst {kronor(left)} återkrävas."
                if left
                else "Allt som betalades ut på rekvisitionen är redan återkrävt. Är ett återkrav "
                "fel, ta tillbaka det innan pengarna har kommit.",
                "amount",
            )
        made = PaymentRecovery.objects.create(
            request=request,
            key=key,
            amount=amount,
            reason=said,
            due_on=due_on,
            demanded_at=clock.now(),
            demanded_by=actor,
        )
        _tell(made, "recovery_demanded", actor)
        if request.case is not None:
            register_record(
                case=request.case,
                direction=Direction.OUT,
                subject=f"Återkrav av {kronor(amount)}: {request.title}"[:250],
                correspondent=request.member.name,
                actor=actor,
            )
        message = f"{said} Betala tillbaka senast {date_long(due_on)}."
        tell_member(request, "demanded", amount=amount, message=message, turn=f"demand-{made.pk}")
    return made


def book_recovery(*, recovery: PaymentRecovery, actor: User) -> PaymentRecovery:
    """The money has come back: paid out → grant, and of a closed grant on to frame or equity.

    By another person than the one who demanded it; booked already by the same, nothing happens.
    """
    with _locked(recovery) as found:
        check_may(found.request, "pay", actor)
        if found.state == S.BOOKED and found.ended_by_id == actor.pk:
            return found
        _require_demanded(found)
        require_another(
            found.demanded_by_id,
            actor,
            "Du har återkrävt pengarna. Någon annan på kansliet bokför att de har kommit.",
        )
        recover_payment(
            request=found.request,
            amount=found.amount,
            reason=found.reason,
            key=f"demand-{found.pk}",
            actor=actor,
        )
        _end(found, S.BOOKED, actor)
    return found


def drop_recovery(*, recovery: PaymentRecovery, actor: User) -> PaymentRecovery:
    """Take a demand back before the money has come; writes `recovery_dropped`."""
    with _locked(recovery) as found:
        check_may(found.request, "pay", actor)
        if found.state == S.DROPPED:
            return found
        _require_demanded(found)
        _end(found, S.DROPPED, actor)
        _tell(found, "recovery_dropped", actor)
    return found


def asked_back(request: PaymentRequest) -> list[PaymentRecovery]:
    """What has been asked back of a request, whether it has come or not; one query."""
    return list(request.recoveries.exclude(state=S.DROPPED).select_related("demanded_by"))


def left_to_recover(request: PaymentRequest, asked: Sequence[PaymentRecovery] | None = None) -> int:
    """What of a paid request can still be asked back, in kronor; `asked` where it is known."""
    if request.state != PaymentState.PAID:
        raise NotPossible("not_paid", "Bara det som är utbetalt kan återkrävas.")
    known = asked_back(request) if asked is None else asked
    return request.amount - sum(one.amount for one in known)


@contextmanager
def _locked(recovery: PaymentRecovery) -> Iterator[PaymentRecovery]:
    """The request is locked before what is asked back of it."""
    with transaction.atomic():
        request = locked(recovery.request)
        locked_head(request.association)
        found = PaymentRecovery.objects.get(pk=recovery.pk)
        found.request = request
        yield found


def _require_demanded(recovery: PaymentRecovery) -> None:
    if recovery.state != S.DEMANDED:
        raise NotPossible(
            "not_demanded",
            f"Återkravet har läget ”{recovery.get_state_display()}”. Läs om sidan.",
        )


def _end(recovery: PaymentRecovery, state: DemandState, actor: User) -> None:
    recovery.state, recovery.ended_at, recovery.ended_by = state, clock.now(), actor
    recovery.save(update_fields=["state", "ended_at", "ended_by"])


def _tell(recovery: PaymentRecovery, action: str, actor: User) -> None:
    record_event(
        association=recovery.request.association,
        actor=actor,
        action=action,
        obj=recovery,
        case=recovery.request.case,
        payload={"amount": recovery.amount, "request": recovery.request_id},
    )
