"""Changes of a running effort: asked for once, decided by director or board, carried out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from applications.changing import lines_of, set_delegation, settle_change, submit_change
from applications.models import Application, ChangeKind, ChangeRequest
from applications.payments import claiming_parties
from applications.report_plan import effort_period
from applications.revising import needs_revision
from boards.changes import decide_change, put_change_on_agenda, take_back_change
from boards.changes_shown import changed_since_signing, rows_of
from boards.correcting import correct_item
from boards.dashboard import dashboard
from boards.decisions import record_decision
from boards.dispatch import send_notice
from boards.document_sources import letter_source
from boards.errors import MeetingRefusal
from boards.minutes import close_meeting
from boards.models import Body, DelegatedDecision, Meeting, Outcome, Paragraph
from budgets.ledger import balance_now, transfer
from budgets.models import Account, Frame, Grant, RevisedBudget
from budgets.models.ledger import TransferReason
from budgets.verification import verify_ledger
from finsam import clock
from finsam.associations.models import Member
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.people.access import visitor_for
from finsam.people.models import RoleKind, User
from finsam.registry.models import Event, Record
from finsam.registry.verification import verify_chain
from finsam.typography import date_long
from tests import factories as make
from tests.conftest import is_refused
from tests.kept import kept

pytestmark = pytest.mark.django_db
Said = dict[str, Any]


@kept
def effort(called: Meeting, director: User) -> Application:
    """Granted 600 000 kronor of a frame of a million, and the agreement signed by all."""
    application = make.make_told(called, director)
    make.make_agreed(application, director)
    return make.reread(application)


@kept
def chief(effort: Application) -> User:
    """The director, to whom time, parties and sums are delegated."""
    found = make.make_person(RoleKind.DIRECTOR, effort.association)
    set_delegation(
        association=effort.association, kinds=["time", "parties", "sums"], basis="4.2", actor=found
    )
    return found


@kept
def later(effort: Application) -> Said:
    period = effort_period(effort)
    assert period is not None
    day = max(period[1], clock.today()) + timedelta(days=90)
    return {"kind": ChangeKind.TIME, "reason": "Två månader föll bort.", "ends_on": day}


@pytest.fixture
def goals() -> Said:
    return {"kind": ChangeKind.GOALS, "reason": "Målgruppen är större.", "goals": "40 i arbete."}


def ask(effort: Application, actor: User, said: Said) -> ChangeRequest:
    return submit_change(application=effort, actor=actor, **said)


def the(change: ChangeRequest) -> ChangeRequest:
    return ChangeRequest.objects.get(pk=change.pk)


def coming(effort: Application) -> Member:
    """A member that is no party yet."""
    parties = effort.parties.exclude(member=None).values("member")
    found: Member = Member.objects.filter(association=effort.association).exclude(pk__in=parties)[0]
    return found


def turn(effort: Application) -> str:
    return rows_of(make.reread(effort))[0].whose


def lines(effort: Application, director: User) -> dict[str, int]:
    return {line.key: line.amount for line in lines_of(effort, director)}


# --- within the delegation ------------------------------------------------------------------------


def test_the_director_decides_what_is_delegated_and_the_board_is_told(
    effort: Application, later: Said, applicant: User, chief: User
) -> None:
    events = Event.objects.filter(action="change_submitted")
    change = ask(effort, applicant, later)
    assert (ask(effort, applicant, later), events.count()) == (change, 1)
    assert Record.objects.filter(subject="Ändringsbegäran 1 (tid)", direction="in").count() == 1
    assert turn(effort) == "Kansliets tur"
    tasks = [task.text for task in dashboard(effort.association)["tasks"]]
    assert f"Ta ställning till ändring: {effort.title}" in tasks
    for _ in range(2):
        decide_change(change=change, approves=True, decision="Rimligt.", actor=chief)
    found = make.reread(effort)
    period = effort_period(found)
    assert period is not None
    assert (the(change).state, period[1]) == ("approved", later["ends_on"])
    told = DelegatedDecision.objects.get()
    assert (told.basis, told.text) == ("4.2", "Begäran godkänns. Rimligt.")
    mails = Message.objects.filter(event_key=f"change-decided:{change.pk}", recipient=applicant)
    assert mails.count() == 1
    assert changed_since_signing(found, found.agreements.get(change=None).signed_at) == "tid"
    assert is_refused(
        "UPDATE applications_changerequest SET decision = 'x' WHERE id = %s", change.pk
    )
    with pytest.raises(NotPossible):
        take_back_change(change=change, actor=applicant)
    assert verify_chain(effort.association).broken is None


def test_what_is_not_delegated_is_the_boards_and_an_officer_decides_nothing(
    effort: Application, later: Said, goals: Said, applicant: User, chief: User, officer: User
) -> None:
    with pytest.raises(NotPossible) as refusal:
        decide_change(
            change=ask(effort, applicant, goals), approves=True, decision="Ja.", actor=chief
        )
    assert refusal.value.code == "boards_own"
    with pytest.raises(NotAllowed):
        decide_change(
            change=ask(effort, applicant, later), approves=True, decision="Ja.", actor=officer
        )
    with pytest.raises(DomainError) as unsaid:
        set_delegation(association=effort.association, kinds=["time"], basis="", actor=chief)
    assert unsaid.value.code == "basis_missing"


def test_a_change_is_asked_for_by_the_lead_party_of_an_effort_and_is_one(
    effort: Application, later: Said, applicant: User, director: User
) -> None:
    other = make.make_person(RoleKind.OFFICER, effort.association)
    for actor in (other, director):
        with pytest.raises(NotAllowed):
            ask(effort, actor, later)
    for changes, code in (
        ({"reason": " "}, "reason_missing"),
        ({"ends_on": date(2020, 1, 1)}, "no_change"),
        ({"kind": ChangeKind.PARTIES}, "nobody"),
        ({"kind": ChangeKind.GOALS}, "goals_missing"),
        ({"kind": ChangeKind.SUMS}, "no_change"),
        ({"kind": ChangeKind.PARTIES, "leaves": effort.parties.get(is_lead=True)}, "cannot_leave"),
    ):
        with pytest.raises(DomainError) as refusal:
            ask(effort, applicant, {**later, **changes})
        assert refusal.value.code == code
    change = ask(effort, applicant, later)
    with pytest.raises(NotPossible) as again:
        ask(effort, applicant, {**later, "reason": "Annat."})
    assert again.value.code == "open_already"
    for _ in range(2):
        take_back_change(change=change, actor=applicant)
    assert the(change).state == "withdrawn"
    assert ask(effort, applicant, {**later, "reason": "Annat."}).number == 2


def test_sums_are_moved_and_lowered_and_the_frame_gets_the_difference(
    effort: Application, applicant: User, chief: User, frame: Frame
) -> None:
    before = lines(effort, chief)
    first, *rest = before
    said = {"kind": ChangeKind.SUMS, "reason": "En tjänst blev halv."}
    with pytest.raises(NotPossible) as over:
        ask(effort, applicant, {**said, "amounts": {first: before[first] + 1}})
    assert over.value.code == "over_grant"
    change = ask(effort, applicant, {**said, "amounts": {first: before[first] - 100_000}})
    decide_change(change=change, approves=True, decision="Godtas.", actor=chief)
    found = make.reread(effort)
    after = lines(found, chief)
    assert after == {**before, first: before[first] - 100_000}
    assert (found.grant.amount, balance_now(frame.account)) == (500_000, 500_000)
    assert RevisedBudget.objects.get(grant=found.grant).state == "approved"
    assert not needs_revision(found)
    assert verify_ledger().ok
    assert rest or len(before) == 1


def test_parties_come_and_leave_and_the_one_who_left_claims_no_more(
    effort: Application, applicant: User, chief: User
) -> None:
    leaving = effort.parties.filter(is_lead=False).first()
    assert leaving is not None
    joins = coming(effort)
    said = {"kind": ChangeKind.PARTIES, "reason": "Byte.", "joins": joins, "leaves": leaving}
    change = ask(effort, applicant, said)
    decide_change(change=change, approves=True, decision="Ja.", actor=chief)
    found = make.reread(effort)
    assert found.parties.get(member=joins).joined_on == clock.today()
    assert found.parties.get(pk=leaving.pk).left_on == clock.today()
    assert leaving.member is not None
    gone = make.make_person(RoleKind.SIGNATORY, effort.association, leaving.member)
    assert claiming_parties(found, visitor_for(effort.association, gone)) == []


# --- by the board ---------------------------------------------------------------------------------


def test_the_board_decides_the_rest_and_it_holds_when_the_minutes_are_attested(
    effort: Application, goals: Said, later: Said, board: Body, applicant: User, director: User
) -> None:
    change, time = ask(effort, applicant, goals), ask(effort, applicant, later)
    meeting = make.make_meeting(board, director, called=False)
    for one in (change, time):
        item = put_change_on_agenda(change=one, meeting=meeting, actor=director)
        assert put_change_on_agenda(change=one, meeting=meeting, actor=director) == item
    assert "godkänna ändrade mål" in change.agenda_items.get().proposal
    send_notice(meeting=meeting, actor=director)
    assert turn(effort) == "Styrelsens tur"
    make.open_with_all(meeting, director)
    make.settle_formal(meeting, director)
    wrong = change.agenda_items.get()
    record_decision(item=wrong, outcome=Outcome.REJECTED, actor=director)
    fresh = correct_item(item=wrong, reason="Det godkändes", actor=director)
    record_decision(item=fresh, outcome=Outcome.APPROVED, actor=director)
    record_decision(item=time.agenda_items.get(), outcome=Outcome.TABLED, actor=director)
    gone = ask(effort, applicant, {**goals, "kind": ChangeKind.PARTIES, "joins": coming(effort)})
    there = put_change_on_agenda(change=gone, meeting=meeting, actor=director)
    take_back_change(change=gone, actor=applicant)
    with pytest.raises(MeetingRefusal):
        record_decision(item=there, outcome=Outcome.APPROVED, actor=director)
    record_decision(item=there, outcome=Outcome.REJECTED, actor=director)
    with pytest.raises(NotPossible) as late:
        take_back_change(change=change, actor=applicant)
    assert (late.value.code, the(change).state) == ("decided", "submitted")
    make.settle_formal(meeting, director, closing=True)
    make.make_attested(close_meeting(meeting=meeting, actor=director), director)
    assert (the(change).state, the(change).by_board, the(time).state) == (
        "approved", True, "submitted",
    )  # fmt: skip
    letter = letter_source(Paragraph.objects.get(item=fresh))
    assert letter["heading"] == f"Beslut om ändring av {effort.title}"
    assert "tillägg till avtalet" in letter["next_steps"]
    waiting = {row.change: row.whose for row in rows_of(make.reread(effort))}
    assert waiting == {gone: "", time: "Kansliets tur", change: ""}
    take_back_change(change=time, actor=applicant)


def test_a_change_of_sums_that_the_board_lowers_below_what_is_paid_takes_only_what_is_left(
    effort: Application, applicant: User, director: User, frame: Frame
) -> None:
    amounts = dict.fromkeys(lines(effort, director), 0)
    said = {"kind": ChangeKind.SUMS, "reason": "Allt upphör.", "amounts": amounts}
    change = ask(effort, applicant, said)
    grant = Grant.objects.get(application=effort)
    paid = Account.objects.create(
        association=effort.association, kind="paid_out", name="Utbetalt", year=2024
    )
    transfer(
        source=grant.account, target=paid, amount=250_000, reason=TransferReason.PAID,
        key="paid", actor=director,
    )  # fmt: skip
    settle_change(change=change, approves=True, decision="Ja.", by_board=True, actor=director)
    grant.refresh_from_db()
    assert (grant.amount, balance_now(grant.account)) == (250_000, 0)
    assert balance_now(frame.account) == 750_000


# --- the pages ------------------------------------------------------------------------------------


@pytest.mark.anywhere
def test_the_parties_ask_and_the_director_answers_on_their_pages(
    client: Any,
    effort: Application,
    later: Said,
    goals: Said,
    applicant: User,
    chief: User,
    board: Body,
    django_assert_max_num_queries: Any,
) -> None:
    make.make_meeting(board, chief, called=False)
    args = [effort.association.slug, effort.public_id]
    client.force_login(applicant)
    own = reverse("boards:changes", args=args)
    assert "Begär en ändring" in client.get(own).content.decode()
    for kind in ChangeKind.values:
        page = client.get(reverse("boards:ask_change", args=[*args, kind]))
        assert (page.status_code, "Varför ändringen behövs" in page.content.decode()) == (200, True)
    form = reverse("boards:ask_change", args=[*args, "time"])
    assert client.post(form, {"reason": "", "ends_on": later["ends_on"]}).status_code == 422
    last = date_long(effort_period(effort)[1])
    assert f"Nu är den {last}." in client.get(form).content.decode()
    data = {"reason": "Mer tid.", "ends_on": later["ends_on"]}
    client.logout()
    assert client.post(form, data)["Location"].endswith(f"?next={form}")
    client.force_login(applicant)
    assert "Mer tid." in client.get(form).content.decode(), "typed before the session ended"
    for _ in range(2):
        assert client.post(form, data).status_code == 302
    assert ChangeRequest.objects.count() == 1
    withdraw = reverse("boards:withdraw_change", args=[*args, 1])
    shown = client.get(own).content.decode()
    assert f'href="{withdraw}"' in shown
    assert f'href="{form}"' not in shown, "one of a kind at a time"
    assert "Vill ni återkalla begäran?" in client.get(withdraw).content.decode()
    assert effort.change_requests.get().state == "submitted"
    ask(effort, applicant, goals)
    ask(effort, applicant, {**goals, "kind": ChangeKind.PARTIES, "joins": Member.objects.last()})
    with django_assert_max_num_queries(15):
        assert "Kansliets tur" in client.get(own).content.decode()
    client.force_login(chief)
    office = reverse("boards:office_changes", args=args)
    with django_assert_max_num_queries(15):
        page = client.get(office).content.decode()
    assert "Fatta beslutet" in page
    assert "Till styrelsen" in page
    decide = reverse("boards:decide_change", args=[*args, 1])
    assert client.post(decide, {"outcome": "approve", "decision": ""}).status_code == 422
    assert client.post(decide, {"outcome": "refuse", "decision": "Nej."}).status_code == 302
    assert effort.change_requests.get(number=1).state == "refused"
    client.force_login(applicant)
    assert client.get(withdraw).url == own
    client.force_login(chief)
    settings = reverse("boards:change_delegation", args=args[:1])
    assert client.post(settings, {"kinds": ["goals"], "basis": "4"}).status_code == 302
    assert 'value="goals"' in client.get(settings).content.decode()
