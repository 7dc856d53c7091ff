"""The numbers of paragraphs: in the order taken, by the year or running on, one row a body."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from boards.agenda import add_item
from boards.minutes import close_meeting
from boards.minutes_content import paragraph_texts
from boards.models import ItemKind, Meeting, Minutes, Paragraph, ParagraphCounter
from boards.numbering import number_settled, take_numbers
from boards.recusals import declare_recusal
from boards.sitting import elect_attesters, finish_formal_item, take_up
from finsam import clock
from finsam.associations.models import ParagraphNumbering
from tests import factories as make
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def minutes(called, director):
    return make.make_closed(called, director)


def test_paragraphs_are_numbered_in_the_order_taken(called, director):
    """The decision is taken before the information that stands before it on the agenda."""
    add_item(meeting=called, title="Läget", kind=ItemKind.INFORMATION, actor=director)
    make.open_with_all(called, director)
    for kind in ("opening", "attesters"):
        item = called.items.get(kind=kind)
        if kind == "attesters":
            seat = called.body.seats.get(function="vice_chair")
            elect_attesters(item=item, seats=[seat], actor=director)
        else:
            finish_formal_item(item=item, actor=director)
    decision = called.items.get(kind="decision")
    take_up(item=decision, actor=director)
    make.grant_as_proposed(decision, director)
    make.settle_formal(called, director, closing=True)

    minutes = close_meeting(meeting=called, actor=director)

    kinds = minutes.paragraphs.values_list("number", "item__kind")
    assert list(kinds) == [
        (1, "opening"), (2, "attesters"), (3, "decision"), (4, "agenda"),
        (5, "previous_minutes"), (6, "information"), (7, "closing"),
    ]  # fmt: skip
    assert (minutes.first_number, minutes.last_number) == (1, 7)


def test_numbers_go_on_at_the_next_meeting_without_gap(minutes, board, director):
    second = make.make_closed(make.make_meeting(board, director), director)
    assert second.first_number == minutes.last_number + 1
    numbers = [
        number
        for one in (minutes, second)
        for number in one.paragraphs.values_list("number", flat=True)
    ]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(("numbering", "first"), [("yearly", 1), ("endless", 7)])
def test_numbers_restart_with_the_year_or_run_on(minutes, board, director, numbering, first):

    association = board.association
    association.paragraph_numbering = ParagraphNumbering(
        "yearly" if numbering == "yearly" else "continuous"
    )
    association.save(update_fields=["paragraph_numbering"])
    if numbering == "endless":
        ParagraphCounter.objects.update(year=0)
    board.refresh_from_db()
    later = make.make_meeting(
        board, director, starts_at=minutes.meeting.starts_at + timedelta(days=400)
    )
    assert make.make_closed(later, director).first_number == first


# --- the counters -----------------------------------------------------------------------------


def a_meeting(body, day):
    return Meeting(body=body, association=body.association, starts_at=day)


SPRING = datetime(2024, 3, 1, 8, tzinfo=UTC)
AUTUMN = datetime(2024, 10, 1, 8, tzinfo=UTC)
NEW_YEAR = datetime(2024, 12, 31, 23, 30, tzinfo=UTC)  # past midnight in Stockholm


def test_each_body_and_year_has_its_own_row_of_numbers(board, council):
    taken = [
        take_numbers(a_meeting(body, day), count)
        for body, day, count in (
            (board, SPRING, 3), (board, SPRING, 2), (council, SPRING, 4), (board, AUTUMN, 1),
            (board, NEW_YEAR, 2), (board, AUTUMN, 1), (board, NEW_YEAR, 1), (council, NEW_YEAR, 1),
        )
    ]  # fmt: skip
    assert taken == [
        (2024, 1), (2024, 4), (2024, 1), (2024, 6),
        (2025, 1), (2024, 7), (2025, 3), (2025, 1),
    ]  # fmt: skip


def test_numbers_that_run_on_know_no_year(board, council):
    for body in (board, council):
        body.association.paragraph_numbering = ParagraphNumbering.CONTINUOUS
    taken = [
        take_numbers(a_meeting(body, day), count)
        for body, day, count in (
            (board, SPRING, 3), (board, NEW_YEAR, 2), (council, NEW_YEAR, 1), (board, AUTUMN, 1),
        )
    ]  # fmt: skip
    assert taken == [(2024, 1), (2025, 4), (2025, 1), (2024, 6)]
    counters = ParagraphCounter.objects.order_by("body__kind").values_list("year", "last")
    assert list(counters) == [(0, 6), (0, 1)]


# --- what is settled --------------------------------------------------------------------------


def test_what_is_settled_is_numbered_at_once_beside_another_meeting(board, director, seat_of):
    """Three meetings of one body at a time, two numbered twice: every number once, in order."""
    *both, last = [make.make_meeting(board, director) for _ in range(3)]
    for one in (*both, last):
        make.open_with_all(one, director)
        agenda = one.items.get(kind="agenda")
        declare_recusal(item=agenda, seat=seat_of("af"), actor=director)
    for kind in ("opening", "agenda"):
        for one in both:
            finish_formal_item(item=one.items.get(kind=kind), actor=director)
        given = [number_settled(one, director) for one in both]
        assert [number_settled(one, director) for one in both] == given
        finish_formal_item(item=last.items.get(kind=kind), actor=director)
    number_settled(last, director)

    found = [
        (one.first_number, one.last_number, list(one.paragraphs.values_list("number", "heading")))
        for one in Minutes.objects.order_by("pk")
    ]
    titles = [both[0].items.get(kind=kind).title for kind in ("opening", "agenda")]
    assert found == [
        (1, 3, [(1, titles[0]), (3, titles[1])]),
        (2, 4, [(2, titles[0]), (4, titles[1])]),
        (5, 6, [(5, titles[0]), (6, titles[1])]),
    ]
    year = clock.stockholm(both[0].starts_at).year
    assert [one.year for one in Minutes.objects.all()] == [year] * 3
    for paragraph in Paragraph.objects.select_related("item"):
        assert paragraph.texts == paragraph_texts(paragraph.item, paragraph.number)
        told = "".join(paragraph.texts["recusals"])
        assert told.endswith(f"§\u00a0{paragraph.number}.") is (paragraph.item.kind == "agenda")


def test_the_minutes_have_a_case_from_the_first_number_on(board, director):
    with clock.at(SPRING):
        meeting = make.make_meeting(board, director, starts_at=NEW_YEAR)
    number_settled(meeting, director)
    meeting.refresh_from_db()
    case = meeting.case
    assert (case.title, case.opened_by) == ("Protokoll Styrelsen 2025-01-01", director)
    number_settled(meeting, director)
    meeting.refresh_from_db()
    assert meeting.case == case
