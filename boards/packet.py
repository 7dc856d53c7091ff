"""The decision packet: what goes into it, its versions, and what changed between them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max

from applications.freezing import latest_received
from applications.models import Application, ApplicationVersion
from applications.sending import application_key
from boards.dispatch import missing_memos, packet_key
from boards.document_sources import notice_source
from boards.errors import MeetingRefusal
from boards.figures import note_packet, require_meeting_current
from boards.models import AgendaItem, DecisionMemo, Meeting, MeetingPacket, MeetingState
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
    """
    with transaction.atomic():
        meeting = (
            Meeting.objects.select_for_update(of=("self",))
            .select_related("association", "body", "case", "secretary")
            .get(pk=meeting.pk)
        )
        _require_makeable(meeting)
        source = packet_source(meeting)
        latest = meeting.packets.first()
        if latest is not None and digest(latest.source) == digest(source):
            return latest
        version = (meeting.packets.aggregate(last=Max("version"))["last"] or 0) + 1
        changes = packet_changes(latest.source, source) if latest else []
        job = promise_document(
            association=meeting.association,
            kind="meeting_packet",
            key=packet_key(meeting),
            title=f"Beslutspaket {meeting.body.name} {source['day']}",
            source={**source, "version": version, "changes": changes},
            case=meeting.case,
            requested_by=actor,
        )
        packet = MeetingPacket.objects.create(
            meeting=meeting,
            version=version,
            source=source,
            changes=changes,
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
            payload={"version": version, "changes": changes},
        )
    return packet


def packet_source(meeting: Meeting) -> dict[str, Any]:
    """Everything that is printed in the packet, item by item, as plain data."""
    items = meeting.items.select_related(
        "application__case", "application__round", "application__association"
    )
    return {
        "body": meeting.body.name,
        "day": date_long(clock.stockholm(meeting.starts_at).date()),
        "notice": notice_source(meeting),
        "items": [_item(item) for item in items],
    }


def packet_changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """One sentence for each item that is new, gone or changed."""
    before = {item["pk"]: item for item in old["items"]}
    after = {item["pk"]: item for item in new["items"]}
    sentences = []
    for pk, item in after.items():
        name = f"{item['position']} {item['title']}"
        if pk not in before:
            sentences.append(f"{name}: nytt ärende.")
        elif digest(before[pk]) != digest(item):
            parts = [
                label
                for key, label in (
                    ("documents", "handlingarna"),
                    ("application", "ansökan"),
                    ("annexes", "bilagorna"),
                )
                if before[pk].get(key) != item.get(key)
            ]
            sentences.append(f"{name}: {' och '.join(parts) or 'dagordningen'} har ändrats.")
    sentences.extend(
        f"{item['position']} {item['title']}: ärendet har utgått."
        for pk, item in before.items()
        if pk not in after
    )
    if not sentences and old["notice"] != new["notice"]:
        sentences.append("Kallelsen eller dagordningen har ändrats.")
    return sentences


def _item(item: AgendaItem) -> dict[str, Any]:
    base: dict[str, Any] = {
        "pk": item.pk,
        "position": item.position,
        "title": item.title,
        "kind": item.get_kind_display(),
        "background": item.background,
        "proposal": item.proposal,
    }
    application = item.application
    version = latest_received(application) if application else None
    if application is None or version is None:
        return base
    memo = final_memo(application)
    return {
        **base,
        "register_number": application.case.number if application.case else "",
        "documents": _documents(application, memo),
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
