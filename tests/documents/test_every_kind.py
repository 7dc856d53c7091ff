"""What the walkthrough issues, document by document: five cases from template to decision."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings

from finsam.documents import kinds
from finsam.documents.pdf_check import UA, A, own_faults, validator_faults
from finsam.documents.pdf_claims import Claims, claims_of
from tests.documents.kinds import KINDS

pytestmark = pytest.mark.slow

# Made on request and kept nowhere; tests/applications shows them to the validator.
NOT_ISSUED = {"signature_page", "application_form"}
ISSUED = """
SELECT d.kind, d.title, d.sha256, p.key, w.key
FROM documents_document d JOIN documents_storedfile p ON p.id = d.pdf_id
LEFT JOIN documents_storedfile w ON w.id = d.docx_id ORDER BY d.id
"""


class Issued(NamedTuple):
    kind: str
    title: str
    sha256: str
    pdf: bytes
    docx: bytes | None


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> list[Issued]:
    folder = tmp_path_factory.mktemp("walkthrough")
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "finsam.settings",
        "DEBUG": "1",
        "VAR_DIR": str(folder / "var"),
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "walkthrough", "--json", "--out", str(folder)],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    with sqlite3.connect(folder / "portal.sqlite3") as database:
        rows = database.execute(ISSUED).fetchall()
    database.close()
    files = folder / "files"
    return [
        Issued(kind, title, sha256, _read(files, pdf), _read(files, docx) if docx else None)
        for kind, title, sha256, pdf, docx in rows
    ]


def _read(files: Path, key: str) -> bytes:
    return (files / key).read_bytes()


def test_X06_every_document_of_the_walkthrough_is_ua_and_archive_in_one(issued):
    for document in issued:
        assert hashlib.sha256(document.pdf).hexdigest() == document.sha256
        assert claims_of(document.pdf) == Claims(ua=True, archive="A"), document.title
        assert validator_faults(document.pdf, UA) == [], document.title
        assert validator_faults(document.pdf, A) == [], document.title


def test_X07_every_document_of_the_walkthrough_reads_well(issued):
    for document in issued:
        assert own_faults(document.pdf) == [], document.title


def test_X06_the_walkthrough_issues_every_kind_there_is(issued):
    assert {document.kind for document in issued} == set(kinds._kinds) - NOT_ISSUED - set(KINDS)
