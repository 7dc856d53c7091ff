"""What a PDF says of itself: no more of PDF/UA-1 and PDF/A-3 than the validator confirms."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import pikepdf
import structlog

from finsam.documents.pdf_bytes import describe, written
from finsam.documents.pdf_check import UA, validator_faults

log = structlog.get_logger(__name__)
_claims_ua = re.compile(rb'pdfuaid:part="1"')
_claims_a = re.compile(rb'pdfaid:part="3"\s+pdfaid:conformance="([AUB])"')


@dataclass(frozen=True)
class Claims:
    """Whether a file says that it is PDF/UA-1, and which PDF/A-3 ("A", "U", "B" or none)."""

    ua: bool
    archive: str


def claims_of(data: bytes) -> Claims:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        metadata = pdf.Root.get("/Metadata")
        xmp = metadata.read_bytes() if metadata is not None else b""
    archive = _claims_a.search(xmp)
    return Claims(bool(_claims_ua.search(xmp)), archive.group(1).decode() if archive else "")


def untrue_claims(data: bytes) -> list[str]:
    """What the validator says against the claims of a file; nothing when they hold."""
    claims = claims_of(data)
    faults = validator_faults(data, UA) if claims.ua else []
    if claims.archive:
        faults += validator_faults(data, f"3{claims.archive.lower()}")
    return faults


def written_with_true_claims(
    pdf: pikepdf.Pdf,
    *,
    title: str,
    language: str,
    author: str = "",
    subject: str = "",
    created: datetime | None = None,
) -> bytes:
    """The file's bytes with the highest claims that the validator confirms.

    An annex may hold what no archive format allows, a font that is not in the file for instance;
    then the file says less of itself rather than something untrue.
    """

    def write(archive: str, *, claims_ua: bool) -> bytes:
        describe(
            pdf,
            title=title,
            language=language,
            author=author,
            subject=subject,
            created=created,
            claims_a=archive,
            claims_ua=claims_ua,
        )
        return written(pdf)

    made = write("A", claims_ua=True)
    against_ua, against_a = _against(made)
    if not against_ua and not against_a:
        return made
    log.warning("pdf_claims_less", title=title, ua=against_ua[:3], archive=against_a[:3])
    claims_ua = not against_ua
    for archive in ("A", "U", "B"):
        made = write(archive, claims_ua=claims_ua)
        if not validator_faults(made, f"3{archive.lower()}"):
            return made
    return write("", claims_ua=claims_ua)


def _against(made: bytes) -> tuple[list[str], list[str]]:
    """What the validator says against PDF/UA-1 and PDF/A-3a, on two cores at once."""
    with ThreadPoolExecutor(2) as workers:
        ua, archive = workers.map(lambda profile: validator_faults(made, profile), (UA, "3a"))
    return ua, archive
