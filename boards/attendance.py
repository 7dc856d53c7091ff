"""Who is there, who serves for whom, and whether the body is quorate for an item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from boards.errors import MeetingRefusal, NotQuorate
from boards.locking import lock_meeting
from boards.models import (
    AgendaItem,
    Attendance,
    Body,
    ItemState,
    Meeting,
    MeetingState,
    Participation,
    ParticipationCorrection,
    Recusal,
    Seat,
    SeatFunction,
)
from finsam import clock
from finsam.people.models import User
from finsam.registry.events import record_event

PEOPLE = ("seat__member", "seat__user", "serves_for__user")


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
    def free(self) -> list[Seat]:
        """The substitutes who serve for nobody now, in their order (FL 12 §)."""
        busy = {one.seat_id for one in self.attendances if one.serves_for_id is not None}
        return [one for one in self.substitutes if one.pk not in busy]


def room_of(meeting: Meeting) -> Room:
    """The room as it is now, in two queries."""
    held = _held(meeting.body, meeting.starts_at)
    here = list(meeting.attendances.filter(left_at=None).select_related(*PEOPLE))
    return Room(_ordinary(held), _in_order(held), here)


def ordinary_seats(body: Body, day: datetime) -> list[Seat]:
    """The seats that count towards the quorum, chair first."""
    return _ordinary(_held(body, day))


def substitutes(body: Body, day: datetime) -> list[Seat]:
    """The substitutes in the order decided (FL 12 §)."""
    return _in_order(_held(body, day))


def _held(body: Body, day: datetime) -> list[Seat]:
    held = body.seats.held_on(clock.stockholm(day).date())
    return list(held.select_related("member", "user"))


def _ordinary(held: list[Seat]) -> list[Seat]:
    rank = {SeatFunction.CHAIR: 0, SeatFunction.VICE_CHAIR: 1}
    return sorted(
        (seat for seat in held if not seat.is_substitute),
        key=lambda seat: (rank.get(SeatFunction(seat.function), 2), seat.order, seat.pk),
    )


def _in_order(held: list[Seat]) -> list[Seat]:
    return sorted(
        (seat for seat in held if seat.is_substitute), key=lambda seat: (seat.order, seat.pk)
    )


def presence(
    meeting: Meeting,
    item: AgendaItem | None = None,
    room: Room | None = None,
    *,
    is_corrected: bool = True,
) -> Presence:
    """Who serves in an item: as it was settled, or as things stand now.

    Those with a conflict of interest in the item are taken out, and their stand-ins put in.
    `room` is given by one who has read it already, and so is that nothing of the item has been
    corrected.
    """
    room = room or room_of(meeting)
    seats = room.seats
    recusals = list(item.recusals.select_related("seat")) if item else []
    settled = item is not None and item.state == ItemState.DONE
    found = (
        took_part([item], are_corrected=is_corrected).get(item.pk, [])
        if item and settled
        else _serving(room.attendances, recusals)
    )
    order = {seat.pk: number for number, seat in enumerate(seats)}
    serving: dict[int, Serving] = {}
    for one in found:
        if one.filled.pk in order:
            serving.setdefault(one.filled.pk, one)
    ranked = sorted(serving.values(), key=lambda one: order[one.filled.pk])
    return Presence(tuple(seats), tuple(ranked), tuple(one.seat for one in recusals))


def took_part(
    items: Sequence[AgendaItem], *, are_corrected: bool = True
) -> dict[int, list[Serving]]:
    """Who took part in each settled item, by the item's id: as kept then, as corrected since.

    Two queries; one when the caller has read that nothing was corrected.
    """
    kept = Participation.objects.filter(item__in=items).select_related(*PEOPLE)
    found: dict[int, dict[int, Serving]] = defaultdict(dict)
    for one in kept.order_by("pk"):
        found[one.item_id][one.seat_id] = Serving(one.seat, one.serves_for, one.is_remote)
    if not are_corrected:
        return {item: list(rows.values()) for item, rows in found.items()}
    corrected = ParticipationCorrection.objects.filter(item__in=items).select_related(*PEOPLE)
    for fix in corrected.order_by("pk"):
        if fix.took_part:
            found[fix.item_id][fix.seat_id] = Serving(fix.seat, fix.serves_for, fix.is_remote)
        else:
            found[fix.item_id].pop(fix.seat_id, None)
    return {item: list(rows.values()) for item, rows in found.items()}


def serving_at(meeting: Meeting, moment: datetime, recusals: Sequence[Recusal]) -> list[Serving]:
    """Who served at a moment, as the times of arrival and departure say."""
    then = meeting.attendances.filter(arrived_at__lte=moment)
    then = then.filter(Q(left_at=None) | Q(left_at__gt=moment))
    return _serving(list(then.select_related(*PEOPLE)), recusals)


def _serving(here: Sequence[Attendance], recusals: Sequence[Recusal]) -> list[Serving]:
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


def presiding(meeting: Meeting, found: Presence) -> Seat | None:
    """Who leads an item: the meeting's chair, else a vice chair, else the first who serves."""
    serving = [one.seat for one in found.serving]
    chair = [seat for seat in serving if seat.pk == meeting.chair_id]
    vice = [seat for seat in serving if seat.function == SeatFunction.VICE_CHAIR]
    return next(iter([*chair, *vice, *serving]), None)


