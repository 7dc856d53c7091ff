"""Who serves for whom, in which order, and whether they are enough: rules without the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from boards.errors import MeetingRefusal, NotQuorate
from boards.models import Attendance, Meeting, Recusal, Seat, SeatFunction


@dataclass(frozen=True)
class Serving:
    """Somebody who may decide: in an own seat, or as a substitute for another's."""

    seat: Seat
    serves_for: Seat | None
    is_remote: bool

    @property
    def filled(self) -> Seat:
        """The ordinary seat that is filled."""
        return self.serves_for or self.seat


@dataclass(frozen=True)
class Presence:
    """A body at one moment, for one item."""

    seats: tuple[Seat, ...]
    serving: tuple[Serving, ...]
    recused: tuple[Seat, ...]

    @property
    def needed(self) -> int:
        """More than half of the seats (KL 6:27)."""
        return len(self.seats) // 2 + 1

    @property
    def is_quorate(self) -> bool:
        return len(self.serving) >= self.needed

    def serves(self, seat: Seat) -> bool:
        return any(one.seat.pk == seat.pk for one in self.serving)


@dataclass(frozen=True)
class Room:
    """The seats of a meeting and who is in them now, for what asks more than once."""

    seats: list[Seat]
    substitutes: list[Seat]
    attendances: list[Attendance]

    @property
    def here(self) -> frozenset[int]:
        """The seats whose holders are in the room."""
        return frozenset(one.seat_id for one in self.attendances)

    @property
    def busy(self) -> frozenset[int]:
        """The substitutes who serve for somebody now."""
        return frozenset(one.seat_id for one in self.attendances if one.serves_for_id is not None)

    @property
    def free(self) -> list[Seat]:
        """The substitutes who serve for nobody now, in their order (FL 12 §)."""
        return [one for one in self.substitutes if one.pk not in self.busy]


def chair_first(held: Iterable[Seat]) -> list[Seat]:
    """The seats that count towards the quorum: the chair, vice chairs, then by their order."""
    rank = {SeatFunction.CHAIR: 0, SeatFunction.VICE_CHAIR: 1}
    return sorted(
        (seat for seat in held if not seat.is_substitute),
        key=lambda seat: (rank.get(SeatFunction(seat.function), 2), seat.order, seat.pk),
    )


def in_their_order(held: Iterable[Seat]) -> list[Seat]:
    """The substitutes in the order decided (FL 12 §)."""
    return sorted(
        (seat for seat in held if seat.is_substitute), key=lambda seat: (seat.order, seat.pk)
    )


def who_serves(here: Sequence[Attendance], recusals: Sequence[Recusal]) -> list[Serving]:
    """Those in the room who may decide an item: without the recused, with their stand-ins first.

    Who stands in for a recused substitute fills the seat that the substitute filled (KL 6:28).
    """
    fills = {one.seat_id: one.serves_for or one.seat for one in here}
    recused = {one.seat_id for one in recusals}
    stand_ins = {
        one.served_by_id: fills.get(one.seat_id, one.seat) for one in recusals if one.served_by_id
    }
    return [
        Serving(one.seat, stand_ins.get(one.seat_id) or one.serves_for, one.is_remote)
        for one in sorted(here, key=lambda one: one.seat_id not in stand_ins)
        if one.seat_id not in recused
    ]


def presence_of(
    seats: Sequence[Seat], found: Iterable[Serving], recusals: Iterable[Recusal]
) -> Presence:
    """Each ordinary seat filled once, by the first that is found for it; others serve nobody."""
    serving: dict[int, Serving] = {}
    for one in found:
        serving.setdefault(one.filled.pk, one)
    ranked = [serving[seat.pk] for seat in seats if seat.pk in serving]
    return Presence(tuple(seats), tuple(ranked), tuple(one.seat for one in recusals))


def presiding(meeting: Meeting, found: Presence) -> Seat | None:
    """Who leads an item: the meeting's chair, else a vice chair, else the first who serves."""
    serving = [one.seat for one in found.serving]
    chair = [seat for seat in serving if seat.pk == meeting.chair_id]
    vice = [seat for seat in serving if seat.function == SeatFunction.VICE_CHAIR]
    return next(iter([*chair, *vice, *serving]), None)


