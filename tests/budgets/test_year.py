"""The year: 50/25/25 planned, paid in, divided into pools and equity."""

from __future__ import annotations

import pytest

from budgets.contributions import WrongShares
from budgets.ledger import InsufficientFunds, balance_now, equity_account, year_account
from budgets.models import Contribution, Pool, PoolKind, Transfer
from budgets.verification import verify_ledger
from budgets.wording import frame_in_words
from budgets.year import book_contribution, divide_year, open_equity, plan_contributions
from finsam.associations.models import Association, Member
from finsam.errors import Conflict, DomainError, NotPossible
from finsam.people.models import User
from finsam.registry.models import Event
from tests.budgets.conftest import divided_year, pay_year


def plan(association: Association, amounts: dict[str, int]) -> list[Contribution]:
    members: dict[str, Member] = {member.slug: member for member in association.members.all()}
    return plan_contributions(
        association=association,
        year=2024,
        amounts={members[slug]: amount for slug, amount in amounts.items()},
        actor=None,
    )


LAWFUL = {"fk": 7_000_000, "regionen": 3_500_000, "kommunen": 2_000_000, "grannkommunen": 1_500_000}


def test_FL_5_a_plan_of_50_25_25_is_kept(association: Association) -> None:
    rows = plan(association, LAWFUL)

    assert {row.member.slug: row.planned_amount for row in rows} == LAWFUL
    assert Event.objects.filter(action="contributions_planned").count() == 1


def test_FL_5_another_plan_is_refused_and_nothing_is_written(association: Association) -> None:
    with pytest.raises(WrongShares):
        plan(association, LAWFUL | {"kommunen": 2_000_001})

    assert not Contribution.objects.exists()


def test_the_same_plan_twice_writes_once_and_a_new_one_replaces_it(
    association: Association,
) -> None:
    plan(association, LAWFUL)
    plan(association, LAWFUL)
    plan(association, {"fk": 7_000_000, "regionen": 3_500_000, "kommunen": 3_500_000})

    amounts = dict(Contribution.objects.values_list("member__slug", "planned_amount"))
    assert amounts == {
        "fk": 7_000_000,
        "regionen": 3_500_000,
        "kommunen": 3_500_000,
        "grannkommunen": 0,
    }
    assert Event.objects.filter(action="contributions_planned").count() == 2


def test_a_plan_takes_only_members_and_no_sum_below_zero(
    association: Association, other_association: Association
) -> None:
    stranger = other_association.members.get(slug="fk")
    with pytest.raises(ValueError, match="another association"):
        plan_contributions(association=association, year=2024, amounts={stranger: 1}, actor=None)
    with pytest.raises(NotPossible):
        plan(association, LAWFUL | {"kommunen": -1})
    Member.objects.create(
        association=association, slug="ide", name="Idéburna", short_name="Idé", kind="external"
    )
    with pytest.raises(DomainError, match="Bara förbundets medlemmar"):
        plan(association, LAWFUL | {"ide": 1})


def test_paid_contributions_lie_in_the_year(association: Association, director: User) -> None:
    pay_year(association, 2024, 14_000_001, director)

    assert balance_now(year_account(association, 2024)) == 14_000_001
    state = Contribution.objects.select_related("source").get(member__slug="fk")
    assert (state.planned_amount, state.paid_amount, state.unpaid_amount) == (
        7_000_001,
        7_000_001,
        0,
    )
    assert verify_ledger().ok


def test_D01_a_payment_is_booked_once(association: Association) -> None:
    contribution = plan(association, LAWFUL)[0]

    for _ in range(3):
        book_contribution(contribution=contribution, amount=500, key="bank-1", actor=None)

    contribution.source.refresh_from_db()
    assert contribution.paid_amount == 500
    assert Event.objects.filter(action="contribution_paid").count() == 1


def test_a_year_is_divided_seven_and_seven(association: Association, director: User) -> None:
    pools = divided_year(association, 2024, director)

    assert {kind: balance_now(pool.account) for kind, pool in pools.items()} == {
        "base_financing": 7_000_000,
        "efforts": 7_000_000,
    }
    assert balance_now(year_account(association, 2024)) == 0
    assert verify_ledger().ok


def test_dividing_again_moves_only_what_is_new(association: Association, director: User) -> None:
    pay_year(association, 2024, 14_000_000, director)
    for efforts in (5_000_000, 5_000_000, 6_000_000):
        divide_year(
            association=association,
            year=2024,
            pools={PoolKind.EFFORTS: efforts},
            to_equity=1_000_000,
            actor=director,
        )

    assert Pool.objects.get().assigned_amount == 6_000_000
    assert balance_now(equity_account(association)) == 1_000_000
    assert Transfer.objects.filter(reason="year_divided").count() == 3
    with pytest.raises(NotPossible, match="Välj minst det"):
        divide_year(
            association=association,
            year=2024,
            pools={PoolKind.EFFORTS: 1},
            to_equity=1_000_000,
            actor=director,
        )


def test_the_pools_cannot_pass_the_years_money(association: Association, director: User) -> None:
    pay_year(association, 2024, 14_000_000, director)

    with pytest.raises(InsufficientFunds) as refusal:
        divide_year(
            association=association,
            year=2024,
            pools={PoolKind.BASE_FINANCING: 7_000_000, PoolKind.EFFORTS: 7_000_001},
            actor=director,
        )

    assert refusal.value.left == 7_000_000
    assert not Pool.objects.exists()
    assert balance_now(year_account(association, 2024)) == 14_000_000


def test_equity_is_opened_once(association: Association) -> None:
    open_equity(association=association, amount=2_500_000, actor=None)
    open_equity(association=association, amount=2_500_000, actor=None)

    assert balance_now(equity_account(association)) == 2_500_000
    with pytest.raises(Conflict):
        open_equity(association=association, amount=1, actor=None)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Individinsatser 2024", "ramen Individinsatser 2024"),
        ("Ram för insatser 2024", "ramen för insatser 2024"),
        ("Ramen 2024", "ramen 2024"),
        ("Ram", "ramen Ram"),
        ("", "ramen"),
    ],
)
def test_a_frame_is_named_once_in_a_sentence(name: str, words: str) -> None:
    assert frame_in_words(name) == words
