"""Payment requests at the office: checked by one person, approved by another, money moved."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet, Sum

from budgets.frames import release_grant
from budgets.ledger import balance_now, transfer
from budgets.models import Account, AccountKind, Grant, PaymentRequest, PaymentState, Transfer
from budgets.models.ledger import TransferReason
from budgets.models.payments import AT_OFFICE
from budgets.payment_lines import claim_of
from budgets.payment_mails import tell_member
from budgets.payment_settings import move_percent_of
from budgets.payment_states import apply_step, check_may, locked
from finsam import clock
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.people.models import User
from finsam.registry.events import locked_head, record_event
from finsam.registry.models import Direction, Event
from finsam.registry.register import register_record
from finsam.typography import enumerate_words, kronor


def return_request(*, request: PaymentRequest, message: str, actor: User) -> PaymentRequest:
    """Send the request back to the member, saying what is to be mended."""
    text = message.strip()
    if not text:
        raise DomainError("message_missing", "Skriv vad som behöver rättas.", "message")
    with transaction.atomic():
        request = locked(request)
        if request.state == PaymentState.RETURNED and request.returned_message == text:
            return request
        return _back(request, "return", text, actor)


def check_request(
    *, request: PaymentRequest, seen_hash: str, move_reason: str = "", actor: User
) -> PaymentRequest:
    """Note that the request is right; the first of two pairs of eyes.

    Money moved between lines above the agreed share needs the office's word: `move_reason`. By
    the same person again it is done once. Raises Conflict when the content is another.
    """
    with transaction.atomic():
        request = locked(request)
        check_may(request, "check", actor)
        _check_seen(request, seen_hash)
        if request.state == PaymentState.CHECKED and request.checked_by_id == actor.pk:
            return request
        moved = claim_of(request).moved(move_percent_of(request.association))
        if moved and not move_reason.strip():
            names = enumerate_words([row.label for row in moved])
            raise NotPossible(
                "move_reason_missing",
                f"Mer än vad som är överenskommet har flyttats till: {names}. Skriv varför "
                "kansliet godtar det, eller skicka åter rekvisitionen.",
                "move_reason",
            )
        return apply_step(
            request,
            "check",
            actor=actor,
            payload={"content_hash": seen_hash, "reason": move_reason.strip()},
            checked_by=actor,
            checked_at=clock.now(),
            move_reason=move_reason.strip() if moved else "",
        )


def approve_request(*, request: PaymentRequest, seen_hash: str, actor: User) -> PaymentRequest:
    """Approve what another person has checked: the money leaves the grant at once.

    A final request closes the grant and gives what is left back to the frame, or to equity when
    the frame is closed. By the same person again it is done once. Raises NotAllowed for the
    person who checked, InsufficientFunds (saying what is left) when the grant does not suffice,
    NotPossible for a final request while another of the grant waits at the office.
    """
    with transaction.atomic():
        request = locked(request)
        check_may(request, "approve", actor)
        _check_seen(request, seen_hash)
        if request.state == PaymentState.APPROVED and request.approved_by_id == actor.pk:
            return request
        if request.checked_by_id == actor.pk:
            raise NotAllowed(
                "same_person",
                "Du har kontrollerat rekvisitionen. Någon annan på kansliet behöver godkänna den.",
            )
        if request.is_final:
            _check_last(request)
        request = apply_step(
            request,
            "approve",
            actor=actor,
            payload={"content_hash": seen_hash},
            approved_by=actor,
            approved_at=clock.now(),
        )
        event = _decided(request, actor)
        _pay_out(request, actor, event)
        if request.is_final:
            close_grant(grant=request.grant, key=_key(request, "closed"), actor=actor, event=event)
        tell_member(request, "approved")
    return request


def stop_request(*, request: PaymentRequest, message: str, actor: User) -> PaymentRequest:
    """Take back an approval before the money has gone to the bank; the grant gets it again.

    It is kept there for the mended request, also when the grant has been closed since. Raises
    NotPossible once the request is in a payment file, or was the final one.
    """
    text = message.strip()
    if not text:
        raise DomainError("message_missing", "Skriv varför utbetalningen stoppas.", "message")
    with transaction.atomic():
        request = locked(request)
        if request.state == PaymentState.RETURNED and request.returned_message == text:
            return request
        check_may(request, "stop", actor)
        if request.batch_id is not None:
            raise NotPossible(
                "in_batch",
                "Rekvisitionen finns redan i en betalfil. Stoppa betalningen hos banken, och "
                "bokför en återbetalning när pengarna har kommit tillbaka.",
            )
        if request.is_final:
            raise NotPossible(
                "final",
                "Slutrekvisitionen har avslutat bidraget. Bokför en återbetalning i stället.",
            )
        request = _back(request, "stop", text, actor)
        made = Transfer.objects.get(association=request.association, key=_key(request, "paid"))
        transfer(
            source=made.target,
            target=made.source,
            amount=made.amount,
            reason=TransferReason.CORRECTION,
            key=f"{made.key}-stopped",
            actor=actor,
            event=_latest_event(request, "payment_stop"),
            note=text[:250],
            reverses=made,
        )
    return request


def recover_payment(
    *, request: PaymentRequest, amount: int, reason: str, key: str, actor: User
) -> Transfer:
    """Book money that was wrongly paid and has come back: paid out → grant, once for each key.

    Of a closed grant it goes on to the frame, or to equity; what is kept there for a request
    that was stopped stays. Registers the repayment. Raises Conflict when the key came with
    another sum, NotPossible above what was paid of this very request and has not come back:
    what else is paid of the grant belongs to other requests, which may yet be stopped.
    """
    if not reason.strip():
        raise DomainError("reason_missing", "Skriv varför pengarna återbetalas.", "reason")
    with transaction.atomic():
        request = locked(request)
        check_may(request, "pay", actor)
        grant = request.grant
        if request.state != PaymentState.PAID or grant.paid_account is None:
            raise NotPossible("not_paid", "Bara det som är utbetalt kan återbetalas.")
        locked_head(request.association)
        name = f"recovery-{request.pk}-{key}"
        earlier = Transfer.objects.filter(association=request.association, key=name).first()
        if earlier is None:
            _check_not_back(request, amount)
        event = earlier.event if earlier else _recovered(request, amount, reason, actor)
        made = transfer(
            source=grant.paid_account,
            target=grant.account,
            amount=amount,
            reason=TransferReason.RECOVERED,
            key=name,
            actor=actor,
            event=event,
            note=reason.strip()[:250],
        )
        if earlier is None:
            if grant.closed_at is not None:
                release_grant(
                    grant=grant, amount=amount, key=f"{name}-released", actor=actor, event=event
                )
            tell_member(request, "recovered", amount=amount, turn=key)
    return made


def recoveries_of(request: PaymentRequest) -> QuerySet[Transfer]:
    """What has come back of a paid request, in the order it came."""
    return Transfer.objects.filter(
        association=request.association_id,
        reason=TransferReason.RECOVERED,
        key__startswith=f"recovery-{request.pk}-",
    ).order_by("made_at")


def close_grant(*, grant: Grant, key: str, actor: User, event: Event | None = None) -> Grant:
    """End a grant for good: what is not paid is released, and nothing more can be claimed."""
    with transaction.atomic():
        grant = release_grant(grant=grant, key=key, actor=actor, event=event)
        if grant.closed_at is None:
            grant.closed_at = clock.now()
            grant.save(update_fields=["closed_at"])
    return grant


def _check_not_back(request: PaymentRequest, amount: int) -> None:
    left = request.amount - (recoveries_of(request).aggregate(sum=Sum("amount"))["sum"] or 0)
    if amount <= left:
        return
    raise NotPossible(
        "over_paid",
        f"Av rekvisitionen är {kronor(left)} utbetalt och inte återbetalt. Välj högst så mycket."
        if left
        else "Allt som har betalats ut på rekvisitionen är redan återbetalt. Läs om sidan.",
        "amount",
    )


def _check_last(request: PaymentRequest) -> None:
    """The final request releases the rest, so nothing else may wait to be paid out of it."""
    waiting = PaymentRequest.objects.filter(grant=request.grant_id, state__in=AT_OFFICE)
    others = [str(one.number) for one in waiting.exclude(pk=request.pk).order_by("number")]
    if others:
        raise NotPossible(
            "others_waiting",
            f"Slutrekvisitionen avslutar bidraget, men rekvisition {enumerate_words(others)} "
            "väntar på kansliet. Godkänn eller skicka åter den först.",
        )


def _pay_out(request: PaymentRequest, actor: User, event: Event) -> None:
    if not request.amount:
        return
    locked_head(request.association)
    grant = Grant.objects.select_related("account", "paid_account").get(pk=request.grant_id)
    transfer(
        source=grant.account,
        target=_paid_account(grant),
        amount=request.amount,
        reason=TransferReason.PAID,
        key=_key(request, "paid"),
        actor=actor,
        event=event,
        note=f"{request.title}, {request.member.name}",
    )


def _paid_account(grant: Grant) -> Account:
    """Where what has been paid of a grant lies, opened with its first payment."""
    if grant.paid_account is not None:
        return grant.paid_account
    account: Account = Account.objects.create(
        association_id=grant.association_id,
        kind=AccountKind.PAID_OUT,
        name=f"Utbetalt till {grant.name}"[:160],
        year=grant.account.year,
    )
    grant.paid_account = account
    grant.save(update_fields=["paid_account"])
    return account


def _key(request: PaymentRequest, what: str) -> str:
    """Each approval of a request has a key of its own, so that one stopped can be made again."""
    stops = Event.objects.filter(
        association=request.association, action="payment_stop", object_id=str(request.pk)
    ).count()
    if what == "paid" and request.state == PaymentState.RETURNED:
        stops -= 1
    return f"payment-{request.pk}-{what}" + (f"-{stops}" if stops else "")


def _check_seen(request: PaymentRequest, seen_hash: str) -> None:
    if request.content_hash != seen_hash:
        raise Conflict(
            "changed_since_seen",
            "Rekvisitionen har ändrats sedan du öppnade sidan. Läs den på nytt.",
        )


def _back(request: PaymentRequest, action: str, text: str, actor: User) -> PaymentRequest:
    """To the member's desk again: the content is open, the marks of the two are gone."""
    request = apply_step(
        request,
        action,
        actor=actor,
        payload={"reason": text},
        returned_message=text,
        content={},
        content_hash="",
        attested_by=None,
        attested_at=None,
        checked_by=None,
        checked_at=None,
        approved_by=None,
        approved_at=None,
        move_reason="",
    )
    tell_member(request, "returned")
    return request


