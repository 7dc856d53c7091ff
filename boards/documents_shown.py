"""Which documents of a meeting a visitor is shown, and how far those in the making are."""

from __future__ import annotations

from typing import Any

from boards.dispatch import packet_key
from boards.models import Meeting
from finsam.documents.documents import document_for, job_for, may_read
from finsam.documents.models import Document
from finsam.jobs.models import Job
from finsam.people.access import Visitor


def shown(visitor: Visitor, key: str, *, version: int | None = None) -> Document | None:
    """A document (in its latest version), if it is made and the visitor may read it."""
    found = document_for(key, version=version)
    return found if found and may_read(visitor, found) else None


def shown_of(visitor: Visitor, keys: list[str]) -> dict[str, Document]:
    """The same for many keys at once: the latest version of each, by its key."""
    found = Document.objects.with_files().select_related("job").filter(key__in=keys)
    latest = {one.key: one for one in found.order_by("key", "version")}
    return {key: one for key, one in latest.items() if may_read(visitor, one)}


def meeting_documents(meeting: Meeting, visitor: Visitor) -> dict[str, Any]:
    """The notice, the packet with its state, and the minutes."""
    packets = meeting.packets.select_related("job")
    packet = packets.first() if visitor.is_office else packets.exclude(sent_at=None).first()
    job: Job | None = packet.job if packet else None
    return {
        "notice": shown(visitor, f"notice:{meeting.pk}"),
        "notice_job": job_for(f"notice:{meeting.pk}"),
        "packet": packet,
        "packet_job": job,
        "packet_document": shown(visitor, packet_key(meeting), version=packet.version)
        if packet
        else None,
        "minutes_document": shown(
            visitor, f"minutes:{getattr(meeting, 'minutes', None) and meeting.minutes.pk}"
        ),
    }
