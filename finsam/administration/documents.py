"""The document that says what was disposed of."""

from __future__ import annotations

from typing import Any

from finsam.administration.personal_data.erasing import KIND
from finsam.associations.models import Association
from finsam.documents.documents import Rendered, document_kind, render_document


@document_kind(KIND, label="Gallringsprotokoll")
def build_protocol(source: dict[str, Any], association: Association) -> Rendered:
    return Rendered(render_document("documents/plain.html", source))