def _decided(request: PaymentRequest, actor: User) -> Event:
    """Register the decision to pay, and give the event of the approval."""
    if request.case is not None:
        register_record(
            case=request.case,
            direction=Direction.DRAWN_UP,
            subject=f"Utbetalning godkänd: {request.title} för {request.grant.name}, "
            f"{kronor(request.amount)}"[:250],
            correspondent=request.member.name,
            actor=actor,
        )
    return _latest_event(request, "payment_approve")


def _latest_event(request: PaymentRequest, action: str) -> Event:
    found: Event = Event.objects.filter(
        association=request.association, action=action, object_id=str(request.pk)
    ).latest("sequence")
    return found


def _recovered(request: PaymentRequest, amount: int, reason: str, actor: User) -> Event:
    if request.case is not None:
        register_record(
            case=request.case,
            direction=Direction.IN,
            subject=f"Återbetalning av {kronor(amount)}: {request.title}"[:250],
            correspondent=request.member.name,
            actor=actor,
        )
    return record_event(
        association=request.association,
        actor=actor,
        action="payment_recovered",
        obj=request,
        case=request.case,
        payload={"amount": amount, "reason": reason.strip(), "paid": _paid(request)},
    )


def _paid(request: PaymentRequest) -> int:
    account = request.grant.paid_account
    return balance_now(account) if account else 0
