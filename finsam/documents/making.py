"""The background work that makes a promised document of its frozen source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from finsam.documents.documents import JOB_KIND
from finsam.documents.filenames import display_name
from finsam.documents.kinds import Rendered, kind_of
from finsam.documents.models import Document, DocumentSeries
from finsam.documents.pdf import RenderFailed
from finsam.documents.seal import sealed
from finsam.documents.storage import put_bytes, record_file
from finsam.jobs.handlers import Finish, Report, handler
from finsam.jobs.models import Job
from finsam.registry.events import record_event

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ENDINGS = {PDF: ".pdf", DOCX: ".docx"}


@handler(JOB_KIND, title="Handling")
def make_document(job: Job, report: Report) -> Finish:
    """Build and store the files; the last transaction adds the document and its event."""
    report(5, "Skriver handlingen.")
    rendered = _built(job, report)
    report(80, "Sparar handlingen.")
    return _stored(job, rendered)


def _built(job: Job, report: Report) -> Rendered:
    """What the builder makes, telling the part of its progress."""
    build = kind_of(job.arguments["kind"]).build_telling

    def tell(percent: int, text: str) -> None:
        report(5 + percent * 3 // 4, text)

    with retried_when_passing(job):
        return build(dict(job.arguments["source"]), job.association, tell)


@contextmanager
def retried_when_passing(job: Job) -> Iterator[None]:
    """Let a rendering that the machine may have spoilt be tried again while tries are left."""
    try:
        yield
    except RenderFailed as failed:
        if failed.may_pass and job.attempts < job.attempts_allowed:
            raise RuntimeError(failed.code) from failed
        raise


def _stored(job: Job, rendered: Rendered) -> Finish:
    """Put the bytes in place, and give back what writes the rows that point at them."""
    about = job.arguments["source"]["document"]
    name = _file_name(about)
    association = job.association
    pdf = sealed(rendered.pdf, reason=f"Upprättad av {association.name}")
    stored = {PDF: put_bytes(association=association, data=pdf)}
    if rendered.docx is not None:
        stored[DOCX] = put_bytes(association=association, data=rendered.docx)

    def finish() -> None:
        files = {
            content_type: record_file(
                association=association,
                stored=kept,
                name=f"{name}{ENDINGS[content_type]}",
                content_type=content_type,
            )
            for content_type, kept in stored.items()
        }
        _write(job, pdf=files[PDF], docx=files.get(DOCX), sha256=stored[PDF].sha256)

    return finish


def _write(job: Job, **files: Any) -> Document:
    arguments = job.arguments
    about = arguments["source"]["document"]
    series = DocumentSeries.objects.get(pk=arguments["series"])
    document: Document = Document.objects.create(
        association=job.association,
        series=series,
        kind=series.kind,
        key=series.key,
        version=about["version"],
        title=about["title"],
        case_id=arguments["case"],
        record_id=arguments["record"],
        short_id=about["short_id"],
        check_code=about["check_code"],
        created_at=datetime.fromisoformat(about["made_at"]),
        created_by=job.requested_by,
        job=job,
        **files,
    )
    record_event(
        association=job.association,
        actor=job.requested_by,
        action="document_made",
        obj=document,
        case=document.case,
        payload={
            "short_id": document.short_id,
            "kind": document.kind,
            "title": document.title,
            "version": document.version,
            "sha256": document.sha256,
            "number": about["number"],
        },
    )
    return document


def _file_name(about: dict[str, Any]) -> str:
    """SFB 2023-38-7 Beslutsunderlag Hållplatsen (version 2)."""
    parts = [about["number"].replace("/", "-"), about["title"]]
    if about["version"] > 1:
        parts.append(f"(version {about['version']})")
    return display_name(" ".join(filter(None, parts)).replace("/", "-"))[:120]
