"""Base financing paid out: by member and team, while it is secured, and seen by two."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from budgets.base_claims import (
    BaseClaim,
    claim_base_payment,
    claimable_year,
    register_base_payment,
    room_left,
)
from budgets.base_payments import (
    approve_base_payment,
    base_waiting_for_payment,
    check_base_payment,
    note_base_payment_paid,
    stop_base_payment,
)
from budgets.flow import flow_of_year
from budgets.ledger import InsufficientFunds, balance_now
from budgets.models import (
    BaseFinancingShare,
    BasePayment,
    BasePaymentState,
    PaymentBatch,
    Pool,
    Transfer,
)
from budgets.payment_batches import make_batch, mark_paid
from budgets.payment_settings import save_economy_settings
from budgets.verification import verify_ledger
from finsam import clock
from finsam.associations.models import Association
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.people.models import RoleKind, User
from finsam.registry.models import Event
from finsam.typography import kronor
from tests.budgets.conftest import divided_year
from tests.budgets.payments import BANKGIRO
from tests.budgets.test_base_financing import YEAR, replan, set_base
from tests.conftest import person_with_role
from tests.factories import give_role
from tests.kept import kept

CLAIM = BaseClaim(
    500_000, date(YEAR, 1, 1), date(YEAR, 3, 31), "Faktura 4711", "bankgiro", BANKGIRO
)


@kept
def pool(association: Association, director: User) -> Pool:
    return divided_year(association, YEAR, director)["base_financing"]


@kept
def share(pool: Pool, association: Association, director: User) -> BaseFinancingShare:
    """Försäkringskassan's 2 000 000 kr in the team of Ekby."""
    set_base(association, director, 2_000_000, 1_800_000)
    return now(association, "fk")


def now(association: Association, slug: str) -> BaseFinancingShare:
    return BaseFinancingShare.objects.select_related(
        "base__association", "member", "account", "paid_account"
    ).get(base__association=association, member__slug=slug)


def register(share: BaseFinancingShare, actor: User, *, key: str = "one", **changes) -> BasePayment:
    claim = dataclasses.replace(CLAIM, **changes)
    return register_base_payment(share=share, claim=claim, key=key, actor=actor)


def test_base_financing_goes_from_pool_to_team_to_bank(
    share: BaseFinancingShare, association: Association, officer: User, director: User
) -> None:
    made = register(share, officer)
    assert (made.state, room_left(share), balance_now(share.account)) == (
        "registered", 1_500_000, 2_000_000,
    )  # fmt: skip
    approved = approve_base_payment(payment=made, actor=director)
    assert base_waiting_for_payment(association) == [approved]
    set_payer(association, director)
    batch = make_batch(
        association=association, requests=[], base_payments=[approved], execute_on=clock.today(),
        key="batch", actor=officer,
    )  # fmt: skip

    assert (batch.amount, batch.count) == (500_000, 1)
    for part in ("<Nm>Försäkringskassan</Nm>", "54029681", "500000.00", "Faktura 4711"):
        assert part in batch.xml
    mark_paid(batch=batch, paid_on=clock.today(), actor=director)
    share = now(association, "fk")
    assert (share.amount, share.paid, share.unpaid) == (2_000_000, 500_000, 1_500_000)
    assert BasePayment.objects.get().state == BasePaymentState.PAID
    bands = {
        (band.source, band.target): band.amount for band in flow_of_year(association, YEAR).bands
    }
    assert bands["base", "paid_out"] == 500_000
    events = Event.objects.filter(action__startswith="base_payment").order_by("sequence")
    assert list(events.values_list("action", flat=True)) == [
        "base_payment_registered", "base_payment_approved", "base_payment_paid",
    ]  # fmt: skip
    assert verify_ledger().ok


