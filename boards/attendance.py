"""Who is there, who serves for whom, and whether the body is quorate for an item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from boards.errors import MeetingRefusal, NotQuorate
from boards.models import (
    AgendaItem,
    Attendance,
    Body,
    Guest,
    ItemState,
    Meeting,
    MeetingState,
    Recusal,
    Seat,
    SeatFunction,
)
from finsam import clock
from finsam.people.models import User
from finsam.registry.events import record_event


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


def ordinary_seats(body: Body, day: datetime) -> list[Seat]:
    """The seats that count towards the quorum, chair first."""
    rank = {SeatFunction.CHAIR: 0, SeatFunction.VICE_CHAIR: 1}
    held = body.seats.held_on(clock.stockholm(day).date()).select_related("member", "user")
    found = [seat for seat in held if not seat.is_substitute]
    return sorted(
        found, key=lambda seat: (rank.get(SeatFunction(seat.function), 2), seat.order, seat.pk)
    )


def substitutes(body: Body, day: datetime) -> list[Seat]:
    """The substitutes in the order decided (FL 12 §)."""
    held = body.seats.held_on(clock.stockholm(day).date()).select_related("member", "user")
    return sorted(
        (seat for seat in held if seat.is_substitute), key=lambda seat: (seat.order, seat.pk)
    )


def presence(meeting: Meeting, item: AgendaItem | None = None) -> Presence:
    """Who serves in an item: as it was settled, or as things stand now.

    Those with a conflict of interest in the item are taken out, and their stand-ins put in.
    """
    seats = ordinary_seats(meeting.body, meeting.starts_at)
    recusals = list(item.recusals.select_related("seat")) if item else []
    settled = item is not None and item.state == ItemState.DONE
    found = _took_part(item) if item and settled else _serving_now(meeting, recusals)
    order = {seat.pk: number for number, seat in enumerate(seats)}
    serving: dict[int, Serving] = {}
    for one in found:
        if one.filled.pk in order:
            serving.setdefault(one.filled.pk, one)
    ranked = sorted(serving.values(), key=lambda one: order[one.filled.pk])
    return Presence(tuple(seats), tuple(ranked), tuple(one.seat for one in recusals))


def _took_part(item: AgendaItem) -> list[Serving]:
    rows = item.participations.select_related("seat__member", "seat__user", "serves_for__user")
    return [Serving(one.seat, one.serves_for, one.is_remote) for one in rows]


def _serving_now(meeting: Meeting, recusals: list[Recusal]) -> list[Serving]:
    here = list(
        meeting.attendances.filter(left_at=None).select_related(
            "seat__member", "seat__user", "serves_for__user"
        )
    )
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
    if meeting.chair_id in {seat.pk for seat in serving}:
        return meeting.chair
    vice = [seat for seat in serving if seat.function == SeatFunction.VICE_CHAIR]
    return next(iter([*vice, *serving]), None)


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
    busy = set(
        meeting.attendances.filter(left_at=None, serves_for__isnull=False).values_list(
            "seat_id", flat=True
        )
    )
    return [one for one in substitutes(meeting.body, meeting.starts_at) if one.pk not in busy]


def suggest_substitutes(meeting: Meeting, seat: Seat) -> list[Seat]:
    """Substitutes of the same organisation who may serve, in their order (FL 12 §)."""
    return [one for one in free_substitutes(meeting) if one.member_id == seat.member_id]


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
    Refuses another organisation's substitute (FL 12 §), a substitute for one who is there, and
    remote presence that the association has not decided on (KL 6:24).
    """
    with transaction.atomic():
        meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
        _require_not_closed(meeting)
        _require_may_sit(meeting, seat, serves_for, is_remote)
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


def leave(*, meeting: Meeting, seat: Seat, actor: User) -> None:
    """Note that somebody left; nothing happens when the person was not there."""
    with transaction.atomic():
        meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
        _require_not_closed(meeting)
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


