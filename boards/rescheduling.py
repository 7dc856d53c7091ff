"""A meeting that is moved or cancelled: those invited are told, and their calendars follow."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from boards.delegation import collect_delegated
from boards.dispatch import meeting_calendar, meeting_path, tell_invited
from boards.errors import MeetingRefusal
from boards.locking import lock_meeting
from boards.models import Meeting, MeetingMode, MeetingState
from finsam import clock
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.typography import date_long, moment_long

NOT_BEGUN = (MeetingState.PLANNED, MeetingState.CALLED)


def change_meeting(
    *,
    meeting: Meeting,
    starts_at: datetime,
    ends_at: datetime | None,
    place: str,
    mode: MeetingMode,
    is_public: bool,
    actor: User,
) -> Meeting:
    """Change time, place or form of a meeting that has not begun.

    When it has been called, everyone invited gets a mail whose calendar file moves the meeting
    they already have. The same again changes nothing. Raises MeetingRefusal.
    """
    with transaction.atomic():
        meeting = lock_meeting(meeting)
        wanted = {
            "starts_at": starts_at,
            "ends_at": ends_at,
            "place": place.strip(),
            "mode": mode,
            "is_public": is_public,
        }
        before = {field: getattr(meeting, field) for field in wanted}
        if before == wanted:
            return meeting
        _require_not_begun(meeting, "ändras")
        if starts_at <= clock.now():
            raise MeetingRefusal("in_the_past", "Välj en tid som inte har passerat.", "starts_at")
        was = moment_long(meeting.starts_at)
        for field, value in wanted.items():
            setattr(meeting, field, value)
        meeting.revision += 1
        meeting.save(update_fields=[*wanted, "revision"])
        _record(meeting, actor, "meeting_moved", starts_at=starts_at.isoformat(), place=place)
        if meeting.state == MeetingState.CALLED:
            tell_invited(
                meeting,
                event_key=f"meeting-changed-{meeting.pk}-{meeting.revision}",
                subject=f"Ändrat möte: {meeting.body.name} {date_long(meeting.starts_at)}",
                template="mail/meeting_changed.txt",
                context={"was": was},
                calendar=meeting_calendar(meeting),
            )
    return meeting


def cancel_meeting(*, meeting: Meeting, reason: str, actor: User) -> Meeting:
    """Cancel a meeting that has not begun; its applications wait for the next one.

    Those called get a mail that takes the meeting out of their calendars. Cancelled twice it is
    once. Raises MeetingRefusal when it has begun (then it is adjourned or closed), or without a
    reason.
    """
    with transaction.atomic():
        meeting = lock_meeting(meeting)
        if meeting.state == MeetingState.CANCELLED:
            return meeting
        _require_not_begun(meeting, "ställas in")
        if not reason.strip():
            raise MeetingRefusal("reason_missing", "Skriv varför mötet ställs in.", "reason")
        was_called = meeting.state == MeetingState.CALLED
        meeting.state, meeting.cancelled_at = MeetingState.CANCELLED, clock.now()
        meeting.cancel_reason = reason.strip()[:400]
        meeting.revision += 1
        meeting.save(update_fields=["state", "cancelled_at", "cancel_reason", "revision"])
        _record(meeting, actor, "meeting_cancelled", reason=meeting.cancel_reason)
        if was_called:
            tell_invited(
                meeting,
                event_key=f"meeting-cancelled-{meeting.pk}",
                subject=f"Inställt möte: {meeting.body.name} {date_long(meeting.starts_at)}",
                template="mail/meeting_cancelled.txt",
                context={"reason": meeting.cancel_reason, "path": meeting_path(meeting)},
                calendar=meeting_calendar(meeting, cancelled=True),
            )
    collect_delegated(association=meeting.association, actor=actor)
    return meeting


def _require_not_begun(meeting: Meeting, what: str) -> None:
    if meeting.state not in NOT_BEGUN:
        raise MeetingRefusal(
            "has_begun",
            f"Mötet har läget ”{meeting.get_state_display()}” och kan inte {what}. Ett möte som "
            "pågår ajourneras eller avslutas.",
        )


def _record(meeting: Meeting, actor: User, action: str, **payload: object) -> None:
    record_event(
        association=meeting.association,
        actor=actor,
        action=action,
        obj=meeting,
        case=meeting.case,
        payload=payload,
    )
