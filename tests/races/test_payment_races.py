"""Many hands on the money of one grant at once: paid once, and never above the grant."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from budgets.base_claims import claim_base_payment, register_base_payment
from budgets.base_payments import approve_base_payment, check_base_payment
from budgets.base_recoveries import book_base_recovery, register_base_recovery
from budgets.frames import change_grant
from budgets.ledger import InsufficientFunds
from budgets.models import (
    BaseFinancingShare,
    BasePayment,
    BaseRecovery,
    Grant,
    PaymentBatch,
    PaymentRequest,
    Transfer,
)
from budgets.payment_batches import make_batch, mark_paid
from budgets.payment_review import approve_request, check_request
from budgets.payments import (
    attest_request,
    save_request,
    send_for_attestation,
    start_request,
)
from budgets.verification import verify_ledger
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.errors import NotPossible
from finsam.people.models import RoleKind, User
from finsam.registry.models import Event, Record
from tests import factories as make
from tests.budgets.conftest import divided_year
from tests.budgets.payments import (
    PASSWORD,
    make_draft,
    make_extract,
    make_grant,
    make_sent,
    written,
)
from tests.budgets.test_base_financing import YEAR, set_base
from tests.budgets.test_base_payments import CLAIM, now, set_payer, speaker
from tests.budgets.test_payment_pages import page, step
from tests.conftest import person_with_role
from tests.races.test_board_races import at_once

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CLIENTS = 20
ONCE = ["payment_approve", "payment_check", "payment_pay", "recovery_demanded"]


@pytest.fixture
def grant(association: Association, director: User) -> Grant:
    return make_grant(make.make_frame(association), director)


def fresh(request: PaymentRequest) -> PaymentRequest:
    return PaymentRequest.objects.get(pk=request.pk)


def approving(request: PaymentRequest, actor: User) -> Callable[[], PaymentRequest]:
    seen = request.content_hash
    return lambda: approve_request(request=fresh(request), seen_hash=seen, actor=actor)


def posts(user: User, path: str, said: dict[str, Any]) -> list[tuple[int, str]]:
    """The same form sent twenty times at the same moment; what each was answered."""
    first = Client()
    first.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    clients = [Client() for _ in range(CLIENTS)]
    for client in clients:
        client.cookies = first.cookies
    answers = at_once([functools.partial(client.post, path, said) for client in clients])
    return [(answer.status_code, answer.headers.get("Location", "")) for answer in answers]


def test_D03_five_forms_sent_twenty_times_at_once_have_one_effect_each(
    grant: Grant, member: Member, applicant: User, signatory: User, officer: User, director: User,
    association: Association,
) -> None:  # fmt: skip
    """Checked, approved, put in a payment file, paid and asked back, each through its page."""
    sent = make_sent(make_draft(grant, member, applicant), applicant, signatory, 100_000)
    seen, slug = {"sett": sent.content_hash}, association.slug
    set_payer(association, director)

    assert set(posts(officer, step(sent, "kontrollera"), seen)) == {(302, page(sent))}
    assert set(posts(director, step(sent, "godkann"), seen)) == {(302, page(sent))}
    assert Transfer.objects.filter(reason="paid").count() == 1
    assert Record.objects.filter(direction="drawn_up").count() == 1

    today = clock.today().isoformat()
    filed = {"requests": [sent.pk], "execute_on": today, "key": "fil"}
    answers = posts(officer, reverse("budgets:batches", args=[slug]), filed)
    batch = reverse("budgets:batch", args=[slug, PaymentBatch.objects.get().number])
    assert set(answers) == {(302, batch)}
    assert set(posts(director, batch, {"paid_on": today})) == {(302, batch)}
    back = {"amount": "1 000", "reason": "Fel.", "due_on": "2030-01-31", "key": "a"}
    assert set(posts(officer, step(sent, "aterkrav"), back)) == {(302, page(sent))}
    assert sent.recoveries.get().amount == 1_000

    acts = Event.objects.filter(action__in=ONCE).values_list("action", flat=True)
    assert sorted(acts) == sorted(ONCE)
    assert fresh(sent).state == "paid"
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


def test_D03_twenty_parallel_starts_savings_and_attestations_are_one_each(
    grant: Grant, member: Member, applicant: User, signatory: User
) -> None:
    extract = make_extract(grant, applicant)
    facts = {
        "grant": grant, "member": member, "covers_all": True, "is_final": False, "key": "first",
        "period_from": date(2024, 1, 1), "period_to": date(2024, 4, 30), "case": None,
        "actor": applicant,
    }  # fmt: skip
    started = at_once([lambda: start_request(**facts)] * CLIENTS)
    draft = PaymentRequest.objects.get()
    assert started == [draft] * CLIENTS
    said = written(draft, 100_000)

    saved = at_once(
        [
            lambda: save_request(
                request=fresh(draft), said=said, expected_revision=1, actor=applicant,
                extract=extract,
            )
        ] * CLIENTS
    )  # fmt: skip
    assert saved == [draft] * CLIENTS
    assert {one.revision for one in saved} == {2}
    ready = send_for_attestation(request=fresh(draft), actor=applicant)
    sent = at_once(
        [
            lambda: attest_request(
                request=fresh(draft), password=PASSWORD, seen_hash=ready.content_hash,
                actor=signatory,
            )
        ] * CLIENTS
    )  # fmt: skip
    assert sent == [draft] * CLIENTS
    actions = Event.objects.filter(action__startswith="payment_").order_by("sequence")
    assert list(actions.values_list("action", flat=True)) == [
        "payment_started", "payment_saved", "payment_send", "payment_attest",
    ]  # fmt: skip


def test_D03_and_C01_base_financing_is_registered_approved_and_paid_once(
    association: Association, officer: User, director: User
) -> None:
    """Twenty of the same are one; twenty of their own never pass the share of 2 000 000 kr."""
    divided_year(association, YEAR, director)
    set_base(association, director, 2_000_000)

    def register(key: str, amount: int) -> BasePayment:
        share = BaseFinancingShare.objects.select_related(
            "base__association", "member", "account", "paid_account"
        ).get(member__slug="fk")
        claim = dataclasses.replace(CLAIM, amount=amount)
        return register_base_payment(share=share, claim=claim, key=key, actor=officer)

    made = at_once([lambda: register("one", 500_000)] * CLIENTS)
    assert made == [BasePayment.objects.get()] * CLIENTS
    answers = at_once([lambda: approve_base_payment(payment=made[0], actor=director)] * CLIENTS)
    assert answers == [made[0]] * CLIENTS
    assert Transfer.objects.filter(reason="paid").count() == 1

    own = [functools.partial(register, str(number), 400_000) for number in range(CLIENTS)]
    answers = at_once(own)
    refused = [one for one in answers if isinstance(one, InsufficientFunds)]
    assert (len(answers) - len(refused), {one.left for one in refused}) == (3, {300_000})
    waiting = [one for one in answers if isinstance(one, BasePayment)]
    approve = [
        functools.partial(approve_base_payment, payment=one, actor=director) for one in waiting
    ]
    assert {one.state for one in at_once(approve)} == {"approved"}
    assert BaseFinancingShare.objects.get(member__slug="fk").paid == 1_700_000
    assert verify_ledger().ok


def test_D03_and_C01_a_member_claims_once_and_one_of_two_approves_and_books(
    association: Association, officer: User, director: User
) -> None:
    """The member's people claim at once, and two at the office answer at the same moment."""
    divided_year(association, YEAR, director)
    set_base(association, director, 2_000_000)
    claimant, third = speaker(association, "fk"), person_with_role(RoleKind.OFFICER, association)

    def claim(key: str, amount: int) -> BasePayment:
        claim = dataclasses.replace(CLAIM, amount=amount)
        share = now(association, "fk")
        return claim_base_payment(share=share, claim=claim, key=key, actor=claimant)

    answers = at_once([lambda: claim("one", 500_000)] * CLIENTS)
    made = BasePayment.objects.get()
    assert answers == [made] * CLIENTS
    own = [functools.partial(claim, str(number), 400_000) for number in range(CLIENTS)]
    refused = [one for one in at_once(own) if isinstance(one, InsufficientFunds)]
    assert (len(refused), {one.left for one in refused}) == (CLIENTS - 3, {300_000})

    check_base_payment(payment=made, actor=officer)
    both = [
        functools.partial(approve_base_payment, payment=made, actor=actor)
        for actor in (director, third) * 5
    ]
    _one_person_did_it(at_once(both), "approved_by", director, third)
    assert (Transfer.objects.filter(reason="paid").count(), now(association, "fk").paid) == (
        1, 500_000,
    )  # fmt: skip

    set_payer(association, director)
    batch = make_batch(
        association=association, requests=[], base_payments=[made], execute_on=clock.today(),
        key="batch", actor=officer,
    )  # fmt: skip
    mark_paid(batch=batch, paid_on=clock.today(), actor=director)
    back = functools.partial(
        register_base_recovery, payment=made, amount=300_000, reason="Fel.", key="b", actor=officer
    )
    answers = at_once([back] * CLIENTS)
    assert answers == [BaseRecovery.objects.get()] * CLIENTS
    booking = [
        functools.partial(book_base_recovery, recovery=answers[0], actor=actor)
        for actor in (director, third) * 5
    ]
    _one_person_did_it(at_once(booking), "booked_by", director, third)
    assert now(association, "fk").paid == 200_000
    assert verify_ledger().ok


def _one_person_did_it(answers: list[Any], field: str, one: User, other: User) -> None:
    """Five times each at the same moment: the first of them all did it, the other is refused."""
    done = [getattr(answer, field) for answer in answers if not isinstance(answer, Exception)]
    assert done in ([one] * 5, [other] * 5)
    assert sum(isinstance(answer, NotPossible) for answer in answers) == 5
