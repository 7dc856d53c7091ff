"""Payment requests: claimed line by line, seen by two, never above the grant, closed in the end."""

from __future__ import annotations

import dataclasses
from xml.etree.ElementTree import fromstring

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from budgets.frames import change_grant, close_frame
from budgets.ledger import InsufficientFunds, balance_now, equity_account
from budgets.models import Frame, Grant, PaymentRequest, Transfer
from budgets.payment_accounts import read_account
from budgets.payment_accounts import written as account_words
from budgets.payment_batches import make_batch, mark_paid, waiting_for_payment
from budgets.payment_file import NAMESPACE
from budgets.payment_lines import claim_of, room_left
from budgets.payment_review import (
    approve_request,
    check_request,
    recover_payment,
    return_request,
    stop_request,
)
from budgets.payments import (
    save_request,
    send_for_attestation,
    take_back,
    withdraw_request,
)
from budgets.verification import verify_ledger
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.documents.documents import document_for
from finsam.documents.pdf_check import UA, A, own_faults, validator_faults
from finsam.documents.storage import open_file
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.jobs.work import run_waiting
from finsam.messages.models import Message
from finsam.people.models import User
from finsam.registry.models import Event, Record
from finsam.typography import kronor
from tests.budgets.payments import (
    COST,
    batch_of,
    make_approved,
    make_draft,
    make_grant,
    make_ready,
    make_sent,
    set_economy,
    written,
)


def test_the_lines_of_a_grant_always_sum_to_the_grant(frame: Frame, director: User) -> None:
    whole, part = make_grant(frame, director), make_grant(frame, director, amount=333_333, key="b")

    assert [(line.label, line.amount) for line in whole.lines.all()] == [
        ("Personal, Ekby kommun", 302_400),
        ("Personal, Region Sjö", 168_000),
        ("Lokaler, Ekby kommun", 29_600),
    ]
    assert [line.amount for line in part.lines.all()] == [201_600, 112_000, 19_733]
    change_grant(grant=part, amount=250_000, key="lowered", actor=director)
    assert [line.amount for line in part.lines.all()] == [151_200, 84_000, 14_800]


def test_a_request_goes_from_the_member_to_the_bank(
    sent: PaymentRequest, grant: Grant, association: Association, officer: User, director: User
) -> None:
    assert (sent.state, sent.amount) == ("submitted", 160_000)
    approved = make_approved(sent, officer, director)

    assert (grant_now(grant).paid, grant_now(grant).unpaid) == (160_000, COST - 160_000)
    batch = batch_of(association, [approved], director)
    mark_paid(batch=batch, paid_on=clock.today(), actor=director)
    sent.refresh_from_db()
    assert sent.state == "paid"
    actions = Event.objects.filter(action__startswith="payment_").values_list("action", flat=True)
    assert list(actions.order_by("sequence")) == [
        "payment_started", "payment_saved", "payment_send", "payment_attest", "payment_check",
        "payment_approve", "payment_pay",
    ]  # fmt: skip
    assert [record.direction for record in Record.objects.all()] == ["in", "drawn_up"]
    assert set(Message.objects.values_list("event_key", flat=True)) == {
        f"payment-{what}:{sent.pk}:{revision}"
        for what, revision in (
            ("attest", 3), ("arrived", 4), ("received", 4), ("approved", 6), ("paid", 7),
        )
    }  # fmt: skip
    assert verify_ledger().ok


def test_X06_the_request_becomes_a_document(sent: PaymentRequest) -> None:
    run_waiting()

    document = document_for(f"payment:{sent.public_id}")
    assert document is not None
    assert document.title == "Rekvisition 1: Vägen vidare"
    assert document.record.direction == "in"
    pdf = open_file(document.pdf)
    assert (validator_faults(pdf, UA), validator_faults(pdf, A), own_faults(pdf)) == ([], [], [])


