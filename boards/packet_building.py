"""Making the packet of its frozen source: each item's memo, application, budget and annexes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boards.errors import MeetingRefusal
from budgets.content import BudgetContent
from budgets.context import BudgetContext, Party
from budgets.workbook_write import write_workbook
from finsam.associations.models import Association
from finsam.documents.documents import document_for
from finsam.documents.models import StoredFile
from finsam.documents.packet import PacketDocument, PacketFile, PacketPart, assemble_packet
from finsam.documents.storage import open_file

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def build_packet_pdf(source: dict[str, Any], association: Association) -> bytes:
    """The packet as one PDF.

    Raises MeetingRefusal while a document of an item is still being made: the job is then tried
    again a little later.
    """
    notice = source["notice"]
    return assemble_packet(
        [_part(item, notice, association) for item in source["items"]],
        source=source,
        facts=[("Organ", source["body"]), *((term, value) for term, value in notice["facts"])],
        ingress="Handlingar inför mötet. Läs i den ordning du vill: dagordningen länkar till varje "
        "ärende.",
        changes=source["changes"],
    )


def _part(
    item: Mapping[str, Any], notice: Mapping[str, Any], association: Association
) -> PacketPart:
    called: Mapping[str, Any] = next(
        (one for one in notice["items"] if one["position"] == item["position"]), {}
    )
    return PacketPart(
        number=str(item["position"]),
        title=item["title"],
        kind=item["kind"],
        register_number=item.get("register_number", ""),
        presenter=called.get("presenter", ""),
        background=item["background"],
        intro=called.get("intro", ""),
        clauses=called.get("clauses", ()),
        documents=[
            *(_own(row) for row in item.get("documents", ())),
            *(_annex(row, association) for row in item.get("annexes", ())),
        ],
        files=_budget(item),
    )


def _own(row: Mapping[str, Any]) -> PacketDocument:
    """A document of the portal's own, in the version that the packet was composed of."""
    found = document_for(row["key"], version=row["version"])
    if found is None:
        raise MeetingRefusal("document_not_made", f"”{row['title']}” är inte klart än.")
    return PacketDocument(row["title"], open_file(found.pdf), is_tagged=True)


def _annex(row: Mapping[str, Any], association: Association) -> PacketDocument:
    stored = StoredFile.objects.filter(association=association, sha256=row["sha256"]).first()
    if stored is None:
        raise MeetingRefusal("annex_missing", f"Bilagan ”{row['title']}” finns inte i lagret.")
    return PacketDocument(
        row["title"], open_file(stored), name=row["name"], origin="bilaga till ansökan"
    )


def _budget(item: Mapping[str, Any]) -> list[PacketFile]:
    """The budget as a workbook, written from the frozen rows."""
    application = item.get("application")
    if not application:
        return []
    content = application["content"]
    context = BudgetContext(
        template=content["programme"]["slug"],
        version=content["template_version"],
        parties=tuple(Party(party["name"], party["kind"]) for party in content["parties"]),
        years=tuple(content["budget"]["years"]),
        application=item.get("register_number", ""),
    )
    rows = BudgetContent.from_json(content["budget"]["rows"])
    name = f"budget-{item['position']}.xlsx"
    return [PacketFile(name, write_workbook(rows, context), XLSX, f"Budget för {item['title']}")]
