"""Wrongly paid money: asked back by one person, booked by another, once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from budgets.models import Frame, PaymentRecovery, PaymentRequest
from budgets.payment_batches import mark_paid
from budgets.payment_review import close_grant
from budgets.recoveries import book_recovery, demand_recovery, drop_recovery
from budgets.verification import verify_ledger
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.people.models import User
from finsam.registry.models import Record
from tests.budgets.payments import batch_of, make_approved, make_draft, make_grant, make_sent
from tests.conftest import is_refused
from tests.kept import kept

pytestmark = pytest.mark.django_db
DUE = date(2030, 1, 31)


@kept
def paid(
    association: Association, frame: Frame, member: Member, applicant: User, signatory: User,
    officer: User, director: User,
) -> PaymentRequest:  # fmt: skip
    draft = make_draft(make_grant(frame, director), member, applicant)
    sent = make_sent(draft, applicant, signatory, 100_000)
    batch = batch_of(association, [make_approved(sent, officer, director)], director)
    mark_paid(batch=batch, paid_on=clock.today(), actor=director)
    return PaymentRequest.objects.select_related("grant__account", "grant__paid_account").get(
        pk=sent.pk
    )


def demand(
    paid: PaymentRequest, actor: User, *, amount: int = 40_000, key: str = "a"
) -> PaymentRecovery:
    said: dict[str, Any] = {"reason": "Dubbel hyra.", "due_on": DUE}
    return demand_recovery(request=paid, amount=amount, key=key, actor=actor, **said)


def test_one_asks_it_back_and_another_books_it_and_it_goes_back_to_the_grant(
    paid: PaymentRequest, officer: User, director: User, applicant: User
) -> None:
    made = demand(paid, officer)
    assert demand(paid, officer) == made
    assert Record.objects.filter(subject__startswith="Återkrav av 40").count() == 1
    told = Message.objects.filter(recipient=applicant, subject__startswith="Pengar ska betalas")
    assert told.count() == 1
    paid.grant.refresh_from_db()
    assert paid.grant.paid == 100_000
    with pytest.raises(NotAllowed) as same:
        book_recovery(recovery=made, actor=officer)
    assert same.value.code == "same_person"
    for _ in range(2):
        book_recovery(recovery=made, actor=director)
    paid.grant.paid_account.refresh_from_db()
    assert (paid.grant.paid, PaymentRecovery.objects.get().state) == (60_000, "booked")
    assert is_refused("UPDATE budgets_paymentrecovery SET amount = 1 WHERE id = %s", made.pk)
    with pytest.raises(NotPossible):
        drop_recovery(recovery=made, actor=officer)
    assert verify_ledger().ok


def test_of_an_ended_grant_it_goes_on_to_the_frame_and_never_more_than_was_paid(
    paid: PaymentRequest, frame: Frame, officer: User, director: User
) -> None:
    close_grant(grant=paid.grant, key="ended", actor=director)
    with pytest.raises(NotPossible) as over:
        demand(paid, officer, amount=100_001)
    assert over.value.code == "over_paid"
    dropped = demand(paid, officer, amount=100_000)
    with pytest.raises(Conflict):
        demand(paid, officer, amount=1)
    with pytest.raises(NotPossible, match="redan återkrävt"):
        demand(paid, officer, amount=1, key="b")
    for _ in range(2):
        drop_recovery(recovery=dropped, actor=director)
    with pytest.raises(DomainError) as none:
        demand(paid, officer, amount=0, key="c")
    assert none.value.code == "amount_missing"
    book_recovery(recovery=demand(paid, officer, key="d"), actor=director)
    frame.account.refresh_from_db()
    assert frame.remaining == frame.amount - 60_000
    assert verify_ledger().ok
