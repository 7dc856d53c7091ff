from __future__ import annotations

import io
import json
import os
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection
from django.db.models import F

from finsam import clock
from finsam.documents.consistency import all_findings
from finsam.documents.documents import promise_document
from finsam.documents.models import Document, StoredFile
from finsam.documents.storage import open_file, put_bytes, store_bytes
from finsam.jobs.models import Job
from finsam.jobs.work import run_waiting
from finsam.messages.models import Message
from finsam.registry.append_only import append_only_lifted
from tests.documents.kinds import SOURCE

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timedelta(days=2)


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "finsam.documents.durable.DurableFileStorage",
            "OPTIONS": {"location": str(tmp_path / "files")},
        },
    }


def verify() -> tuple[int, dict[str, Any]]:
    out = StringIO()
    try:
        call_command("verify_documents", "--json", stdout=out)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    return code, json.loads(out.getvalue())


def path_of(stored: StoredFile) -> Path:
    return Path(storages["default"].path(stored.key))


def a_file(association, number: int) -> StoredFile:
    return store_bytes(
        association=association,
        data=f"innehåll {number}".encode(),
        name=f"fil {number}.txt",
        content_type="text/plain",
    )


def test_S05_a_clean_store_gives_no_alarm(association, officer):
    for number in range(5):
        a_file(association, number)
    promise_document(
        association=association, kind="test_memo", key="memo:1", title="Ett underlag",
        source=SOURCE, case=None, requested_by=officer,
    )  # fmt: skip
    run_waiting()
    code, said = verify()
    assert (code, said["ok"], said["findings"]) == (0, True, [])
    assert (said["files"], said["documents"]) == (6, 1)


def test_S05_every_seeded_fault_is_named(association, officer):
    """Ten of each: file without row, row without file, wrong content, stuck job, stuck mail."""
    expected = []
    for number in range(10):
        kept = put_bytes(association=association, data=f"innehåll {number}".encode())
        path = Path(storages["default"].path(kept.key))
        old = (clock.now() - LONG_AGO).timestamp()
        os.utime(path, (old, old))
        expected.append("file_without_row")
    for number in range(10, 20):
        path_of(a_file(association, number)).unlink()
        expected.append("row_without_file")
    for number in range(20, 30):
        path = path_of(a_file(association, number))
        data = path.read_bytes()
        path.write_bytes(data[:-1] + b"?" if number % 2 else data + b"?")
        expected.append("wrong_content")
    for number in range(10):
        promise_document(
            association=association, kind="test_memo", key=f"memo:{number}", title="Ett underlag",
            source=SOURCE, case=None, requested_by=officer,
        )  # fmt: skip
        expected.append("job_stuck")
    Job.objects.update(created_at=clock.now() - LONG_AGO)
    for number in range(10):
        Message.objects.create(
            association=association, address=f"{number}@exempel.se", event_key=str(number),
            subject="Hej", body="Hej", created_at=clock.now() - LONG_AGO,
        )  # fmt: skip
        expected.append("mail_stuck")
    code, said = verify()
    assert code == 1
    assert said["ok"] is False
    assert sorted(finding["code"] for finding in said["findings"]) == sorted(expected)
    assert len({finding["object"] for finding in said["findings"]}) == 50


def test_S05_a_document_that_points_at_another_file_is_named(association, officer):
    promise_document(
        association=association, kind="test_memo", key="memo:1", title="Ett underlag",
        source=SOURCE, case=None, requested_by=officer,
    )  # fmt: skip
    run_waiting()
    other = a_file(association, 1)
    with append_only_lifted(connection):
        Document.objects.update(pdf=other)
    assert [finding.code for finding in all_findings()] == ["document_mismatch"]


def test_S05_a_job_that_is_done_without_its_document_is_named(association, officer):
    promise_document(
        association=association, kind="test_memo", key="memo:1", title="Ett underlag",
        source=SOURCE, case=None, requested_by=officer,
    )  # fmt: skip
    Job.objects.update(state="done", attempts=F("attempts"))
    assert [finding.code for finding in all_findings()] == ["job_without_document"]


def test_a_document_that_says_more_than_it_holds_is_named_when_asked(association, officer):
    promise_document(
        association=association, kind="test_memo", key="memo:1", title="Ett underlag",
        source=SOURCE, case=None, requested_by=officer,
    )  # fmt: skip
    run_waiting()
    assert list(all_findings(claims=True)) == []
    document = Document.objects.get()
    with pikepdf.open(io.BytesIO(open_file(document.pdf))) as pdf:
        del pdf.Root.MarkInfo
        out = io.BytesIO()
        pdf.save(out)
    false = store_bytes(
        association=association, data=out.getvalue(), name="a.pdf", content_type="application/pdf"
    )
    with append_only_lifted(connection):
        Document.objects.update(pdf=false, sha256=false.sha256)
    assert [finding.code for finding in all_findings(claims=True)] == ["untrue_claim"]
    assert list(all_findings()) == []


def test_what_is_under_way_is_no_fault(association, officer):
    """A file just put in place, a job just promised, a mail just written."""
    put_bytes(association=association, data=b"nyss")
    promise_document(
        association=association, kind="test_memo", key="memo:1", title="Ett underlag",
        source=SOURCE, case=None, requested_by=officer,
    )  # fmt: skip
    Message.objects.create(
        association=association, address="a@exempel.se", event_key="1", subject="Hej", body="Hej"
    )
    assert list(all_findings()) == []


def test_without_json_the_command_says_it_in_words(association):
    path_of(a_file(association, 1)).unlink()
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_documents", stdout=out)
    assert "FEL (row_without_file)" in out.getvalue()
    assert "1 fel bland 1 filer och 0 handlingar." in out.getvalue()
