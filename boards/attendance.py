"""Who comes and who leaves, and who is there for an item: as noted, kept and corrected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from boards.errors import MeetingRefusal
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
)
from boards.quorum import (
    Presence,
    Room,
    Serving,
    chair_first,
    in_their_order,
    presence_of,
    require_enough,
    require_may_sit,
    require_turn,
    who_serves,
)
from finsam import clock
from finsam.people.models import User
from finsam.registry.events import record_event

PEOPLE = ("seat__member", "seat__user", "serves_for__user")


def room_of(meeting: Meeting) -> Room:
    """The room as it is now, in two queries."""
    held = _held(meeting.body, meeting.starts_at)
    here = list(meeting.attendances.filter(left_at=None).select_related(*PEOPLE))
    return Room(chair_first(held), in_their_order(held), here)


def ordinary_seats(body: Body, day: datetime) -> list[Seat]:
    """The seats that count towards the quorum, chair first."""
    return chair_first(_held(body, day))


def substitutes(body: Body, day: datetime) -> list[Seat]:
    """The substitutes in the order decided (FL 12 §)."""
    return in_their_order(_held(body, day))


def _held(body: Body, day: datetime) -> list[Seat]:
    held = body.seats.held_on(clock.stockholm(day).date())
    return list(held.select_related("member", "user"))


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
    recusals = list(item.recusals.select_related("seat")) if item else []
    found = (
        took_part([item], are_corrected=is_corrected).get(item.pk, [])
        if item and item.state == ItemState.DONE
        else who_serves(room.attendances, recusals)
    )
    return presence_of(room.seats, found, recusals)


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
    return who_serves(list(then.select_related(*PEOPLE)), recusals)


def require_quorum(meeting: Meeting, item: AgendaItem) -> Presence:
    """The presence for the item; raises NotQuorate with what is missing."""
    found = presence(meeting, item)
    require_enough(found, body=meeting.body.name, title=item.title)
    return found


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
            require_turn(room_of(meeting), seat, serves_for, ())
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
                arrive(
                    meeting=meeting,
                    seat=mark.by,
                    serves_for=mark.seat,
                    is_remote=mark.is_remote,
                    actor=actor,
                )


def _dismiss(meeting: Meeting, seat: Seat, actor: User) -> None:
    """The substitute who filled the seat stays in the room, but serves for nobody."""
    serving = meeting.attendances.filter(serves_for=seat, left_at=None).select_related("seat__user")
    for one in serving:
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
