"""Many hands at one meeting: decided, attested, numbered and closed once, on real connections."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from boards.attestation import attest
from boards.correcting import correct_item
from boards.decisions import record_decision
from boards.minutes import close_meeting
from boards.models import (
    AgendaItem,
    Attestation,
    Body,
    Decision,
    Meeting,
    Minutes,
    Outcome,
    Paragraph,
)
from boards.sitting import finish_formal_item
from budgets.ledger import InsufficientFunds, balance_now
from budgets.models import Frame, Grant
from budgets.verification import verify_ledger
from finsam import clock
from finsam.associations.models import Association
from finsam.documents.models import DocumentSeries
from finsam.errors import Conflict
from finsam.messages.models import Message
from finsam.people.models import User
from finsam.registry.models import Event
from tests import factories as make

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CLIENTS = 20


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Let all act at the same moment, each on its own connection; gives results or errors."""
    answers: list[Any] = [None] * len(acts)
    begin = threading.Barrier(len(acts))

    def client(number: int) -> None:
        try:
            connection.ensure_connection()
            begin.wait(60)
            answers[number] = acts[number]()
        except Exception as fault:  # noqa: BLE001 - whatever it is, the test below judges it
            answers[number] = fault
        finally:
            connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def board(association: Association) -> Body:
    return make.make_board(association)


@pytest.fixture
def frame(association: Association) -> Frame:
    return make.make_frame(association, amount=1_000_000)


@pytest.fixture
def called(
    board: Body, frame: Frame, applicant: User, director: User, association: Association
) -> Meeting:
    round_ = make.make_round(association, frame=frame)
    member = association.members.get(slug="kommunen")
    application = make.make_received(round_, member, applicant, sought=600_000)
    return make.make_meeting(
        board, director, applications=[make.make_to_board(application, director)]
    )


@pytest.fixture
def item(called: Meeting, director: User) -> AgendaItem:
    make.open_with_all(called, director)
    make.settle_formal(called, director)
    found: AgendaItem = called.items.get(kind="decision")
    return found


def grant(item: AgendaItem, frame: Frame, actor: User, **changes: Any) -> Callable[[], Decision]:
    said = {"outcome": Outcome.GRANTED, "amount": 600_000, "frame": frame, **changes}
    return lambda: record_decision(
        item=AgendaItem.objects.select_related("meeting").get(pk=item.pk), actor=actor, **said
    )


def test_D03_twenty_parallel_identical_decisions_are_one(
    item: AgendaItem, frame: Frame, director: User
) -> None:
    events = Event.objects.count()

    answers = at_once([grant(item, frame, director)] * CLIENTS)

    decision = Decision.objects.get(item=item)
    assert answers == [decision] * CLIENTS
    assert Grant.objects.count() == 1
    assert balance_now(frame.account) == 400_000
    assert Event.objects.count() == events + 3


def test_D03_parallel_decisions_that_differ_are_one_and_conflicts(
    item: AgendaItem, frame: Frame, director: User
) -> None:
    part = {"outcome": Outcome.PARTLY_GRANTED, "amount": 500_000}
    acts = [grant(item, frame, director), grant(item, frame, director, **part)] * 10

    answers = at_once(acts)

    decision = Decision.objects.get(item=item)
    won = [one for one in answers if one == decision]
    lost = [one for one in answers if isinstance(one, Conflict)]
    assert (len(won), len(lost)) == (10, 10)
    assert balance_now(frame.account) == 1_000_000 - (decision.amount or 0)


def test_C01_the_last_two_decisions_of_a_meeting_cannot_both_have_the_last_kronor(
    board: Body, frame: Frame, applicant: User, other_applicant: User, director: User,
    association: Association,
) -> None:  # fmt: skip
    """Ten rounds: two items of 600 000 kr, a frame of 1 000 000 kr, recorded at one moment."""
    round_ = make.make_round(association, frame=frame)
    asked = (("kommunen", applicant), ("grannkommunen", other_applicant))
    applications = [
        make.make_to_board(
            make.make_received(round_, association.members.get(slug=slug), person, sought=600_000),
            director,
        )
        for slug, person in asked
    ]
    meeting = make.make_meeting(board, director, applications=applications)
    make.open_with_all(meeting, director)
    make.settle_formal(meeting, director)
    items = list(meeting.items.filter(application__isnull=False))
    for turn in range(10):
        answers = at_once([grant(item, frame, director) for item in items])

        won = [one for one in answers if isinstance(one, Decision)]
        lost = [one for one in answers if isinstance(one, InsufficientFunds)]
        assert (turn, len(won), len(lost)) == (turn, 1, 1)
        assert lost[0].left == 400_000
        assert "400\u00a0000\u00a0kr kvar" in lost[0].message
        assert balance_now(frame.account) == 400_000 == frame.amount - frame.granted
        assert Decision.objects.filter(item__in=items).count() == 1
        undecided = next(item for item in items if item.pk != won[0].item_id)
        undecided.treated_application.refresh_from_db()
        assert undecided.treated_application.state == "to_board"
        # Struck, so that both ask again for the same kronor.
        again = correct_item(item=won[0].item, reason="Nästa omgång.", actor=director)
        assert balance_now(frame.account) == frame.amount
        items = [undecided, again]
    assert verify_ledger().ok


