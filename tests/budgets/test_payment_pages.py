"""The pages of payment requests: the member's, the office's and the auditor's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from budgets.models import Frame, Grant, PaymentBatch, PaymentRecovery, PaymentRequest, Transfer
from budgets.payment_lines import lines_for
from budgets.payment_use import use_of
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.people.models import User
from tests.budgets.payments import (
    BANKGIRO,
    PASSWORD,
    make_approved,
    make_draft,
    make_grant,
    make_ready,
    make_sent,
)
from tests.factories import png
from tests.kept import kept

pytestmark = pytest.mark.anywhere

SignIn = Callable[[User], Client]


@kept
def grant(frame: Frame, director: User) -> Grant:
    return make_grant(frame, director)


@kept
def draft(grant: Grant, member: Member, applicant: User) -> PaymentRequest:
    return make_draft(grant, member, applicant)


@kept
def sent(draft: PaymentRequest, applicant: User, signatory: User) -> PaymentRequest:
    return make_sent(draft, applicant, signatory, 100_000, 50_000, 10_000)


def page(found: PaymentRequest) -> str:
    return reverse("budgets:payment_request", args=[found.association.slug, found.public_id])


def step(found: PaymentRequest, name: str) -> str:
    return reverse("budgets:payment_step", args=[found.association.slug, found.public_id, name])


def form(found: PaymentRequest, *amounts: str, **more: object) -> dict[str, object]:
    rows = {
        f"post-{line.pk}": amount for line, amount in zip(lines_for(found), amounts, strict=False)
    }
    return {
        "period_from": "2024-01-01", "period_to": "2024-04-30", "account_type": "bankgiro",
        "account_number": BANKGIRO, "explanation": "", "revision": found.revision, **rows, **more,
    }  # fmt: skip


def test_D01_the_member_fills_in_and_the_manager_attests(
    draft: PaymentRequest, applicant: User, signatory: User, sign_in: SignIn
) -> None:
    writer = sign_in(applicant)
    sent = form(draft, "100 000,50", "50000", "", gor="attest")

    answers = [writer.post(page(draft), {**sent, "extract": png("huvudbok.png")}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    ready = PaymentRequest.objects.get(pk=draft.pk)
    assert (ready.state, ready.amount) == ("ready", 150_000)
    assert "Er chefs tur" in writer.get(page(draft)).content.decode()
    shown = sign_in(signatory).get(page(draft)).content.decode()
    assert "100 000,50".replace(" ", "\u00a0") in shown
    attested = {"sett": ready.content_hash, "password": PASSWORD}
    for _ in range(2):
        answer = sign_in(signatory).post(step(draft, "attestera"), attested)
        assert answer.status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.attested_by) == ("submitted", signatory)


def test_X04_what_is_wrong_is_said_and_nothing_typed_is_lost(
    draft: PaymentRequest, applicant: User, sign_in: SignIn
) -> None:
    wrong = form(draft, "tusen", "50000", account_number="5402-9682", explanation="Behåll mig")

    answer = sign_in(applicant).post(page(draft), wrong)

    shown = answer.content.decode()
    assert answer.status_code == 422
    for words in ("är inget belopp", "Behåll mig", 'value="50000"', "5402-9682"):
        assert words in shown
    answer = sign_in(applicant).post(page(draft), form(draft, "1", account_number="5402-9682"))
    assert (answer.status_code, "går inte ihop" in answer.content.decode()) == (422, True)


def test_A07_a_session_that_ended_costs_no_sums(
    draft: PaymentRequest, applicant: User, client: Client
) -> None:
    said = form(draft, "100 000,50", explanation="Två månader i efterskott.", is_final="on")
    assert client.post(page(draft), said)["Location"].endswith(f"?next={page(draft)}")
    client.force_login(applicant)
    shown = client.get(page(draft))
    assert "Det du skrev finns kvar" in shown.content.decode()
    for words in ('value="100 000,50"', "Två månader i efterskott.", "5402-9681"):
        assert words in shown.content.decode(), words
    assert shown.context["form"]["is_final"].value() is True
    assert PaymentRequest.objects.get(pk=draft.pk).amount == 0
    assert client.post(page(draft), said).status_code == 302
    assert "Det du skrev finns kvar" not in client.get(page(draft)).content.decode()


def test_D02_a_form_opened_before_another_saved_is_a_conflict(
    draft: PaymentRequest, applicant: User, sign_in: SignIn
) -> None:
    client = sign_in(applicant)
    old = form(draft, "100")
    assert client.post(page(draft), form(draft, "200")).status_code == 302

    assert client.post(page(draft), old).status_code == 409
    assert PaymentRequest.objects.get(pk=draft.pk).amount == 200


def test_the_office_checks_and_another_approves(
    sent: PaymentRequest, officer: User, director: User, sign_in: SignIn
) -> None:
    seen = {"sett": sent.content_hash}
    assert sign_in(officer).post(step(sent, "kontrollera"), seen).status_code == 302
    refused = sign_in(officer).post(step(sent, "godkann"), seen)
    shown = refused.content.decode()
    assert (refused.status_code, "Någon annan" in shown, "En kollegas tur" in shown) == (
        403, True, True,
    )  # fmt: skip

    for _ in range(2):
        assert sign_in(director).post(step(sent, "godkann"), seen).status_code == 302

    assert Transfer.objects.filter(reason="paid").count() == 1
    assert sign_in(director).post(step(sent, "godkann"), {"sett": "x"}).status_code == 409
    sent.grant.lines.update(cost=F("cost") * 2)  # others pay the other half
    used = use_of(sent.grant)
    assert sum(line.budget for line in used) == sent.grant.amount, "a report compares with these"
    assert sum(line.used for line in used) == sent.amount


def test_a_payment_file_is_made_fetched_and_marked(
    sent: PaymentRequest, association: Association, officer: User, director: User, sign_in: SignIn
) -> None:
    make_approved(sent, officer, director)
    client = sign_in(director)
    rules = reverse("budgets:rules", args=[association.slug])
    client.post(rules, {
        "move_percent": "10", "payer_account_type": "iban", "payer_bic": "ESSESESS",
        "payer_account": "SE45 5000 0000 0583 9825 7466", "up_to-0": "20 000 000",
        "percent-0": "20", "amount-1": "5 000 000",
    })  # fmt: skip
    assert "20\u00a0000\u00a0000" in client.get(rules).content.decode()
    here = reverse("budgets:batches", args=[association.slug])
    key = client.get(here).context["form"].initial["key"]
    asked = {"requests": [sent.pk], "execute_on": clock.today().isoformat(), "key": key}

    answers = [client.post(here, asked) for _ in range(2)]

    batch = PaymentBatch.objects.get()
    there = reverse("budgets:batch", args=[association.slug, batch.number])
    assert [answer["Location"] for answer in answers] == [there, there]
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    assert client.post(here, {**asked, "execute_on": tomorrow}).status_code == 409
    assert client.post(here, {**asked, "requests": [999_999]}).status_code == 422
    xml = client.get(f"{there}xml/")
    assert (xml.content.decode(), "attachment" in xml["Content-Disposition"]) == (batch.xml, True)
    paid = {"paid_on": clock.today().isoformat()}
    assert [client.post(there, paid).status_code for _ in range(2)] == [302, 302]
    sent.refresh_from_db()
    assert sent.state == "paid"
    back = {"amount": "1 000", "reason": "Dubbelt.", "key": "a", "due_on": "2030-01-31"}
    assert [client.post(step(sent, "aterkrav"), back).status_code for _ in range(2)] == [302, 302]
    assert client.post(step(sent, "aterkrav"), {**back, "amount": "1001"}).status_code == 409
    assert client.post(step(sent, "aterkrav"), {**back, "due_on": "snart"}).status_code == 422
    booked = {"recovery": PaymentRecovery.objects.get().pk}
    assert client.post(step(sent, "aterbetalning"), booked).status_code == 403
    assert Transfer.objects.filter(reason="recovered").count() == 0
    other = sign_in(officer)
    assert "Bokför att 1\u00a0000\u00a0kr har kommit" in other.get(page(sent)).content.decode()
    answers = [other.post(step(sent, "aterbetalning"), booked) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Transfer.objects.filter(reason="recovered").count() == 1
    answer = other.get(page(sent))
    assert answer.context["recoverable"] == sent.amount - 1_000
    assert "Återkräv felaktigt utbetalda pengar" in answer.content.decode()
    rest = {**back, "key": "b", "amount": str(sent.amount - 1_000)}
    assert other.post(step(sent, "aterkrav"), rest).status_code == 302
    whole = other.get(page(sent)).content.decode()
    assert "Allt som betalades ut på rekvisitionen är återkrävt." in whole
    assert 'name="due_on"' not in whole


def test_P01_what_is_not_sent_is_seen_by_the_member_alone(
    draft: PaymentRequest, applicant: User, other_applicant: User, officer: User, auditor: User,
    sign_in: SignIn,
) -> None:  # fmt: skip
    def statuses() -> list[int]:
        people = (applicant, other_applicant, officer, auditor)
        return [sign_in(each).get(page(draft)).status_code for each in people]

    assert statuses() == [200, 404, 404, 404]
    make_ready(draft, applicant, 1_000)
    assert statuses() == [200, 404, 404, 404]


def test_P01_what_is_sent_is_seen_by_office_and_auditor(
    sent: PaymentRequest, other_applicant: User, officer: User, auditor: User,
    foreign_director: User, sign_in: SignIn, django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    people = (officer, auditor, other_applicant, foreign_director)
    assert [sign_in(each).get(page(sent)).status_code for each in people] == [200, 200, 404, 403]
    client = sign_in(officer)
    with django_assert_max_num_queries(15):
        client.get(page(sent))
    extract = reverse("budgets:payment_extract", args=[sent.association.slug, sent.public_id])
    assert sign_in(auditor).get(extract)["Content-Type"] == "image/png"
    for name in ("kontrollera", "godkann"):
        assert sign_in(auditor).post(step(sent, name), {}).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_lists_cost_the_same_queries_whatever_their_length(
    grant: Grant, member: Member, applicant: User, signatory: User, officer: User,
    sign_in: SignIn, django_assert_num_queries: Any, count: int,
) -> None:  # fmt: skip
    for number in range(count):
        draft = make_draft(grant, member, applicant, key=str(number))
        make_sent(draft, applicant, signatory, 1_000)
    client = sign_in(officer)
    path = reverse("budgets:payment_requests", args=[grant.association.slug])
    client.get(path)

    with django_assert_num_queries(5):
        client.get(path)


@pytest.mark.slow
def test_D01_D02_a_granted_application_begins_a_request(
    association: Association, member: Member, applicant: User, signatory: User, director: User,
    sign_in: SignIn,
) -> None:  # fmt: skip
    from tests import factories as make

    frame = make.make_frame(association)
    round_ = make.make_round(association, frame=frame)
    received = make.make_received(round_, member, applicant)
    meeting = make.make_meeting(
        make.make_board(association), director,
        applications=[make.make_to_board(received, director)],
    )  # fmt: skip
    minutes = make.make_closed(meeting, director)
    client = sign_in(applicant)
    path = reverse("applications:payments", args=[association.slug, received.public_id])
    assert client.get(path).status_code == 404, "the outcome waits for the attestation"
    make.make_attested(minutes, director)
    make.make_agreed(make.reread(received), director)

    start = client.get(path).context["form"]
    asked = {
        "party": received.parties.get(is_lead=True).pk, "period_from": "2024-01-01",
        "period_to": "2024-04-30", "key": start.initial["key"],
    }  # fmt: skip
    answers = [client.post(path, asked) for _ in range(2)]
    changes = ({"period_to": "2024-05-31"}, {"period_from": "2024-02-01"}, {"is_final": "on"})
    others = [client.post(path, {**asked, **change}) for change in changes]

    made = PaymentRequest.objects.get()
    assert [answer["Location"] for answer in answers] == [page(made)] * 2
    assert [other.status_code for other in others] == [409] * 3
    assert (made.number, made.case, made.covers_all) == (1, make.reread(received).case, True)
    assert sum(line.amount for line in made.grant.lines.all()) == made.grant.amount
    assert "Rekvisitioner" in client.get(received.get_absolute_url()).content.decode()
