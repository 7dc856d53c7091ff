"""Turning Office files into PDF with LibreOffice, shut in without network; where it is at hand."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from finsam.documents.caged import run_caged

SECONDS, MEGABYTES = 90, 4_000
_TAGGED = {
    "UseTaggedPDF": {"type": "boolean", "value": "true"},
    "SelectPdfVersion": {"type": "long", "value": "3"},
    "PDFUACompliance": {"type": "boolean", "value": "true"},
    "EmbedStandardFonts": {"type": "boolean", "value": "true"},
}
_WRITERS = {
    # No workbooks: their columns fall apart over pages, so they are better read as files.
    **dict.fromkeys(("docx", "doc", "odt", "rtf"), "writer_pdf_Export"),
    **dict.fromkeys(("pptx", "ppt", "odp"), "impress_pdf_Export"),
}


def pdf_of_office_file(data: bytes, kind: str) -> bytes | None:
    """The file as PDF, or None when it cannot be made here: no program, no cage, or a fault.

    Without network, links and pictures in the file reach nobody; where LibreOffice cannot be
    shut in it is not run at all.
    """
    if kind not in _WRITERS:
        return None
    with tempfile.TemporaryDirectory(prefix="finsam-office-") as place:
        folder = Path(place)
        (folder / f"bilaga.{kind}").write_bytes(data)
        options = f"pdf:{_WRITERS[kind]}:{json.dumps(_TAGGED, separators=(',', ':'))}"
        arguments = [
            f"-env:UserInstallation=file://{folder}/profile",
            *("--headless", "--norestore", "--nolockcheck", "--convert-to", options),
            *("--outdir", str(folder), f"bilaga.{kind}"),
        ]
        run_caged("soffice", arguments, folder=folder, seconds=SECONDS, megabytes=MEGABYTES)
        made = folder / "bilaga.pdf"
        return made.read_bytes() if made.exists() else None
