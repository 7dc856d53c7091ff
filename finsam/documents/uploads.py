"""Receiving what people send: judged, checked for virus, kept byte for byte, also when refused."""

from __future__ import annotations

import errno
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from finsam import clock
from finsam.associations.models import Association
from finsam.documents.filenames import display_name
from finsam.documents.guard import PURPOSES, Verdict, inspect
from finsam.documents.guard.purposes import Purpose
from finsam.documents.guard.sentences import refusal
from finsam.documents.models import StoredFile, Upload
from finsam.documents.models.files import UploadState, VirusState
from finsam.documents.storage import StoredBytes, open_file, put_bytes, record_file
from finsam.documents.virus import VirusCheck, check_for_virus
from finsam.errors import DomainError
from finsam.people.models import User
from finsam.registry.events import record_event

MEGABYTE = 1024 * 1024
QUOTA_MEGABYTES = 100
QUOTA_FILES = 30
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Refused(DomainError):
    """A file that was not taken in. `upload` is what was kept of it, if anything was."""

    def __init__(self, code: str, message: str, upload: Upload | None = None) -> None:
        super().__init__(code, message, field="file")
        self.upload = upload


class StorageFull(DomainError):
    """There was no room for the file; nothing of it is kept (the page answers 507)."""

    def __init__(self) -> None:
        super().__init__(
            "storage_full",
            "Filen kunde inte sparas eftersom lagringsutrymmet är slut. Inget annat har gått "
            "förlorat. Försök igen om en stund eller hör av dig till kansliet.",
        )


def receive_upload(
    *, association: Association, file: UploadedFile[Any], purpose: str, actor: User | None
) -> Upload:
    """Take in a file that somebody sent for `purpose` (annex, budget, word), outside transactions.

    The bytes are kept exactly as they came; a refused file stays in quarantine for the office.
    Writes the event `upload_received` or `upload_refused`. Raises Refused with the sentence that
    says what to do (its `upload.reference` is shown in it), StorageFull when the disk is full.
    A file over the size limit is turned away unread and leaves no trace.
    """
    data = _read(file, PURPOSES[purpose])
    name = display_name(file.name or "")
    verdict = inspect(data, name, purpose=purpose)
    checked = check_for_virus(data)
    stored = _put(association, data)
    with transaction.atomic(durable=True):
        upload = _note(association, stored, name, purpose, verdict, checked, actor)
    if not upload.is_accepted:
        raise Refused(upload.reason, f"{upload.message} Filens id är {upload.reference}.", upload)
    return upload


def check_quota(*, existing_bytes: int, existing_count: int, new_bytes: int) -> None:
    """Whether one more file of `new_bytes` has room beside those there are. Raises Refused."""
    if existing_count >= QUOTA_FILES:
        raise Refused(
            "too_many_files",
            f"Det finns redan {QUOTA_FILES} filer här, och fler tas inte emot. "
            "Ta bort någon eller slå ihop flera till en.",
        )
    if existing_bytes + new_bytes > QUOTA_MEGABYTES * MEGABYTE:
        raise Refused(
            "too_much_in_all",
            f"Filerna blir tillsammans större än {QUOTA_MEGABYTES} MB. "
            "Ta bort någon eller minska bilderna i dem.",
        )


def rescan_unchecked(*, limit: int = 100) -> int:
    """Show the scanner the files it has not seen, the oldest first; stops when it is away.

    Returns how many were checked. Each gets the event `upload_checked` or `upload_virus_found`.
    """
    done = 0
    for upload in Upload.objects.waiting_for_virus_check()[:limit]:
        checked = check_for_virus(open_file(upload.file))
        if checked.state == VirusState.NOT_CHECKED:
            break
        done += _settle(upload, checked)
    return done


def _read(file: UploadedFile[Any], purpose: Purpose) -> bytes:
    """The file's bytes, if they are few enough to be read at all."""
    if (file.size or 0) > purpose.most_bytes:
        raise Refused(
            "too_big",
            refusal("too_big", megabytes=purpose.megabytes),
        )
    file.seek(0)
    data: bytes = file.read()
    return data


def _put(association: Association, data: bytes) -> StoredBytes:
    try:
        return put_bytes(association=association, data=data)
    except OSError as fault:
        if fault.errno in FULL:
            raise StorageFull from fault
        raise


def _note(
    association: Association,
    stored: StoredBytes,
    name: str,
    purpose: str,
    verdict: Verdict,
    checked: VirusCheck,
    actor: User | None,
) -> Upload:
    """The rows and the event of one received file; the guard's reason is told before a virus."""
    has_virus = checked.state == VirusState.VIRUS
    reason = "virus" if has_virus and verdict.accepted else verdict.reason
    accepted = verdict.accepted and not has_virus
    file = record_file(
        association=association, stored=stored, name=name, content_type=verdict.media_type
    )
    upload = Upload.objects.create(
        association=association,
        file=file,
        purpose=purpose,
        kind=verdict.kind,
        state=UploadState.ACCEPTED if accepted else UploadState.REFUSED,
        reason="" if accepted else reason,
        message="" if accepted else _sentence(reason, verdict),
        warnings=[{"code": noted.code, "message": noted.message} for noted in verdict.warnings],
        virus_state=checked.state,
        virus_checked_at=None if checked.state == VirusState.NOT_CHECKED else clock.now(),
        uploaded_by=actor,
    )
    _tell(upload, "upload_received" if accepted else "upload_refused", actor, checked)
    return upload


def _sentence(reason: str, verdict: Verdict) -> str:
    return refusal("virus") if reason == "virus" else verdict.message


def _settle(upload: Upload, checked: VirusCheck) -> bool:
    """Write down the scanner's later word, unless somebody else just did."""
    with transaction.atomic():
        locked = Upload.objects.select_for_update().filter(pk=upload.pk)
        waiting: Upload | None = locked.filter(virus_state=VirusState.NOT_CHECKED).first()
        if waiting is None:
            return False
        waiting.virus_state = checked.state
        waiting.virus_checked_at = clock.now()
        if checked.state == VirusState.VIRUS:
            waiting.state = UploadState.REFUSED
            waiting.reason, waiting.message = "virus", refusal("virus")
        waiting.save(
            update_fields=["virus_state", "virus_checked_at", "state", "reason", "message"]
        )
        found = checked.state == VirusState.VIRUS
        _tell(waiting, "upload_virus_found" if found else "upload_checked", None, checked)
    return True


def _tell(upload: Upload, action: str, actor: User | None, checked: VirusCheck) -> None:
    file: StoredFile = upload.file
    payload: dict[str, Any] = {
        "reference": upload.reference,
        "name": file.name,
        "size": file.size,
        "sha256": file.sha256,
        "purpose": upload.purpose,
        "kind": upload.kind,
        "reason": upload.reason,
        "warnings": [warning["code"] for warning in upload.warnings],
        "virus_state": str(upload.virus_state),
        "virus": checked.name,
    }
    record_event(
        association=upload.association, actor=actor, action=action, obj=upload, payload=payload
    )
