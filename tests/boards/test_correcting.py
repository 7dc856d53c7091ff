"""What was recorded wrongly is set right before the meeting ends, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from boards.attendance import arrive, leave, presence
from boards.correcting import correct_item
from boards.correcting_attendance import Times, correct_times, strike_attendance
from boards.decisions import put_motion, record_decision, withdraw_motion
from boards.errors import MeetingRefusal
from boards.immediate import fix_paragraph, release_paragraph
from boards.locking import lock_item
from boards.minutes import close_meeting
from boards.models import (
    AgendaItem,
    Attester,
    Decision,
    Outcome,
    Paragraph,
    ParticipationCorrection,
    VoteChoice,
)
from boards.recusals import declare_recusal
from boards.sitting import announce_dissent, elect_attesters, take_up
from budgets.ledger import balance_now
from budgets.models import Transfer
from budgets.verification import verify_ledger
from finsam import clock
from finsam.errors import Conflict
from finsam.registry.models import Event
from finsam.registry.verification import verify_chain
from tests import factories as make
from tests.kept import kept

pytestmark = pytest.mark.django_db
GRANT = {"outcome": Outcome.GRANTED, "amount": 600_000}
WRONG = "Beloppet skulle vara 500 000"


@kept
def decided(item, frame, director):
    record_decision(item=item, frame=frame, actor=director, **GRANT)
    item.refresh_from_db()
    return item


def test_a_wrongly_recorded_grant_goes_back_the_way_it_came(decided, ready, frame, director):
    fresh = correct_item(item=decided, reason=WRONG, actor=director)

    assert balance_now(frame.account) == 1_000_000
    there, back = Transfer.objects.filter(reason__in=["grant_decided", "correction"]).order_by("pk")
    assert (back.reverses, back.amount) == (there, 600_000)
    ready.refresh_from_db()
    assert (ready.state, ready.grant, ready.is_outcome_public) == ("to_board", None, False)
    struck = AgendaItem.everything.get(pk=decided.pk)
    assert (struck.retraction, struck.decision.amount, struck.taken_order) == (WRONG, 600_000, None)
    assert (fresh.state, fresh.replaces_id, fresh.position) == ("current", decided.pk, 5)
    assert verify_ledger().ok
    assert verify_chain(decided.meeting.association).broken is None


def test_the_right_decision_takes_the_place_of_the_wrong_one(
    decided, meeting, ready, frame, director
):
    fresh = correct_item(item=decided, reason=WRONG, actor=director)
    part = {"outcome": Outcome.PARTLY_GRANTED, "amount": 500_000}
    record_decision(item=fresh, frame=frame, actor=director, **part)
    make.settle_formal(meeting, director, closing=True)
    minutes = close_meeting(meeting=meeting, actor=director)

    assert balance_now(frame.account) == 500_000
    ready.refresh_from_db()
    assert (ready.state, ready.grant.amount) == ("partly_granted", 500_000)
    numbers = list(Paragraph.objects.order_by("number").values_list("number", "item__kind"))
    assert numbers == [
        (1, "opening"), (2, "attesters"), (3, "agenda"), (4, "previous_minutes"),
        (5, "decision"), (6, "closing"),
    ]  # fmt: skip
    assert minutes.paragraphs.get(number=5).item == fresh


def test_D01_struck_twice_it_is_struck_once(decided, frame, director):
    first = correct_item(item=decided, reason=WRONG, actor=director)
    events = Event.objects.count()
    assert correct_item(item=decided, reason="Igen", actor=director) == first
    assert (Event.objects.count(), balance_now(frame.account)) == (events, 1_000_000)


def test_a_stale_page_cannot_decide_what_was_struck(decided, frame, director):
    correct_item(item=decided, reason=WRONG, actor=director)
    for act in (
        lambda: record_decision(item=decided, frame=frame, actor=director, **GRANT),
        lambda: take_up(item=decided, actor=director),
        lambda: lock_item(decided),
    ):
        with pytest.raises(Conflict) as refusal:
            act()
        assert refusal.value.code == "item_corrected"


def test_what_was_truly_said_follows_along_and_the_rest_is_recorded_anew(
    item, meeting, frame, director, seat_of
):
    declare_recusal(
        item=item, seat=seat_of("fk"), served_by=None, reason="Min syster", actor=director
    )
    said = {"seat": seat_of("af"), "outcome": Outcome.REJECTED, "amount": None, "actor": director}
    put_motion(item=item, text="Avslag", **said)
    withdraw_motion(motion=put_motion(item=item, text="Återremiss", **said), actor=director)
    serving = [one.seat.pk for one in presence(meeting, item).serving]
    votes = dict.fromkeys(serving, VoteChoice.YES)
    record_decision(item=item, frame=frame, votes=votes, actor=director, **GRANT)
    announce_dissent(item=item, seat=seat_of("af"), text="", actor=director)

    fresh = correct_item(item=item, reason=WRONG, actor=director)

    assert [one.text for one in fresh.motions.all()] == ["Avslag"]
    assert [(one.seat, one.reason) for one in fresh.recusals.all()] == [
        (seat_of("fk"), "Min syster")
    ]
    assert (fresh.votes.count(), fresh.dissents.count(), item.votes.count()) == (0, 0, 4)
    assert not Decision.objects.filter(item=fresh).exists()


def test_the_election_of_attesters_is_made_again(meeting, director, seat_of):
    item = meeting.items.get(kind="attesters")
    fresh = correct_item(item=item, reason="Fel person", actor=director)
    assert Attester.objects.filter(meeting=meeting).count() == 0

    elect_attesters(item=fresh, seats=[seat_of("af")], actor=director)
    assert {one.seat for one in meeting.attesters.all()} == {seat_of("regionen"), seat_of("af")}


@pytest.mark.parametrize("outcome", ["rejected", "referred_back", "tabled"])
def test_every_outcome_can_be_set_right(item, ready, director, outcome):
    record_decision(item=item, outcome=Outcome(outcome), actor=director)
    correct_item(item=item, reason=WRONG, actor=director)
    ready.refresh_from_db()
    assert ready.state == "to_board"


def test_a_correction_needs_its_reason_a_settled_item_and_a_meeting_that_goes_on(
    item, meeting, frame, director
):
    with pytest.raises(MeetingRefusal) as refusal:
        correct_item(item=item, reason=WRONG, actor=director)
    assert refusal.value.code == "not_decided"
    record_decision(item=item, frame=frame, actor=director, **GRANT)
    with pytest.raises(MeetingRefusal) as refusal:
        correct_item(item=item, reason="  ", actor=director)
    assert (refusal.value.code, refusal.value.field) == ("reason_missing", "reason")
    make.settle_formal(meeting, director, closing=True)
    close_meeting(meeting=meeting, actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        correct_item(item=item, reason=WRONG, actor=director)
    assert refusal.value.code == "not_ongoing"
    assert balance_now(frame.account) == 400_000


# --- attendance -------------------------------------------------------------------------------


@kept
def sitting(called, director):
    """Opened an hour ago, the formal items taken half an hour ago."""
    now = clock.now()
    with clock.at(now - timedelta(hours=1)):
        make.open_with_all(called, director)
    with clock.at(now - timedelta(minutes=30)):
        make.settle_formal(called, director)
    called.refresh_from_db()
    return called


def took_part_in(meeting, kind):
    item = meeting.items.get(kind=kind)
    return {one.filled.member.slug for one in presence(meeting, item).serving}


EVERYONE = {"kommunen", "grannkommunen", "regionen", "fk", "af"}


def test_KL_5_65_a_departure_noted_too_late_is_corrected_in_what_was_settled_since(
    sitting, director, seat_of
):
    leave(meeting=sitting, seat=seat_of("kommunen"), actor=director)
    (row,) = sitting.attendances.filter(seat=seat_of("kommunen"))
    left = clock.now() - timedelta(minutes=45)

    correct_times(attendance=row, times=Times(row.arrived_at, left), actor=director)

    assert took_part_in(sitting, "agenda") == EVERYONE - {"kommunen"}
    assert ParticipationCorrection.objects.filter(took_part=False).count() == 4
    back = Times(row.arrived_at, clock.now() - timedelta(minutes=10))
    row.refresh_from_db()
    correct_times(attendance=row, times=back, actor=director)
    assert took_part_in(sitting, "agenda") == EVERYONE


def test_a_presence_that_never_was_is_struck(sitting, director, seat_of):
    (row,) = sitting.attendances.filter(seat=seat_of("af"))
    strike_attendance(attendance=row, actor=director)
    strike_attendance(attendance=row, actor=director)

    assert took_part_in(sitting, "agenda") == EVERYONE - {"af"}
    assert Event.objects.filter(action="attendance_struck").count() == 1


def test_KL_6_27_a_correction_may_not_leave_a_decision_without_quorum(sitting, director, seat_of):
    rows = [sitting.attendances.get(seat=seat_of(slug)) for slug in ("af", "kommunen", "fk")]
    for row in rows[:2]:
        strike_attendance(attendance=row, actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        strike_attendance(attendance=rows[2], actor=director)
    assert refusal.value.code == "would_not_be_quorate"
    assert took_part_in(sitting, "agenda") == {"grannkommunen", "regionen", "fk"}
    assert sitting.attendances.filter(pk=rows[2].pk).exists()


def test_one_who_voted_was_there(sitting, frame, director, seat_of):
    item = sitting.items.get(kind="decision")
    votes = {one.seat.pk: VoteChoice.YES for one in presence(sitting, item).serving}
    with clock.at(clock.now() - timedelta(minutes=20)):
        record_decision(item=item, frame=frame, votes=votes, actor=director, **GRANT)
    with pytest.raises(MeetingRefusal) as refusal:
        strike_attendance(attendance=sitting.attendances.get(seat=seat_of("af")), actor=director)
    assert refusal.value.code == "has_acted"


@pytest.mark.parametrize(
    ("arrived", "left", "code"),
    [(5, None, "time_ahead"), (-60, 5, "time_ahead"), (-10, -20, "leaves_first")],
)
def test_times_that_cannot_be_are_refused(sitting, director, seat_of, arrived, left, code):
    (row,) = sitting.attendances.filter(seat=seat_of("af"))
    now = clock.now()
    times = Times(now + timedelta(minutes=arrived), now + timedelta(minutes=left) if left else None)
    with pytest.raises(MeetingRefusal) as refusal:
        correct_times(attendance=row, times=times, actor=director)
    assert refusal.value.code == code


def test_one_person_is_not_there_twice_at_the_same_time(sitting, director, seat_of):
    seat = seat_of("af")
    leave(meeting=sitting, seat=seat, actor=director)
    first = sitting.attendances.get(seat=seat)
    arrive(meeting=sitting, seat=seat, actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        correct_times(attendance=first, times=Times(first.arrived_at, None), actor=director)
    assert refusal.value.code == "overlaps"


def test_a_seat_is_not_filled_by_two(sitting, director, seat_of):
    """The substitute came in his place; then the member's early departure is undone."""
    seat, other = seat_of("fk"), seat_of("fk", substitute=1)
    now = clock.now()
    row = sitting.attendances.get(seat=seat)
    correct_times(
        attendance=row, times=Times(row.arrived_at, now - timedelta(minutes=50)), actor=director
    )
    with clock.at(now - timedelta(minutes=49)):
        arrive(meeting=sitting, seat=other, serves_for=seat, actor=director)
    served = sitting.attendances.get(seat=other)
    early = Times(now - timedelta(minutes=48), None)
    correct_times(attendance=served, times=early, actor=director)
    item = sitting.items.get(kind="agenda")
    assert {one.seat for one in presence(sitting, item).serving if one.serves_for} == {other}
    row.refresh_from_db()
    with pytest.raises(MeetingRefusal) as refusal:
        correct_times(attendance=row, times=Times(row.arrived_at, now), actor=director)
    assert refusal.value.code == "seat_filled_twice"


