"""Sending what a meeting needs: the notice with its calendar file, and the decision packet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from boards.agenda import call_meeting
from boards.document_sources import notice_source
from boards.effort_memo_texts import register_effort_memo
from boards.effort_memos import effort_items
from boards.errors import MeetingRefusal
from boards.figures import note_notice, require_meeting_current, require_packet_current
from boards.models import AgendaItem, DecisionMemo, Meeting, MeetingPacket, Seat
from boards.queries import decision_items, final_memos_of
from finsam import clock
from finsam.documents.documents import document_for, promise_document
from finsam.messages.calendar import Attendee, meeting_invitation
from finsam.messages.mail import send_mail
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.typography import date_long, moment_long

USUAL_LENGTH = timedelta(hours=3)


def invited_seats(meeting: Meeting) -> list[Seat]:
    """Members and substitutes alike: all get the notice and the documents."""
    day = clock.stockholm(meeting.starts_at).date()
    return list(meeting.body.seats.held_on(day).select_related("user", "member"))


def send_notice(*, meeting: Meeting, actor: User) -> Meeting:
    """Call the meeting: promise the notice as a document and the invitations as mails.

    Sent twice it happens once. Project leaders who are to present get their own time.
    """
    with transaction.atomic():
        meeting = call_meeting(meeting=meeting, actor=actor)
        require_meeting_current(meeting)
        note_notice(meeting)
        day = date_long(clock.stockholm(meeting.starts_at).date())
        promise_document(
            association=meeting.association,
            kind="meeting_notice",
            key=f"notice:{meeting.pk}",
            title=f"Kallelse {meeting.body.name} {day}",
            source=notice_source(meeting),
            case=meeting.case,
            requested_by=actor,
        )
        tell_invited(
            meeting,
            event_key=f"notice-{meeting.pk}",
            subject=f"Kallelse: {meeting.body.name} {day}",
            template="mail/meeting_notice.txt",
            calendar=meeting_calendar(meeting),
        )
        _invite_presenters(meeting)
    return meeting


def tell_invited(
    meeting: Meeting,
    *,
    event_key: str,
    subject: str,
    template: str,
    context: Mapping[str, Any] | None = None,
    calendar: bytes | None = None,
) -> None:
    """Promise one mail about the meeting to each member and substitute, once for each event."""
    about = {
        "body": meeting.body.name,
        "when": moment_long(meeting.starts_at),
        "place": meeting.place,
        "path": meeting_path(meeting),
    }
    for seat in invited_seats(meeting):
        send_mail(
            association=meeting.association,
            to=seat.user,
            event_key=event_key,
            subject=subject,
            template=template,
            context={**about, "is_substitute": seat.is_substitute, **(context or {})},
            calendar=calendar,
            case=meeting.case,
        )


def missing_memos(meeting: Meeting) -> list[str]:
    """Titles of items that cannot go into the packet, since they lack their memo."""
    items = decision_items(meeting)
    return without_memo(items, final_memos_of(items))


def without_memo(items: Iterable[AgendaItem], memos: Mapping[int, DecisionMemo]) -> list[str]:
    """The titles of those of the items whose application has no memo in `memos`."""
    return [item.title for item in items if item.application_id not in memos]


def send_packet(*, packet: MeetingPacket, actor: User) -> MeetingPacket:
    """Tell everyone invited that the packet is there; refused while an item lacks its memo."""
    with transaction.atomic():
        packet = (
            MeetingPacket.objects.select_for_update(of=("self",))
            .select_related("meeting__association", "meeting__body", "meeting__case")
            .get(pk=packet.pk)
        )
        if packet.sent_at is not None:
            return packet
        meeting = packet.meeting
        _require_sendable(packet)
        packet.sent_at = clock.now()
        packet.save(update_fields=["sent_at"])
        for item in effort_items(meeting):
            register_effort_memo(item, actor)
        record_event(
            association=meeting.association,
            actor=actor,
            action="packet_sent",
            obj=packet,
            case=meeting.case,
            payload={"version": packet.version},
        )
        tell_invited(
            meeting,
            event_key=f"packet-{packet.pk}",
            subject=f"Handlingar till {meeting.body.name} {date_long(meeting.starts_at)}",
            template="mail/packet.txt",
            context={"version": packet.version, "changes": packet.changes},
        )
    return packet


def _require_sendable(packet: MeetingPacket) -> None:
    missing = missing_memos(packet.meeting)
    if missing:
        names = ", ".join(f"”{title}”" for title in missing)
        raise MeetingRefusal(
            "memo_missing", f"Paketet kan inte skickas: beslutsunderlag saknas för {names}."
        )
    require_packet_current(packet)
    if document_for(packet_key(packet.meeting), version=packet.version) is None:
        raise MeetingRefusal(
            "packet_not_made",
            "Paketet håller på att göras. Vänta tills det är klart och skicka sedan.",
        )


def packet_key(meeting: Meeting) -> str:
    """The document key of a meeting's packet, the same across its versions."""
    return f"packet:{meeting.pk}"


def meeting_path(meeting: Meeting) -> str:
    """Where the meeting's own page is."""
    return f"/{meeting.association.slug}/moten/{meeting.pk}/"


def meeting_calendar(meeting: Meeting, *, cancelled: bool = False) -> bytes:
    """The meeting for people's calendars: added, moved or taken away as one and the same."""
    association = meeting.association
    return meeting_invitation(
        uid=f"meeting-{meeting.pk}",
        sequence=meeting.revision,
        summary=f"{meeting.body.name}, {association.short_name}",
        start=meeting.starts_at,
        end=meeting.ends_at or meeting.starts_at + USUAL_LENGTH,
        location=meeting.place,
        organizer=Attendee(association.name, association.email),
        attendees=[Attendee(seat.user.name, seat.user.email) for seat in invited_seats(meeting)],
        path=meeting_path(meeting),
        cancelled=cancelled,
    )


def _invite_presenters(meeting: Meeting) -> None:
    for item in meeting.items.filter(presents_at__isnull=False, application__isnull=False):
        application = item.application
        if application is None or item.presents_at is None:
            continue
        lead = application.parties.get(is_lead=True)
        if not lead.contact_email:
            continue
        send_mail(
            association=meeting.association,
            to=lead.contact_email,
            event_key=f"presentation-{item.pk}",
            subject=f"Välkommen att presentera {application.title}",
            template="mail/presentation.txt",
            context={
                "title": application.title,
                "body": meeting.body.name,
                "when": moment_long(item.presents_at),
                "place": meeting.place,
                "path": f"/{meeting.association.slug}/ansokan/{application.public_id}/",
            },
            case=application.case,
        )