def test_D03_twenty_parallel_attestations_are_one_each(called: Meeting, director: User) -> None:
    minutes = make.make_closed(called, director)
    from boards.minutes import send_to_attesters

    sent = send_to_attesters(minutes=minutes, actor=director)
    people = [one.seat.user for one in sent.meeting.attesters.select_related("seat__user")]

    def as_person(user: User) -> Callable[[], Minutes]:
        return lambda: attest(
            minutes=Minutes.objects.get(pk=sent.pk),
            actor=user,
            password=make.PASSWORD,
            seen_hash=sent.content_hash,
        )

    answers = at_once([as_person(user) for user in people] * (CLIENTS // 2))

    assert answers == [sent] * CLIENTS
    assert Attestation.objects.count() == 2
    assert Event.objects.filter(action="minutes_attested").count() == 1
    assert Event.objects.filter(action="outcome_published").count() == 1
    assert Message.objects.filter(event_key__startswith="decision-").count() == 1
    kinds = ["minutes", "minutes_extract", "decision_letter"]
    versions = DocumentSeries.objects.filter(kind__in=kinds).values_list("last_version", flat=True)
    assert list(versions) == [1, 1, 1]


def test_two_meetings_that_close_at_once_share_the_numbers_without_gap(
    board: Body, director: User
) -> None:
    """Several pairs, so that the race is met: every number once, each meeting's in a row."""
    meetings = []
    for turn in range(8):
        starts_at = clock.now() + timedelta(days=10, minutes=turn)
        meeting = make.make_meeting(board, director, starts_at=starts_at)
        meeting = make.open_with_all(meeting, director)
        make.settle_formal(meeting, director, closing=True)
        meetings.append(meeting)

    def close(meeting: Meeting) -> Callable[[], Minutes]:
        return lambda: close_meeting(meeting=meeting, actor=director)

    answers = at_once([close(meeting) for meeting in meetings for _ in range(2)])

    faults = [one for one in answers if not isinstance(one, Minutes)]
    assert faults == []
    assert Minutes.objects.count() == 8
    numbers = sorted(Paragraph.objects.values_list("number", flat=True))
    assert numbers == list(range(1, 8 * 5 + 1))
    for minutes in Minutes.objects.all():
        own = list(minutes.paragraphs.values_list("number", flat=True))
        assert own == list(range(minutes.first_number, minutes.last_number + 1))


def close_now(meeting: Meeting, actor: User) -> Callable[[], Minutes]:
    return lambda: close_meeting(meeting=Meeting.objects.get(pk=meeting.pk), actor=actor)


def declare_and_close(meeting: Meeting, actor: User) -> Callable[[], Minutes]:
    def act() -> Minutes:
        closing = AgendaItem.objects.select_related("meeting").get(meeting=meeting, kind="closing")
        finish_formal_item(item=closing, actor=actor)
        return close_now(meeting, actor)()

    return act


def test_D03_two_close_a_meeting_at_once_and_it_is_closed_once(
    called: Meeting, director: User
) -> None:
    make.open_with_all(called, director)
    make.settle_formal(called, director)
    make.grant_as_proposed(called.items.get(kind="decision"), director)
    make.settle_formal(called, director, closing=True)

    answers = at_once([close_now(called, director)] * 10)

    minutes = Minutes.objects.get(meeting=called)
    assert answers == [minutes] * 10
    assert list(minutes.paragraphs.values_list("number", flat=True)) == list(range(1, 7))
    assert Event.objects.filter(action="meeting_closed").count() == 1


def test_closing_while_deciding_leaves_one_of_two_whole_outcomes(
    item: AgendaItem, called: Meeting, frame: Frame, director: User
) -> None:
    """The last item is decided as others press close: never closed without it, never lost."""
    close = declare_and_close(called, director)
    acts: list[Callable[[], Any]] = [grant(item, frame, director), close] * 8

    answers = at_once(acts)

    decision = Decision.objects.get(item=item)
    assert [one for one in answers[::2] if one != decision] == []
    refused = [one for one in answers[1::2] if not isinstance(one, Minutes)]
    assert {getattr(one, "code", repr(one)) for one in refused} <= {"items_left"}
    assert balance_now(frame.account) == 400_000
    minutes = close()
    assert minutes.paragraphs.filter(item=item).count() == 1
    assert Minutes.objects.count() == 1


def test_D03_many_correct_one_item_while_others_decide_it_anew(
    item: AgendaItem, called: Meeting, frame: Frame, director: User
) -> None:
    """The money is reserved once or not at all, and the ledger agrees with the decisions."""
    record_decision(item=item, outcome=Outcome.GRANTED, amount=600_000, frame=frame, actor=director)

    def correct() -> AgendaItem:
        stale = AgendaItem.everything.select_related("meeting").get(pk=item.pk)
        return correct_item(item=stale, reason="Fel", actor=director)

    answers = at_once([correct, grant_stale(item, frame, director)] * 8)

    fresh = AgendaItem.objects.get(replaces=item)
    assert [one for one in answers[::2] if one != fresh] == []
    for one in answers[1::2]:
        assert isinstance(one, Conflict) or one == Decision.objects.get(item_id=item.pk)
    assert AgendaItem.everything.filter(meeting=called, application__isnull=False).count() == 2
    assert balance_now(frame.account) == 1_000_000
    assert verify_ledger().ok


def grant_stale(item: AgendaItem, frame: Frame, actor: User) -> Callable[[], Decision]:
    """As from a page that was read before the correction."""

    def decide() -> Decision:
        stale = AgendaItem.everything.select_related("meeting").get(pk=item.pk)
        return record_decision(
            item=stale, outcome=Outcome.GRANTED, amount=600_000, frame=frame, actor=actor
        )

    return decide
