"""Five kinds of document that only tests make, as different as those of the portal."""

from __future__ import annotations

from typing import Any

from finsam.associations.models import Association
from finsam.documents.documents import Rendered, document_kind, readable_by, render_document
from finsam.documents.models import Document
from finsam.people.access import Visitor
from finsam.people.models import RoleKind

KINDS = ("test_memo", "test_minutes", "test_letter", "test_receipt", "test_application")


@document_kind("test_memo", label="Beslutsunderlag")
@document_kind("test_letter", label="Beslutsbrev")
@document_kind("test_receipt", label="Kvitto")
def as_pdf(source: dict[str, Any], association: Association) -> Rendered:
    return Rendered(pdf=render_document("documents/plain.html", source))


@document_kind("test_minutes", label="Protokoll")
@document_kind("test_application", label="Ansökan")
def as_pdf_and_word(source: dict[str, Any], association: Association) -> Rendered:
    pdf = render_document("documents/plain.html", source)
    return Rendered(pdf=pdf, docx=b"PK" + source["document"]["title"].encode())


@readable_by("test_memo")
def board_reads(visitor: Visitor, document: Document) -> bool:
    return visitor.has(RoleKind.BOARD)


@readable_by("test_letter")
def all_read(visitor: Visitor, document: Document) -> bool:
    return True


SOURCE: dict[str, Any] = {
    "to": "styrelsen 25 september 2023",
    "ingress": "Karlshamns kommun söker 1 950 000 kronor.",
    "facts": [("Sökande", "Karlshamns kommun"), ("Parter", ["Region Blekinge", "Kommunen"])],
    "sections": [
        {
            "heading": "1 Förslag till beslut",
            "intro": "Styrelsen föreslås besluta",
            "clauses": ["bevilja 1 850 000 kronor", "uppdra åt förbundschefen"],
        },
        {
            "heading": "2 Ekonomi",
            "text": "Enligt § 7 ryms 9 000 000 kr.\n\n- En post\n- En till",
            "table": {
                "caption": "Ramen, kronor",
                "columns": [{"text": "Post"}, {"text": "Belopp", "numeric": True}],
                "rows": [["Ram", 9_000_000], ["Beviljat", 1_850_000]],
                "total": ["Kvar", 7_150_000],
            },
        },
    ],
    "signatures": [{"name": "Anna Exempelsson", "role": "Ordförande"}],
}
