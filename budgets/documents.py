"""What is attested or filed of a budget as documents: the payment request, the revised budget."""

from __future__ import annotations

from typing import Any

from budgets.models import PaymentRequest
from budgets.payment_lines import frozen_claim
from finsam.associations.models import Association
from finsam.documents.documents import Rendered, document_kind, readable_by, render_document
from finsam.documents.models import Document
from finsam.people.access import Visitor
from finsam.typography import number, with_ore

COLUMNS = (
    ("Budgetpost", 36),
    ("Budget", None),
    ("Tidigare", None),
    ("Perioden", None),
    ("Totalt", None),
    ("Kvar", None),
)
REVISED_COLUMNS = (("Budgetpost", 52), ("I ansökan", None), ("Av det beviljade", None))


@document_kind("payment_request", label="Rekvisition")
def build_request(source: dict[str, Any], _association: Association) -> Rendered:
    return Rendered(
        pdf=render_document("documents/payment_request.html", {**source, **_laid(source)})
    )


@readable_by("payment_request")
def request_readers(visitor: Visitor, document: Document) -> bool:
    """The member that claims, and the auditor; the office always may."""
    found = PaymentRequest.objects.visible_to(visitor)
    return bool(found.filter(public_id=document.key.partition(":")[2]).exists())


@document_kind("revised_budget", label="Reviderad budget")
def build_revised(source: dict[str, Any], _association: Association) -> Rendered:
    rows = source["rows"]
    table = {
        "columns": _columns(REVISED_COLUMNS),
        "rows": [[row["label"], number(row["cost"]), number(row["amount"])] for row in rows],
        "total": [
            "Summa",
            number(source["cost"]),
            number(sum(row["amount"] for row in rows)),
        ],
        "facts": [("Insats", source["grant"]), ("Ram", source["frame"])],
        "signatures": [
            {"role": role, "name": source[f"{act}_by"], "at": source[f"{act}_at"], "method": method}
            for act, role, method in (
                ("filed", "För parterna", "Inlämnad i portalen"),
                ("approved", "För förbundet", "Godkänd i portalen"),
            )
            if source[f"{act}_by"]
        ],
    }
    return Rendered(pdf=render_document("documents/revised_budget.html", {**source, **table}))


def _columns(columns: tuple[tuple[str, int | None], ...]) -> list[dict[str, Any]]:
    return [{"text": text, "numeric": width is None, "width": width} for text, width in columns]


def _laid(source: dict[str, Any]) -> dict[str, Any]:
    """The tables of the document, from its frozen content."""
    content = source["content"]
    claim = frozen_claim(content)
    names = ("budget", "before", "now", "in_all", "left")
    account = f"{content['member']}, {content['account']}"
    extract = content["extract"]
    return {
        "columns": _columns(COLUMNS),
        "rows": [
            [row.label, *(with_ore(getattr(row, name)) for name in names)] for row in claim.rows
        ],
        "total": ["Summa", *(with_ore(getattr(claim, name)) for name in names)],
        "facts": [
            ("Insats", content["grant"]),
            ("Beviljat bidrag", f"{with_ore(content['granted'] * 100)} kr"),
            ("Ram", content["frame"]),
            ("Period", content["period"]),
            ("Mottagare", account),
            ("Organisationsnummer", content["organisation_number"]),
            ("Varav personal", f"{with_ore(claim.staff_now)} kr"),
            ("Utdrag ur redovisningen", extract["name"] if extract else ""),
            ("Utdragets kontrollsumma", extract["sha256"] if extract else ""),
        ],
        "signatures": [
            {
                "role": source["attested_title"] or "Behörig attestant",
                "name": source["attested_by"],
                "organisation": content["member"],
                "at": source["attested_at"],
                "method": "Attesterat elektroniskt",
            }
        ],
    }
