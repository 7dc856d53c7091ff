"""D-03: twenty set the same base financing and rules, and revise the same budget, at once."""

from __future__ import annotations

import pytest

from applications.revising import begin_revision, file_revision, save_revision
from boards.models import Outcome
from budgets.models import BaseFinancing, GrantLine, RevisedBudget
from budgets.payment_settings import save_economy_settings
from budgets.revised_budgets import approve_revised_budget
from budgets.verification import verify_ledger
from finsam.associations.models import Association, Member
from finsam.people.models import User
from finsam.registry.models import Event
from tests import factories as make
from tests.budgets.conftest import divided_year
from tests.budgets.test_base_financing import YEAR, set_base
from tests.races.test_board_races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TIMES = 20


def events(prefix: str) -> list[str]:
    found = Event.objects.filter(action__startswith=prefix).order_by("sequence")
    return list(found.values_list("action", flat=True))


def test_D03_the_same_base_financing_and_rules_are_set_once(
    association: Association, director: User
) -> None:
    divided_year(association, YEAR, director)

    answers = at_once([lambda: set_base(association, director, 2_000_000, 1_800_000)] * TIMES)
    assert answers == [BaseFinancing.objects.get()] * TIMES
    assert events("base_financing_") == ["base_financing_set"]
    kept = at_once(
        [
            lambda: save_economy_settings(
                association=association, move_percent=10, payer_account_type="",
                payer_account="", payer_bic="", levels=[(None, 20, None)], actor=director,
            )
        ] * TIMES
    )  # fmt: skip
    assert len({one.pk for one in kept}) == 1
    assert events("economy_settings_") == ["economy_settings_changed"]
    assert verify_ledger().ok


def test_D03_the_same_revised_budget_is_begun_saved_filed_and_approved_once(
    association: Association, member: Member, applicant: User, officer: User, director: User
) -> None:
    frame = make.make_frame(association, amount=1_000_000)
    received = make.make_received(make.make_round(association, frame=frame), member, applicant)
    application = make.make_decided_and_told(
        received, director, outcome=Outcome.PARTLY_GRANTED, amount=400_000
    )
    begun = at_once([lambda: begin_revision(application=application, actor=applicant)] * TIMES)
    revised = RevisedBudget.objects.get()
    assert begun == [revised] * TIMES
    saved = at_once(
        [
            lambda: save_revision(
                application=application, revised=revised, amounts={}, note="Mindre lokaler.",
                expected_revision=revised.revision, actor=applicant,
            )
        ] * TIMES
    )  # fmt: skip
    assert saved == [revised] * TIMES
    filed = at_once(
        [lambda: file_revision(application=application, revised=revised, actor=applicant)] * TIMES
    )
    assert filed == [revised] * TIMES
    seen = RevisedBudget.objects.get().sha256
    done = at_once(
        [lambda: approve_revised_budget(revised=revised, seen_hash=seen, actor=officer)] * TIMES
    )
    assert done == [revised] * TIMES
    assert events("revised_budget_") == [
        "revised_budget_begun", "revised_budget_saved", "revised_budget_filed",
        "revised_budget_approved",
    ]  # fmt: skip
    assert sum(GrantLine.objects.values_list("amount", flat=True)) == 400_000
