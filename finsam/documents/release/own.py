"""A masked copy of a document of our own, made anew of its frozen source: text stays text."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pikepdf

from finsam.associations.models import Association
from finsam.documents.documents import render_document
from finsam.documents.kinds import kind_of
from finsam.documents.models import Document, StoredFile
from finsam.documents.pdf_claims import written_with_true_claims
from finsam.documents.pdf_merge import Section, join_tagged
from finsam.documents.pdf_text import page_text
from finsam.documents.storage import open_file

IDENTITY = ("short_id", "shown_id", "check_code", "shown_code", "is_preview")


def copy_of_own(
    original: StoredFile, source: dict[str, Any], association: Association
) -> bytes | None:
    """The cover and the document with its masks; None when it must be copied page by page.

    That is so for what came in, for whole pages that are masked, and where the document made anew
    without masks does not say word for word what was issued: its template has changed since.
    """
    document = Document.objects.filter(pdf=original).select_related("job").first()
    if document is None or any(mask["page"] for mask in source["masks"]):
        return None
    try:
        kind = kind_of(document.kind)
    except LookupError:
        return None
    own = dict(document.job.arguments["source"])
    if _words(kind.build(own, association).pdf) != _words(open_file(original)):
        return None
    about = source["document"]
    shown = {**own["document"], **{name: about[name] for name in IDENTITY}}
    shown["kind_label"] = about["kind_label"]
    masked = kind.build({**own, "document": shown, "masks": source["masks"]}, association).pdf
    cover = render_document("documents/released_copy.html", {**source, "masks": []})
    with join_tagged([Section("Om kopian", cover), Section("Kopian", masked)]) as pdf:
        return written_with_true_claims(
            pdf,
            title=about["title"],
            language="sv",
            author=source["association"]["name"],
            created=datetime.fromisoformat(about["made_at"]),
        )


def _words(data: bytes) -> list[str]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [page_text(page) for page in pdf.pages]
