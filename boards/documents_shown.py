"""Which documents of a meeting a visitor is shown, and how far those in the making are."""

from __future__ import annotations

from typing import Any

from boards.dispatch import packet_key
from boards.models import Meeting
from finsam.documents.documents import document_for, job_for, may_read
from finsam.documents.models import Document
from finsam.jobs.models import Job
from finsam.people.access import Visitor


def shown(visitor: Visitor, key: str) -> Document | None:
    """The latest version of a document, if it is made and the visitor may read it."""
    found = document_for(key)
    return found if found and may_read(visitor, found) else None


def meeting_documents(meeting: Meeting, visitor: Visitor) -> dict[str, Any]:
    """The notice, the packet with its state, and the minutes."""
    packet = meeting.packets.select_related("job").first()
    job: Job | None = packet.job if packet else None
    return {
        "notice": shown(visitor, f"notice:{meeting.pk}"),
        "notice_job": job_for(f"notice:{meeting.pk}"),
        "packet": packet,
        "packet_job": job,
        "packet_document": shown(visitor, packet_key(meeting)),
        "minutes_document": shown(
            visitor, f"minutes:{getattr(meeting, 'minutes', None) and meeting.minutes.pk}"
        ),
    }
