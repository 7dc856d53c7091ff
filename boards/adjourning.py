"""Breaks in a meeting: adjourned, and taken up again; meanwhile nothing is decided."""

from __future__ import annotations

from django.db import transaction

from boards.errors import MeetingRefusal
from boards.locking import lock_meeting
from boards.models import Adjournment, Meeting, MeetingState
from finsam import clock
from finsam.people.models import User
from finsam.registry.events import record_event


def adjourn(*, meeting: Meeting, actor: User, reason: str = "") -> Meeting:
    """Take a break; adjourned twice it is once. Raises MeetingRefusal unless it is going on."""
    with transaction.atomic():
        meeting = lock_meeting(meeting)
        if meeting.state == MeetingState.ADJOURNED:
            return meeting
        if meeting.state != MeetingState.ONGOING:
            raise MeetingRefusal(
                "not_ongoing",
                "Bara ett möte som pågår kan ajourneras. Mötet har läget "
                f"”{meeting.get_state_display()}”.",
            )
        began = clock.now()
        Adjournment.objects.create(meeting=meeting, began_at=began, reason=reason.strip()[:240])
        _move(meeting, MeetingState.ADJOURNED, actor, "meeting_adjourned", reason=reason.strip())
    return meeting


def resume(*, meeting: Meeting, actor: User) -> Meeting:
    """Go on after a break; resumed twice it is once."""
    with transaction.atomic():
        meeting = lock_meeting(meeting)
        if meeting.state == MeetingState.ONGOING:
            return meeting
        if meeting.state != MeetingState.ADJOURNED:
            raise MeetingRefusal("not_adjourned", "Mötet är inte ajournerat.")
        meeting.adjournments.filter(ended_at=None).update(ended_at=clock.now())
        _move(meeting, MeetingState.ONGOING, actor, "meeting_resumed")
    return meeting


def _move(
    meeting: Meeting, state: MeetingState, actor: User, action: str, **payload: object
) -> None:
    meeting.state = state
    meeting.save(update_fields=["state"])
    record_event(
        association=meeting.association,
        actor=actor,
        action=action,
        obj=meeting,
        case=meeting.case,
        payload=payload,
    )
