"""A wrongly noted arrival or departure, set right before the meeting ends.

The times are the truth: when they are corrected, who took part in the items settled since follows
from them, and is kept as a correction beside what was written when the item was settled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from boards.attendance import (
    ordinary_seats,
    require_not_closed,
    serving_at,
    took_part,
)
from boards.errors import MeetingRefusal
from boards.locking import lock_meeting
from boards.models import (
    AgendaItem,
    Attendance,
    BodyKind,
    ItemState,
    Meeting,
    ParticipationCorrection,
)
from boards.quorum import Presence, Serving
from boards.sitting import NEED_NO_QUORUM
from finsam import clock
from finsam.people.models import User
from finsam.registry.events import record_event


@dataclass(frozen=True)
class Times:
    """When somebody came and went; still there when `left_at` is None."""

    arrived_at: datetime
    left_at: datetime | None


def correct_times(*, attendance: Attendance, times: Times, actor: User) -> Attendance:
    """Set the right times of one stretch of presence; the same times again change nothing.

    Raises MeetingRefusal when the times do not hold together, when a settled item would then not
    have been quorate (KL 6:27), or when somebody voted or dissented who would not have been there.
    """
    with transaction.atomic():
        meeting = lock_meeting(attendance.meeting)
        require_not_closed(meeting)
        attendance = Attendance.objects.select_related("seat__user").get(pk=attendance.pk)
        before = Times(attendance.arrived_at, attendance.left_at)
        if before == times:
            return attendance
        _require_possible(meeting, attendance, times)
        attendance.arrived_at, attendance.left_at = times.arrived_at, times.left_at
        try:
            with transaction.atomic():
                attendance.save(update_fields=["arrived_at", "left_at"])
        except IntegrityError:
            raise MeetingRefusal(
                "present_elsewhere",
                f"{attendance.seat.user.name} är redan antecknad som närvarande just nu. Ta bort "
                "eller avsluta den andra raden först.",
            ) from None
        _settle_again(meeting, attendance, actor)
        _record(meeting, attendance, actor, "attendance_corrected", before)
    return attendance


def strike_attendance(*, attendance: Attendance, actor: User) -> None:
    """Take away a stretch of presence that never was; the event keeps that it was noted."""
    with transaction.atomic():
        meeting = lock_meeting(attendance.meeting)
        require_not_closed(meeting)
        found = Attendance.objects.select_related("seat__user").filter(pk=attendance.pk).first()
        if found is None:
            return
        _record(meeting, found, actor, "attendance_struck", Times(found.arrived_at, found.left_at))
        found.delete()
        _settle_again(meeting, found, actor)


def _require_possible(meeting: Meeting, attendance: Attendance, times: Times) -> None:
    now = clock.now()
    if times.arrived_at > now or (times.left_at is not None and times.left_at > now):
        raise MeetingRefusal("time_ahead", "Tiden har inte varit än.", "arrived_at")
    if times.left_at is not None and times.left_at < times.arrived_at:
        raise MeetingRefusal("leaves_first", "Avgången ska ligga efter ankomsten.", "left_at")
    for one in meeting.attendances.filter(seat=attendance.seat).exclude(pk=attendance.pk):
        ends_before = times.left_at is not None and times.left_at <= one.arrived_at
        begins_after = one.left_at is not None and one.left_at <= times.arrived_at
        if not ends_before and not begins_after:
            raise MeetingRefusal(
                "overlaps",
                f"{attendance.seat.user.name} är redan antecknad som närvarande under en del av "
                "den tiden.",
            )


def _settle_again(meeting: Meeting, changed: Attendance, actor: User) -> None:
    """Bring who took part in the settled items into line with the corrected times."""
    items = list(
        meeting.items.filter(state=ItemState.DONE).prefetch_related(
            "recusals__seat", "votes__seat", "dissents__seat"
        )
    )
    kept = took_part(items)
    seats = tuple(ordinary_seats(meeting.body, meeting.starts_at))
    ordinary = {seat.pk for seat in seats}
    # Only whom the correction touches; others were noted as they were.
    touched = {pk for pk in (changed.seat_id, changed.serves_for_id) if pk is not None}
    for item in items:
        before = {one.seat.pk: one for one in kept.get(item.pk, [])}
        then = serving_at(meeting, item.finished_at or clock.now(), list(item.recusals.all()))
        after = {pk: one for pk, one in before.items() if pk not in touched}
        after |= {
            one.seat.pk: one for one in then if one.seat.pk in touched and one.filled.pk in ordinary
        }
        if after != before:
            _require_still_valid(meeting, item, Presence(seats, tuple(after.values()), ()))
            for pk in touched:
                _correct(item, before.get(pk), after.get(pk), actor)


def _correct(item: AgendaItem, before: Serving | None, after: Serving | None, actor: User) -> None:
    one = after or before
    if one is None or before == after:
        return
    ParticipationCorrection.objects.create(
        item=item,
        seat=one.seat,
        took_part=after is not None,
        serves_for=one.serves_for,
        is_remote=one.is_remote,
        corrected_at=clock.now(),
        corrected_by=actor,
    )


def _require_still_valid(meeting: Meeting, item: AgendaItem, found: Presence) -> None:
    acted = [vote.seat for vote in item.votes.all()] + [one.seat for one in item.dissents.all()]
    if not all(found.serves(seat) for seat in acted):
        raise MeetingRefusal(
            "has_acted",
            f"Den som rättelsen gäller har röstat eller reserverat sig i ”{item.title}”. Rätta "
            "det ärendet först.",
        )
    if len({one.filled.pk for one in found.serving}) < len(found.serving):
        raise MeetingRefusal(
            "seat_filled_twice",
            f"Då satt två på samma plats i ”{item.title}”. Rätta ersättarens tider först.",
        )
    decides = meeting.body.kind == BodyKind.BOARD and item.kind not in NEED_NO_QUORUM
    if decides and not found.is_quorate:
        raise MeetingRefusal(
            "would_not_be_quorate",
            f"Med den rättelsen var {meeting.body.name} inte beslutsför i ”{item.title}” "
            "(6 kap. 27 § kommunallagen). Rätta det ärendet först, och ta upp det igen.",
        )


def _record(
    meeting: Meeting, attendance: Attendance, actor: User, action: str, before: Times
) -> None:
    record_event(
        association=meeting.association,
        actor=actor,
        action=action,
        obj=attendance,
        case=meeting.case,
        payload={
            "seat": attendance.seat_id,
            "was": [_iso(before.arrived_at), _iso(before.left_at)],
            "is": [_iso(attendance.arrived_at), _iso(attendance.left_at)],
        },
    )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
