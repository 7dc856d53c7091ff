"""Early termination: proposed on a ground, decided by the board, told when attested, money back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.urls import reverse

from applications.models import Application, Termination, TerminationGround
from applications.next_step import after_decision
from applications.payments import start_payment_request
from applications.progress import journey_of
from applications.report_plan import owed_by
from applications.terminating import release_unused
from boards.agenda import remove_item
from boards.correcting import correct_item
from boards.dashboard import dashboard
from boards.decisions import record_decision
from boards.document_sources import letter_source
from boards.errors import MeetingRefusal
from boards.minutes import close_meeting
from boards.models import AgendaItem, Body, Meeting, Minutes, Outcome, Paragraph
from boards.queries import recused_cases, recused_items
from boards.recusals import declare_recusal, suggested_recusals
from boards.terminations import (
    change_proposal,
    drop_proposal,
    propose_to_board,
    put_on_agenda,
)
from budgets.frames import close_frame
from budgets.ledger import balance_now, equity_account
from budgets.models import Grant, PaymentRequest, Transfer
from budgets.payment_review import return_request
from budgets.payments import attest_request
from budgets.verification import verify_ledger
from finsam import clock
from finsam.associations.models import Member
from finsam.documents.models import DocumentSeries
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.people.access import visitor_for
from finsam.people.models import RoleKind, User
from finsam.registry.models import Event, Record
from finsam.registry.verification import verify_chain
from tests import factories as make
from tests.budgets import payments as paying
from tests.conftest import is_refused
from tests.kept import kept

pytestmark = pytest.mark.django_db
Said = dict[str, Any]


@kept
def agreed(called: Meeting, director: User) -> Application:
    """Granted 600 000 kronor of a frame of a million, and the agreement signed by all."""
    application = make.make_told(called, director)
    make.make_agreed(application, director)
    return make.reread(application)


@pytest.fixture
def said() -> Said:
    stop = clock.today() + timedelta(days=60)
    return {
        "ground": TerminationGround.CONTRIBUTIONS,
        "reason": "Regionens bidrag halveras från årsskiftet.",
        "stops_on": stop,
        "claims_until": stop + timedelta(days=30),
    }


@kept
def meeting(board: Body, agreed: Application, director: User) -> Meeting:
    """The board's next meeting."""
    return make.make_meeting(board, director)


@pytest.fixture
def proposed(agreed: Application, meeting: Meeting, said: Said, director: User) -> Termination:
    return propose_to_board(application=agreed, meeting=meeting, actor=director, **said)


@pytest.fixture
def item(proposed: Termination, meeting: Meeting, director: User) -> AgendaItem:
    """At hand at the meeting."""
    make.open_with_all(meeting, director)
    make.settle_formal(meeting, director)
    return AgendaItem.objects.get(termination=proposed)


@pytest.fixture
def end(item: AgendaItem, meeting: Meeting, director: User) -> Callable[..., Minutes]:
    """The board decides, and the meeting is closed."""

    def decide(outcome: Outcome = Outcome.TERMINATED) -> Minutes:
        record_decision(item=item, outcome=outcome, actor=director)
        make.settle_formal(meeting, director, closing=True)
        return close_meeting(meeting=meeting, actor=director)

    return decide


@pytest.fixture
def ended(end: Callable[..., Minutes], agreed: Application, director: User) -> Application:
    """Decided, attested and told."""
    make.make_attested(end(), director)
    return make.reread(agreed)


def the(termination: Termination) -> Termination:
    return Termination.objects.get(pk=termination.pk)


def claim(effort: Application, member: Member, user: User, *, until: date) -> PaymentRequest:
    return start_payment_request(
        application=effort,
        party=effort.parties.get(is_lead=True),
        period_from=until - timedelta(days=30),
        period_to=until,
        is_final=False,
        key=f"claim-{until}",
        actor=user,
    )


def on(day: date) -> Any:
    """The clock at noon of a day."""
    return clock.at(clock.from_wall_clock(day, time(12)))


def ball(effort: Application) -> tuple[str, str]:
    """Whose turn it is, as the parties and as the office read it."""
    found = after_decision(make.reread(effort))
    assert found is not None
    assert found.office is not None
    return (found.applicant.whose if found.applicant else "", found.office.whose)


# --- the proposal ---------------------------------------------------------------------------------


