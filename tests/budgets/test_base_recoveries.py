"""Base financing that was wrongly paid comes back: seen by two, booked once, and told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from budgets.base_claims import claim_base_payment, room_left
from budgets.base_payments import approve_base_payment, check_base_payment
from budgets.base_recoveries import (
    book_base_recovery,
    register_base_recovery,
    remove_base_recovery,
)
from budgets.ledger import InsufficientFunds
from budgets.models import BaseFinancingShare, BasePayment, BaseRecovery, Transfer
from budgets.payment_batches import make_batch, mark_paid
from budgets.verification import verify_ledger
from finsam import clock
from finsam.associations.models import Association
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.people.models import User
from finsam.registry.models import Event
from finsam.typography import kronor
from tests.budgets.conftest import divided_year
from tests.budgets.test_base_financing import YEAR, set_base
from tests.budgets.test_base_payments import CLAIM, now, set_payer, speaker
from tests.conftest import is_refused
from tests.kept import kept


@kept
def share(association: Association, director: User) -> BaseFinancingShare:
    divided_year(association, YEAR, director)
    set_base(association, director, 2_000_000)
    return now(association, "fk")


@kept
def claimant(association: Association) -> User:
    return speaker(association, "fk")


@kept
def paid(
    share: BaseFinancingShare, association: Association, claimant: User, officer: User,
    director: User,
) -> BasePayment:  # fmt: skip
    """500 000 kr claimed by the member, seen by two, and paid by the bank."""
    made = claim_base_payment(share=share, claim=CLAIM, key="one", actor=claimant)
    approve_base_payment(payment=check_base_payment(payment=made, actor=officer), actor=director)
    set_payer(association, director)
    batch = make_batch(
        association=association, requests=[], base_payments=[made], execute_on=clock.today(),
        key="batch", actor=officer,
    )  # fmt: skip
    mark_paid(batch=batch, paid_on=clock.today(), actor=director)
    return BasePayment.objects.with_share().get(pk=made.pk)


def register(
    paid: BasePayment, actor: User, amount: int = 120_000, key: str = "back", reason: str = "Dubbel"
) -> BaseRecovery:
    return register_base_recovery(payment=paid, amount=amount, reason=reason, key=key, actor=actor)


def test_what_comes_back_lies_in_the_members_share_again(
    paid: BasePayment, association: Association, claimant: User, officer: User, director: User
) -> None:
    made = register(paid, officer)
    assert (register(paid, officer), now(association, "fk").paid) == (made, 500_000)

    booked = [book_base_recovery(recovery=made, actor=director) for _ in range(2)]

    assert booked == [made, made]
    share = now(association, "fk")
    assert (share.amount, share.paid, share.unpaid) == (2_000_000, 380_000, 1_620_000)
    assert room_left(share) == 1_620_000
    assert Transfer.objects.filter(reason="recovered").count() == 1
    letter = Message.objects.get(event_key=f"base_recovery_booked:{made.pk}")
    assert (letter.recipient, kronor(120_000) in letter.body) == (claimant, True)
    told = Event.objects.filter(action__startswith="base_recovery").order_by("sequence")
    assert list(told.values_list("action", flat=True)) == [
        "base_recovery_registered", "base_recovery_booked",
    ]  # fmt: skip
    with pytest.raises(InsufficientFunds) as refusal:
        register(paid, officer, 380_001, key="more")
    assert refusal.value.left == 380_000
    assert verify_ledger().ok


def test_two_persons_see_it(
    paid: BasePayment, officer: User, director: User, claimant: User
) -> None:
    with pytest.raises(NotAllowed):
        register(paid, claimant)
    made = register(paid, officer)
    with pytest.raises(NotAllowed, match="Någon annan"):
        book_base_recovery(recovery=made, actor=officer)
    for changes in ({"booked_by": officer}, {"state": "booked"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            BaseRecovery.objects.update(**changes)
    with pytest.raises(Conflict):
        register(paid, officer, 120_001)
    with pytest.raises(NotPossible, match="väntar redan"):
        register(paid, director, key="other")

    book_base_recovery(recovery=made, actor=director)

    assert is_refused("UPDATE budgets_baserecovery SET amount = 1")
    assert is_refused("DELETE FROM budgets_baserecovery")


def test_what_was_registered_by_mistake_is_put_away(
    paid: BasePayment, officer: User, director: User
) -> None:
    made = register(paid, officer)
    assert [remove_base_recovery(recovery=made, actor=officer) for _ in range(2)] == [made, made]
    with pytest.raises(NotPossible, match="borttagen"):
        book_base_recovery(recovery=made, actor=director)
    book_base_recovery(recovery=register(paid, officer, key="anew"), actor=director)
    with pytest.raises(NotPossible, match="bokförd"):
        remove_base_recovery(recovery=BaseRecovery.objects.get(state="booked"), actor=officer)


@pytest.mark.parametrize(("amount", "reason"), [(0, "Dubbel"), (-1, "Dubbel"), (10, "  ")])
def test_an_amount_and_a_reason_are_asked_for(
    paid: BasePayment, officer: User, amount: int, reason: str
) -> None:
    with pytest.raises(DomainError):
        register(paid, officer, amount, reason=reason)


def test_only_what_is_paid_comes_back(
    share: BaseFinancingShare, officer: User, claimant: User
) -> None:
    made = claim_base_payment(share=share, claim=CLAIM, key="one", actor=claimant)
    with pytest.raises(NotPossible, match="utbetalt"):
        register(made, officer)


@pytest.mark.anywhere
def test_the_office_books_it_on_the_payments_page(
    paid: BasePayment, officer: User, director: User, claimant: User,
    sign_in: Callable[[User], Client],
) -> None:  # fmt: skip
    page = paid.get_absolute_url()
    one, other, member = sign_in(officer), sign_in(director), sign_in(claimant)
    assert "Återbetalningar" not in member.get(page).content.decode()
    said = {
        "gor": "aterbetalning", "amount": "120 000", "recovery_reason": "Dubbel faktura",
        "key": one.get(page).context["recovery_key"],
    }  # fmt: skip
    refused = one.post(page, said | {"amount": "600 000"})
    assert (refused.status_code, "Dubbel faktura" in refused.content.decode()) == (422, True)
    assert [one.post(page, said).status_code for _ in range(2)] == [302, 302]
    made = BaseRecovery.objects.get()
    act = {"gor": "bokfor", "aterbetalning": made.pk}
    assert "Bokför 1" not in one.get(page).content.decode()
    assert f"Bokför {kronor(120_000)}" in other.get(page).content.decode()
    assert member.post(page, act).status_code == 404
    assert [other.post(page, act).status_code for _ in range(2)] == [302, 302]
    assert "Dubbel faktura" in member.get(page).content.decode()
    made.refresh_from_db()
    assert made.state == "booked"