def require_quorum(meeting: Meeting, item: AgendaItem) -> Presence:
    """The presence for the item; raises NotQuorate with what is missing."""
    found = presence(meeting, item)
    if not found.is_quorate:
        raise NotQuorate(
            "not_quorate",
            f"{meeting.body.name} är inte beslutsför i ärendet ”{item.title}”: "
            f"{len(found.serving)} av {len(found.seats)} tjänstgör och det krävs {found.needed} "
            "(6 kap. 27 § kommunallagen). Låt en ersättare tjänstgöra, "
            "eller ta upp ärendet igen när fler är på plats.",
        )
    return found


def free_substitutes(meeting: Meeting) -> list[Seat]:
    """The substitutes who serve for nobody now, in their order (FL 12 §)."""
    return room_of(meeting).free


def suggest_substitutes(meeting: Meeting, seat: Seat) -> list[Seat]:
    """Substitutes of the same organisation who may serve, in their order (FL 12 §)."""
    return [one for one in free_substitutes(meeting) if one.member_id == seat.member_id]


def require_turn(
    meeting: Meeting, substitute: Seat, *, taken: Collection[int] = (), absent: Collection[int] = ()
) -> None:
    """Raises MeetingRefusal when another is before in the order decided, is there, and is free.

    `taken` and `absent` are seats that stand in for others, or may not be present, in the item.
    """
    here = set(meeting.attendances.filter(left_at=None).values_list("seat_id", flat=True))
    for one in suggest_substitutes(meeting, substitute):
        if one.pk == substitute.pk:
            return
        if one.pk in here and one.pk not in taken and one.pk not in absent:
            raise MeetingRefusal(
                "out_of_turn",
                f"{one.user.name} står före {substitute.user.name} i den ordning som är bestämd "
                f"och är på plats. Låt {one.user.name} tjänstgöra (12 § lagen om finansiell "
                "samordning).",
            )


def arrive(
    *,
    meeting: Meeting,
    seat: Seat,
    actor: User,
    serves_for: Seat | None = None,
    is_remote: bool = False,
) -> Attendance:
    """Note that somebody came, and for whom a substitute serves; noted twice it is the same.

    When a member comes, the substitute who served for the seat stays on without serving.
    Refuses another organisation's substitute and one whose turn it is not (FL 12 §), a substitute
    for one who is there, and remote presence that the association has not decided on (KL 6:24).
    """
    with transaction.atomic():
        meeting = lock_meeting(meeting)
        require_not_closed(meeting)
        require_may_sit(meeting, seat, serves_for, is_remote)
        here = meeting.attendances.filter(left_at=None)
        same = here.filter(seat=seat, serves_for=serves_for, is_remote=is_remote).first()
        if same is not None:
            return same
        if serves_for is not None and here.filter(seat=serves_for).exists():
            raise MeetingRefusal(
                "member_present",
                f"{serves_for.user.name} är själv på plats, så ingen ersättare tjänstgör i "
                "stället. Anteckna jäv i ärendet om det är därför.",
            )
        if serves_for is not None:
            require_turn(meeting, seat)
        moment = clock.now()
        _end(meeting, seat, moment)
        _relieve(meeting, serves_for or seat, moment)
        attendance = Attendance.objects.create(
            meeting=meeting,
            seat=seat,
            serves_for=serves_for,
            is_remote=is_remote,
            arrived_at=moment,
        )
        record_event(
            association=meeting.association,
            actor=actor,
            action="attendance_arrived",
            obj=attendance,
            case=meeting.case,
            payload={
                "seat": seat.pk,
                "serves_for": serves_for.pk if serves_for else None,
                "remote": is_remote,
                "at": moment.isoformat(),
            },
        )
    return attendance