def test_a_proposal_stands_on_the_boards_agenda_with_its_ground_and_clauses(
    proposed: Termination,
    agreed: Application,
    meeting: Meeting,
    said: Said,
    frame: Any,
    director: User,
) -> None:
    """Proposed twice it is there once."""
    assert propose_to_board(application=agreed, meeting=meeting, actor=director, **said) == proposed
    item = AgendaItem.objects.get(termination=proposed)
    assert item.title == f"Förtida avslut av {agreed.title}"
    assert "ändrade medlemsbidrag. Regionens bidrag halveras" in item.background
    assert "600\u00a0000\u00a0kr återstår" in item.background
    assert item.proposal.splitlines()[0].startswith(
        f"att i förtid avsluta finansieringen av {agreed.title} från och med"
    )
    assert f"att ej nyttjade medel återförs till ramen {frame.name}" in item.proposal
    assert agreed.state == "agreed"


def test_only_an_effort_is_ended_by_the_office_with_reasons(
    called: Meeting, said: Said, director: User, applicant: User
) -> None:
    granted = make.make_told(called, director)
    for changes, code in (
        ({"reason": "  "}, "reason_missing"),
        ({"claims_until": date(2020, 1, 1)}, "claims_too_early"),
    ):
        with pytest.raises(DomainError) as unsaid:
            propose_to_board(
                application=granted, meeting=None, actor=director, **{**said, **changes}
            )
        assert unsaid.value.code == code
    with pytest.raises(NotPossible) as refusal:
        propose_to_board(application=granted, meeting=None, actor=director, **said)
    assert refusal.value.code == "no_effort"
    with pytest.raises(NotAllowed):
        propose_to_board(application=granted, meeting=None, actor=applicant, **said)


def test_a_changed_proposal_changes_what_the_agenda_says(
    proposed: Termination, said: Said, director: User
) -> None:
    other = {**said, "ground": TerminationGround.BREACH, "reason": "Rapporterna uteblir."}
    change_proposal(termination=proposed, expected_revision=0, actor=director, **other)
    item = AgendaItem.objects.get(termination=proposed)
    assert "att avtalet inte följs. Rapporterna uteblir." in item.background
    assert "på grund av att avtalet inte följs" in item.proposal
    with pytest.raises(Conflict):
        change_proposal(termination=proposed, expected_revision=0, actor=director, **said)


def test_a_proposal_is_taken_back_when_it_is_off_the_agenda(
    agreed: Application, board: Body, said: Said, director: User
) -> None:
    planned = make.make_meeting(board, director, called=False)
    proposed = propose_to_board(application=agreed, meeting=planned, actor=director, **said)
    with pytest.raises(MeetingRefusal) as refusal:
        drop_proposal(termination=proposed, actor=director)
    assert refusal.value.code == "on_agenda"
    remove_item(item=AgendaItem.objects.get(termination=proposed), actor=director)
    tasks = [task.text for task in dashboard(agreed.association)["tasks"]]
    assert f"Sätt upp förtida avslut på ett möte: {agreed.title}" in tasks
    drop_proposal(termination=proposed, actor=director)
    assert the(proposed).state == "dropped"
    with pytest.raises(MeetingRefusal):
        put_on_agenda(termination=proposed, meeting=planned, actor=director)


# --- the decision ---------------------------------------------------------------------------------


def test_the_recorded_decision_ends_the_effort_and_tells_nobody_yet(
    end: Callable[..., Minutes], agreed: Application, proposed: Termination, applicant: User
) -> None:
    mails = Message.objects.filter(recipient=applicant).count()
    minutes = end()
    effort = make.reread(agreed)
    paragraph = minutes.paragraphs.get(item__termination=proposed)
    assert (effort.state, the(proposed).state, the(proposed).public_at) == (
        "terminated", "decided", None,
    )  # fmt: skip
    assert paragraph.texts["clauses"][0].startswith("i förtid avsluta finansieringen av")
    assert paragraph.texts["sent_to"] == ", ".join(one.name for one in agreed.parties.all())
    assert (effort.grant.stops_on, effort.effort_ends_on) == (None, None)
    assert journey_of(effort).status.text == "Beslut väntar på justering"
    assert ball(effort) == ("", "Justerarnas tur")
    assert Message.objects.filter(recipient=applicant).count() == mails