def test_the_next_request_knows_what_was_claimed_before(
    sent: PaymentRequest, grant: Grant, member: Member, applicant: User
) -> None:
    following = make_draft(grant, member, applicant, key="second")
    save_request(
        request=following,
        said=written(following, 1_000),
        expected_revision=1,
        actor=applicant,
    )

    claim = claim_of(PaymentRequest.objects.get(pk=following.pk))
    first = claim.rows[0]
    assert (first.budget, first.before, first.now, first.in_all, first.left) == (
        30_240_000, 10_000_000, 100_000, 10_100_000, 20_140_000,
    )  # fmt: skip
    assert (claim.staff_now, claim.amount) == (100_000, 1_000)
    assert room_left(grant) == COST - 160_000
    assert following.account_number == sent.account_number


def test_ore_are_kept_per_line_and_left_out_of_what_is_paid(
    draft: PaymentRequest, applicant: User
) -> None:
    said = written(draft)
    lines = list(said.ore)
    said = dataclasses.replace(said, ore={lines[0]: 1_050, lines[1]: 2_060})
    saved = save_request(request=draft, said=said, expected_revision=1, actor=applicant)

    assert (claim_of(saved).now, saved.amount) == (3_110, 31)


def test_a_co_applicant_claims_on_its_own_lines_alone(
    grant: Grant, association: Association, director: User
) -> None:
    from finsam.people.models import RoleKind
    from tests.conftest import person_with_role

    region = association.members.get(slug="regionen")
    person = person_with_role(RoleKind.APPLICANT, association, member=region)
    request = make_draft(grant, region, person, covers_all=False)

    assert [row.label for row in claim_of(request).rows] == ["Personal, Region Sjö"]


def test_what_is_missing_is_said_before_it_is_sent(draft: PaymentRequest, applicant: User) -> None:
    with pytest.raises(NotPossible, match="vart pengarna ska betalas"):
        send_for_attestation(request=draft, actor=applicant)
    saved = save_request(
        request=draft, said=written(draft, 1_000), expected_revision=1, actor=applicant
    )
    with pytest.raises(NotPossible, match="utdraget"):
        send_for_attestation(request=saved, actor=applicant)


def test_never_above_the_grant(
    sent: PaymentRequest, grant: Grant, member: Member, applicant: User
) -> None:
    following = make_draft(grant, member, applicant, key="second")

    with pytest.raises(NotPossible) as refusal:
        make_ready(following, applicant, 302_400, 10_000, 30_000, explanation="Mer tid.")

    assert refusal.value.code == "over_grant"
    assert refusal.value.message == (
        f"Rekvisitionen är {kronor(342_400)}, men av bidraget återstår {kronor(340_000)}. "
        f"Sänk den med {kronor(2_400)}."
    )


def test_the_floor_holds_when_a_grant_is_lowered_under_a_request(
    sent: PaymentRequest, grant: Grant, officer: User, director: User
) -> None:
    checked = check_request(request=sent, seen_hash=sent.content_hash, actor=officer)
    change_grant(grant=grant, amount=100_000, key="lowered", actor=director)

    with pytest.raises(InsufficientFunds) as refusal:
        approve_request(request=checked, seen_hash=sent.content_hash, actor=director)

    assert refusal.value.left == 100_000
    sent.refresh_from_db()
    assert (sent.state, grant_now(grant).paid) == ("checked", 0)


def test_two_pairs_of_eyes(sent: PaymentRequest, officer: User, director: User) -> None:
    checked = check_request(request=sent, seen_hash=sent.content_hash, actor=director)
    with pytest.raises(NotAllowed, match="Någon annan"):
        approve_request(request=checked, seen_hash=sent.content_hash, actor=director)

    approved = approve_request(request=checked, seen_hash=sent.content_hash, actor=officer)
    assert approved.state == "approved"


@pytest.mark.parametrize("statement", ["approved_by_id = checked_by_id", "state = 'approved'"])
def test_the_database_refuses_one_pair_of_eyes(
    sent: PaymentRequest, officer: User, statement: str
) -> None:
    check_request(request=sent, seen_hash=sent.content_hash, actor=officer)

    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE budgets_paymentrequest SET {statement}")


