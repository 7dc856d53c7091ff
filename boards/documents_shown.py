"""Which documents of a meeting a visitor is shown, and how far those in the making are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from boards.dispatch import packet_key
from boards.masked_minutes import BOARD_ROLES
from boards.models import Meeting, Minutes
from finsam.documents.documents import document_for, job_for, may_read
from finsam.documents.models import Document
from finsam.jobs.models import Job, JobState
from finsam.people.access import Visitor
from finsam.people.models import RoleKind


@dataclass(frozen=True)
class InMaking:
    """A document that is being made, as told to those who wait to read it."""

    what: str
    job: Job

    @property
    def has_failed(self) -> bool:
        return self.job.state == JobState.FAILED


def shown(visitor: Visitor, key: str, *, version: int | None = None) -> Document | None:
    """A document (in its latest version), if it is made and the visitor may read it."""
    found = document_for(key, version=version)
    return found if found and may_read(visitor, found) else None


def shown_of(
    visitor: Visitor, keys: list[str], versions: Mapping[str, int] | None = None
) -> dict[str, Document]:
    """The same for many keys at once, by key: the latest version of each, or the one named."""
    found = made_of(keys, versions)
    return {key: one for key, one in found.items() if may_read(visitor, one)}


def made_of(keys: list[str], versions: Mapping[str, int] | None = None) -> dict[str, Document]:
    """The same without asking the documents' own rule, for pages behind the very same one."""
    wanted = versions or {}
    found = Document.objects.with_files().select_related("job").filter(key__in=keys)
    return {
        one.key: one
        for one in found.order_by("key", "version")
        if one.version == wanted.get(one.key, one.version)
    }


def _in_making(meeting: Meeting, visitor: Visitor, notice_job: Job | None) -> list[InMaking]:
    """What those who will read it wait for: the notice, and for the board the packet."""
    found = []
    if notice_job and visitor.has(*BOARD_ROLES, RoleKind.COUNCIL):
        found.append(InMaking("Kallelsen", notice_job))
    unsent = [one for one in meeting.packets.all() if one.job and not one.sent_at]
    packet = max(unsent, key=lambda one: one.version, default=None)
    if packet and packet.job.state != JobState.DONE and visitor.has(*BOARD_ROLES):
        found.append(InMaking(f"Beslutspaketet, version {packet.version},", packet.job))
    return found


def meeting_documents(meeting: Meeting, visitor: Visitor) -> dict[str, Any]:
    """The notice, the packet with its state, and the minutes; packets are read with their job."""
    packets = [one for one in meeting.packets.all() if visitor.is_office or one.sent_at]
    packet = max(packets, key=lambda one: one.version, default=None)
    minutes: Minutes | None = getattr(meeting, "minutes", None)
    notice_key, minutes_key = f"notice:{meeting.pk}", f"minutes:{minutes.pk if minutes else 0}"
    versions = {packet_key(meeting): packet.version if packet else 0}
    found = shown_of(visitor, [notice_key, *versions, minutes_key], versions)
    notice = found.get(notice_key)
    notice_job = job_for(notice_key) if notice is None else None
    return {
        "notice": notice,
        "notice_job": notice_job if visitor.is_office else None,
        "in_making": [] if visitor.is_office else _in_making(meeting, visitor, notice_job),
        "packet": packet,
        "packet_job": packet.job if packet else None,
        "packet_document": found.get(packet_key(meeting)),
        "minutes_document": found.get(minutes_key),
    }
