"""Parts of a packet as documents of their own: what is new, one item, all but certain items."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from boards.dispatch import packet_key
from boards.errors import MeetingRefusal
from boards.models import MeetingPacket
from boards.packet_changes import new_documents
from finsam.documents.documents import promise_document
from finsam.jobs.models import Job
from finsam.people.models import User

UNCHANGED = "Oförändrat sedan version {version}."
ELSEWHERE = "Finns i hela paketet."
RECUSED = "Du har anmält jäv. Ärendets handlingar lämnas inte ut till dig."


def delta_key(packet: MeetingPacket) -> str:
    """The document key of what is new in a packet."""
    return f"{packet_key(packet.meeting)}:new"


def item_key(packet: MeetingPacket, item: int) -> str:
    """The document key of one item of a packet."""
    return f"{packet_key(packet.meeting)}:item:{item}"


def without_key(packet: MeetingPacket, items: Collection[int]) -> str:
    """The document key of a packet without certain items."""
    return f"{packet_key(packet.meeting)}:without:{'-'.join(map(str, sorted(items)))}"


def promise_delta(*, packet: MeetingPacket, since: MeetingPacket, actor: User) -> Job | None:
    """Promise a file with only what is new since an earlier version; None when no page is new."""
    fresh = new_documents(since.source, packet.source)
    if not fresh:
        return None
    return _promise(
        packet,
        key=delta_key(packet),
        title=f"Nytt sedan version {since.version}",
        shown={str(pk): documents for pk, documents in fresh.items()},
        withheld=UNCHANGED.format(version=since.version),
        since=since.version,
        actor=actor,
    )


def promise_item(*, packet: MeetingPacket, item: int, actor: User) -> Job:
    """Promise one item of a packet as a file of its own; asked for twice it is made once.

    Raises MeetingRefusal for an item that has no pages in the packet.
    """
    found = next((one for one in packet.source["items"] if one["pk"] == item), None)
    if found is None or not has_pages(found):
        raise MeetingRefusal("not_in_packet", "Ärendet har inga handlingar i paketet.")
    return _promise(
        packet,
        key=item_key(packet, item),
        title=f"Ärende {found['position']} {found['title']}",
        shown={str(item): None},
        withheld=ELSEWHERE,
        actor=actor,
    )


def promise_without(*, packet: MeetingPacket, items: Collection[int], actor: User) -> Job:
    """Promise the packet without the items in which somebody has a conflict of interest (jäv)."""
    kept = [one["pk"] for one in packet.source["items"] if one["pk"] not in items]
    return _promise(
        packet,
        key=without_key(packet, items),
        title="Beslutspaket utan ärenden med jäv",
        shown={str(pk): None for pk in kept},
        withheld=RECUSED,
        actor=actor,
    )


def has_pages(item: Mapping[str, Any]) -> bool:
    """Whether an item of a packet is more than a line in the agenda."""
    return bool(item.get("documents") or item.get("annexes") or item["background"])


def cases_of(source: Mapping[str, Any]) -> list[int]:
    """The cases whose documents lie in a packet or an extract of one."""
    shown = source.get("shown")
    return [
        item["case"]
        for item in source["items"]
        if item.get("case") and (shown is None or str(item["pk"]) in shown)
    ]


def _promise(
    packet: MeetingPacket,
    *,
    key: str,
    title: str,
    shown: Mapping[str, list[str] | None],
    withheld: str,
    actor: User,
    since: int = 0,
) -> Job:
    """`shown` names the items whose pages are there, with the documents of each (None: all)."""
    meeting = packet.meeting
    with transaction.atomic():
        return promise_document(
            association=meeting.association,
            kind="packet_extract",
            key=key,
            title=f"{title}, {meeting.body.name} {packet.source['day']}",
            source={
                **packet.source,
                "items": [_bare(item, shown) for item in packet.source["items"]],
                "packet": packet.pk,
                "packet_version": packet.version,
                "changes": [
                    change for change in packet.job.arguments["source"]["changes"] if since
                ],
                "since": since,
                "shown": shown,
                "withheld": withheld,
            },
            case=meeting.case,
            requested_by=actor,
        )


def _bare(item: Mapping[str, Any], shown: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of an item that is kept out only its line in the agenda, also in the frozen source."""
    if str(item["pk"]) in shown:
        return item
    line = ("pk", "position", "title", "kind", "register_number")
    return {**{key: item[key] for key in line if key in item}, "background": "", "proposal": ""}