def test_a_paid_request_is_never_changed(
    sent: PaymentRequest, association: Association, officer: User, director: User
) -> None:
    batch = batch_of(association, [make_approved(sent, officer, director)], director)
    mark_paid(batch=batch, paid_on=clock.today(), actor=director)

    for table in ("budgets_paymentrequest", "budgets_paymentbatch"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET amount = 1")


def test_moves_above_the_agreed_share_need_the_offices_word(
    draft: PaymentRequest, applicant: User, signatory: User, officer: User
) -> None:
    with pytest.raises(NotPossible, match="Förklara varför") as refusal:
        make_ready(draft, applicant, 1_000, 0, 29_601)
    assert "Lokaler, Ekby kommun" in refusal.value.message
    fresh = PaymentRequest.objects.get(pk=draft.pk)
    sent = make_sent(
        fresh, applicant, signatory, 1_000, 0, 29_601, explanation="Hyran höjdes i mars."
    )

    with pytest.raises(NotPossible, match="Skriv varför kansliet godtar"):
        check_request(request=sent, seen_hash=sent.content_hash, actor=officer)
    checked = check_request(
        request=sent, seen_hash=sent.content_hash, move_reason="Skälig hyra.", actor=officer
    )
    assert checked.move_reason == "Skälig hyra."


def test_moves_within_the_agreed_share_need_no_word(
    draft: PaymentRequest, association: Association, applicant: User, director: User
) -> None:
    set_economy(association, director, move_percent=10)

    assert make_ready(draft, applicant, 1_000, 0, 32_560).state == "ready"
    back = take_back(request=draft, actor=applicant)
    with pytest.raises(NotPossible, match="Förklara varför"):
        make_ready(back, applicant, 1_000, 0, 32_561)


def test_a_final_request_closes_the_grant_and_releases_the_rest(
    grant: Grant, frame: Frame, member: Member, applicant: User, signatory: User,
    officer: User, director: User,
) -> None:  # fmt: skip
    final = make_draft(grant, member, applicant, is_final=True)
    before = balance_now(frame.account)

    make_approved(make_sent(final, applicant, signatory, 200_000), officer, director)

    closed = grant_now(grant)
    assert (closed.amount, closed.paid, closed.unpaid) == (200_000, 200_000, 0)
    assert closed.closed_at is not None
    assert balance_now(frame.account) == before + COST - 200_000
    with pytest.raises(NotPossible, match="slutredovisad"):
        make_draft(grant, member, applicant, key="late")
    with pytest.raises(NotPossible, match="slutredovisad"):
        change_grant(grant=grant, amount=300_000, key="late", actor=director)
    assert verify_ledger().ok


def test_a_final_request_of_a_closed_frame_releases_to_equity(
    grant: Grant, frame: Frame, member: Member, applicant: User, signatory: User,
    officer: User, director: User,
) -> None:  # fmt: skip
    close_frame(frame=frame, actor=director)
    before = balance_now(equity_account(frame.association))
    final = make_draft(grant, member, applicant, is_final=True)

    make_approved(make_sent(final, applicant, signatory), officer, director)

    assert balance_now(equity_account(frame.association)) == before + COST
    assert grant_now(grant).amount == 0
    assert verify_ledger().ok


def test_a_final_request_waits_for_the_others_at_the_office(
    sent: PaymentRequest, grant: Grant, member: Member, applicant: User, signatory: User,
    officer: User, director: User,
) -> None:  # fmt: skip
    """What the rest is released from must not be what another member waits for."""
    final = make_draft(grant, member, applicant, key="final", is_final=True)
    final = make_sent(final, applicant, signatory, 1_000)
    with pytest.raises(NotPossible, match=f"rekvisition {sent.number} väntar"):
        make_approved(final, officer, director)

    make_approved(sent, officer, director)
    final.refresh_from_db()
    approve_request(request=final, seen_hash=final.content_hash, actor=director)

    assert grant_now(grant).closed_at is not None


@pytest.mark.parametrize("again", [True, False])
def test_what_is_stopped_after_the_end_waits_for_its_member(
    sent: PaymentRequest, grant: Grant, frame: Frame, member: Member, applicant: User,
    signatory: User, officer: User, director: User, again: bool,
) -> None:  # fmt: skip
    approved = make_approved(sent, officer, director)
    final = make_draft(grant, member, applicant, key="final", is_final=True)
    make_approved(make_sent(final, applicant, signatory), officer, director)

    stopped = stop_request(request=approved, message="Fel konto.", actor=officer)
    assert (grant_now(grant).paid, grant_now(grant).unpaid) == (0, 160_000)
    if again:
        mended = make_sent(stopped, applicant, signatory, 100_000, 50_000, 10_000)
        make_approved(mended, officer, director)
        assert (grant_now(grant).paid, grant_now(grant).unpaid) == (160_000, 0)
    else:
        withdraw_request(request=stopped, actor=applicant)
        assert grant_now(grant).amount == 0
        assert balance_now(frame.account) == frame.amount
    assert verify_ledger().ok


def test_a_request_is_returned_mended_and_sent_again(
    sent: PaymentRequest, applicant: User, signatory: User, officer: User
) -> None:
    back = return_request(request=sent, message="Hyran saknas i utdraget.", actor=officer)
    assert (back.state, back.attested_by, back.content) == ("returned", None, {})
    again = make_sent(back, applicant, signatory, 90_000, 50_000, 10_000)

    assert (again.state, again.amount, again.returned_message) == ("submitted", 150_000, "")


def test_an_approval_is_stopped_and_the_money_is_back(
    sent: PaymentRequest, grant: Grant, association: Association, applicant: User,
    signatory: User, officer: User, director: User,
) -> None:  # fmt: skip
    approved = make_approved(sent, officer, director)

    stopped = stop_request(request=approved, message="Fel konto.", actor=officer)
    assert (stopped.state, grant_now(grant).paid) == ("returned", 0)
    again = make_sent(stopped, applicant, signatory, 100_000, 50_000, 10_000)
    approved = make_approved(again, officer, director)
    assert grant_now(grant).paid == 160_000
    batch_of(association, [approved], director)
    with pytest.raises(NotPossible, match="betalfil"):
        stop_request(request=approved, message="Fel konto.", actor=officer)
    assert verify_ledger().ok


def test_wrongly_paid_money_comes_back_to_the_grant_once(
    sent: PaymentRequest, grant: Grant, association: Association, officer: User, director: User
) -> None:
    batch = batch_of(association, [make_approved(sent, officer, director)], director)
    with pytest.raises(NotPossible, match="utbetalt"):
        recover(sent, 1_000, director)
    mark_paid(batch=batch, paid_on=clock.today(), actor=director)

    first, second = recover(sent, 40_000, director), recover(sent, 40_000, director)

    assert first == second
    assert (grant_now(grant).paid, grant_now(grant).unpaid) == (120_000, COST - 120_000)
    assert Event.objects.filter(action="payment_recovered").count() == 1
    with pytest.raises(Conflict):
        recover(sent, 40_001, director)
    with pytest.raises(NotPossible, match="högst så mycket"):
        recover(sent, 120_001, director, key="more")
    recover(sent, 120_000, director, key="rest")
    with pytest.raises(NotPossible, match="redan återbetalt"):
        recover(sent, 1, director, key="none")
    assert verify_ledger().ok


def test_C04_what_comes_back_of_one_request_is_never_taken_out_of_another(
    sent: PaymentRequest, grant: Grant, association: Association, member: Member,
    applicant: User, signatory: User, officer: User, director: User,
) -> None:  # fmt: skip
    """Else the other could not be stopped: what was approved of it would be gone."""
    batch = batch_of(association, [make_approved(sent, officer, director)], director)
    mark_paid(batch=batch, paid_on=clock.today(), actor=director)
    other = make_draft(grant, member, applicant, key="other")
    other = make_approved(make_sent(other, applicant, signatory, 36_000), officer, director)

    with pytest.raises(NotPossible) as over:
        recover(sent, sent.amount + 1, director)
    assert (over.value.code, grant_now(grant).paid) == ("over_paid", sent.amount + 36_000)
    recover(sent, sent.amount, director)
    stop_request(request=other, message="Fel konto.", actor=officer)

    assert (grant_now(grant).paid, grant_now(grant).unpaid) == (0, COST)
    assert verify_ledger().ok


def test_what_comes_back_to_an_ended_grant_leaves_what_is_kept_for_a_stopped_request(
    sent: PaymentRequest, grant: Grant, frame: Frame, association: Association, member: Member,
    applicant: User, signatory: User, officer: User, director: User,
) -> None:  # fmt: skip
    approved = make_approved(sent, officer, director)
    final = make_draft(grant, member, applicant, key="final", is_final=True)
    final = make_approved(make_sent(final, applicant, signatory, 1_000), officer, director)
    stop_request(request=approved, message="Fel konto.", actor=officer)
    batch = batch_of(association, [final], director)
    mark_paid(batch=batch, paid_on=clock.today(), actor=director)

    for key in ("one", "other"):
        recover(final, 400, director, key=key)

    assert (grant_now(grant).paid, grant_now(grant).unpaid) == (200, 160_000)
    assert balance_now(frame.account) == frame.amount - 160_200
    told = Message.objects.filter(event_key__startswith=f"payment-recovered:{final.pk}:")
    assert told.count() == 2 * len({final.created_by_id, final.attested_by_id})
    assert verify_ledger().ok


# --- the payment file ---------------------------------------------------------------------------


def test_the_payment_file_says_who_gets_what(
    sent: PaymentRequest, association: Association, officer: User, director: User
) -> None:
    batch = batch_of(association, [make_approved(sent, officer, director)], director)

    root = fromstring(batch.xml)
    said = {
        path: [
            each.text
            for each in root.findall("/".join(f"{{{NAMESPACE}}}{p}" for p in path.split("/")))
        ]
        for path in (
            "CstmrCdtTrfInitn/GrpHdr/NbOfTxs",
            "CstmrCdtTrfInitn/GrpHdr/CtrlSum",
            "CstmrCdtTrfInitn/PmtInf/DbtrAcct/Id/IBAN",
            "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/PmtId/EndToEndId",
            "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Amt/InstdAmt",
            "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Cdtr/Nm",
            "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/CdtrAcct/Id/Othr/Id",
            "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/CdtrAcct/Id/Othr/SchmeNm/Prtry",
        )
    }
    assert list(said.values()) == [
        ["1"], ["160000.00"], ["SE4550000000058398257466"], [f"R{sent.pk}-1"], ["160000.00"],
        ["Ekby kommun"], ["54029681"], ["BGNR"],
    ]  # fmt: skip
    assert batch.csv.splitlines()[1].split(";")[1:6] == [
        f"R{sent.pk}-1", "Ekby kommun", "Bankgiro", "5402-9681", "160000",
    ]  # fmt: skip
    assert waiting_for_payment(association) == []


def test_I05_no_cell_of_the_list_is_a_formula(
    sent: PaymentRequest, association: Association, officer: User, director: User
) -> None:
    Member.objects.filter(pk=sent.member_id).update(name="=HYPERLINK(1)")
    batch = batch_of(association, [make_approved(sent, officer, director)], director)

    assert ";'=HYPERLINK(1);" in batch.csv


def test_a_file_needs_the_account_to_pay_from(
    sent: PaymentRequest, association: Association, officer: User, director: User
) -> None:
    approved = make_approved(sent, officer, director)

    with pytest.raises(NotPossible, match="BIC"):
        make_batch(
            association=association, requests=[approved], execute_on=clock.today(), key="a",
            actor=director,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "raw", "read"),
    [
        ("bankgiro", "5402-9681", "54029681"),
        ("bankgiro", "5402-9682", None),
        ("plusgiro", "28 65 43-4", "2865434"),
        ("plusgiro", "28 65 43-5", None),
        ("iban", "SE45 5000 0000 0583 9825 7466", "SE4550000000058398257466"),
        ("iban", "SE46 5000 0000 0583 9825 7466", None),
        ("bankgiro", "", None),
        ("kort", "1", None),
    ],
)
def test_accounts_are_read_with_their_check_digits(kind: str, raw: str, read: str | None) -> None:
    if read is None:
        with pytest.raises(DomainError):
            read_account(kind, raw)
        return
    assert read_account(kind, raw) == read
    assert read_account(kind, account_words(kind, read)) == read


def grant_now(grant: Grant) -> Grant:
    return Grant.objects.select_related("account", "paid_account").get(pk=grant.pk)


def recover(request: PaymentRequest, amount: int, actor: User, *, key: str = "back") -> Transfer:
    return recover_payment(
        request=request, amount=amount, reason="Dubbel hyra.", key=key, actor=actor
    )
