"""What belongs to a case when it is archived: documents, files that came in, register data."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pikepdf
from django.db.models import Max

from finsam.documents.annexes import prepare_annex
from finsam.documents.filenames import extension
from finsam.documents.look import logo_key, look_of
from finsam.documents.models import Document, StoredFile
from finsam.documents.pdf_claims import claims_of, written_with_true_claims
from finsam.documents.storage import open_file
from finsam.registry.models import Case

PDF = "application/pdf"


@dataclass(frozen=True)
class CaseFile:
    """A file that came in with a case: what it is, and the stored bytes."""

    title: str
    stored: StoredFile


Provider = Callable[[Case], Iterable[CaseFile]]
_providers: list[Provider] = []


def provide_case_files(provider: Provider) -> Provider:
    """Register who knows files of a case that are no documents of the portal's own."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


@dataclass(frozen=True)
class ArchiveFile:
    """One file of the package: its place there, what it is, and its bytes."""

    path: str
    title: str
    media_type: str
    created: datetime
    data: bytes
    format: str = ""


def archive_files(case: Case) -> Iterator[ArchiveFile]:
    """Every file of a case: originals as they are, and each as PDF/A where it can be one.

    `format` says what a PDF claims of itself, which the validator has confirmed.
    """
    documents = Document.objects.of_case(case).with_files().order_by("created_at", "pk")
    for document in documents:
        name = f"{document.short_id}-v{document.version}"
        data = open_file(document.pdf)
        about = (f"{document.title}, version {document.version}", PDF, document.created_at)
        yield ArchiveFile(f"archival/{name}.pdf", *about, data, format=_format(data))
        if document.docx is not None:
            kept = document.docx
            word = (about[0], kept.content_type, document.created_at)
            yield ArchiveFile(f"original/{name}.docx", *word, open_file(kept))
    for number, file in enumerate(case_files(case), 1):
        yield from _received(case, number, file)


def case_files(case: Case) -> list[CaseFile]:
    """The files that came in, each stored file once, the oldest first."""
    found = {file.stored.pk: file for provider in _providers for file in provider(case)}
    return sorted(found.values(), key=lambda file: (file.stored.created_at, file.stored.pk))


def register_data(case: Case) -> dict[str, Any]:
    """What the register says of a case, its records and its events."""
    return {
        "number": case.number,
        "title": case.title,
        "opened_at": case.opened_at.isoformat(),
        "association": case.association.name,
        "organisation_number": case.association.organisation_number,
        "secrecy_section": case.secrecy_section,
        "records": [
            {
                "number": record.number,
                "direction": record.direction,
                "subject": record.subject,
                "correspondent": record.correspondent,
                "registered_at": record.registered_at.isoformat(),
                "secrecy_section": record.secrecy_section,
            }
            for record in case.records.select_related("case").order_by("sequence")
        ],
        "events": [
            {
                "sequence": event.sequence,
                "at": event.at.isoformat(),
                "action": event.action,
                "actor": event.actor_name,
                "roles": event.actor_roles,
                "hash": event.hash,
            }
            for event in case.events.order_by("sequence")
        ],
    }


def last_changed(case: Case) -> datetime:
    """The moment of the last thing in the case: a package made twice bears the same."""
    latest = case.events.aggregate(latest=Max("at"))["latest"]
    return (latest or case.opened_at).astimezone(UTC)


def _received(case: Case, number: int, file: CaseFile) -> Iterator[ArchiveFile]:
    stored, name = file.stored, f"inkommen-{number:03d}"
    data = open_file(stored)
    ending = extension(stored.name) or "bin"
    created = stored.created_at
    yield ArchiveFile(f"original/{name}.{ending}", file.title, stored.content_type, created, data)
    made = _as_archive_pdf(case, file, data)
    yield ArchiveFile(
        f"archival/{name}.pdf", f"{file.title} (PDF/A)", PDF, created, made, _format(made)
    )


def _as_archive_pdf(case: Case, file: CaseFile, data: bytes) -> bytes:
    """A PDF that can be kept; what cannot be shown on paper gets a page that says so."""
    if data[:5] == b"%PDF-" and _format(data):
        return data
    created = file.stored.created_at
    prepared = prepare_annex(
        data=data,
        name=file.stored.name,
        title=file.title,
        origin=f"inkommen i ärende {case.number}",
        look=look_of(case.association.colour, logo_key(case.association)),
    )
    with pikepdf.open(io.BytesIO(prepared.pdf)) as pdf:
        return written_with_true_claims(pdf, title=file.title, language="sv", created=created)


def _format(data: bytes) -> str:
    try:
        archive = claims_of(data).archive
    except pikepdf.PdfError:
        return ""
    return f"PDF/A-3{archive.lower()}" if archive else ""
