"""Making the packet of its frozen source: each item's memo, application, budget and annexes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from applications.models import SectionKind
from boards.errors import MeetingRefusal
from boards.packet_changes import document_ids
from budgets.content import BudgetContent
from budgets.context import BudgetContext, Party
from budgets.workbook_write import write_workbook
from finsam.associations.models import Association
from finsam.documents.documents import document_for
from finsam.documents.models import StoredFile
from finsam.documents.packet import (
    PacketChange,
    PacketDocument,
    PacketFile,
    PacketPart,
    assemble_packet,
)
from finsam.documents.seal import without_seal
from finsam.documents.storage import open_file
from finsam.jobs.handlers import NotYet, Report

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
INGRESS = {
    "whole": "Handlingar inför mötet. Läs i den ordning du vill: dagordningen länkar till varje "
    "ärende.",
    "part": "En del av handlingarna inför mötet. Sidhänvisningar som 3:17 är desamma som i hela "
    "paketet.",
}


def build_packet_pdf(source: dict[str, Any], association: Association, report: Report) -> bytes:
    """The packet, or the part of it that the source shows, as one PDF.

    Raises NotYet while a document of an item is still being made: the job is then tried again a
    little later. `report` is told item by item how far it is.
    """
    notice = source["notice"]
    return assemble_packet(
        [_part(item, source, association) for item in source["items"]],
        source=source,
        facts=[("Organ", source["body"]), *((term, value) for term, value in notice["facts"])],
        ingress=INGRESS["part" if "shown" in source else "whole"],
        changes=[
            PacketChange(change["number"], change["title"], change["text"])
            for change in source["changes"]
        ],
        since=source.get("since", 0),
        report=report,
    )


def _part(
    item: Mapping[str, Any], source: Mapping[str, Any], association: Association
) -> PacketPart:
    shown: Mapping[str, Any] | None = source.get("shown")
    notice = source["notice"]
    called: Mapping[str, Any] = next(
        (one for one in notice["items"] if one["position"] == item["position"]), {}
    )
    is_withheld = shown is not None and str(item["pk"]) not in shown
    wanted = shown.get(str(item["pk"])) if shown else None
    return PacketPart(
        number=str(item["position"]),
        title=item["title"],
        kind=item["kind"],
        register_number=item.get("register_number", ""),
        presenter=called.get("presenter", ""),
        background=item["background"],
        intro=called.get("intro", ""),
        clauses=() if is_withheld else called.get("clauses", ()),
        documents=_documents(item, association, wanted),
        files=_budget(item) if wanted is None or _has_new_application(wanted) else [],
        withheld=source["withheld"] if is_withheld else "",
    )


def _documents(
    item: Mapping[str, Any], association: Association, wanted: Collection[str] | None
) -> list[PacketDocument]:
    """All documents of the item; those that are not wanted keep only their place."""
    made = [
        *(_own(row, _marks(item, row)) for row in item.get("documents", ())),
        *(_annex(row, association) for row in item.get("annexes", ())),
    ]
    return [
        replace(document, is_shown=wanted is None or name in wanted)
        for document, name in zip(made, document_ids(item), strict=True)
    ]


def _has_new_application(wanted: Collection[str]) -> bool:
    """Whether the application, whose budget is in the workbook, is among what is new."""
    return any(name.startswith("application:") for name in wanted)


def _own(row: Mapping[str, Any], marks: Sequence[tuple[str, str]]) -> PacketDocument:
    """A document of the portal's own, in the version that the packet was composed of."""
    found = document_for(row["key"], version=row["version"])
    if found is None:
        raise NotYet("document_not_made", f"”{row['title']}” är inte klart än.")
    return PacketDocument(
        row["title"], without_seal(open_file(found.pdf)), is_tagged=True, marks=marks
    )


def _marks(item: Mapping[str, Any], row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The budget is a part of the application and is found by a bookmark of its own."""
    if not row["key"].startswith("application:"):
        return []
    sections = item["application"]["content"]["sections"]
    return [("Budget", one["heading"]) for one in sections if one["kind"] == SectionKind.BUDGET][:1]


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