def test_two_pairs_of_eyes(share: BaseFinancingShare, officer: User, director: User) -> None:
    made = register(share, officer)

    with pytest.raises(NotAllowed, match="Någon annan"):
        approve_base_payment(payment=made, actor=officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        BasePayment.objects.update(approved_by=officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        BasePayment.objects.update(state="approved")
    assert approve_base_payment(payment=made, actor=director).state == "approved"


def test_nothing_is_paid_while_a_contribution_is_lowered(
    share: BaseFinancingShare, association: Association, officer: User, director: User
) -> None:
    """Its condition is that the contributions are unchanged."""
    made = register(share, officer)
    replan(association, director, 13_000_000)

    for ask in (
        lambda: approve_base_payment(payment=made, actor=director),
        lambda: register(share, officer, key="two"),
    ):
        with pytest.raises(NotPossible, match="Fastställ basfinansieringen på nytt"):
            ask()
    assert not Transfer.objects.filter(reason="paid").exists()
    set_base(association, director, 2_000_000, 1_800_000, reason="Gäller ändå.")
    assert approve_base_payment(payment=made, actor=director).state == "approved"


def test_never_above_the_share_and_the_refusal_says_what_is_left(
    share: BaseFinancingShare, association: Association, officer: User, director: User
) -> None:
    made = register(share, officer)
    with pytest.raises(InsufficientFunds) as refusal:
        register(share, officer, key="two", amount=1_500_001)
    assert refusal.value.left == 1_500_000
    set_base(association, director, 400_000, 1_800_000)

    with pytest.raises(InsufficientFunds) as refusal:
        approve_base_payment(payment=made, actor=director)
    assert refusal.value.left == 400_000
    set_base(association, director, 500_000, 1_800_000)
    approve_base_payment(payment=made, actor=director)
    with pytest.raises(InsufficientFunds):
        set_base(association, director, 499_999, 1_800_000)
    assert verify_ledger().ok


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": 0}, "amount_not_positive"),
        ({"period_to": date(YEAR - 1, 12, 31)}, "period_backwards"),
        ({"period_to": date(YEAR + 1, 1, 1)}, "outside_year"),
        ({"reference": " "}, "reference_missing"),
        ({"account_number": "5402-9682"}, "account_number"),
    ],
)
def test_what_cannot_be_right_is_refused(
    share: BaseFinancingShare, officer: User, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        register(share, officer, **changes)
    assert refusal.value.code == code
    assert not BasePayment.objects.exists()


def test_D01_every_step_twice_is_once(
    share: BaseFinancingShare, association: Association, officer: User, director: User
) -> None:
    first, second = register(share, officer), register(share, officer)
    assert first == second
    for _ in range(2):
        approved = approve_base_payment(payment=first, actor=director)
    assert Transfer.objects.filter(reason="paid").count() == 1
    for _ in range(2):
        stopped = stop_base_payment(payment=approved, reason="Fel konto.", actor=officer)

    share = now(association, "fk")
    assert (stopped.state, share.paid, share.unpaid) == ("stopped", 0, 2_000_000)
    assert Event.objects.filter(action__startswith="base_payment").count() == 3
    assert verify_ledger().ok


def test_D02_the_same_key_with_another_content_is_a_conflict(
    share: BaseFinancingShare, association: Association, officer: User, director: User
) -> None:
    made = approve_base_payment(payment=register(share, officer), actor=director)
    other = register(share, officer, key="two", amount=1)
    approve_base_payment(payment=other, actor=director)
    with pytest.raises(Conflict):
        register(share, officer, amount=500_001)
    set_payer(association, director)

    def file(*payments: BasePayment) -> PaymentBatch:
        return make_batch(
            association=association, requests=[], base_payments=payments,
            execute_on=clock.today(), key="batch", actor=officer,
        )  # fmt: skip

    assert file(made) == file(made)
    with pytest.raises(Conflict):
        file(made, other)
    with pytest.raises(NotPossible, match="betalfil"):
        stop_base_payment(payment=made, reason="Fel.", actor=officer)


def test_P05_each_step_from_its_own_states_by_the_office(
    share: BaseFinancingShare, officer: User, director: User, applicant: User
) -> None:
    steps = {
        "approved": lambda p, who: approve_base_payment(payment=p, actor=who),
        "stopped": lambda p, who: stop_base_payment(payment=p, reason="Fel.", actor=who),
        "paid": note_base_payment_paid,
    }
    lawful = {
        ("registered", "approved"), ("registered", "stopped"), ("approved", "stopped"),
        ("approved", "paid"),
    }  # fmt: skip
    for at, state in enumerate(("registered", "approved", "stopped")):
        for step, act in steps.items():
            made = register(share, officer, key=f"{at}-{step}", amount=1)
            if state == "approved":
                approve_base_payment(payment=made, actor=director)
            if state == "stopped":
                stop_base_payment(payment=made, reason="Fel.", actor=officer)
            if (state, step) in lawful:
                assert act(made, director).state == step
            elif state != step:
                with pytest.raises(NotPossible):
                    act(made, officer if step == "stopped" else director)
    with pytest.raises(NotAllowed):
        register(share, applicant, key="late")
    for step in ("approved", "stopped"):
        with pytest.raises(NotAllowed):
            steps[step](BasePayment.objects.latest("pk"), applicant)


def test_C03_a_paid_payment_is_never_changed(
    share: BaseFinancingShare, association: Association, officer: User, director: User
) -> None:
    made = approve_base_payment(payment=register(share, officer), actor=director)
    note_base_payment_paid(made, director)
    for statement in (
        "UPDATE budgets_basepayment SET amount = 1",
        "DELETE FROM budgets_basepayment",
    ):
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


@pytest.mark.anywhere
@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_register_and_approve_and_cost_the_same_queries(
    share: BaseFinancingShare, association: Association, officer: User, director: User,
    sign_in: Callable[[User], Client], django_assert_max_num_queries, rows: int,
) -> None:  # fmt: skip
    page = reverse("budgets:base_payments", args=[association.slug, YEAR])
    said = {
        "share": share.pk, "amount": "500 000", "period_from": f"{YEAR}-01-01",
        "period_to": f"{YEAR}-03-31", "reference": "Faktura 4711", "account_type": "bankgiro",
        "account_number": BANKGIRO,
    }  # fmt: skip
    client = sign_in(officer)
    for row in range(rows):
        answer = client.post(page, {**said, "key": str(row)})
        assert answer.status_code == 302
    made = answer["Location"]
    assert client.get(made).context["may_approve"] is False
    refused = client.post(page, {**said, "key": "much", "amount": "9 000 000"})
    assert (refused.status_code, "kvar" in refused.content.decode()) == (422, True)

    other = sign_in(director)
    assert [other.post(made, {"gor": "godkann"}).status_code for _ in range(2)] == [302, 302]
    with django_assert_max_num_queries(15):
        shown = other.get(page).content.decode()
    assert f"{kronor(500_000)[:-3]}" in shown
    year = other.get(reverse("budgets:year_of", args=[association.slug, YEAR])).content.decode()
    assert f"varav {kronor(500_000)} utbetalt" in year
    batches = other.get(reverse("budgets:batches", args=[association.slug])).content.decode()
    assert f"Basfinansiering {YEAR}, utbetalning {rows}, Ekby" in batches


def set_payer(association: Association, actor: User) -> None:
    save_economy_settings(
        association=association, move_percent=None, payer_account_type="bankgiro",
        payer_account=BANKGIRO, payer_bic="ESSESESS", levels=[], actor=actor,
    )  # fmt: skip


# --- claimed by the member ----------------------------------------------------------------------


def speaker(association: Association, slug: str) -> User:
    """A signatory of the member."""
    member = association.members.get(slug=slug)
    return person_with_role(RoleKind.SIGNATORY, association, member=member)


@kept
def claimant(association: Association) -> User:
    return speaker(association, "fk")


def claim(share: BaseFinancingShare, actor: User, *, key: str = "mine", **changes) -> BasePayment:
    said = dataclasses.replace(CLAIM, **changes)
    return claim_base_payment(share=share, claim=said, key=key, actor=actor)


def test_a_member_claims_the_office_checks_and_another_approves(
    share: BaseFinancingShare, claimant: User, officer: User, director: User
) -> None:
    made = claim(share, claimant)
    assert claim(share, claimant) == made
    assert (made.state, room_left(share), balance_now(share.account)) == (
        "claimed", 1_500_000, 2_000_000,
    )  # fmt: skip
    with pytest.raises(NotPossible):
        approve_base_payment(payment=made, actor=director)
    checked = check_base_payment(payment=made, actor=officer)
    assert check_base_payment(payment=made, actor=officer) == checked
    with pytest.raises(NotAllowed, match="Någon annan"):
        approve_base_payment(payment=checked, actor=officer)
    assert approve_base_payment(payment=checked, actor=director).state == "approved"
    actions = Event.objects.filter(action__startswith="base_payment").order_by("sequence")
    assert list(actions.values_list("action", flat=True)) == [
        "base_payment_claimed", "base_payment_registered", "base_payment_approved",
    ]  # fmt: skip
    assert verify_ledger().ok


def test_nobody_claims_for_another_member_nor_checks_an_own_claim(
    share: BaseFinancingShare, association: Association, claimant: User, officer: User
) -> None:
    with pytest.raises(NotAllowed):
        claim(share, officer)
    stranger = speaker(association, "af")
    with pytest.raises(NotAllowed):
        claim(share, stranger)
    made = claim(share, claimant)
    give_role(claimant, RoleKind.OFFICER, association)
    with pytest.raises(NotAllowed, match="Du har begärt"):
        check_base_payment(payment=made, actor=claimant)
    checked = check_base_payment(payment=made, actor=officer)
    with pytest.raises(NotAllowed, match="Du har begärt"):
        approve_base_payment(payment=checked, actor=claimant)


def test_claims_together_never_pass_the_share(
    share: BaseFinancingShare, claimant: User, officer: User
) -> None:
    claim(share, claimant, amount=1_200_000)
    register(share, officer, amount=700_000)
    with pytest.raises(InsufficientFunds, match="100"):
        claim(share, claimant, key="more", amount=100_001)
    claim(share, claimant, key="rest", amount=100_000)
    assert room_left(share) == 0


def test_a_claim_is_taken_back_by_the_member_and_stopped_by_the_office_with_a_letter(
    share: BaseFinancingShare, claimant: User, officer: User
) -> None:
    made = claim(share, claimant)
    stop_base_payment(payment=made, reason="Fel period.", actor=claimant)
    assert room_left(share) == 2_000_000
    assert not Message.objects.filter(event_key__startswith="base_payment_stopped").exists()
    other = claim(share, claimant, key="two")
    stop_base_payment(payment=other, reason="Fel konto.", actor=officer)
    letter = Message.objects.get(event_key=f"base_payment_stopped:{other.pk}")
    assert letter.recipient == claimant
    assert "Fel konto." in letter.body
    third = check_base_payment(payment=claim(share, claimant, key="three"), actor=officer)
    with pytest.raises(NotAllowed):
        stop_base_payment(payment=third, reason="Ångrar oss.", actor=claimant)


def test_the_database_wants_somebody_behind_every_payment(
    share: BaseFinancingShare, claimant: User
) -> None:
    made = claim(share, claimant)
    for changes in ({"state": "registered"}, {"claimed_by": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            BasePayment.objects.filter(pk=made.pk).update(**changes)


@pytest.mark.anywhere
def test_the_member_claims_and_follows_through_the_pages(
    share: BaseFinancingShare,
    association: Association,
    claimant: User,
    officer: User,
    director: User,
    sign_in: Callable[[User], Client],
) -> None:
    assert claimable_year(association, [share.member_id]) == YEAR
    mine = sign_in(claimant)
    home = mine.get(reverse("applications:mine", args=[association.slug])).content.decode()
    page = reverse("budgets:base_claims", args=[association.slug, YEAR])
    assert page in home
    form = mine.get(page).context["form"]
    assert [one.pk for one in form.fields["share"].queryset] == [share.pk]
    said = {
        "share": share.pk, "amount": "500 000", "period_from": f"{YEAR}-01-01",
        "period_to": f"{YEAR}-03-31", "reference": "Kv 1", "account_type": "bankgiro",
        "account_number": BANKGIRO, "key": form["key"].value(),
    }  # fmt: skip
    refused = mine.post(page, said | {"amount": "9 000 000"})
    assert refused.status_code == 422
    assert kronor(2_000_000) in refused.content.decode()
    answers = [mine.post(page, said) for _ in range(2)]
    (made,) = BasePayment.objects.all()
    assert [answer["Location"] for answer in answers] == [made.get_absolute_url()] * 2
    text = mine.get(made.get_absolute_url()).content.decode()
    assert "Kontrolleras av kansliet" in text
    assert "Ta tillbaka begäran" in text
    assert mine.post(made.get_absolute_url(), {"gor": "kontrollera"}).status_code in (403, 404)
    office = sign_in(officer)
    assert office.post(made.get_absolute_url(), {"gor": "kontrollera"}).status_code == 302
    assert "Ta tillbaka begäran" not in mine.get(made.get_absolute_url()).content.decode()
    other = speaker(association, "af")
    assert sign_in(other).get(made.get_absolute_url()).status_code == 404
