"""Annexes: files that belong to an application, looked at on their way in and never changed."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from applications.drafting import lock_for_writing, section_of_kind
from applications.models import Annex, Application, SectionKind
from applications.voiding import void_signatures
from finsam import clock
from finsam.documents import sandbox
from finsam.documents.models import Upload
from finsam.documents.storage import open_file
from finsam.documents.uploads import check_quota, receive_upload
from finsam.people.models import User
from finsam.personal_numbers import masked, personal_numbers
from finsam.registry.events import record_event

SEARCHED = ("pdf", "docx", "xlsx")
MOST_NUMBERS = 10


def add_annex(
    *, application: Application, file: UploadedFile[Any], title: str, actor: User
) -> Annex:
    """Receive a file and make it an annex; writes `annex_added`.

    The same bytes sent again give back the annex that is there. Raises what the guard refuses
    (with its sentence, also when the quota is full).
    """
    with transaction.atomic():
        _check_quota(_lock(application, actor), file.size or 0)
    upload = receive_upload(
        association=application.association, file=file, purpose="annex", actor=actor
    )
    return attach_upload(application=application, upload=upload, title=title, actor=actor)


def numbers_in(upload: Upload) -> list[str]:
    """What looks like personal identity numbers in the text of a file, masked; read in a child.

    A picture has no text, and what cannot be read is left out: the warning is a help, no guard.
    """
    if upload.kind not in SEARCHED:
        return []
    try:
        words = sandbox.call(
            "finsam.documents.annex_words.words_of",
            data=open_file(upload.file),
            arguments={"kind": upload.kind},
            seconds=10,
        )
    except sandbox.Unreadable:
        return []
    return [masked(number) for number in dict.fromkeys(personal_numbers(words))][:MOST_NUMBERS]


def attach_upload(*, application: Application, upload: Upload, title: str, actor: User) -> Annex:
    """Make a received file an annex; writes `annex_added`. Raises Refused over the quota."""
    numbers = numbers_in(upload)
    with transaction.atomic():
        locked = _lock(application, actor)
        same = locked.annexes.filter(removed_at=None, upload__file__sha256=upload.file.sha256)
        if (existing := same.first()) is not None:
            return existing
        _check_quota(locked, upload.file.size)
        annex = Annex.objects.create(
            application=locked,
            upload=upload,
            title=" ".join(title.split())[:160] or upload.file.name[:160],
            added_by=actor,
            added_at=clock.now(),
            personal_numbers=numbers,
        )
        _changed(locked, annex, actor, "annex_added", f"Bilagan ”{annex.title}” lades till.")
    return annex


def remove_annex(*, annex: Annex, actor: User) -> None:
    """Take an annex out; the file stays on record, marked so; writes `annex_removed`."""
    with transaction.atomic():
        locked = _lock(annex.application, actor)
        moment = clock.now()
        if Annex.objects.filter(pk=annex.pk, removed_at=None).update(removed_at=moment):
            _changed(locked, annex, actor, "annex_removed", f"Bilagan ”{annex.title}” togs bort.")


def _lock(application: Application, actor: User) -> Application:
    return lock_for_writing(application, actor, section_of_kind(application, SectionKind.ANNEXES))


def _check_quota(application: Application, more: int) -> None:
    there = application.annexes.filter(removed_at=None)
    sizes = there.values_list("upload__file__size", flat=True)
    check_quota(
        existing_bytes=sum(sizes),
        existing_count=len(sizes),
        new_bytes=more,
    )


def _changed(application: Application, annex: Annex, actor: User, action: str, reason: str) -> None:
    application.revision += 1
    application.updated_at = clock.now()
    application.save(update_fields=["revision", "updated_at"])
    void_signatures(application=application, actor=actor, reason=reason)
    record_event(
        association=application.association,
        actor=actor,
        action=action,
        obj=annex,
        case=application.case,
        payload={"application": str(application.public_id), "sha256": annex.upload.file.sha256},
    )
