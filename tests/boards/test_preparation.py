"""Before the board: assessments, the council's recommendation, the memo, agenda and packet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from boards.agenda import add_item, move_item, plan_meeting, remove_item
from boards.council import View, close_council_meeting, record_recommendation, save_assessment
from boards.dispatch import missing_memos, packet_key, send_notice, send_packet
from boards.errors import MeetingRefusal
from boards.memos import finish_memo, save_memo, start_memo
from boards.models import (
    AgendaItem,
    Assessment,
    AssessmentVerdict,
    DecisionMemo,
    ItemKind,
    MeetingPacket,
    MeetingState,
    MemoState,
    Outcome,
    Recommendation,
    RecommendationKind,
)
from boards.packet import make_packet
from boards.recusals import declare_recusal
from finsam import clock
from finsam.documents.documents import document_for
from finsam.documents.models import DocumentSeries
from finsam.errors import Conflict, NotAllowed
from finsam.jobs.work import run_waiting
from finsam.messages.models import Message
from finsam.registry.models import Event
from tests import factories as make
from tests.kept import kept

pytestmark = pytest.mark.django_db

MET, PARTLY = AssessmentVerdict.MET, AssessmentVerdict.PARTLY
ENDORSE, OPPOSE = RecommendationKind.ENDORSE, RecommendationKind.OPPOSE


@kept
def meeting(council, prepared, director):
    return make.make_meeting(council, director, applications=[prepared])


@kept
def item(meeting):
    return meeting.items.get(kind=ItemKind.DECISION)


@kept
def ongoing(meeting, director):
    return make.open_with_all(meeting, director)


@kept
def views(round_):
    return {one.pk: View(MET, "Väl visat") for one in round_.programme.criteria.all()}


@kept
def said(item, views, director):
    return {
        "item": item, "kind": ENDORSE, "amount": 550_000, "text": "Bra.", "views": views,
        "differing_views": "En ledamot ville ge mindre.", "actor": director,
    }  # fmt: skip


# --- the council ------------------------------------------------------------------------------


def test_a_member_keeps_an_own_assessment_and_may_change_it(item, council, views):
    seat = council.seats.first()
    save_assessment(item=item, seat=seat, views=views, actor=seat.user)
    one = next(iter(views))
    save_assessment(item=item, seat=seat, views={one: View(PARTLY)}, actor=seat.user)

    rows = Assessment.objects.filter(seat=seat).order_by("criterion__position")
    assert [row.verdict for row in rows] == [PARTLY, MET]


def test_only_in_ones_own_seat(item, council, views, director):
    with pytest.raises(MeetingRefusal) as refusal:
        save_assessment(item=item, seat=council.seats.first(), views=views, actor=director)
    assert refusal.value.code == "not_your_seat"


def test_KL_6_28_a_recused_member_does_not_assess(item, council, views):
    seat = council.seats.first()
    declare_recusal(item=item, seat=seat, actor=seat.user)
    with pytest.raises(MeetingRefusal) as refusal:
        save_assessment(item=item, seat=seat, views=views, actor=seat.user)
    assert refusal.value.code == "recused"
    assert Assessment.objects.count() == 0


def test_the_recommendation_is_recorded_with_the_common_assessment(
    ongoing, item, said, prepared, director
):
    found = record_recommendation(**said)

    assert (found.amount, found.differing_views) == (550_000, "En ledamot ville ge mindre.")
    assert Assessment.objects.filter(item=item, seat=None).count() == 2
    item.refresh_from_db()
    assert item.state == "done"
    prepared.refresh_from_db()
    assert prepared.state == "in_preparation", "the council decides nothing (KL 3:5)"


def test_one_that_opposes_has_no_amount(ongoing, said):
    assert record_recommendation(**{**said, "kind": OPPOSE}).amount is None


@pytest.mark.parametrize(
    ("change", "code"), [({"amount": None}, "amount_missing"), ({"views": {}}, "criterion_missing")]
)
def test_an_incomplete_recommendation_is_refused(ongoing, said, change, code):
    with pytest.raises(MeetingRefusal) as refusal:
        record_recommendation(**{**said, **change})
    assert refusal.value.code == code
    assert (Recommendation.objects.count(), Assessment.objects.count()) == (0, 0)


def test_D01_recommended_twice_is_once_and_D02_another_is_a_conflict(ongoing, said):
    first = record_recommendation(**said)
    events = Event.objects.count()
    assert record_recommendation(**said) == first
    with pytest.raises(Conflict):
        record_recommendation(**{**said, "amount": 1})
    assert Event.objects.count() == events


def test_a_council_closes_when_every_application_is_treated(ongoing, said, director):
    with pytest.raises(MeetingRefusal) as refusal:
        close_council_meeting(meeting=ongoing, actor=director)
    assert refusal.value.code == "items_left"
    record_recommendation(**said)
    closed = close_council_meeting(meeting=ongoing, actor=director)
    assert closed.state == MeetingState.CLOSED
    assert close_council_meeting(meeting=ongoing, actor=director) == closed


# --- the memo ---------------------------------------------------------------------------------


def test_the_memo_is_filled_with_what_is_known(ongoing, said, prepared, director):
    record_recommendation(**said)
    memo = start_memo(application=prepared, actor=director)

    assert (memo.proposed_outcome, memo.proposed_amount) == (Outcome.PARTLY_GRANTED, 550_000)
    texts = memo.texts
    assert (
        "Ekby kommun ansöker tillsammans med Region Sjö om 600\u00a0000\u00a0kr" in texts["summary"]
    )
    assert "Kansliet kvalitetsgranskade ansökan" in texts["preparation"]
    assert "tillstyrker 550\u00a0000\u00a0kr" in texts["preparation"]
    assert "Avvikande meningar: En ledamot ville ge mindre." in texts["preparation"]
    assert "- Deltagarna upplever stöd och inflytande: Andel som svarar så" in texts["roles"]
    assert texts["roles"].endswith("- Ekby kommun: huvudman\n- Region Sjö: medsökande")
    assert "av ramen individinsatser 2024" in texts["economy"].lower()
    assert texts["sent_to"] == "Ekby kommun, Region Sjö"


def test_D01_a_memo_is_started_once(prepared, director):
    assert start_memo(application=prepared, actor=director) == start_memo(
        application=prepared, actor=director
    )
    assert DecisionMemo.objects.count() == 1


def save(memo, actor, revision, **texts):
    return save_memo(
        memo=memo,
        texts=texts,
        proposed_outcome=Outcome.GRANTED,
        proposed_amount=600_000,
        conditions="",
        expected_revision=revision,
        actor=actor,
    )


def test_O01_two_who_write_the_memo(prepared, director, officer):
    memo = start_memo(application=prepared, actor=director)
    other = DecisionMemo.objects.get()
    save(memo, director, 0, economy="Först")
    with pytest.raises(Conflict):
        save(other, officer, 0, economy="Sedan")
    memo.refresh_from_db()
    assert memo.texts["economy"] == "Först"
    assert "Ekby kommun" in memo.texts["summary"], "texts that were not sent are kept"


def test_O01_a_save_never_brings_back_an_old_text(prepared, director, officer):
    """A row read before somebody else saved holds old texts; only the texts sent may change."""
    old = start_memo(application=prepared, actor=director)
    fresh = DecisionMemo.objects.get()
    save(fresh, officer, 0, economy="Ny ekonomi")
    save(old, director, 1, risks="Nya risker")
    fresh.refresh_from_db()
    assert (fresh.texts["economy"], fresh.texts["risks"]) == ("Ny ekonomi", "Nya risker")


@pytest.mark.parametrize("key", ["summary", "matter", "sent_to"])
def test_an_unwritten_memo_is_not_finished(prepared, director, key):
    memo = start_memo(application=prepared, actor=director)
    save(memo, director, 0, **{key: " "})
    with pytest.raises(MeetingRefusal) as refusal:
        finish_memo(memo=memo, actor=director)
    assert (refusal.value.code, refusal.value.field) == ("heading_empty", key)


def test_KL_11_15_a_memo_that_grants_names_its_source(prepared, director, round_):
    memo = start_memo(application=prepared, actor=director)
    round_.frame = None
    round_.save(update_fields=["frame"])
    with pytest.raises(MeetingRefusal) as refusal:
        finish_memo(memo=memo, actor=director)
    assert refusal.value.code == "source_missing"


def test_finishing_freezes_registers_and_sends_to_the_board(prepared, director, frame):
    memo = start_memo(application=prepared, actor=director)
    finish_memo(memo=memo, actor=director)
    events = Event.objects.count()
    again = finish_memo(memo=memo, actor=director)

    prepared.refresh_from_db()
    assert (again.state, prepared.state) == (MemoState.FINAL, "to_board")
    assert Event.objects.count() == events
    assert again.snapshot is not None
    assert again.snapshot["frame"] == {
        "name": "Individinsatser 2024", "amount": 1_000_000, "granted": 0,
        "remaining": 1_000_000, "after": 400_000,
    }  # fmt: skip
    assert DocumentSeries.objects.get(key=f"memo:{memo.pk}").last_version == 1
    with pytest.raises(MeetingRefusal):
        save(again, director, again.revision, summary="Nytt")


def test_only_the_director_sends_to_the_board(prepared, officer):
    memo = start_memo(application=prepared, actor=officer)
    with pytest.raises(NotAllowed):
        finish_memo(memo=memo, actor=officer)
    memo.refresh_from_db()
    assert (memo.state, memo.snapshot) == (MemoState.DRAFT, None)


# --- the agenda -------------------------------------------------------------------------------


def titles(meeting):
    return list(meeting.items.order_by("position").values_list("title", flat=True))


def test_the_formal_items_come_by_themselves(board, director, ready):
    meeting = make.make_meeting(board, director, applications=[ready], called=False)
    assert titles(meeting) == [
        "Mötet öppnas", "Val av justerare", "Dagordningen fastställs", "Föregående protokoll",
        ready.title, "Mötet avslutas",
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["submitted", "in_preparation", "granted"])
def test_only_what_is_ready_goes_to_the_board(board, director, submitted, state):
    type(submitted).objects.filter(pk=submitted.pk).update(state=state)
    meeting = make.make_meeting(board, director, called=False)
    with pytest.raises(MeetingRefusal) as refusal:
        add_item(meeting=meeting, title="", application=make.reread(submitted), actor=director)
    assert refusal.value.code == "application_not_ready"


def test_an_application_stands_once_on_an_agenda(board, director, ready):
    meeting = make.make_meeting(board, director, applications=[ready], called=False)
    with pytest.raises(MeetingRefusal) as refusal:
        add_item(meeting=meeting, title="", application=ready, actor=director)
    assert refusal.value.code == "already_there"


def test_items_change_places_with_their_neighbours(board, director):
    meeting = make.make_meeting(board, director, called=False)
    first, second = (add_item(meeting=meeting, title=name, actor=director) for name in "AB")
    move_item(item=second, up=True, actor=director)
    assert titles(meeting)[4:6] == ["B", "A"]
    move_item(item=second, up=True, actor=director)
    move_item(item=first, up=False, actor=director)
    assert titles(meeting)[4:6] == ["B", "A"], "the outermost stay"


def test_an_item_is_taken_off_before_the_call_only(board, director, ready):
    meeting = make.make_meeting(board, director, called=False)
    item = add_item(meeting=meeting, title="A", actor=director)
    remove_item(item=item, actor=director)
    assert "A" not in titles(meeting)
    formal = meeting.items.get(kind="opening")
    with pytest.raises(MeetingRefusal) as refusal:
        remove_item(item=formal, actor=director)
    assert refusal.value.code == "formal_item"
    item = add_item(meeting=meeting, title="B", actor=director)
    send_notice(meeting=meeting, actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        remove_item(item=item, actor=director)
    assert refusal.value.code == "agenda_called"


def test_D01_the_same_item_or_meeting_twice_is_one(board, director):
    starts_at = clock.now() + timedelta(days=3)
    said = {"body": board, "starts_at": starts_at, "place": "Salen", "actor": director}
    meeting = plan_meeting(**said)
    assert plan_meeting(**said) == meeting
    for _ in range(2):
        add_item(meeting=meeting, title="Läget", kind=ItemKind.INFORMATION, actor=director)
    assert titles(meeting).count("Läget") == 1


def test_a_meeting_is_planned_ahead(board, director):
    with pytest.raises(MeetingRefusal) as refusal:
        plan_meeting(body=board, starts_at=clock.now(), place="x", actor=director)
    assert refusal.value.field == "starts_at"


# --- the notice and the packet ----------------------------------------------------------------


def test_members_and_substitutes_are_called_once_each(board, director, ready):
    meeting = make.make_meeting(board, director, applications=[ready])
    events = Event.objects.count()
    send_notice(meeting=meeting, actor=director)
    told = Message.objects.filter(event_key=f"notice-{meeting.pk}")
    assert told.count() == board.seats.count() == 10
    assert all(message.calendar for message in told)
    assert Event.objects.count() == events
    clauses = make_source_items(meeting)[4]["clauses"]
    assert clauses[0].startswith("bevilja Ekby kommun"), "the proposal itself stands in the notice"


def make_source_items(meeting):
    from boards.document_sources import notice_source

    return notice_source(meeting)["items"]


def test_an_item_without_memo_keeps_the_packet_from_being_made(board, director, ready):
    meeting = make.make_meeting(board, director, applications=[ready])
    DecisionMemo.objects.update(state=MemoState.DRAFT)
    assert missing_memos(meeting) == [ready.title]
    with pytest.raises(MeetingRefusal) as refusal:
        make_packet(meeting=meeting, actor=director)
    assert ready.title in refusal.value.message
    assert MeetingPacket.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_packet_is_sent_once_when_it_is_made(called, director, board):
    packet = make_packet(meeting=called, actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        send_packet(packet=packet, actor=director)
    assert refusal.value.code == "packet_not_made"
    run_waiting(100)
    assert document_for(packet_key(called)).version == 1
    for _ in range(2):
        send_packet(packet=packet, actor=director)
    assert Message.objects.filter(event_key=f"packet-{packet.pk}").count() == 10
    assert Event.objects.filter(action="packet_sent").count() == 1


def test_an_agenda_item_without_application_says_so(called):
    item = AgendaItem.objects.filter(application=None).first()
    with pytest.raises(ValueError, match="not about an application"):
        _ = item.treated_application
