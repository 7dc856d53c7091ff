"""Others who are present at a meeting without taking part in decisions (KL 5:65)."""

from __future__ import annotations

from django.db import transaction

from boards.attendance import require_not_closed
from boards.errors import MeetingRefusal
from boards.locking import lock_meeting
from boards.models import Guest, Meeting
from finsam.people.models import User
from finsam.registry.events import record_event


def note_guest(*, meeting: Meeting, name: str, function: str, actor: User) -> Guest:
    """Note somebody else who is present (KL 5:65); the same person twice is one."""
    if not name.strip():
        raise MeetingRefusal("guest_unnamed", "Skriv namnet.", "name")
    with transaction.atomic():
        meeting = lock_meeting(meeting)
        require_not_closed(meeting)
        guest, created = Guest.objects.get_or_create(
            meeting=meeting, name=name.strip()[:120], function=function.strip()[:160]
        )
        if created:
            _record_guest(meeting, guest, actor, "guest_noted")
    return guest


def remove_guest(*, guest: Guest, actor: User) -> None:
    """Take away somebody who was noted by mistake; the event keeps that it was so."""
    with transaction.atomic():
        meeting = lock_meeting(guest.meeting)
        require_not_closed(meeting)
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
