"""P-05: every state × action × role, and exactly the table is allowed."""

from __future__ import annotations

import pytest

from applications.models import Application, ApplicationState
from applications.transitions import BY_ACTION, TRANSITIONS, apply_transition, possible_actions
from finsam import clock
from finsam.errors import NotAllowed, NotPossible
from finsam.people.models import RoleKind
from finsam.registry.models import Case, Event
from tests import factories as make
from tests.kept import kept

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]

S, R = ApplicationState, RoleKind
APPLICANT = {R.APPLICANT, R.SIGNATORY}
OFFICE = {R.OFFICER, R.DIRECTOR}
BOARD = {R.OFFICER, R.DIRECTOR, R.CHAIR}

# Written out by hand from the process, not read from the table that is tested.
# Whoever signs last: for a member, for the association, or the office with a page on paper.
AGREEING = {R.OFFICER, R.DIRECTOR, R.CHAIR, R.SIGNATORY}
ALLOWED: dict[tuple[str, str], tuple[str, set[RoleKind]]] = {
    (S.DRAFT, "submit"): (S.SUBMITTED, APPLICANT),
    (S.SUBMITTED, "begin_review"): (S.IN_REVIEW, OFFICE),
    (S.IN_REVIEW, "request_supplement"): (S.RETURNED, OFFICE),
    (S.IN_REVIEW, "prepare"): (S.IN_PREPARATION, OFFICE),
    (S.RETURNED, "supplement"): (S.IN_REVIEW, APPLICANT),
    (S.RETURNED, "resume_review"): (S.IN_REVIEW, OFFICE),
    (S.IN_PREPARATION, "send_to_board"): (S.TO_BOARD, {R.DIRECTOR}),
    (S.TO_BOARD, "grant"): (S.GRANTED, BOARD),
    (S.TO_BOARD, "grant_partly"): (S.PARTLY_GRANTED, BOARD),
    (S.TO_BOARD, "reject"): (S.REJECTED, BOARD),
    (S.TO_BOARD, "refer_back"): (S.IN_PREPARATION, BOARD),
    (S.TO_BOARD, "table"): (S.TABLED, BOARD),
    (S.TABLED, "grant"): (S.GRANTED, BOARD),
    (S.TABLED, "grant_partly"): (S.PARTLY_GRANTED, BOARD),
    (S.TABLED, "reject"): (S.REJECTED, BOARD),
    (S.TABLED, "refer_back"): (S.IN_PREPARATION, BOARD),
    (S.TABLED, "table"): (S.TABLED, BOARD),
    (S.GRANTED, "retract_decision"): (S.TO_BOARD, OFFICE),
    (S.PARTLY_GRANTED, "retract_decision"): (S.TO_BOARD, OFFICE),
    (S.REJECTED, "retract_decision"): (S.TO_BOARD, OFFICE),
    (S.IN_PREPARATION, "retract_decision"): (S.TO_BOARD, OFFICE),
    (S.TABLED, "retract_decision"): (S.TO_BOARD, OFFICE),
    (S.GRANTED, "agree"): (S.AGREED, AGREEING),
    (S.PARTLY_GRANTED, "agree"): (S.AGREED, AGREEING),
    (S.AGREED, "start"): (S.RUNNING, OFFICE),
    (S.AGREED, "terminate"): (S.TERMINATED, BOARD),
    (S.RUNNING, "terminate"): (S.TERMINATED, BOARD),
    (S.TERMINATED, "resume_agreed"): (S.AGREED, OFFICE),
    (S.TERMINATED, "resume_running"): (S.RUNNING, OFFICE),
    (S.RUNNING, "close"): (S.CLOSED, OFFICE),
}
BEFORE_DECISION = (
    S.SUBMITTED, S.IN_REVIEW, S.RETURNED, S.IN_PREPARATION, S.TO_BOARD, S.TABLED,
)  # fmt: skip
for _state in BEFORE_DECISION:
    ALLOWED[_state, "withdraw"] = (S.WITHDRAWN, APPLICANT)
    ALLOWED[_state, "dismiss"] = (S.DISMISSED, OFFICE)
ACTIONS = sorted({action for _, action in ALLOWED})


@kept
def people(association, member):
    """One person in every role, and one in none."""
    found = {kind: make.make_person(kind, association, member) for kind in RoleKind}
    stranger = make.make_person(R.APPLICANT, association, member)
    stranger.roles.all().delete()
    return {**found, None: stranger}


@kept
def application(association, member, applicant):
    return make.make_received(make.make_round(association), member, applicant)


def put_in(application: Application, state: str, case: Case) -> Application:
    kept = None if state == S.DRAFT else case
    Application.objects.filter(pk=application.pk).update(
        state=state, case=kept, submitted_at=clock.now() if kept else None
    )
    return Application.objects.select_related("association").get(pk=application.pk)


def test_the_table_has_exactly_the_actions_of_the_process():
    assert sorted(BY_ACTION) == ACTIONS
    assert len(TRANSITIONS) == len(BY_ACTION)


@pytest.mark.parametrize("state", list(ApplicationState))
def test_P05_every_action_by_every_role_from_one_state(application, people, state):
    """Every action × 11 roles and none, from each of the 16 states: all cells."""
    case = application.case
    for action in ACTIONS:
        target, roles = ALLOWED.get((state, action), ("", set()))
        for kind, user in people.items():
            at_start = put_in(application, state, case)
            events = Event.objects.count()
            cell = (state, action, kind)
            if kind in roles:
                receipt = {"case": case, "submitted_at": clock.now()} if action == "submit" else {}
                moved = apply_transition(at_start, action, actor=user, **receipt)
                assert moved.state == target, cell
                assert Event.objects.count() == events + 1, cell
                continue
            refusal = NotAllowed if target else NotPossible
            with pytest.raises(refusal):
                apply_transition(at_start, action, actor=user)
            at_start.refresh_from_db()
            assert (at_start.state, Event.objects.count()) == (state, events), cell


def test_a_role_in_another_association_is_no_role(application, foreign_director):
    with pytest.raises(NotAllowed):
        apply_transition(application, "begin_review", actor=foreign_director)


@pytest.mark.parametrize("state", list(ApplicationState))
def test_possible_actions_are_those_that_leave_the_state(state):
    expected = sorted(action for source, action in ALLOWED if source == state)
    assert sorted(one.action for one in possible_actions(state)) == expected


def test_a_role_that_has_ended_is_no_role(application, people):
    from datetime import date

    officer = people[R.OFFICER]
    officer.roles.update(valid_to=date(2021, 1, 1))
    with pytest.raises(NotAllowed) as refusal:
        apply_transition(application, "begin_review", actor=officer)
    assert "handläggare" in refusal.value.message
