"""Many hands on the money of an effort that ends or changes: given back once, never twice."""

from __future__ import annotations

import functools
from datetime import timedelta
from typing import Any

import pytest

from applications.changing import lines_of, settle_change, submit_change
from applications.models import Application, ChangeKind, Termination
from applications.terminating import release_unused
from budgets.ledger import balance_now
from budgets.models import Frame, Grant, RevisedBudget, Transfer
from budgets.payment_review import approve_request, check_request
from budgets.recoveries import book_recovery, demand_recovery, drop_recovery
from budgets.verification import verify_ledger
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.errors import NotPossible
from finsam.people.models import RoleKind, User
from tests import factories as make
from tests.budgets.payments import make_draft, make_sent
from tests.races.test_agreement_races import told
from tests.races.test_board_races import at_once

__all__ = ["told"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CLIENTS = 10


@pytest.fixture
def effort(told: Application) -> Application:
    Application.objects.filter(pk=told.pk).update(state="running")
    return make.reread(told)


@pytest.fixture
def frame(effort: Application) -> Frame:
    assert effort.round.frame is not None
    return effort.round.frame


def the_grant(effort: Application) -> Grant:
    return Grant.objects.select_related("account", "paid_account").get(application=effort)


def end(effort: Application, actor: User) -> Termination:
    """Ended and told, with its last day to claim yesterday."""
    yesterday = clock.today() - timedelta(days=1)
    Application.objects.filter(pk=effort.pk).update(state="terminated")
    return Termination.objects.create(
        application=effort, state="decided", state_before="running", ground="breach",
        reason="Rapporterna uteblir.", stops_on=yesterday, claims_until=yesterday,
        proposed_by=actor, public_at=clock.now(),
    )  # fmt: skip


def test_what_is_left_is_released_once_whoever_approves_at_the_same_moment(
    effort: Application, frame: Frame, member: Member, applicant: User, signatory: User,
    officer: User, director: User,
) -> None:  # fmt: skip
    grant = the_grant(effort)
    granted = grant.amount
    lines_of(effort, director)
    sent = make_sent(make_draft(grant, member, applicant), applicant, signatory, 1_000)
    check_request(request=sent, seen_hash=sent.content_hash, move_reason="Ja.", actor=officer)
    termination = end(effort, director)
    give = [
        functools.partial(release_unused, termination=termination, seen_amount=left, actor=director)
        for left in (granted - 1_000, granted) * (CLIENTS // 2)
    ]
    pay = functools.partial(
        approve_request, request=sent, seen_hash=sent.content_hash, actor=director
    )
    answers = at_once([pay, *give])
    assert not isinstance(answers[0], Exception)
    release_unused(termination=termination, seen_amount=granted - 1_000, actor=director)
    found = the_grant(effort)
    assert (found.paid, found.unpaid, found.closed_at is None) == (1_000, 0, False)
    assert Transfer.objects.filter(reason="grant_released").count() == 1
    assert balance_now(frame.account) == frame.amount - 1_000
    assert verify_ledger().ok


def test_a_lowered_sum_is_carried_through_once(
    effort: Application, frame: Frame, applicant: User, director: User
) -> None:
    before = {line.key: line.amount for line in lines_of(effort, director)}
    first = next(iter(before))
    change = submit_change(
        application=effort, kind=ChangeKind.SUMS, reason="Halv tjänst.", actor=applicant,
        amounts={first: before[first] - 10_000},
    )  # fmt: skip
    settle = functools.partial(
        settle_change, change=change, approves=True, decision="Ja.", by_board=False, actor=director
    )
    answers = at_once([settle] * CLIENTS)
    assert answers == [change] * CLIENTS
    assert Transfer.objects.filter(reason="grant_lowered").count() == 1
    assert RevisedBudget.objects.count() == 1
    assert balance_now(frame.account) == frame.amount - the_grant(effort).amount
    assert verify_ledger().ok


def test_a_demand_is_booked_once_or_taken_back(
    effort: Application, association: Association, member: Member, applicant: User,
    signatory: User, officer: User, director: User,
) -> None:  # fmt: skip
    grant = the_grant(effort)
    lines_of(effort, director)
    sent = make_sent(make_draft(grant, member, applicant), applicant, signatory, 1_000)
    check_request(request=sent, seen_hash=sent.content_hash, move_reason="Ja.", actor=officer)
    approve_request(request=sent, seen_hash=sent.content_hash, actor=director)
    type(sent).objects.filter(pk=sent.pk).update(state="paid")
    sent.refresh_from_db()
    said: dict[str, Any] = {"reason": "Dubbelt.", "due_on": clock.today(), "key": "a"}
    demand = demand_recovery(request=sent, amount=400, actor=officer, **said)
    other = make.make_person(RoleKind.OFFICER, association)
    book = functools.partial(book_recovery, recovery=demand, actor=other)
    drop = functools.partial(drop_recovery, recovery=demand, actor=officer)
    answers = at_once([*[book] * CLIENTS, drop])
    refused = [one for one in answers if isinstance(one, Exception)]
    assert {type(one) for one in refused} == {NotPossible}
    demand.refresh_from_db()
    booked = demand.state == "booked"
    assert Transfer.objects.filter(reason="recovered").count() == int(booked)
    assert the_grant(effort).paid == (600 if booked else 1_000)
    assert verify_ledger().ok
