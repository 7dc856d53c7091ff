"""Whether rows and files still agree, and whether anything that was promised lies forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.storage import Storage, storages
from django.db.models import F, Q
from django.db.models.functions import Now

from finsam import clock
from finsam.documents.documents import JOB_KIND
from finsam.documents.durable import UNFINISHED
from finsam.documents.external_signing.evidence import evidence_fault
from finsam.documents.models import Document, SigningOrder, SigningState, StoredFile
from finsam.documents.pdf_claims import untrue_claims
from finsam.documents.seal import seal_of
from finsam.documents.storage import fault_of, open_file
from finsam.jobs.models import Job, JobState
from finsam.messages.models import Message

# What is younger may still be under way.
GRACE = timedelta(hours=1)
WRONG = {
    "missing": ("row_without_file", "Filen finns inte i lagret."),
    "wrong_size": ("wrong_content", "Filen har en annan storlek än när den lagrades."),
    "wrong_sum": ("wrong_content", "Filen har ett annat innehåll än när den lagrades."),
}


@dataclass(frozen=True)
class Finding:
    """One thing that does not agree: a code, what it is about, and a sentence."""

    code: str
    object: str
    message: str


def all_findings(*, grace: timedelta = GRACE, claims: bool = False) -> Iterator[Finding]:
    """Everything that does not agree, the kept record first. Reads all files.

    With `claims` each document's PDF is shown to the validator as well, and its seal is read.
    """
    yield from _stored_files()
    yield from _documents()
    yield from _signing_evidence()
    if claims:
        yield from _untrue_claims()
    yield from _files_without_row(clock.now() - grace)
    yield from _stuck_jobs(clock.now() - grace)
    yield from _stuck_mail(clock.now() - grace)


def _stored_files() -> Iterator[Finding]:
    for stored in StoredFile.objects.order_by("pk").iterator(chunk_size=500):
        fault = fault_of(stored)
        if fault:
            code, message = WRONG[fault]
            yield Finding(code, f"fil {stored.pk} {stored.name}", f"{message} ({stored.key})")


def _documents() -> Iterator[Finding]:
    """Documents whose checksum, association or job is not that of what they point at."""
    wrong = (
        ~Q(sha256=F("pdf__sha256"))
        | ~Q(association=F("pdf__association"))
        | ~Q(association=F("series__association"))
        | ~Q(job__state=JobState.DONE)
    )
    for document in Document.objects.filter(wrong).order_by("pk"):
        yield Finding(
            "document_mismatch",
            f"handling {document.shown_id} {document.title}",
            "Handlingens uppgifter stämmer inte med filen, serien eller arbetet som gjorde den.",
        )
    orphans = Job.objects.filter(kind=JOB_KIND, state=JobState.DONE, document=None)
    for job in orphans.order_by("pk"):
        yield Finding(
            "job_without_document", f"arbete {job.pk} {job.key}", "Arbetet är klart utan handling."
        )


def _signing_evidence() -> Iterator[Finding]:
    """Signatures from the signing service whose kept evidence no longer proves them."""
    orders = SigningOrder.objects.filter(state=SigningState.SIGNED)
    for order in orders.select_related("evidence", "user").order_by("pk").iterator(chunk_size=100):
        if order.evidence is None or fault_of(order.evidence):
            continue  # told among the stored files
        against = evidence_fault(order, open_file(order.evidence))
        if against:
            yield Finding(
                "broken_evidence", f"underskrift {order.reference} {order.title}", against
            )


def _untrue_claims() -> Iterator[Finding]:
    for document in Document.objects.with_files().order_by("pk").iterator(chunk_size=100):
        if fault_of(document.pdf):
            continue
        about = f"handling {document.shown_id} {document.title}"
        data = open_file(document.pdf)
        if seal_of(data).state == "changed":
            yield Finding("broken_seal", about, "Handlingens försegling håller inte.")
        against = untrue_claims(data)
        if against:
            yield Finding(
                "untrue_claim", about, f"PDF-filen håller inte vad den säger: {against[0]}"
            )


def _files_without_row(before: datetime) -> Iterator[Finding]:
    storage = storages["default"]
    known = set(StoredFile.objects.values_list("key", flat=True))
    for key in _keys(storage, ""):
        if key not in known and storage.get_modified_time(key) < before:
            yield Finding("file_without_row", key, "Filen finns i lagret men hör inte till något.")


def _keys(storage: Storage, folder: str) -> Iterator[str]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        yield f"{folder}/{name}" if folder else name
    for name in sorted(folders):
        if folder or name != UNFINISHED:
            yield from _keys(storage, f"{folder}/{name}" if folder else name)


def _stuck_jobs(before: datetime) -> Iterator[Finding]:
    """Due for long and taken by nobody, or taken by a worker that fell silent long ago."""
    waiting = Job.objects.due().filter(created_at__lt=before)
    waiting = waiting.filter(Q(not_before=None) | Q(not_before__lt=before))
    for job in waiting.order_by("pk"):
        yield Finding("job_stuck", f"arbete {job.pk} {job.key}", "Arbetet väntar sedan länge.")
    silent = Job.objects.filter(
        state=JobState.RUNNING, leased_until__lt=Now() - timedelta(minutes=10)
    )
    for job in silent.order_by("pk"):
        yield Finding(
            "job_stuck", f"arbete {job.pk} {job.key}", "Arbetet pågår hos en arbetare som tystnat."
        )


def _stuck_mail(before: datetime) -> Iterator[Finding]:
    """Mail that was written and is neither sent nor on its way."""
    on_its_way = Q(job__state__in=[JobState.WAITING, JobState.RUNNING], job__created_at__gte=before)
    later = Q(job__state=JobState.WAITING, job__not_before__gt=before)
    unsent = Message.objects.filter(sent_at=None, created_at__lt=before)
    for message in unsent.exclude(on_its_way).exclude(later).order_by("pk"):
        yield Finding(
            "mail_stuck",
            f"meddelande {message.pk} till {message.address}",
            "Brevet är inte skickat.",
        )
