"""The proof of an external signature as a document of the case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from finsam.associations.models import Association
from finsam.documents.archive_content import CaseFile, provide_case_files
from finsam.documents.documents import Rendered, document_kind, promise_document, render_document
from finsam.documents.kinds import readable_by
from finsam.documents.models import Document, SigningOrder
from finsam.jobs.models import Job
from finsam.people.access import Visitor
from finsam.people.models import RoleKind
from finsam.registry.models import Case

KIND = "signing_evidence"


@document_kind(KIND, label="Underskriftsbevis")
def build_evidence(source: dict[str, Any], association: Association) -> Rendered:
    return Rendered(render_document("documents/signing_evidence.html", source))


@readable_by(KIND)
def _evidence_rule(visitor: Visitor, document: Document) -> bool:
    return visitor.has(RoleKind.AUDITOR)


@provide_case_files
def files_of_orders(case: Case) -> Iterator[CaseFile]:
    """The evidence of orders in the case, as the service sealed it."""
    orders = SigningOrder.objects.filter(case=case, evidence__isnull=False)
    for order in orders.select_related("evidence").order_by("pk"):
        if order.evidence is not None:
            yield CaseFile(f"Underskriftstjänstens bevis: {order.title}", order.evidence)


def evidence_key(order: SigningOrder) -> str:
    return f"{KIND}:{order.pk}"


def promise_evidence(order: SigningOrder, case: Case) -> Job:
    """Promise the document that tells what was proved, and the checksum of the kept evidence."""
    if order.evidence is None:
        raise ValueError("Only a signed order has evidence.")
    return promise_document(
        association=order.association,
        kind=KIND,
        key=evidence_key(order),
        title=f"Underskriftsbevis: {order.title}"[:250],
        source={
            "what": order.title,
            "content_hash": order.content_hash,
            "asked": order.user.get_full_name(),
            "signatory": order.signatory_name,
            "begun_at": order.begun_at.isoformat(),
            "reference": str(order.reference),
            "evidence": {
                "name": order.evidence.name,
                "size": order.evidence.size,
                "sha256": order.evidence.sha256,
            },
        },
        case=case,
        requested_by=order.user,
    )
