"""The return of a social investment: its plan, each year settled into the fund, and taken back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from applications.closing import next_of_effort
from applications.returning import (
    due_day,
    lacks_return_plan,
    plan_rows,
    settle,
    with_returns_to_settle,
)
from boards.agreement_signing import sign_agreement
from boards.agreements import prepare_agreement, send_agreement
from boards.dashboard import dashboard
from boards.reminders import due_reminders
from budgets.figures import OutdatedFigures
from budgets.ledger import InsufficientFunds, balance_now, equity_account
from budgets.models import Account, SavingsReturn, Transfer
from budgets.returns import ReturnRow, annul_return, set_return_plan, settle_return, share_of
from budgets.verification import verify_ledger
from finsam import clock
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.people.models import RoleKind
from finsam.registry.models import Event
from tests import factories as make
from tests.budgets.test_sent_again import Desk
from tests.kept import kept

pytestmark = pytest.mark.django_db
PLAN = [
    ReturnRow("Primärvården", 2025, 100_000, Decimal("60.00")),
    ReturnRow("Kommunen", 2025, 150_001, Decimal("50.00")),
    ReturnRow("Primärvården", 2026, 160_000, Decimal("60.00")),
]
SAID = {"actual_saving": 100_000, "amount": 60_000, "explanation": "", "key": "a"}


@kept
def effort(called, director):
    told = make.make_told(called, director)
    programme = told.round.programme
    programme.definition = {
        **programme.definition,
        "return_model": {
            "plan_question": "return_plan",
            "outcome_question": "economic_outcome",
            "about": "Återförs.",
        },
    }
    programme.save(update_fields=["definition"])
    return make.reread(told)


@kept
def planned(effort, director):
    set_return_plan(grant=effort.grant, rows=PLAN, reason="", actor=director)
    return plan_rows(effort)


@pytest.fixture
def in_2025():
    with clock.at(datetime(2025, 4, 2, 9, tzinfo=clock.STOCKHOLM)):
        yield


def first_of(rows):
    return next(row for row in rows if (row.unit, row.year) == ("Primärvården", 2025))


def refused(kind, act, **said):
    with pytest.raises(kind) as caught:
        act(**said)
    return caught.value.code


# --- the plan ------------------------------------------------------------------------------------


def test_a_share_is_whole_kronor_with_half_a_krona_upwards():
    assert share_of(150_001, Decimal(50)) == 75_001
    assert share_of(99, Decimal("33.33")) == 33
    assert share_of(0, Decimal(60)) == 0


def test_the_plan_is_set_once_and_told(effort, planned, director):
    assert [(row.unit, row.year, row.expected_amount) for row in planned] == [
        ("Kommunen", 2025, 75_001),
        ("Primärvården", 2025, 60_000),
        ("Primärvården", 2026, 96_000),
    ]
    set_return_plan(grant=effort.grant, rows=PLAN, reason="", actor=director)
    assert Event.objects.filter(action="return_plan_set").count() == 1


def test_a_change_of_the_plan_has_a_reason_and_spares_what_is_settled(effort, planned, director):
    changed = [ReturnRow("Primärvården", 2025, 90_000, Decimal(60)), *PLAN[1:]]
    act = {"grant": effort.grant, "rows": changed, "actor": director}
    assert refused(DomainError, set_return_plan, reason=" ", **act) == "reason"
    settle_return(planned=first_of(planned), actor=director, **SAID)
    assert refused(NotPossible, set_return_plan, reason="Ny plan", **act) == "settled"
    later = [*PLAN[:2], ReturnRow("Primärvården", 2026, 200_000, Decimal(60))]
    set_return_plan(grant=effort.grant, rows=later, reason="Ny plan", actor=director)
    assert [row.expected_saving for row in plan_rows(effort)] == [150_001, 100_000, 200_000]
    set_return_plan(grant=effort.grant, rows=PLAN[:1], reason="Färre", actor=director)
    assert [str(row) for row in plan_rows(effort)] == ["Primärvården 2025"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (ReturnRow("", 2025, 1, Decimal(50)), "unit"),
        (ReturnRow("Kommunen", 2025, 1, Decimal(0)), "share"),
        (ReturnRow("Kommunen", 2025, 1, Decimal("100.01")), "share"),
        (ReturnRow("Kommunen", 2025, -1, Decimal(50)), "saving"),
        (PLAN[0], "row_twice"),
    ],
)
def test_a_plan_that_cannot_be_one_is_refused(effort, director, row, code):
    act = {"grant": effort.grant, "rows": [PLAN[0], row], "reason": "", "actor": director}
    assert refused(DomainError, set_return_plan, **act) == code
    assert plan_rows(effort) == []


@pytest.mark.parametrize("role", ["applicant", "auditor", "chair", "foreign_director"])
def test_the_office_alone_plans_and_settles(effort, planned, role, request):
    actor = request.getfixturevalue(role)
    act = {"grant": effort.grant, "rows": PLAN[:1], "reason": "x", "actor": actor}
    assert refused(NotAllowed, set_return_plan, **act) == "office"
    assert refused(NotAllowed, settle_return, planned=planned[0], actor=actor, **SAID) == "office"


# --- settled -------------------------------------------------------------------------------------


def test_a_settled_year_refills_the_fund_once(association, effort, planned, director):
    before = balance_now(equity_account(association))
    row = first_of(planned)
    made = settle_return(planned=row, actor=director, **SAID)
    assert settle_return(planned=row, actor=director, **SAID) == made
    assert balance_now(equity_account(association)) == before + 60_000
    assert Account.objects.get(association=association, kind="returned").balance == -60_000
    assert verify_ledger(association).ok
    again = {**SAID, "amount": 50_000}
    assert refused(Conflict, settle_return, planned=row, actor=director, **again) == "key_used"
    other = {**SAID, "key": "b"}
    assert refused(NotPossible, settle_return, planned=row, actor=director, **other) == "settled"
    assert Transfer.objects.filter(reason="savings_returned").count() == 1


def test_another_outcome_than_the_plan_is_explained(planned, director):
    row = first_of(planned)
    act = {"planned": row, "actor": director, "key": "a"}
    above = {"actual_saving": 10, "amount": 11, "explanation": "x"}
    assert refused(DomainError, settle_return, **act, **above) == "above_saving"
    lower = {"actual_saving": 100_000, "amount": 50_000, "explanation": " "}
    assert refused(DomainError, settle_return, **act, **lower) == "explanation"
    nothing = {"actual_saving": 0, "amount": 0, "explanation": ""}
    assert refused(DomainError, settle_return, **act, **nothing) == "explanation"
    made = settle_return(**act, **{**nothing, "explanation": "Besparingen uteblev."})
    assert (made.amount, made.transfer) == (0, None)


def test_a_settled_year_is_taken_back_by_a_reversal_and_settled_anew(
    association, planned, director
):
    before = balance_now(equity_account(association))
    row = first_of(planned)
    made = settle_return(planned=row, actor=director, **SAID)
    assert refused(DomainError, annul_return, made=made, reason="", actor=director) == "reason"
    annul_return(made=made, reason="Fel år.", actor=director)
    annul_return(made=made, reason="Fel år.", actor=director)
    assert balance_now(equity_account(association)) == before
    assert Event.objects.filter(action="return_annulled").count() == 1
    settle_return(planned=row, actor=director, **{**SAID, "key": "b"})
    assert balance_now(equity_account(association)) == before + 60_000
    assert SavingsReturn.objects.filter(planned=row).count() == 2
    assert verify_ledger(association).ok


def test_what_the_fund_has_granted_since_cannot_be_taken_back(association, planned, director):
    made = settle_return(planned=first_of(planned), actor=director, **SAID)
    Account.objects.filter(pk=equity_account(association).pk).update(balance=10)
    with pytest.raises(InsufficientFunds):
        annul_return(made=made, reason="Fel.", actor=director)


def test_a_year_is_settled_when_it_has_begun_and_the_parties_are_told(
    effort, planned, director, in_2025
):
    coming = next(row for row in planned if row.year == 2026)
    said = {"application": effort, "actor": director}
    assert refused(NotPossible, settle, planned=coming, **said, **SAID) == "too_early"
    settle(planned=first_of(planned), **said, **SAID)
    mails = Message.objects.filter(event_key__startswith="return:")
    assert mails.count() >= 1
    assert "Primärvården 2025" in mails[0].body


# --- what follows --------------------------------------------------------------------------------


def test_the_agreement_waits_for_the_plan_and_shows_it(effort, association, director):
    chief = make.make_person(RoleKind.DIRECTOR, association)
    agreement = prepare_agreement(application=effort, actor=director)
    assert lacks_return_plan(effort)
    assert refused(NotPossible, send_agreement, agreement=agreement, actor=director) == (
        "return_plan_missing"
    )
    set_return_plan(grant=effort.grant, rows=PLAN, reason="", actor=director)
    version = send_agreement(agreement=agreement, actor=director)
    assert [row["amount"] for row in version.content["return_plan"]] == [75_001, 60_000, 96_000]
    # Another plan of the same sum: the agreement shows what no longer holds.
    swapped = [
        ReturnRow("Primärvården", 2025, 160_000, Decimal(60)),
        PLAN[1],
        ReturnRow("Primärvården", 2026, 100_000, Decimal(60)),
    ]
    set_return_plan(grant=effort.grant, rows=swapped, reason="Senare", actor=director)
    agreement.refresh_from_db()
    with pytest.raises(OutdatedFigures):
        sign_agreement(
            agreement=agreement,
            party=None,
            password=make.PASSWORD,
            seen_hash=version.content_hash,
            actor=chief,
        )


def test_the_office_is_reminded_and_the_closed_effort_says_what_is_left(
    association, effort, planned, director, in_2025
):
    type(effort).objects.filter(pk=effort.pk).update(state="closed")
    closed = make.reread(effort)
    assert due_day(closed, 2025) == date(2025, 3, 31)
    tasks = {task.text: task.note for task in dashboard(association)["tasks"]}
    assert tasks["Stäm av återföringen"] == "1\u00a0insats, till och med 2025"
    late = [one for one in due_reminders(association, date(2025, 4, 1)) if "return-" in one.key]
    assert [(one.stage, one.on) for one in late] == [("late", date(2025, 3, 31))]
    early = [one for one in due_reminders(association, date(2025, 3, 10)) if "return-" in one.key]
    assert [one.stage for one in early] == ["before", "before"]
    for row in planned[:2]:
        said = {"actual_saving": row.expected_saving, "amount": row.expected_amount}
        settle(application=closed, planned=row, explanation="", key=str(row), actor=director,
               **said)  # fmt: skip
    assert list(with_returns_to_settle(association, 2025)) == []
    after = next_of_effort(closed)
    assert after is not None
    assert after.office is not None


# --- the pages -----------------------------------------------------------------------------------


def page(name, effort, *more):
    return reverse(f"applications:{name}", args=[effort.association.slug, effort.public_id, *more])


@pytest.mark.anywhere
def test_D01_D02_the_office_sets_the_plan_and_settles_a_year_once_each(
    effort, director, applicant, sign_in
):
    desk = Desk(sign_in)
    office, theirs = sign_in(director), sign_in(applicant)
    assert "Fastställ återföringsplanen" in office.get(page("office_returns", effort)).text
    assert "inte fastställd" in theirs.get(page("returns", effort)).text
    plan = page("office_return_plan", effort)
    typed = {
        "rows_shown": 3, "read_at": 0, "unit_0": "Kommunen", "year_0": 2025,
        "expected_saving_0": "150 001", "share_0": "50", "unit_1": "",
        "unit_2": "Primärvården", "year_2": 2025,
    }  # fmt: skip
    answer = office.post(plan, typed)
    assert answer.status_code == 422
    assert "Fyll i andel, rad 3, eller töm raden." in answer.text
    typed |= {"unit_2": "", "year_2": ""}
    desk.thrice(director, plan, typed)
    assert desk.conflicts(director, plan, typed, {"share_0": "40"}, {"unit_0": "Regionen"}) == 2
    told = office.post(plan, {**typed, "share_0": "40"}).text
    assert 'name="read_at" value="1"' in told, "who has read of the other plan may send again"
    assert 'value="40"' in told
    back = {**typed, "reason": "Ny mall", "share_0": "40", "read_at": 1}
    desk.thrice(director, plan, back)
    desk.thrice(director, plan, {**typed, "reason": "Ändå inte", "read_at": 2})
    assert desk.conflicts(director, plan, back, {}) == 1, "an old form does not undo a later plan"

    row = plan_rows(effort)[0]
    one = page("office_return", effort, row.pk)
    assert "150\u00a0001" in office.get(one).text.replace("&nbsp;", "\u00a0")
    key = "6f1f2c1e-0c0e-4a53-9a4e-0d6f2b2f9a10"
    said = {"actual_saving": "150 001", "amount": "75 001", "explanation": "Färre", "key": key}
    desk.thrice(director, one, said)
    assert desk.conflicts(
        director, one, said, {"amount": "75 000"}, {"actual_saving": "150 000"},
        {"explanation": "Fler"},
    ) == 3  # fmt: skip
    other = {**said, "key": "6f1f2c1e-0c0e-4a53-9a4e-0d6f2b2f9a11"}
    assert "är redan avstämd" in office.post(one, other).text
    assert "Avstämd" in theirs.get(page("returns", effort)).text
    assert "75\u00a0001" in office.get(
        reverse("applications:all_returns", args=[effort.association.slug])
    ).text.replace("&nbsp;", "\u00a0")
    taken_back = {"reason": "Fel.", "made": SavingsReturn.objects.get().pk}
    desk.thrice(director, one, taken_back)
    assert desk.conflicts(director, one, taken_back, {"reason": "Annat."}) == 1
    desk.thrice(director, one, other)
    assert office.post(one, taken_back).status_code == 302
    assert SavingsReturn.objects.get(annulled_at=None).key == other["key"], "the later one stands"
    assert "Tillbakataget" in office.get(one).text


@pytest.mark.anywhere
def test_a_programme_without_return_has_no_such_pages(effort, director, sign_in):
    programme = effort.round.programme
    del programme.definition["return_model"]
    programme.save(update_fields=["definition"])
    assert sign_in(director).get(page("office_returns", effort)).status_code == 404
