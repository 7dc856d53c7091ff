"""A packet that only tests make: three items, each with a document of its own and an annex."""

from __future__ import annotations

from typing import Any

from finsam.associations.models import Association
from finsam.documents.documents import Rendered, render_document
from finsam.documents.kinds import long_document_kind
from finsam.documents.packet import PacketDocument, PacketPart, assemble_packet
from finsam.jobs.handlers import Report
from tests.documents.kinds import SOURCE
from tests.documents.pictures import jpeg

ITEMS = 3


@long_document_kind("test_packet", label="Beslutspaket")
def as_packet(source: dict[str, Any], association: Association, report: Report) -> Rendered:
    own = render_document("documents/plain.html", {**source, **SOURCE})
    annexes = {"jpg": jpeg(400 + source["shade"], 200), "pdf": source["annex"].encode("latin-1")}
    parts = [
        PacketPart(
            str(number), f"Ärende {number}", "Beslut",
            documents=[
                PacketDocument("Beslutsunderlag", own, is_tagged=True),
                *(PacketDocument(f"Bilaga {ending}", data, f"bilaga.{ending}")
                  for ending, data in annexes.items() if data),
            ],
        )
        for number in range(1, ITEMS + 1)
    ]  # fmt: skip
    return Rendered(pdf=assemble_packet(parts, source=source, report=report))
