"""A year's economy as in programme 1: pools, equity, the frame of 9 000 000 kr with its lots."""

from __future__ import annotations

from budgets.frames import PlannedLot, set_frame
from budgets.ledger import equity_account
from budgets.models import Frame, Grant, PaymentRequest, Pool, PoolKind
from budgets.split import split
from budgets.year import book_contribution, divide_year, open_equity, plan_contributions
from finsam.associations.models import Association, Member
from finsam.people.models import User
from tests.budgets.payments import make_draft, make_grant, make_sent
from tests.kept import kept

POPULATION = {
    "Karlskrona": 66_420,
    "Karlshamn": 31_996,
    "Ronneby": 29_021,
    "Sölvesborg": 17_475,
    "Olofström": 13_061,
}


def pay_year(association: Association, year: int, total: int, actor: User | None) -> None:
    """Plan and book a year's contributions, 50/25/25."""
    members = {member.slug: member for member in association.members.all()}
    state, region, municipalities = split(total, [50, 25, 25])
    one, other = split(municipalities, [1, 1])
    plan = plan_contributions(
        association=association,
        year=year,
        amounts={
            members["fk"]: state,
            members["regionen"]: region,
            members["kommunen"]: one,
            members["grannkommunen"]: other,
        },
        actor=actor,
    )
    for contribution in plan:
        book_contribution(
            contribution=contribution,
            amount=contribution.planned_amount,
            key=f"paid-{contribution.pk}",
            actor=actor,
        )


def divided_year(association: Association, year: int, actor: User | None) -> dict[str, Pool]:
    """14 000 000 kr paid in and divided 7 + 7, and 2 500 000 kr of equity."""
    pay_year(association, year, 14_000_000, actor)
    open_equity(association=association, amount=2_500_000, actor=actor)
    pools = divide_year(
        association=association,
        year=year,
        pools={PoolKind.BASE_FINANCING: 7_000_000, PoolKind.EFFORTS: 7_000_000},
        actor=actor,
    )
    return {pool.kind: pool for pool in pools}


def frame_of_nine_million(association: Association, actor: User | None) -> Frame:
    pools = divided_year(association, 2024, actor)
    planned = split(9_000_000, list(POPULATION.values()))
    return set_frame(
        association=association,
        name="Individinsatser 2024",
        year=2024,
        sources=[
            (pools["efforts"].account, 7_000_000),
            (equity_account(association), 2_000_000),
        ],
        lots=[PlannedLot(name, part) for name, part in zip(POPULATION, planned, strict=True)],
        is_example_plan=True,
        actor=actor,
    )


@kept
def frame(association: Association, director: User) -> Frame:
    return frame_of_nine_million(association, director)


@kept
def grant(frame: Frame, director: User) -> Grant:
    return make_grant(frame, director)


@kept
def draft(grant: Grant, member: Member, applicant: User) -> PaymentRequest:
    return make_draft(grant, member, applicant)


@kept
def sent(draft: PaymentRequest, applicant: User, signatory: User) -> PaymentRequest:
    return make_sent(draft, applicant, signatory, 100_000, 50_000, 10_000)
