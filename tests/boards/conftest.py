"""A board of five members with one substitute each, a frame, and people to work with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from applications.models import Application, Round
from boards.agenda import add_item
from boards.dispatch import send_notice
from boards.models import AgendaItem, Body, ItemKind, Meeting, Seat, SeatFunction, VoteChoice
from budgets.models import Frame
from finsam.associations.models import Association, Member
from finsam.people.models import User
from finsam.registry.models import Event
from tests import factories as make
from tests.kept import kept

FRAME = 1_000_000


@kept
def board(association: Association) -> Body:
    return make.make_board(association)


@kept
def council(association: Association) -> Body:
    return make.make_council(association)


@kept
def frame(association: Association) -> Frame:
    return make.make_frame(association, amount=FRAME)


@kept
def round_(association: Association, frame: Frame) -> Round:
    found = make.make_round(association, frame=frame)
    make.make_criteria(found.programme)
    return found


@kept
def submitted(round_: Round, member: Member, applicant: User) -> Application:
    return make.make_received(round_, member, applicant, sought=600_000)


@kept
def prepared(submitted: Application, director: User) -> Application:
    return make.make_in_preparation(submitted, director)


@kept
def ready(submitted: Application, director: User) -> Application:
    """With a finished memo: what the board can take up."""
    return make.make_to_board(submitted, director)


@kept
def called(board: Body, ready: Application, director: User) -> Meeting:
    """A called meeting of the board with the application on its agenda."""
    return make.make_meeting(board, director, applications=[ready])


@kept
def meeting(called: Meeting, director: User) -> Meeting:
    """The same meeting going on, all members present, the formal items taken."""
    make.open_with_all(called, director)
    make.settle_formal(called, director)
    called.refresh_from_db()
    return called


@kept
def item(meeting: Meeting) -> AgendaItem:
    """The application's item, which is the one at hand."""
    found: AgendaItem = meeting.items.get(kind=ItemKind.DECISION)
    return found


SeatOf = Callable[..., Seat]


@pytest.fixture
def seat_of(board: Body) -> SeatOf:
    """`seat_of("fk")` the ordinary seat of a member, `seat_of("fk", substitute=1)` its first."""

    def find(slug: str, *, substitute: int = 0) -> Seat:
        seats = board.seats.filter(member__slug=slug).order_by("order")
        if substitute:
            seats = seats.filter(function=SeatFunction.SUBSTITUTE, order=substitute)
        else:
            seats = seats.exclude(function=SeatFunction.SUBSTITUTE)
        found: Seat = seats[0]
        return found

    return find


@kept
def gathering(board: Body, director: User) -> Meeting:
    """A called meeting with one free decision on its agenda, nobody there yet."""
    found = make.make_meeting(board, director, called=False)
    add_item(meeting=found, title="Verksamhetsplan", proposal="fastställa planen", actor=director)
    return send_notice(meeting=found, actor=director)


@kept
def plan(gathering: Meeting) -> AgendaItem:
    found: AgendaItem = gathering.items.get(kind=ItemKind.DECISION)
    return found


@kept
def three(board: Body) -> list[Seat]:
    """The three substitutes of one member, in their order."""
    fk = board.association.members.get(slug="fk")
    for order in (2, 3):
        make.make_seat(board, "substitute", fk, order=order)
    found = board.seats.filter(member=fk, function=SeatFunction.SUBSTITUTE)
    return list(found.order_by("order"))


def told(*actions: str) -> list[tuple[object, ...]]:
    """What the event chain tells of these acts, in order: act, by whom, of what, case, payload."""
    events = Event.objects.filter(action__in=actions).order_by("sequence").select_related("actor")
    return [
        (one.action, one.actor, f"{one.object_type} {one.object_id}", one.case_id, one.payload)
        for one in events
    ]


def ballot(board: Body, **choices: VoteChoice) -> dict[int, VoteChoice]:
    """Votes by the slug of the member; those not named vote as `others`."""
    others = choices.pop("others", VoteChoice.YES)
    seats = board.seats.exclude(function="substitute").select_related("member")
    return {seat.pk: choices.get(seat.member.slug, others) for seat in seats}