def test_told_when_the_minutes_are_attested_with_letter_mail_and_dates(
    ended: Application, proposed: Termination, said: Said, applicant: User
) -> None:
    assert ended.effort_ends_on == said["stops_on"] - timedelta(days=1)
    grant = Grant.objects.get(application=ended)
    assert (grant.stops_on, grant.claims_until) == (said["stops_on"], said["claims_until"])
    assert journey_of(ended).status.text == "Avslutad i förtid"
    paragraph = Paragraph.objects.get(item__termination=proposed)
    mails = Message.objects.filter(recipient=applicant, event_key=f"decision-{paragraph.pk}")
    assert mails.count() == 1
    letter = letter_source(paragraph)
    assert dict(letter["facts"])["Grund"] == "Ändrade medlemsbidrag"
    assert dict(letter["facts"])["Återstår"] == "600\u00a0000\u00a0kr"
    assert "Regionens bidrag halveras" in letter["next_steps"]
    assert DocumentSeries.objects.filter(key=f"letter:{paragraph.pk}").exists()
    found = after_decision(ended)
    assert found is not None
    assert found.applicant is not None
    assert (found.applicant.whose, found.applicant.due) == ("Er tur", said["claims_until"])
    assert "Av bidraget återstår 600\u00a0000\u00a0kr." in found.applicant.text
    sql = "UPDATE applications_termination SET reason = 'Annat' WHERE id = %s"
    assert is_refused(sql, proposed.pk)
    assert owed_by(ended) == []


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(Outcome.REJECTED, "refused"), (Outcome.TABLED, "proposed")],
)
def test_every_other_outcome_lets_the_effort_go_on(
    end: Callable[..., Minutes],
    agreed: Application,
    proposed: Termination,
    director: User,
    outcome: Outcome,
    state: str,
) -> None:
    make.make_attested(end(outcome), director)
    effort = make.reread(agreed)
    assert (effort.state, the(proposed).state) == ("agreed", state)
    paragraph = Paragraph.objects.get(item__termination=proposed)
    assert "fortsätter som förut" in letter_source(paragraph)["next_steps"]


def test_the_financing_is_never_ended_backwards_in_time(
    item: AgendaItem, proposed: Termination, director: User
) -> None:
    """Nor can an effort be granted anything."""
    with pytest.raises(MeetingRefusal) as wrong:
        record_decision(item=item, outcome=Outcome.APPROVED, actor=director)
    assert wrong.value.code == "wrong_outcome"
    Termination.objects.filter(pk=proposed.pk).update(stops_on=clock.today() - timedelta(days=1))
    with pytest.raises(NotPossible) as refusal:
        record_decision(item=item, outcome=Outcome.TERMINATED, actor=director)
    assert refusal.value.code == "stop_has_passed"
    no = {"item": item, "outcome": Outcome.REJECTED, "reason": " Mer behövs. "}
    decision = record_decision(actor=director, **no)
    assert decision.clauses == ["avslå förslaget med hänvisning till Mer behövs"]
    assert the(proposed).state == "refused"
    assert Event.objects.get(action="termination_refused").actor == director


def test_a_wrongly_recorded_end_is_taken_back_before_the_meeting_ends(
    item: AgendaItem, agreed: Application, proposed: Termination, director: User
) -> None:
    record_decision(item=item, outcome=Outcome.TERMINATED, actor=director)
    fresh = correct_item(item=item, reason="Det bordlades", actor=director)
    assert (make.reread(agreed).state, the(proposed).state) == ("agreed", "proposed")
    assert journey_of(make.reread(agreed)).status.text == "Avtal tecknat"
    record_decision(item=fresh, outcome=Outcome.REJECTED, actor=director)
    again = correct_item(item=fresh, reason="Det avslutades ändå", actor=director)
    record_decision(item=again, outcome=Outcome.TERMINATED, actor=director)
    assert (make.reread(agreed).state, the(proposed).state) == ("terminated", "decided")
    assert verify_chain(agreed.association).broken is None


def test_KL6_28_who_is_in_the_case_is_asked_and_whoever_declared_is_kept_out(
    item: AgendaItem, agreed: Application, board: Body, director: User
) -> None:
    seat = board.seats.order_by("pk")[0]
    agreed.parties.update(contact_email=seat.user.email)
    assert suggested_recusals(item, [seat]) == {seat.pk: "kontaktperson"}
    declare_recusal(item=item, seat=seat, served_by=None, reason="Kontaktperson", actor=director)
    visitor = visitor_for(agreed.association, seat.user)
    first = AgendaItem.objects.get(application=agreed)
    assert recused_items(visitor, item.meeting) == {item.pk}
    assert recused_items(visitor, first.meeting) == {first.pk}
    assert recused_cases(visitor, [agreed.registered_case.pk]) == {agreed.registered_case.pk}


# --- the money ------------------------------------------------------------------------------------


