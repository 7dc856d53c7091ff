"""D-01 and D-02: every form of claims and payments that is sent again has one effect."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from budgets.base_claims import claim_base_payment
from budgets.base_payments import approve_base_payment, check_base_payment
from budgets.models import (
    BasePayment,
    BaseRecovery,
    Frame,
    Grant,
    GrantLine,
    PaymentBatch,
    PaymentRecovery,
    PaymentRequest,
    Transfer,
)
from budgets.payment_batches import make_batch, mark_paid
from budgets.views.payments import ACTS
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.documents.models import Document
from finsam.jobs.models import Job
from finsam.messages.models import Message
from finsam.people.models import User
from finsam.registry.models import Event, Record
from tests.budgets.conftest import divided_year
from tests.budgets.payments import (
    BANKGIRO,
    PASSWORD,
    make_approved,
    make_draft,
    make_extract,
    make_grant,
    make_sent,
)
from tests.budgets.test_base_financing import YEAR, set_base
from tests.budgets.test_base_payments import CLAIM, now, set_payer, speaker
from tests.budgets.test_payment_pages import form, page, step
from tests.kept import kept

Said = dict[str, Any]
EFFECTS: tuple[Any, ...] = (
    Transfer, PaymentRequest, PaymentBatch, PaymentRecovery, BasePayment, BaseRecovery, GrantLine,
    Record, Message, Job, Document,
)  # fmt: skip


def everything() -> dict[str, int]:
    """How many rows there are of each kind."""
    counts = {model.__name__: model.objects.count() for model in EFFECTS}
    return {**counts, "events": Event.objects.count()}


def answer_of(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, response.headers.get("Location", "")


class Desk:
    """Sends what people send, more than once, and sees that it was done once."""

    def __init__(self, sign_in: Callable[[User], Client]) -> None:
        self.sign_in = sign_in
        self.clients: dict[int, Client] = {}
        self.done: set[str] = set()

    def thrice(self, user: User, path: str, said: Said | None = None) -> str:
        """A double click; back, and sent anew; again by a session of its own after a timeout."""
        client = self.clients.setdefault(user.pk, self.sign_in(user))
        before = everything()
        first = answer_of(client.post(path, said or {}))
        assert first[0] == 302, (path, said, first)
        after = everything()
        assert after != before, path
        assert answer_of(client.post(path, said or {})) == first
        assert answer_of(client.post(path, said or {})) == first
        assert answer_of(self.sign_in(user).post(path, said or {})) == first
        assert everything() == after, path
        self.done |= {path.rstrip("/").rsplit("/", 1)[-1], (said or {}).get("gor", "")}
        return first[1]

    def conflicts(self, user: User, path: str, said: Said, *others: Said) -> int:
        """The same key with other content is refused, and said why; the number of them."""
        client, before = self.clients[user.pk], everything()
        for other in others:
            answer = client.post(path, {**said, **other})
            assert answer.status_code == 409, (path, other)
            text = answer.content.decode()
            assert re.search(r"är redan (registrerad|gjord|återkrävda)", text), (path, other)
        assert everything() == before
        return len(others)


@pytest.fixture
def desk(sign_in: Callable[[User], Client]) -> Desk:
    return Desk(sign_in)


@kept
def grant(frame: Frame, director: User) -> Grant:
    return make_grant(frame, director)


def test_D01_D02_each_act_on_a_claim_is_done_once(
    desk: Desk, grant: Grant, association: Association, member: Member, applicant: User,
    signatory: User, officer: User, director: User,
) -> None:  # fmt: skip
    draft = make_draft(grant, member, applicant)
    PaymentRequest.objects.filter(pk=draft.pk).update(extract=make_extract(grant, applicant))
    there = page(draft)
    desk.thrice(applicant, there, form(draft, "100 000"))

    def ready() -> str:
        draft.refresh_from_db()
        desk.thrice(applicant, there, form(draft, "100 000", gor="attest"))
        draft.refresh_from_db()
        return draft.content_hash

    ready()
    desk.thrice(applicant, step(draft, "andra"))
    signed = {"sett": ready(), "password": PASSWORD}
    desk.thrice(signatory, step(draft, "attestera"), signed)
    desk.thrice(officer, step(draft, "skicka-ater"), {"message": "Rätta perioden."})
    seen = ready()
    desk.thrice(signatory, step(draft, "attestera"), {**signed, "sett": seen})
    desk.thrice(officer, step(draft, "kontrollera"), {"sett": seen})
    desk.thrice(director, step(draft, "godkann"), {"sett": seen})
    desk.thrice(officer, step(draft, "stoppa"), {"message": "Fel konto."})
    desk.thrice(applicant, step(draft, "ta-bort"))

    sent = make_sent(make_draft(grant, member, applicant, key="b"), applicant, signatory, 90_000)
    other = make_sent(make_draft(grant, member, applicant, key="c"), applicant, signatory, 1_000)
    make_approved(sent, officer, director)
    make_approved(other, officer, director)
    set_payer(association, director)
    batches = reverse("budgets:batches", args=[association.slug])
    filed = {"requests": [sent.pk], "execute_on": clock.today().isoformat(), "key": "fil"}
    batch = desk.thrice(officer, batches, filed)
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    refused = desk.conflicts(
        officer, batches, filed, {"execute_on": tomorrow}, {"requests": [sent.pk, other.pk]},
        {"requests": [other.pk]},
    )  # fmt: skip
    desk.thrice(director, batch, {"paid_on": clock.today().isoformat()})
    back = {"amount": "1 000", "reason": "Dubbelt.", "due_on": "2030-01-31", "key": "a"}
    desk.thrice(officer, step(sent, "aterkrav"), back)
    refused += desk.conflicts(
        officer, step(sent, "aterkrav"), back, {"amount": "1 001"}, {"reason": "Annat."},
        {"due_on": "2030-02-01"},
    )  # fmt: skip
    made = {"recovery": sent.recoveries.get().pk}
    desk.thrice(officer, step(sent, "aterkrav-tillbaka"), made)
    desk.thrice(officer, step(sent, "aterkrav"), {**back, "key": "b"})
    booked = {"recovery": sent.recoveries.get(key="b").pk}
    desk.thrice(director, step(sent, "aterbetalning"), booked)

    assert refused == 6
    assert desk.done >= {*ACTS, "attest", "betalfiler"}, "an act is not tried"
    assert PaymentBatch.objects.count() == 1


def test_D01_D02_each_act_on_base_financing_is_done_once(
    desk: Desk, association: Association, officer: User, director: User
) -> None:
    divided_year(association, YEAR, director)
    set_base(association, director, 2_000_000)
    share, claimant = now(association, "fk"), speaker(association, "fk")
    claimed = {
        "share": share.pk, "amount": "500 000", "period_from": f"{YEAR}-01-01",
        "period_to": f"{YEAR}-03-31", "reference": "Kv 1", "account_type": "bankgiro",
        "account_number": BANKGIRO, "key": "begäran",
    }  # fmt: skip
    other_content = (
        {"amount": "500 001"}, {"period_from": f"{YEAR}-02-01"}, {"period_to": f"{YEAR}-04-30"},
        {"reference": "Kv 2"}, {"account_type": "plusgiro"},
    )  # fmt: skip
    claims = reverse("budgets:base_claims", args=[association.slug, YEAR])
    mine = desk.thrice(claimant, claims, claimed)
    refused = desk.conflicts(claimant, claims, claimed, *other_content)
    office = reverse("budgets:base_payments", args=[association.slug, YEAR])
    paper = {**claimed, "key": "papper", "amount": "200 000"}
    registered = desk.thrice(officer, office, paper)
    refused += desk.conflicts(officer, office, paper, *other_content)
    desk.thrice(officer, registered, {"gor": "stoppa", "reason": "Fel konto."})
    desk.thrice(officer, mine, {"gor": "kontrollera"})
    desk.thrice(director, mine, {"gor": "godkann"})

    paid = _paid(association, claimant, officer, director)
    there = paid.get_absolute_url()
    back = {"gor": "aterbetalning", "amount": "1 000", "recovery_reason": "Dubbelt.", "key": "a"}
    desk.thrice(officer, there, back)
    refused += desk.conflicts(
        officer, there, back, {"amount": "1 001"}, {"recovery_reason": "Annat."}
    )
    one = {"gor": "ta-bort", "aterbetalning": paid.recoveries.get().pk}
    desk.thrice(officer, there, one)
    desk.thrice(officer, there, {**back, "key": "b"})
    desk.thrice(
        director, there, {"gor": "bokfor", "aterbetalning": paid.recoveries.get(key="b").pk}
    )

    assert refused == 12
    assert desk.done >= {"kontrollera", "godkann", "stoppa", "aterbetalning", "bokfor", "ta-bort"}


def _paid(association: Association, claimant: User, officer: User, director: User) -> BasePayment:
    share = now(association, "fk")
    made = claim_base_payment(share=share, claim=CLAIM, key="one", actor=claimant)
    approve_base_payment(payment=check_base_payment(payment=made, actor=officer), actor=director)
    set_payer(association, director)
    batch = make_batch(
        association=association, requests=[], base_payments=[made], execute_on=clock.today(),
        key="batch", actor=officer,
    )  # fmt: skip
    mark_paid(batch=batch, paid_on=clock.today(), actor=director)
    return BasePayment.objects.with_share().get(pk=made.pk)