class Mark(NamedTuple):
    """How one ordinary seat is filled at the roll call: by whom, or by nobody."""

    seat: Seat
    by: Seat | None
    is_remote: bool = False


def call_the_roll(*, meeting: Meeting, marks: Sequence[Mark], actor: User) -> None:
    """Note at once how each seat is filled; what is noted already stays as it is.

    All or nothing: when one of them is refused, none is noted. Raises what `arrive` raises.
    """
    with transaction.atomic():
        lock_meeting(meeting)
        for mark in marks:
            if mark.by is None:
                leave(meeting=meeting, seat=mark.seat, actor=actor)
                _dismiss(meeting, mark.seat, actor)
            elif mark.by.pk == mark.seat.pk:
                arrive(meeting=meeting, seat=mark.seat, is_remote=mark.is_remote, actor=actor)
            else:
                leave(meeting=meeting, seat=mark.seat, actor=actor)
                _dismiss(meeting, mark.seat, actor, but=mark.by)
                arrive(
                    meeting=meeting,
                    seat=mark.by,
                    serves_for=mark.seat,
                    is_remote=mark.is_remote,
                    actor=actor,
                )


def _dismiss(meeting: Meeting, seat: Seat, actor: User, but: Seat | None = None) -> None:
    """Whoever else filled the seat stays in the room, but serves no longer."""
    serving = meeting.attendances.filter(serves_for=seat, left_at=None).select_related("seat__user")
    for one in serving:
        if but is None or one.seat_id != but.pk:
            arrive(meeting=meeting, seat=one.seat, is_remote=one.is_remote, actor=actor)


def leave(*, meeting: Meeting, seat: Seat, actor: User) -> None:
    """Note that somebody left; nothing happens when the person was not there."""
    with transaction.atomic():
        meeting = lock_meeting(meeting)
        require_not_closed(meeting)
        moment = clock.now()
        if _end(meeting, seat, moment):
            record_event(
                association=meeting.association,
                actor=actor,
                action="attendance_left",
                obj=seat,
                case=meeting.case,
                payload={"meeting": meeting.pk, "at": moment.isoformat()},
            )


def require_not_closed(meeting: Meeting) -> None:
    """Raises MeetingRefusal when the meeting has ended, or was never held."""
    if meeting.state == MeetingState.CANCELLED:
        raise MeetingRefusal("meeting_cancelled", "Mötet är inställt, så ingen är närvarande.")
    if meeting.state == MeetingState.CLOSED:
        raise MeetingRefusal(
            "meeting_closed",
            "Mötet är avslutat, så närvaron kan inte ändras. Skriv en rättelse som en ny paragraf.",
        )


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


def _end(meeting: Meeting, seat: Seat, moment: datetime) -> int:
    return meeting.attendances.filter(seat=seat, left_at=None).update(left_at=moment)


def _relieve(meeting: Meeting, seat: Seat, moment: datetime) -> None:
    """The substitute who filled the seat stays in the room, but serves no longer."""
    for served in meeting.attendances.filter(serves_for=seat, left_at=None):
        served.left_at = moment
        served.save(update_fields=["left_at"])
        Attendance.objects.create(
            meeting=meeting, seat=served.seat, is_remote=served.is_remote, arrived_at=moment
        )
