"""Turning Office files into PDF with LibreOffice, shut in without network; where it is at hand."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

SECONDS = 90
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

    The program runs in a network of its own that leads nowhere, so that links and pictures in
    the file reach nobody; without such a cage it is not run at all.
    """
    cage = _cage()
    if kind not in _WRITERS or cage is None:
        return None
    with tempfile.TemporaryDirectory(prefix="finsam-office-") as folder:
        source = Path(folder) / f"bilaga.{kind}"
        source.write_bytes(data)
        options = f"pdf:{_WRITERS[kind]}:{json.dumps(_TAGGED, separators=(',', ':'))}"
        command = [
            *cage,
            f"-env:UserInstallation=file://{folder}/profile",
            *("--headless", "--norestore", "--nolockcheck", "--convert-to", options),
            *("--outdir", folder, str(source)),
        ]
        environment = {"HOME": folder, "PATH": os.defpath, "LANG": "sv_SE.UTF-8", "TMPDIR": folder}
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program, the file's name is ours
                command, capture_output=True, timeout=SECONDS, check=False, env=environment
            )
        except subprocess.TimeoutExpired:
            log.warning("office_file_timeout", kind=kind, size=len(data))
            return None
        made = source.with_suffix(".pdf")
        if not made.exists():
            log.warning(
                "office_file_failed", kind=kind, said=done.stderr[-300:].decode(errors="replace")
            )
            return None
        return made.read_bytes()


@lru_cache(maxsize=1)
def _cage() -> list[str] | None:
    """The command that starts LibreOffice without network, or None when there is no such thing."""
    program, unshare = shutil.which("soffice"), shutil.which("unshare")
    if program is None or unshare is None:
        return None
    cage = [unshare, "--net", "--map-root-user", "--kill-child"]
    tried = subprocess.run(  # noqa: S603 - fixed words
        [*cage, "true"], capture_output=True, check=False, timeout=10
    )
    if tried.returncode != 0:
        log.info("office_files_not_converted", reason="no network namespace")
        return None
    return [*cage, program]
