"""C-04: whatever happens to frames, grants and payments adds up; and a seeded fault is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from budgets.frames import change_grant, release_grant, reserve_grant
from budgets.ledger import balance_now, transfer
from budgets.models import Grant, PaymentRecovery, Transfer, TransferReason
from budgets.recoveries import book_recovery
from finsam.associations.models import Association, Member
from finsam.people.models import User
from tests.kept import kept
from tests.properties.life_of_money import (
    Books,
    LifeOfDecisions,
    LifeOfTheMoney,
    Setting,
    a_year_under_way,
    lived,
    make_setting,
    two_frames,
)

LIVES = 500
STEPS = 4
pytestmark = pytest.mark.slow


@kept
def setting(
    association: Association, member: Member, applicant: User, signatory: User, officer: User,
    director: User,
) -> Setting:  # fmt: skip
    return make_setting(association, member, applicant, signatory, officer, director)


def live(
    kind: type[LifeOfDecisions], begins_with: Books, setting: Setting, *, steps: int, **how: Any
) -> None:
    life = type("Life", (kind,), {"setting": setting, "begins_with": begins_with})
    usual = {
        "max_examples": LIVES, "stateful_step_count": steps, "deadline": None,
        "report_multiple_bugs": False,
        # Which lines only the failing lives ran costs minutes, and says little of a ledger.
        "phases": [phase for phase in Phase if phase is not Phase.explain],
        "suppress_health_check": [HealthCheck.too_slow, HealthCheck.filter_too_much],
    }  # fmt: skip
    run_state_machine_as_test(life, settings=settings(**{**usual, **how}))


def test_C04_five_hundred_lives_of_the_money_add_up_after_every_step(setting: Setting) -> None:
    """Decisions, claims, payments and recoveries, begun in the midst of a year.

    There claims of every state wait for their money, so that few steps reach far.
    """
    live(LifeOfTheMoney, lived(setting, a_year_under_way), setting, steps=STEPS)


@pytest.mark.nightly
@pytest.mark.parametrize(("begin", "steps"), [(a_year_under_way, 15), (two_frames, 40)])
def test_C04_five_hundred_lives_with_claims_and_payments_add_up(
    setting: Setting, begin: Callable[[LifeOfTheMoney], None], steps: int
) -> None:
    live(LifeOfTheMoney, lived(setting, begin), setting, steps=steps)


# --- controls: the same lives with a fault put in ---------------------------------------------


class NeverMindsTheKey(LifeOfDecisions):
    """A decision sent twice reserves twice."""

    @staticmethod
    def reserve_grant(*, key: str, **said: Any) -> Grant:
        return reserve_grant(key=f"{key}-{Grant.objects.count()}", **said)


class ForgetsToMoveTheMoney(LifeOfDecisions):
    """A grant is lowered in its own row alone."""

    @staticmethod
    def change_grant(*, grant: Grant, amount: int, **said: Any) -> Grant:
        if amount < grant.amount and balance_now(grant.account) > grant.amount - amount:
            Grant.objects.filter(pk=grant.pk).update(amount=amount)
            return grant
        return change_grant(grant=grant, amount=amount, **said)


class GivesBackToAnEndedFrame(LifeOfDecisions):
    """What is lowered goes to the frame, also when the frame has ended."""

    @staticmethod
    def change_grant(*, grant: Grant, amount: int, key: str, **said: Any) -> Grant:
        lowered = grant.amount - amount
        changed = change_grant(grant=grant, amount=amount, key=key, **said)
        made = Transfer.objects.filter(association=grant.association, key=key).first()
        if lowered > 0 and made is not None and grant.frame.closed_at:
            transfer(
                source=made.target, target=grant.frame.account, amount=lowered,
                reason=TransferReason.CORRECTION, key=f"{key}-back", actor=said["actor"],
            )  # fmt: skip
        return changed


class ReleasesWhatIsKept(LifeOfTheMoney):
    """A recovery from an ended grant lets go of what is kept there for a stopped claim."""

    @staticmethod
    def book_recovery(*, recovery: PaymentRecovery, actor: User) -> PaymentRecovery:
        booked = book_recovery(recovery=recovery, actor=actor)
        if booked.request.grant.closed_at is not None:
            release_grant(grant=booked.request.grant, key=f"{booked.key}-rest", actor=actor)
        return booked


@pytest.mark.anywhere
@pytest.mark.parametrize(
    "faulty",
    [
        NeverMindsTheKey,
        ForgetsToMoveTheMoney,
        GivesBackToAnEndedFrame,
        ReleasesWhatIsKept,
    ],
)
def test_C04_control_a_seeded_fault_is_found(
    setting: Setting, faulty: type[LifeOfDecisions]
) -> None:
    begins_with = lived(setting, a_year_under_way)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        live(faulty, begins_with, setting, steps=STEPS, derandomize=True, phases=[Phase.generate])
