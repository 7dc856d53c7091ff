"""Many hands on the money of one grant at once: paid once, and never above the grant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from budgets.frames import change_grant
from budgets.ledger import InsufficientFunds
from budgets.models import Grant, PaymentBatch, PaymentRequest, Transfer
from budgets.payment_batches import make_batch
from budgets.payment_review import approve_request, check_request
from budgets.payment_settings import save_economy_settings
from budgets.verification import verify_ledger
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.people.models import User
from finsam.registry.models import Record
from tests import factories as make
from tests.budgets.payments import make_draft, make_grant, make_sent
from tests.races.test_board_races import at_once

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CLIENTS = 20


@pytest.fixture(autouse=True)
def _own_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every thread a connection to the database of its own, outside the pool."""
    settings: Any = connections.settings["default"]
    options = {name: value for name, value in settings["OPTIONS"].items() if name != "pool"}
    monkeypatch.setitem(connections.settings, "default", {**settings, "OPTIONS": options})


@pytest.fixture
def grant(association: Association, director: User) -> Grant:
    return make_grant(make.make_frame(association), director)


def fresh(request: PaymentRequest) -> PaymentRequest:
    return PaymentRequest.objects.get(pk=request.pk)


def approving(request: PaymentRequest, actor: User) -> Callable[[], PaymentRequest]:
    seen = request.content_hash
    return lambda: approve_request(request=fresh(request), seen_hash=seen, actor=actor)


def test_D03_twenty_parallel_approvals_pay_once(
    grant: Grant, member: Member, applicant: User, signatory: User, officer: User, director: User,
    association: Association,
) -> None:  # fmt: skip
    draft = make_draft(grant, member, applicant)
    sent = make_sent(draft, applicant, signatory, 100_000)
    seen = sent.content_hash
    check_request(request=sent, seen_hash=seen, actor=officer)

    answers = at_once([approving(sent, director)] * CLIENTS)

    assert answers == [sent] * CLIENTS
    assert Transfer.objects.filter(reason="paid").count() == 1
    assert Record.objects.filter(direction="drawn_up").count() == 1
    save_economy_settings(
        association=association, move_percent=None, payer_account_type="bankgiro",
        payer_account="5402-9681", payer_bic="ESSESESS", levels=[], actor=director,
    )  # fmt: skip
    files = at_once(
        [
            lambda: make_batch(
                association=association, requests=[fresh(sent)], execute_on=clock.today(),
                key="batch", actor=director,
            )
        ] * CLIENTS
    )  # fmt: skip
    assert files == [PaymentBatch.objects.get()] * CLIENTS
    assert verify_ledger().ok


def test_C01_parallel_requests_are_never_paid_above_the_grant(
    grant: Grant, member: Member, applicant: User, signatory: User, officer: User, director: User
) -> None:
    """Five checked requests of 100 000 kr, and a grant that the board has lowered to 250 000 kr."""
    made = []
    for number in range(5):
        draft = make_draft(grant, member, applicant, key=str(number))
        sent = make_sent(draft, applicant, signatory, 100_000, explanation="Mer tid.")
        check_request(
            request=sent, seen_hash=sent.content_hash, move_reason="Godtas.", actor=officer
        )
        made.append(sent)
    change_grant(grant=grant, amount=250_000, key="lowered", actor=director)

    answers = at_once([approving(one, director) for one in made])

    refused = [one for one in answers if isinstance(one, InsufficientFunds)]
    assert len(refused) == 3
    assert {refusal.left for refusal in refused} <= {50_000, 150_000, 250_000}
    paid = Grant.objects.select_related("account", "paid_account").get(pk=grant.pk)
    assert (paid.paid, paid.unpaid) == (200_000, 50_000)
    assert verify_ledger().ok
