"""What a visitor is shown of a meeting's packet: all of it, what is new, and each item alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from boards.dispatch import packet_key
from boards.documents_shown import shown
from boards.models import Meeting, MeetingPacket
from boards.packet_extracts import delta_key, has_pages, item_key, without_key
from boards.queries import recused_cases
from finsam.documents.models import Document, DocumentSeries
from finsam.jobs.models import Job
from finsam.people.access import Visitor


@dataclass(frozen=True)
class Extract:
    """A part of the packet: made, in the making, or neither."""

    document: Document | None = None
    job: Job | None = None


@dataclass(frozen=True)
class ItemRow:
    """An item of the packet as a line of the page."""

    item: dict[str, Any]
    extract: Extract
    is_recused: bool
    has_pages: bool


def latest_packet(meeting: Meeting, visitor: Visitor) -> MeetingPacket | None:
    """The last version, sent or not for the office, sent for the board."""
    packets = meeting.packets.select_related("job", "meeting__body", "meeting__association")
    return packets.first() if visitor.is_office else packets.exclude(sent_at=None).first()


def recused_in(packet: MeetingPacket, visitor: Visitor) -> frozenset[int]:
    """The items of the packet in whose cases the visitor has a conflict of interest."""
    items = packet.source["items"]
    cases = recused_cases(visitor, [item["case"] for item in items if item.get("case")])
    return frozenset(item["pk"] for item in items if item.get("case") in cases)


def packet_page(meeting: Meeting, visitor: Visitor) -> dict[str, Any]:
    """Everything that the page of the packet shows; few queries, however many items there are."""
    packet = latest_packet(meeting, visitor)
    if packet is None:
        return {"packet": None}
    recused = recused_in(packet, visitor)
    items = packet.source["items"]
    mine = without_key(packet, recused)
    delta = delta_key(packet)
    extracts = extracts_of(packet, [*(item_key(packet, item["pk"]) for item in items), delta, mine])
    return {
        "packet": packet,
        "rows": [
            ItemRow(
                item,
                extracts.get(item_key(packet, item["pk"]), Extract()),
                item["pk"] in recused,
                has_pages(item),
            )
            for item in items
        ],
        "delta": extracts.get(delta, Extract()),
        "is_recused": bool(recused),
        "without": extracts.get(mine, Extract()),
        "whole": shown(visitor, packet_key(meeting), version=packet.version),
    }


def extracts_of(packet: MeetingPacket, keys: Collection[str]) -> dict[str, Extract]:
    """The extracts of exactly this version of the packet, by their keys."""
    found = (
        DocumentSeries.objects.filter(key__in=keys, last_job__arguments__source__packet=packet.pk)
        .select_related("last_job")
        .defer("last_job__arguments")
        .annotate(made=F("last_job__document"))
    )
    rows = list(found)
    documents = Document.objects.with_files().in_bulk([row.made for row in rows if row.made])
    return {row.key: Extract(documents.get(row.made), row.last_job) for row in rows}