def test_costs_are_claimed_up_to_the_stop_and_until_the_last_day(
    ended: Application, member: Member, applicant: User, said: Said
) -> None:
    with pytest.raises(NotPossible) as refusal:
        claim(ended, member, applicant, until=said["stops_on"])
    assert refusal.value.code == "after_stop"
    first = claim(ended, member, applicant, until=said["stops_on"] - timedelta(days=1))
    assert first.state == "draft"
    signatory = make.make_person(RoleKind.SIGNATORY, ended.association, member)
    ready = paying.make_ready(first, applicant, 1_000)
    with on(said["claims_until"] + timedelta(days=1)):
        with pytest.raises(NotPossible) as late:
            attest_request(
                request=ready, password=make.PASSWORD, seen_hash=ready.content_hash, actor=signatory
            )
        assert late.value.code == "claims_ended"
    with on(said["claims_until"]):
        sent = attest_request(
            request=ready, password=make.PASSWORD, seen_hash=ready.content_hash, actor=signatory
        )
        assert ball(ended) == ("Kansliets tur", "Kansliets tur")
    with on(said["claims_until"] + timedelta(days=1)):
        termination = ended.terminations.get()
        officer = make.make_person(RoleKind.OFFICER, ended.association)
        with pytest.raises(NotPossible) as waits:
            release_unused(termination=termination, seen_amount=600_000, actor=officer)
        assert waits.value.code == "claims_wait"
        back = return_request(request=sent, message="Rätta raden.", actor=officer)
        again = paying.make_ready(back, applicant, 900)
        assert again.state == "ready"


def test_what_is_not_claimed_goes_back_to_the_frame_after_the_last_day(
    client: Any, ended: Application, frame: Any, said: Said, director: User
) -> None:
    termination = ended.terminations.get()
    with pytest.raises(NotPossible) as early:
        release_unused(termination=termination, seen_amount=600_000, actor=director)
    assert early.value.code == "still_claimable"
    with on(said["claims_until"] + timedelta(days=1)):
        assert ball(ended) == ("Kansliets tur", "Kansliets tur")
        client.force_login(director)
        args = [ended.association.slug, ended.public_id]
        own = reverse("boards:office_termination", args=args)
        release = reverse("boards:termination_release", args=args)
        page = client.get(own).content.decode()
        assert (f'href="{release}"' in page, 'name="amount"' in page) == (True, False)
        asked = client.get(release).content.decode()
        assert ('name="amount" value="600000"' in asked, "inte att ångra" in asked) == (True, True)
        assert client.post(release, {"amount": "5"}).status_code == 409
        for _ in range(2):
            assert client.post(release, {"amount": "600000"}).status_code == 302
        made = Transfer.objects.get(reason="grant_released")
        assert (made.amount, made.target, balance_now(frame.account)) == (
            600_000, frame.account, 1_000_000,
        )  # fmt: skip
        assert Grant.objects.get(application=ended).closed_at is not None
        assert client.get(release).url == own
        assert Record.objects.filter(subject__startswith="Återföring av medel").count() == 1
        assert verify_ledger().ok
        assert ball(ended) == ("", "")


def test_of_a_closed_frame_it_becomes_equity(
    ended: Application, frame: Any, said: Said, director: User
) -> None:
    close_frame(frame=frame, actor=director)
    before = balance_now(equity_account(ended.association))
    with on(said["claims_until"] + timedelta(days=1)):
        release_unused(termination=ended.terminations.get(), seen_amount=600_000, actor=director)
    assert balance_now(equity_account(ended.association)) == before + 600_000


# --- the pages ------------------------------------------------------------------------------------


@pytest.mark.anywhere
def test_the_office_proposes_follows_and_releases_on_one_page(
    client: Any,
    agreed: Application,
    meeting: Meeting,
    said: Said,
    director: User,
    django_assert_max_num_queries: Any,
) -> None:
    client.force_login(director)
    args = [agreed.association.slug, agreed.public_id]
    page = reverse("boards:office_termination", args=args)
    assert "Föreslå styrelsen att avsluta insatsen" in client.get(page).content.decode()
    data = {**said, "ground": "", "meeting": meeting.pk}
    refused = client.post(reverse("boards:termination_propose", args=args), data)
    assert (refused.status_code, Termination.objects.count()) == (422, 0)
    data["ground"] = "contributions"
    for _ in range(2):
        answer = client.post(reverse("boards:termination_propose", args=args), data)
        assert (answer.status_code, answer.url) == (302, page)
    assert AgendaItem.objects.filter(termination__isnull=False).count() == 1
    with django_assert_max_num_queries(15):
        assert "Styrelsens tur" in client.get(page).content.decode()
    make.open_with_all(meeting, director)
    make.settle_formal(meeting, director)
    item = AgendaItem.objects.get(termination__isnull=False)
    room = client.get(reverse("boards:room", args=[args[0], meeting.pk])).content.decode()
    assert "i förtid avsluta finansieringen" in room
    assert "Förtida avslut" in room
    decide = reverse("boards:decide", args=[args[0], meeting.pk, item.pk])
    assert client.post(decide, {"outcome": "terminated"}).status_code == 302
    assert make.reread(agreed).state == "terminated"
    for name in ("applications:office_application", "boards:office_termination"):
        with django_assert_max_num_queries(15):
            assert "Justerarnas tur" in client.get(reverse(name, args=args)).content.decode()