def test_D01_the_same_times_again_change_nothing(sitting, director, seat_of):
    (row,) = sitting.attendances.filter(seat=seat_of("af"))
    events = Event.objects.count()
    correct_times(attendance=row, times=Times(row.arrived_at, row.left_at), actor=director)
    assert Event.objects.count() == events


def test_nothing_of_the_attendance_is_corrected_after_the_meeting(sitting, director, seat_of):
    sitting.state = "closed"
    sitting.save(update_fields=["state"])
    row = sitting.attendances.get(seat=seat_of("af"))
    for act in (
        lambda: strike_attendance(attendance=row, actor=director),
        lambda: correct_times(
            attendance=row, times=Times(row.arrived_at, clock.now()), actor=director
        ),
    ):
        with pytest.raises(MeetingRefusal) as refusal:
            act()
        assert refusal.value.code == "meeting_closed"


def test_KL_5_69_what_is_attested_at_once_is_not_struck_and_the_rest_keeps_its_number(
    decided, meeting, director
):
    agenda = meeting.items.get(kind="agenda")
    fix_paragraph(item=agenda, actor=director)
    with pytest.raises(MeetingRefusal) as refusal:
        correct_item(item=agenda, reason=WRONG, actor=director)
    assert refusal.value.code == "paragraph_fixed"

    number = Paragraph.objects.get(item=decided).number
    fresh = correct_item(item=decided, reason=WRONG, actor=director)
    record_decision(item=fresh, outcome=Outcome.TABLED, actor=director)
    make.settle_formal(meeting, director, closing=True)
    release_paragraph(paragraph=Paragraph.objects.get(item=agenda), actor=director)
    close_meeting(meeting=meeting, actor=director)

    paragraph = Paragraph.objects.get(item=fresh)
    assert (paragraph.number, paragraph.texts["clauses"]) == (number, ["bordlägga ärendet"])
    numbers = Paragraph.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 4, 5, 6]