def declare_recusal(
    *,
    item: AgendaItem,
    seat: Seat,
    actor: User,
    reason: str = "",
    served_by: Seat | None = None,
) -> Recusal:
    """Note a conflict of interest in an item; a substitute of the same organisation may step in.

    The person then neither decides nor is present for the item (KL 6:28–32). Declared again in
    the same way nothing happens.
    """
    with transaction.atomic():
        meeting = Meeting.objects.select_for_update().get(pk=item.meeting_id)
        _require_not_closed(meeting)
        _require_open(item)
        if served_by is not None:
            _require_free(meeting, item, served_by, seat)
        wanted = {"reason": reason.strip()[:240], "served_by": served_by}
        earlier = Recusal.objects.filter(item=item, seat=seat, **wanted).first()
        if earlier is not None:
            return earlier
        recusal, created = Recusal.objects.update_or_create(
            item=item, seat=seat, defaults={**wanted, "declared_by": actor}
        )
        record_event(
            association=meeting.association,
            actor=actor,
            action="recusal_declared" if created else "recusal_changed",
            obj=recusal,
            case=item.application.case if item.application else meeting.case,
            payload={
                "item": item.pk,
                "seat": seat.pk,
                "served_by": served_by.pk if served_by else None,
                "reason": recusal.reason,
            },
        )
    return recusal


def _require_open(item: AgendaItem) -> None:
    if AgendaItem.objects.filter(pk=item.pk, state=ItemState.DONE).exists():
        raise MeetingRefusal(
            "item_done",
            "Ärendet är redan avgjort. Jäv måste anmälas innan beslutet fattas; anteckna det "
            "som hänt i protokollet i stället.",
        )


def _require_free(meeting: Meeting, item: AgendaItem, served_by: Seat, seat: Seat) -> None:
    """The stand-in is a substitute of the same organisation who serves for nobody else."""
    _require_may_sit(meeting, served_by, seat, is_remote=False)
    busy = meeting.attendances.filter(left_at=None, seat=served_by, serves_for__isnull=False)
    taken = item.recusals.filter(served_by=served_by).exclude(seat=seat)
    if busy.exclude(serves_for=seat).exists() or taken.exists():
        raise MeetingRefusal(
            "substitute_serves",
            f"{served_by.user.name} tjänstgör redan för någon annan. Välj en annan ersättare.",
        )
    if item.recusals.filter(seat=served_by).exists():
        raise MeetingRefusal("substitute_recused", f"{served_by.user.name} har själv anmält jäv.")


def note_guest(*, meeting: Meeting, name: str, function: str, actor: User) -> Guest:
    """Note somebody else who is present (KL 5:65); the same person twice is one."""
    if not name.strip():
        raise MeetingRefusal("guest_unnamed", "Skriv namnet.", "name")
    with transaction.atomic():
        meeting = Meeting.objects.select_for_update().get(pk=meeting.pk)
        _require_not_closed(meeting)
        guest, created = Guest.objects.get_or_create(
            meeting=meeting, name=name.strip()[:120], function=function.strip()[:160]
        )
        if created:
            _record_guest(meeting, guest, actor, "guest_noted")
    return guest


def remove_guest(*, guest: Guest, actor: User) -> None:
    """Take away somebody who was noted by mistake; the event keeps that it was so."""
    with transaction.atomic():
        meeting = Meeting.objects.select_for_update().get(pk=guest.meeting_id)
        _require_not_closed(meeting)
        _record_guest(meeting, guest, actor, "guest_removed")
        guest.delete()


def _record_guest(meeting: Meeting, guest: Guest, actor: User, action: str) -> None:
    record_event(
        association=meeting.association,
        actor=actor,
        action=action,
        obj=guest,
        case=meeting.case,
        payload={"meeting": meeting.pk, "name": guest.name},
    )


def _require_not_closed(meeting: Meeting) -> None:
    if meeting.state not in (MeetingState.CALLED, MeetingState.ONGOING, MeetingState.PLANNED):
        raise MeetingRefusal(
            "meeting_closed",
            "Mötet är avslutat, så närvaron kan inte ändras. Skriv en rättelse som en ny paragraf.",
        )


def _require_may_sit(
    meeting: Meeting, seat: Seat, serves_for: Seat | None, is_remote: bool
) -> None:
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
