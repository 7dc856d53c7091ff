"""Receiving files: kept and told of in every case, and never half."""

from __future__ import annotations

import io
import resource

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from PIL import Image

from finsam.documents.guard import PURPOSES
from finsam.documents.models import StoredFile, Upload
from finsam.documents.storage import open_file
from finsam.documents.uploads import Refused, StorageFull, check_quota, receive_upload
from finsam.registry.models import Event

MEGABYTE = 1024 * 1024


def picture(colour: str = "navy") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(made, "PNG")
    return made.getvalue()


def send(association, actor, data: bytes, name: str = "bild.png", purpose: str = "annex") -> Upload:
    file = SimpleUploadedFile(name, data, content_type="text/html")
    return receive_upload(association=association, file=file, purpose=purpose, actor=actor)


def test_an_accepted_file_is_kept_and_told_of(association, applicant):
    upload = send(association, applicant, picture(), name="Vår bild.png")
    assert (upload.name, upload.kind, upload.purpose) == ("Vår bild.png", "png", "annex")
    assert (upload.state, upload.reason, upload.message) == ("accepted", "", "")
    assert upload.file.content_type == "image/png"  # ours, not what the browser said
    assert upload.uploaded_by == applicant
    assert open_file(upload.file) == picture()
    event = Event.objects.get()
    assert (event.action, event.actor, event.object_id) == (
        "upload_received",
        applicant,
        str(upload.pk),
    )
    assert event.payload == {
        "reference": upload.reference,
        "name": "Vår bild.png",
        "size": len(picture()),
        "sha256": upload.file.sha256,
        "purpose": "annex",
        "kind": "png",
        "reason": "",
        "warnings": [],
        "virus_state": "not_checked",
        "virus": "",
    }


def test_U10_a_refused_file_is_kept_for_the_office_under_an_id(association, applicant):
    with pytest.raises(Refused) as refused:
        send(association, applicant, b"MZ" + bytes(100), name="bild.png")
    upload = Upload.objects.get()
    assert (refused.value.code, refused.value.field) == ("wrong_type", "file")
    assert refused.value.upload == upload
    assert refused.value.message == f"{upload.message} Filens id är {upload.reference}."
    assert upload.state == "refused"
    assert open_file(upload.file) == b"MZ" + bytes(100)
    assert upload.file.content_type == "application/octet-stream"
    assert list(Upload.objects.in_quarantine()) == [upload]
    assert list(Upload.objects.accepted()) == []
    assert Event.objects.get().action == "upload_refused"


def test_U06_the_same_file_twice_is_recognised_and_both_are_kept(
    association, other_association, applicant
):
    first = send(association, applicant, picture())
    second = send(association, applicant, picture(), name="igen.png")
    send(association, applicant, picture("green"))
    send(other_association, applicant, picture())
    assert first.file.sha256 == second.file.sha256
    assert list(Upload.objects.same_bytes_as(first)) == [second]
    assert list(Upload.objects.same_bytes_as(second)) == [first]
    assert (Upload.objects.count(), StoredFile.objects.count()) == (4, 4)


def test_a_file_over_the_limit_is_turned_away_unread(association, applicant):
    limit = PURPOSES["annex"].most_bytes
    with pytest.raises(Refused) as refused:
        send(association, applicant, bytes(limit + 1), name="stor.pdf")
    assert (refused.value.code, refused.value.upload) == ("too_big", None)
    assert refused.value.message.startswith("Filen är större än 25 MB.")
    assert (Upload.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_a_file_is_taken_only_where_its_kind_belongs(association, applicant):
    with pytest.raises(Refused) as refused:
        send(association, applicant, picture(), purpose="budget")
    assert refused.value.code == "type_not_allowed"
    assert "Excel (.xlsx)" in refused.value.message


def test_Q08_a_full_disk_says_so_and_leaves_no_row(association, applicant):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    data = picture() + bytes(3 * MEGABYTE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 * MEGABYTE, hard))
    try:
        with pytest.raises(StorageFull) as full:
            send(association, applicant, data)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert full.value.code == "storage_full"
    assert (Upload.objects.count(), StoredFile.objects.count(), Event.objects.count()) == (0, 0, 0)
    assert send(association, applicant, data).is_accepted


@pytest.mark.django_db(transaction=True)
def test_a_file_is_not_received_inside_a_transaction(association, applicant):
    """What is slow stays outside; the pages' functions call this first."""
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        send(association, applicant, picture())
    assert Upload.objects.count() == 0


@pytest.mark.parametrize(
    ("count", "size", "new", "code"),
    [
        (0, 0, 25 * MEGABYTE, None),
        (29, 75 * MEGABYTE, 25 * MEGABYTE, None),
        (30, 0, 1, "too_many_files"),
        (3, 75 * MEGABYTE, 25 * MEGABYTE + 1, "too_much_in_all"),
    ],
)
def test_U05_a_case_holds_thirty_files_and_a_hundred_megabytes(count, size, new, code):
    told = None
    try:
        check_quota(existing_bytes=size, existing_count=count, new_bytes=new)
    except Refused as refused:
        told = refused.code
    assert told == code


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "refused"},
        {"state": "refused", "reason": "virus"},
        {"reason": "virus", "message": "Virus."},
        {"virus_state": "virus"},
        {"virus_state": "clean"},
    ],
)
def test_the_database_refuses_an_upload_that_contradicts_itself(association, applicant, changes):
    upload = send(association, applicant, picture())
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(**changes)
