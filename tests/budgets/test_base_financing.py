"""Base financing, keys within a kind, the level of equity, and the picture of a year's money."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from budgets.base_financing import (
    TeamShare,
    lowered_contributions,
    set_base_financing,
    unsecured_words,
)
from budgets.contribution_keys import suggested
from budgets.contributions import Payer, WrongShares
from budgets.flow import balances_of, flow_of_year
from budgets.frames import reserve_grant
from budgets.ledger import InsufficientFunds, balance_now
from budgets.models import ContributionKey, Frame, KeyBasis, Pool, Transfer
from budgets.overview import year_overview
from budgets.payment_settings import save_economy_settings
from budgets.verification import verify_ledger
from budgets.year import plan_contributions
from finsam.associations.models import Association, Member
from finsam.errors import DomainError, NotPossible
from finsam.people.models import User
from finsam.registry.models import Event
from finsam.typography import kronor
from tests.budgets.conftest import divided_year
from tests.kept import kept

YEAR = 2021


@kept
def pool(association: Association, director: User) -> Pool:
    """Programme 2: 14 000 000 kr, of which 7 000 000 kr for the teams."""
    return divided_year(association, YEAR, director)["base_financing"]


def shares(association: Association, *amounts: int) -> list[TeamShare]:
    slugs = ("fk", "af", "regionen", "kommunen")
    members = {member.slug: member for member in association.members.all()}
    return [
        TeamShare(members[slug], "Ekby", amount)
        for slug, amount in zip(slugs, amounts, strict=False)
    ]


def set_base(association: Association, actor: User, *amounts: int, reason: str = ""):
    return set_base_financing(
        association=association, year=YEAR, shares=shares(association, *amounts), reason=reason,
        actor=actor,
    )  # fmt: skip


def test_seven_millions_are_shared_out_by_member_and_team(
    pool: Pool, association: Association, director: User
) -> None:
    base = set_base(association, director, 2_000_000, 1_800_000, 1_700_000, 1_500_000)
    again = set_base(association, director, 2_000_000, 1_800_000, 1_700_000, 1_500_000)

    assert base == again
    assert balance_now(pool.account) == 0
    assert [(s.member.slug, s.account.balance) for s in base.shares.order_by("-amount")] == [
        ("fk", 2_000_000), ("af", 1_800_000), ("regionen", 1_700_000), ("kommunen", 1_500_000),
    ]  # fmt: skip
    assert Event.objects.filter(action="base_financing_set").count() == 1
    assert verify_ledger().ok


def test_the_pool_is_never_passed_and_money_moves_between_teams(
    pool: Pool, association: Association, director: User
) -> None:
    with pytest.raises(InsufficientFunds) as refusal:
        set_base(association, director, 4_000_000, 3_000_001)
    assert refusal.value.left == 3_000_000
    assert balance_now(pool.account) == 7_000_000

    set_base(association, director, 4_000_000, 3_000_000)
    base = set_base(association, director, 3_000_000, 4_000_000)

    assert sorted(base.shares.values_list("amount", flat=True)) == [3_000_000, 4_000_000]
    assert verify_ledger().ok


def test_a_lowered_contribution_flags_the_base_financing(
    pool: Pool, association: Association, director: User
) -> None:
    set_base(association, director, 4_000_000, 3_000_000)
    assert lowered_contributions(association, YEAR) == []

    replan(association, director, 13_000_000)

    found = lowered_contributions(association, YEAR)
    assert {one.member.slug: (one.agreed, one.now) for one in found} == {
        "fk": (7_000_000, 6_500_000),
        "regionen": (3_500_000, 3_250_000),
        "kommunen": (1_750_000, 1_625_000),
        "grannkommunen": (1_750_000, 1_625_000),
    }
    assert f"Försäkringskassan {kronor(500_000)} lägre" in unsecured_words(found)
    assert Event.objects.filter(action="base_financing_lowered").count() == 1
    with pytest.raises(NotPossible, match="Skriv vad som gäller"):
        set_base(association, director, 4_000_000, 2_000_000)
    set_base(association, director, 4_000_000, 2_000_000, reason="Ett team läggs ned.")
    assert lowered_contributions(association, YEAR) == []


def test_a_raised_contribution_flags_nothing(
    pool: Pool, association: Association, director: User
) -> None:
    set_base(association, director, 4_000_000)
    replan(association, director, 15_000_000)

    assert lowered_contributions(association, YEAR) == []


def replan(association: Association, actor: User, total: int) -> None:
    members = {member.slug: member for member in association.members.all()}
    half, quarter, eighth = total // 2, total // 4, total // 8
    plan_contributions(
        association=association, year=YEAR, actor=actor,
        amounts={
            members["fk"]: half, members["regionen"]: quarter,
            members["kommunen"]: eighth, members["grannkommunen"]: quarter - eighth,
        },
    )  # fmt: skip


# --- the members' key within a kind ------------------------------------------------------------


@kept
def towns(association: Association) -> list[Member]:
    association.members.filter(slug="kommunen").update(population=66_420)
    association.members.filter(slug="grannkommunen").update(population=31_996)
    return list(association.members.all())


KEY = {Payer.MUNICIPALITIES: KeyBasis.POPULATION}


def test_the_municipalities_quarter_is_shared_by_inhabitants_to_the_krona(
    association: Association, towns: list[Member], director: User
) -> None:
    amounts = suggested(association, YEAR, towns, 14_000_000, KEY)

    assert {member.slug: amount for member, amount in amounts.items()} == {
        "fk": 7_000_000, "regionen": 3_500_000, "kommunen": 2_362_116, "grannkommunen": 1_137_884,
    }  # fmt: skip
    plan_contributions(
        association=association, year=YEAR, amounts=amounts, keys=KEY, actor=director
    )
    key = ContributionKey.objects.get(association=association, year=YEAR, payer="municipalities")
    assert (key.basis, sorted(key.weights.values())) == ("population", [31_996, 66_420])


def test_a_krona_beside_the_key_is_refused_by_name(
    association: Association, towns: list[Member], director: User
) -> None:
    amounts = suggested(association, YEAR, towns, 14_000_000, KEY)
    one, other = (association.members.get(slug=slug) for slug in ("kommunen", "grannkommunen"))
    amounts |= {one: amounts[one] + 1, other: amounts[other] - 1}

    with pytest.raises(DomainError) as refusal:
        plan_contributions(
            association=association, year=YEAR, amounts=amounts, keys=KEY, actor=director
        )
    assert refusal.value.code == "wrong_key"
    assert f"Ekby kommun ska betala {kronor(2_362_116)}" in refusal.value.message
    plan_contributions(association=association, year=YEAR, amounts=amounts, actor=director)
    amounts[one] += 1
    with pytest.raises(WrongShares):
        plan_contributions(association=association, year=YEAR, amounts=amounts, actor=director)


# --- equity and the picture ------------------------------------------------------------------


def test_equity_is_warned_of_at_the_associations_own_level_alone(
    pool: Pool, association: Association, director: User
) -> None:
    assert year_overview(association, YEAR).equity_most is None

    levels = [(10_000_000, None, 3_000_000), (None, 15, None)]
    save_economy_settings(
        association=association, move_percent=None, payer_account_type="", payer_account="",
        payer_bic="", levels=levels, actor=director,
    )  # fmt: skip
    overview = year_overview(association, YEAR)
    assert (overview.equity_most, overview.equity_over) == (2_100_000, 400_000)
    with pytest.raises(DomainError):
        save_economy_settings(
            association=association, move_percent=None, payer_account_type="", payer_account="",
            payer_bic="", levels=[(None, 15, 1)], actor=director,
        )  # fmt: skip


def test_the_picture_says_where_every_krona_went(frame: Frame, director: User) -> None:
    reserve_grant(frame=frame, amount=1_850_000, key="one", actor=director)

    flow = flow_of_year(frame.association, 2024)

    assert {(band.source, band.target): band.amount for band in flow.bands} == {
        ("contribution", "year"): 14_000_000,
        ("year", "base_financing"): 7_000_000,
        ("year", "efforts"): 7_000_000,
        ("efforts", "frame"): 7_000_000,
        ("equity", "frame"): 2_000_000,
        ("frame", "grant"): 1_850_000,
    }
    assert balances_of(frame.association, 2024) == {
        "base_financing": 7_000_000, "contribution": -14_000_000, "efforts": 0,
        "equity": 500_000, "frame": 7_150_000, "grant": 1_850_000, "year": 0,
    }  # fmt: skip
    assert "Ramar till Beviljat: 1\u00a0850\u00a0000 kronor" in flow.told


def test_every_place_opens_into_accounts_and_transfers(
    frame: Frame, director: User, sign_in: Callable[[User], Client]
) -> None:
    reserve_grant(frame=frame, amount=1_850_000, key="one", actor=director)
    client = sign_in(director)
    page = client.get(reverse("budgets:year_of", args=[frame.association.slug, 2024]))
    rows = page.context["flow_rows"]

    assert "<svg" in page.content.decode()
    assert "style=" not in page.content.decode()
    found = set()
    for row in rows:
        place = client.get(row[0].url)
        for account in place.context["rows"]:
            shown = client.get(account[0].url)
            found.update(made.pk for made in shown.context["page"].object_list)
    assert found == set(Transfer.objects.values_list("pk", flat=True))


@pytest.mark.anywhere
def test_the_pages_plan_by_key_and_set_the_base(
    association: Association, towns: list[Member], director: User,
    sign_in: Callable[[User], Client],
) -> None:  # fmt: skip
    client = sign_in(director)
    plan = reverse("budgets:plan", args=[association.slug, YEAR])
    asked = {"total": "14 000 000", "key-municipalities": "population", "gor": "rakna"}
    shown = client.post(plan, asked)
    fields = {
        name: shown.context["form"][name].value() or "" for name in shown.context["form"].fields
    }
    assert "2\u00a0362\u00a0116" in fields.values()
    assert client.post(plan, {**fields, "gor": ""}).status_code == 302
    pay_year_again(association, director)
    base = reverse("budgets:base", args=[association.slug, YEAR])
    member = association.members.get(slug="fk")
    said = {"member-0": member.pk, "team-0": "Ekby", "amount-0": "2 000 000"}
    assert [client.post(base, said).status_code for _ in range(2)] == [302, 302]
    year = client.get(reverse("budgets:year_of", args=[association.slug, YEAR])).content.decode()
    assert "säkrad" in year
    assert "Kommunerna delar efter antal invånare" in year
    refused = client.post(base, {**said, "amount-0": "9 000 000"})
    assert (refused.status_code, "kvar" in refused.content.decode()) == (422, True)


def pay_year_again(association: Association, actor: User) -> None:
    from budgets.models import Contribution, PoolKind
    from budgets.year import book_contribution, divide_year

    for row in Contribution.objects.filter(association=association, year=YEAR):
        if row.planned_amount:
            book_contribution(
                contribution=row, amount=row.planned_amount, key=f"p-{row.pk}", actor=actor
            )
    divide_year(
        association=association, year=YEAR, pools={PoolKind.BASE_FINANCING: 7_000_000}, actor=actor
    )