def require_enough(found: Presence, *, body: str, title: str) -> None:
    """Raises NotQuorate with what is missing, in `body` (its name) for the item of that title."""
    if not found.is_quorate:
        raise NotQuorate(
            "not_quorate",
            f"{body} är inte beslutsför i ärendet ”{title}”: "
            f"{len(found.serving)} av {len(found.seats)} tjänstgör och det krävs {found.needed} "
            "(6 kap. 27 § kommunallagen). Låt en ersättare tjänstgöra, "
            "eller ta upp ärendet igen när fler är på plats.",
        )


def of_the_same(substitutes: Iterable[Seat], seat: Seat) -> list[Seat]:
    """Those of the seat's own organisation, in their order (FL 12, 15 §)."""
    return [one for one in substitutes if one.member_id == seat.member_id]


def next_in_turn(room: Room, seat: Seat, out: Collection[int]) -> Seat | None:
    """The first in the order who is in the room, free, and not `out`; never the seat's own."""
    return next(
        (
            one
            for one in of_the_same(room.free, seat)
            if one.pk in room.here and one.pk not in out and one.pk != seat.pk
        ),
        None,
    )


def require_turn(
    room: Room, substitute: Seat, serves_for: Seat, unavailable: Collection[int | None]
) -> None:
    """Raises MeetingRefusal when one before in the order is in the room for the seat (FL 12 §).

    That is one who serves for nobody else. `unavailable` are seats that stand in for others, or
    may not be present, in the item.
    """
    free = {one.seat_id for one in room.attendances if one.serves_for_id in (None, serves_for.pk)}
    for one in of_the_same(room.substitutes, substitute):
        if one.pk == substitute.pk:
            return
        if one.pk in free and one.pk not in unavailable:
            raise MeetingRefusal(
                "out_of_turn",
                f"{one.user.name} står före {substitute.user.name} i den ordning som är bestämd "
                f"och är på plats. Låt {one.user.name} tjänstgöra (12 § lagen om finansiell "
                "samordning).",
            )


def require_free(room: Room, substitute: Seat, seat: Seat, others: Collection[Recusal]) -> None:
    """Raises MeetingRefusal when the substitute cannot step in for a recused seat in an item.

    That is one who serves or stands in for somebody else, is recused (`others` are the item's
    other recusals), or whose turn it is not (FL 12 §).
    """
    serves_for = {one.serves_for_id for one in room.attendances if one.seat_id == substitute.pk}
    stand_ins, recused = {one.served_by_id for one in others}, {one.seat_id for one in others}
    if serves_for - {None, seat.pk} or substitute.pk in stand_ins:
        raise MeetingRefusal(
            "substitute_serves",
            f"{substitute.user.name} tjänstgör redan för någon annan. Välj en annan ersättare.",
        )
    if substitute.pk in recused | {seat.pk}:
        raise MeetingRefusal("substitute_recused", f"{substitute.user.name} har själv anmält jäv.")
    require_turn(room, substitute, seat, stand_ins | recused | {seat.pk})


def require_may_sit(meeting: Meeting, seat: Seat, serves_for: Seat | None, is_remote: bool) -> None:
    """Raises MeetingRefusal when the seat cannot be taken in that way at this meeting."""
    if seat.body_id != meeting.body_id:
        raise MeetingRefusal(
            "wrong_body", f"{seat.user.name} har ingen plats i {meeting.body.name}."
        )
    if is_remote and not meeting.association.remote_participation:
        raise MeetingRefusal(
            "remote_not_decided",
            "Styrelsen har inte beslutat att tillåta deltagande på distans (6 kap. 24 § "
            "kommunallagen). Slå på det under Inställningar när beslutet finns.",
        )
    if serves_for is None:
        return
    if not seat.is_substitute:
        raise MeetingRefusal("not_substitute", f"{seat.user.name} är inte ersättare.")
    if serves_for.member_id != seat.member_id:
        raise MeetingRefusal(
            "other_organisation",
            f"{seat.user.name} är ersättare för {seat.member} och får bara tjänstgöra för en "
            "ledamot därifrån (12 § lagen om finansiell samordning).",
        )
