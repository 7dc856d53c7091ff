"""Sending approved requests to the bank together: one file, made once, and marked when paid."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Max

from budgets.base_payments import note_base_payment_paid
from budgets.models import BasePayment, PaymentBatch, PaymentRequest, PaymentState
from budgets.payment_file import Payer, Payment, payment_csv, payment_xml
from budgets.payment_mails import tell_member
from budgets.payment_settings import economy_settings
from budgets.payment_states import apply_step, locked
from finsam import clock
from finsam.associations.models import Association
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.people.access import OFFICE, visitor_for
from finsam.people.models import User
from finsam.registry.events import locked_head, record_event
from finsam.typography import kronor


def make_batch(
    *,
    association: Association,
    requests: Sequence[PaymentRequest],
    base_payments: Sequence[BasePayment] = (),
    execute_on: date,
    key: str,
    actor: User,
) -> PaymentBatch:
    """Put approved requests and base financing into a file, once for `key`; writes `batch_made`.

    The same key with other payments or another day is a Conflict. Raises NotPossible when one
    is not approved or is in a file already, or the account to pay from is not set.
    """
    if not visitor_for(association, actor).has(*OFFICE):
        raise NotAllowed("role_missing", "Bara kansliet kan göra en betalfil.")
    wanted = sorted(request.pk for request in requests)
    wanted_base = sorted(payment.pk for payment in base_payments)
    with transaction.atomic():
        rows = [
            locked(request)
            for request in PaymentRequest.objects.filter(
                association=association, pk__in=wanted
            ).order_by("pk")
        ]
        locked_head(association)
        base = list(
            BasePayment.objects.with_share()
            .filter(association=association, pk__in=wanted_base)
            .order_by("pk")
        )
        earlier = PaymentBatch.objects.filter(association=association, key=key).first()
        if earlier is not None:
            return _same(earlier, (wanted, wanted_base), execute_on)
        _check([*rows, *base], len(wanted) + len(wanted_base), execute_on)
        highest = association.payment_batches.aggregate(highest=Max("number"))["highest"]
        number = (highest or 0) + 1
        payments = [*map(_payment, rows), *map(_base_payment, base)]
        xml = payment_xml(
            message_id=f"{association.register_prefix}-{clock.today():%Y}-{number}".replace(
                " ", ""
            ),
            made_at=clock.now(),
            execute_on=execute_on,
            payer=_payer(association),
            payments=payments,
        )
        batch = PaymentBatch.objects.create(
            association=association,
            number=number,
            key=key,
            execute_on=execute_on,
            amount=sum(payment.amount for payment in payments),
            count=len(payments),
            xml=xml,
            csv=payment_csv(execute_on, payments),
            sha256=hashlib.sha256(xml.encode()).hexdigest(),
            created_by=actor,
        )
        PaymentRequest.objects.filter(pk__in=wanted).update(batch=batch)
        BasePayment.objects.filter(pk__in=wanted_base).update(batch=batch)
        _tell(batch, "batch_made", actor, requests=wanted, base_payments=wanted_base)
    return batch


def mark_paid(*, batch: PaymentBatch, paid_on: date, actor: User) -> PaymentBatch:
    """Note the day when the bank paid; every request in the file is then paid, and told.

    The same day again changes nothing; another day is a Conflict.
    """
    with transaction.atomic():
        batch = (
            PaymentBatch.objects.select_for_update(of=("self",))
            .select_related("association")
            .get(pk=batch.pk)
        )
        if batch.paid_on is not None:
            if batch.paid_on != paid_on:
                raise Conflict("paid_already", f"{batch} är redan noterad som utbetald.")
            return batch
        if paid_on > clock.today():
            raise DomainError("paid_ahead", "Dagen ligger i framtiden.", "paid_on")
        batch.paid_on, batch.paid_by = paid_on, actor
        batch.save(update_fields=["paid_on", "paid_by"])
        for request in [locked(each) for each in batch.requests.order_by("pk")]:
            paid = apply_step(request, "pay", actor=actor, payload={"batch": batch.number})
            paid.batch = batch
            tell_member(paid, "paid")
        for payment in batch.base_payments.order_by("pk"):
            note_base_payment_paid(payment, actor)
        _tell(batch, "batch_paid", actor, paid_on=paid_on.isoformat())
    return batch


def waiting_for_payment(association: Association) -> list[PaymentRequest]:
    """Approved requests that are in no file yet and have something to pay."""
    found = PaymentRequest.objects.with_rows().filter(
        association=association, state=PaymentState.APPROVED, batch=None, amount__gt=0
    )
    return list(found.order_by("approved_at", "pk"))


def _check(rows: Sequence[PaymentRequest | BasePayment], wanted: int, execute_on: date) -> None:
    if not rows or len(rows) != wanted:
        raise NotPossible("nothing_chosen", "Välj minst en godkänd utbetalning.")
    for row in rows:
        if row.state != PaymentState.APPROVED or row.batch_id or not row.amount:
            raise NotPossible(
                "not_payable",
                f"{row} är inte godkänd, eller finns redan i en betalfil. Läs om sidan.",
            )
    if execute_on < clock.today():
        raise DomainError("execute_on_past", "Betalningsdagen har passerat.", "execute_on")


def _payer(association: Association) -> Payer:
    settings = economy_settings(association)
    if not (settings.payer_account and settings.payer_bic):
        raise NotPossible(
            "payer_missing",
            "Skriv vilket konto förbundet betalar från, och bankens BIC, under Ekonomins regler.",
        )
    return Payer(
        association.name,
        association.organisation_number,
        settings.payer_account_type,
        settings.payer_account,
        settings.payer_bic,
    )


def _payment(request: PaymentRequest) -> Payment:
    return Payment(
        reference=f"R{request.pk}-{request.number}",
        payee=request.member.name,
        account_type=request.account_type,
        account=request.account_number,
        amount=request.amount,
        message=f"{request.title} {request.grant.name}",
    )


def _base_payment(payment: BasePayment) -> Payment:
    return Payment(
        reference=f"B{payment.pk}-{payment.number}",
        payee=payment.share.member.name,
        account_type=payment.account_type,
        account=payment.account_number,
        amount=payment.amount,
        message=f"{payment.reference} Basfinansiering {payment.share.base.year} "
        f"{payment.share.team}",
    )


def _same(
    earlier: PaymentBatch, wanted: tuple[list[int], list[int]], execute_on: date
) -> PaymentBatch:
    there = tuple(
        sorted(rows.values_list("pk", flat=True))
        for rows in (earlier.requests, earlier.base_payments)
    )
    if there != wanted or earlier.execute_on != execute_on:
        raise Conflict(
            "reused_key",
            f"{earlier} på {kronor(earlier.amount)} är redan gjord från det här formuläret, med "
            "andra utbetalningar. Öppna sidan på nytt.",
        )
    return earlier


def _tell(batch: PaymentBatch, action: str, actor: User, **payload: object) -> None:
    record_event(
        association=batch.association,
        actor=actor,
        action=action,
        obj=batch,
        payload={"number": batch.number, "amount": batch.amount, **payload},
    )
