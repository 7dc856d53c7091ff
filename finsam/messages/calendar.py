"""Calendar files (iCalendar, RFC 5545 and 5546) that go with invitations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vText

from finsam import clock


@dataclass(frozen=True)
class Attendee:
    name: str
    email: str


def meeting_invitation(
    *,
    uid: str,
    sequence: int,
    summary: str,
    start: datetime,
    end: datetime,
    location: str,
    organizer: Attendee,
    attendees: Sequence[Attendee],
    description: str = "",
    path: str = "",
    cancelled: bool = False,
) -> bytes:
    """An invitation that a calendar adds, changes or removes as one and the same meeting.

    `uid` names the meeting for ever (the site's host is added); `sequence` grows by one with each
    change of time or place, and with the cancellation.
    """
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    calendar = Calendar()
    calendar.add("prodid", "-//Portalen//Samordningsförbund//SV")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "REQUEST")
    event = Event()
    event.add("uid", f"{uid}@{host}")
    event.add("sequence", sequence)
    event.add("dtstamp", clock.now().astimezone(UTC).replace(microsecond=0))
    event.add("dtstart", start.astimezone(UTC))
    event.add("dtend", end.astimezone(UTC))
    event.add("summary", summary)
    event.add("location", location)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if description:
        event.add("description", description)
    if path:
        event.add("url", f"{settings.SITE_URL}{path}")
    event.add("organizer", _address(organizer))
    for attendee in attendees:
        event.add("attendee", _attendee(attendee))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _address(person: Attendee) -> vCalAddress:
    address = vCalAddress(f"mailto:{person.email}")
    address.params["CN"] = vText(" ".join(person.name.replace('"', "'").split()))
    return address


def _attendee(person: Attendee) -> vCalAddress:
    address = _address(person)
    address.params["ROLE"] = vText("REQ-PARTICIPANT")
    address.params["PARTSTAT"] = vText("NEEDS-ACTION")
    address.params["RSVP"] = vText("TRUE")
    return address
