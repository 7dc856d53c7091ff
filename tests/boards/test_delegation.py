"""Delegated decisions: numbered, registered, and reported to the board by themselves (FL 10 §)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from boards.delegation import record_delegated_decision, unreported
from boards.errors import MeetingRefusal
from boards.models import DelegatedDecision, DelegateFunction
from boards.rescheduling import cancel_meeting
from finsam import clock
from finsam.registry.models import Event
from tests import factories as make

pytestmark = pytest.mark.django_db


def take(association, director, **changes):
    said = {
        "decided_by": director, "function": DelegateFunction.DIRECTOR,
        "decided_on": clock.today(), "subject": "Hyra av lokal", "text": "Avtal tecknas.",
        "basis": "punkt 3.2",
    }  # fmt: skip
    return record_delegated_decision(association=association, actor=director, **{**said, **changes})


def test_FL_10_a_delegated_decision_goes_to_the_next_agenda_by_itself(association, board, director):
    waiting = take(association, director)
    assert waiting.item is None
    meeting = make.make_meeting(board, director)
    item = meeting.items.get(kind="delegation")
    later = take(association, director, subject="Kurs")

    assert set(item.delegated_decisions.all()) == {waiting, later}
    assert meeting.items.get(kind="closing").position == item.position + 1
    make.open_with_all(meeting, director)
    make.settle_formal(meeting, director)
    item.refresh_from_db()
    assert item.background.splitlines()[0].startswith(f"D {waiting.year}:1, ")
    assert "Hyra av lokal. Avtal tecknas." in item.background
    assert unreported(association).count() == 0


def test_what_comes_after_goes_to_the_meeting_after(association, board, director):
    first = make.make_meeting(board, director)
    take(association, director)
    make.open_with_all(first, director)
    make.settle_formal(first, director)
    late = take(association, director, subject="Sent")
    assert late.item is None
    second = make.make_meeting(board, director, starts_at=first.starts_at + timedelta(days=9))
    late.refresh_from_db()
    assert late in second.items.get(kind="delegation").delegated_decisions.all()


def test_a_cancelled_meeting_hands_them_on(association, board, director):
    first = make.make_meeting(board, director)
    decision = take(association, director)
    assert decision.item.meeting == first
    cancel_meeting(meeting=first, reason="Sjukdom", actor=director)
    second = make.make_meeting(board, director)
    decision.refresh_from_db()
    assert decision.item.meeting == second


def test_T05_numbers_run_through_the_year_and_each_is_registered(association, board, director):
    first, second = take(association, director), take(association, director, subject="Kurs")
    old = take(association, director, decided_on=clock.today() - timedelta(days=366))
    assert (first.number, second.number, old.number) == (1, 2, 1)
    assert first.case != second.case
    assert first.case.records.count() == 1


def test_D01_registered_twice_it_is_one(association, board, director):
    assert take(association, director) == take(association, director)
    assert DelegatedDecision.objects.count() == 1
    assert Event.objects.filter(action="delegated_decision_recorded").count() == 1


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"subject": " "}, "unsaid", "subject"),
        ({"text": ""}, "unsaid", "text"),
        ({"basis": ""}, "unsaid", "basis"),
        ({"decided_on": clock.today() + timedelta(days=2)}, "day_ahead", "decided_on"),
        ({"function": DelegateFunction.CHAIR}, "not_delegate", "decided_by"),
    ],
)
def test_what_does_not_hold_is_refused_at_its_field(association, director, changes, code, field):
    with pytest.raises(MeetingRefusal) as refusal:
        take(association, director, **changes)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert DelegatedDecision.objects.count() == 0


@pytest.mark.anywhere
def test_the_register_on_its_pages(sign_in, association, board, director):
    office = sign_in(director)
    url = reverse("boards:delegated", args=[association.slug])
    assert "Inga delegationsbeslut" in office.get(url).content.decode()
    write = reverse("boards:write_delegated", args=[association.slug])
    assert office.get(write).status_code == 200
    form = {
        "subject": "Hyra", "text": "Ja", "basis": "3.2", "decided_by": director.pk,
        "function": "director", "decided_on": clock.today().isoformat(),
    }  # fmt: skip
    assert office.post(write, {**form, "function": "chair"}).status_code == 422
    assert [office.post(write, form).status_code for _ in range(2)] == [302, 302]
    page = office.get(url).content.decode()
    assert "Väntar på nästa möte" in page
    make.make_meeting(board, director)
    assert "Anmäls" in office.get(url).content.decode()
    assert sign_in(board.seats.first().user).get(write).status_code == 403
