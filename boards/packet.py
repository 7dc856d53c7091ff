"""The decision packet: what goes into it, its versions, and what changed between them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max

from applications.freezing import latest_received
from applications.models import Application, ApplicationVersion
from applications.sending import application_key
from boards.consultation import statements_document
from boards.dispatch import missing_memos, packet_key
from boards.document_sources import notice_source
from boards.effort_memos import effort_items, effort_memo_documents, promise_effort_memos
from boards.errors import MeetingRefusal
from boards.figures import note_packet, require_meeting_current
from boards.models import AgendaItem, DecisionMemo, Meeting, MeetingPacket, MeetingState
from boards.packet_changes import packet_changes, sentence
from boards.packet_extracts import promise_delta
from boards.queries import final_memo
from finsam import clock
from finsam.documents.documents import promise_document
from finsam.documents.models import DocumentSeries
from finsam.people.models import User
from finsam.registry.canonical import digest
from finsam.registry.events import record_event
from finsam.typography import date_long


def make_packet(*, meeting: Meeting, actor: User) -> MeetingPacket:
    """Promise the packet with everything as it stands now; a new version when anything changed.

    Refused, naming them, while items lack their memo. The same content gives the same version.
    From the second version on it tells what has changed since the one that was last sent, and a
    file of its own with only what is new is promised beside it.
    """
    with transaction.atomic():
        meeting = (
            Meeting.objects.select_for_update(of=("self",))
            .select_related("association", "body", "case", "secretary")
            .get(pk=meeting.pk)
        )
        _require_makeable(meeting)
        promise_effort_memos(effort_items(meeting), actor)
        source = packet_source(meeting)
        latest = meeting.packets.first()
        if latest is not None and digest(latest.source) == digest(source):
            return latest
        version = (meeting.packets.aggregate(last=Max("version"))["last"] or 0) + 1
        since = meeting.packets.exclude(sent_at=None).first() or latest
        changes = packet_changes(since.source, source) if since else []
        sentences = [sentence(change) for change in changes]
        job = promise_document(
            association=meeting.association,
            kind="meeting_packet",
            key=packet_key(meeting),
            title=f"Beslutspaket {meeting.body.name} {source['day']}",
            source={
                **source,
                "version": version,
                "changes": changes,
                "since": since.version if since else 0,
            },
            case=meeting.case,
            requested_by=actor,
        )
        packet = MeetingPacket.objects.create(
            meeting=meeting,
            version=version,
            source=source,
            changes=sentences,
            job=job,
            created_at=clock.now(),
            created_by=actor,
        )
        note_packet(packet)
        record_event(
            association=meeting.association,
            actor=actor,
            action="packet_promised",
            obj=packet,
            case=meeting.case,
            payload={"version": version, "changes": sentences},
        )
        if since is not None:
            promise_delta(packet=packet, since=since, actor=actor)
    return packet


def packet_source(meeting: Meeting) -> dict[str, Any]:
    """Everything that is printed in the packet, item by item, as plain data."""
    items = meeting.items.select_related(
        "application__case",
        "application__round",
        "application__association",
        "termination__application__case",
        "change__application__case",
    )
    return {
        "body": meeting.body.name,
        "day": date_long(clock.stockholm(meeting.starts_at).date()),
        "notice": notice_source(meeting),
        "items": [_item(item) for item in items],
    }


def _item(item: AgendaItem) -> dict[str, Any]:
    base: dict[str, Any] = {
        "pk": item.pk,
        "position": item.position,
        "title": item.title,
        "kind": item.get_kind_display(),
        "background": item.background,
        "proposal": item.proposal,
    }
    if item.effort is not None:
        return {
            **base,
            "register_number": item.effort.registered_case.number,
            "case": item.effort.case_id,
            "documents": effort_memo_documents(item),
        }
    application = item.application
    version = latest_received(application) if application else None
    if application is None or version is None:
        return base
    memo = final_memo(application)
    return {
        **base,
        "register_number": application.case.number if application.case else "",
        "case": application.case_id,
        "documents": [*_documents(application, memo), *statements_document(application)],
        "application": _application(application, version),
        "annexes": version.content.get("annexes", []),
    }


def _documents(application: Application, memo: DecisionMemo | None) -> list[dict[str, Any]]:
    """The item's own documents, each in the version last promised."""
    wanted = [("Ansökan", application_key(application))]
    if memo is not None:
        wanted.insert(0, ("Beslutsunderlag", f"memo:{memo.pk}"))
    found = dict(
        DocumentSeries.objects.filter(key__in=[key for _, key in wanted]).values_list(
            "key", "last_version"
        )
    )
    return [
        {"title": title, "key": key, "version": found[key]} for title, key in wanted if key in found
    ]


def _application(application: Application, version: ApplicationVersion) -> dict[str, Any]:
    return {
        "public_id": str(application.public_id),
        "number": version.number,
        "content_hash": version.content_hash,
        "content": version.content,
    }


def _require_makeable(meeting: Meeting) -> None:
    if meeting.state not in (MeetingState.PLANNED, MeetingState.CALLED):
        raise MeetingRefusal(
            "meeting_begun", "Mötet har börjat eller är avslutat; paketet görs före mötet."
        )
    missing = missing_memos(meeting)
    if missing:
        names = ", ".join(f"”{title}”" for title in missing)
        raise MeetingRefusal("memo_missing", f"Skriv först klart beslutsunderlag för {names}.")
    require_meeting_current(meeting)
