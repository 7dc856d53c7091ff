"""U-01, U-09, U-10: the whole corpus gets its verdicts, within time and memory, byte for byte."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from finsam.documents.filenames import content_disposition, display_name
from finsam.documents.guard import inspect
from finsam.documents.guard.sentences import REFUSALS, WARNINGS
from finsam.documents.models import Upload
from finsam.documents.storage import open_file
from finsam.documents.uploads import Refused, receive_upload
from tests.hostile.conftest import SAMPLES, Corpus, needed

# Only the virus scanner can tell this one (test_virus.py shows that it does).
FOR_THE_SCANNER = "xlsx_eicar_inside"

NAMES = {
    "name_00": "passwd.pdf",
    "name_01": "boot.pdf",
    "name_02": "ab.pdf",
    "name_03": "_CON.pdf",
    "name_04": "x" * 146 + ".pdf",
    "name_05": "aSet-Cookie: sid=1.pdf",
    "name_06": '"; filename="x.html.pdf',
    "name_07": "<img src=x onerror=alert(1)>.pdf",
    "name_08": "fakturafdp.exe.pdf",
    "name_09": "c calc'!A1.pdf",
    "name_10": "Bilaga å ä ö – budget (slutlig) 2026.pdf",
    "name_11": "Årsbudget.pdf",
    "name_12": ".htaccess",
    "name_13": "rapport.pdf.exe",
    "name_14": "rapport.pdf",
    "name_15": "rapport.PDF",
    "name_16": "rapport",
}


def expected(file: dict[str, Any]) -> tuple[str, str]:
    if file["id"] == FOR_THE_SCANNER:
        return "accept", ""
    return file["verdict"], file["reason"]


def test_U01_the_corpus_has_the_files_it_should(corpus):
    assert len(corpus.files) == 104
    assert Counter(file["verdict"] for file in corpus.files) == {
        "reject": 66,
        "accept": 27,
        "accept_data": 6,
        "accept_warn": 5,
    }


@pytest.mark.parametrize("kind", ["xlsx", "docx", "pdf", "png", "jpg", "exe", "html"])
def test_U01_every_file_gets_its_verdict_and_reason(corpus, judged, kind):
    files = [file for file in corpus.files if file["kind"] == kind]
    given = {file["id"]: judged["verdicts"][file["id"]] for file in files}
    assert files
    assert {name: (found["verdict"], found["reason"]) for name, found in given.items()} == {
        file["id"]: expected(file) for file in files
    }


@pytest.mark.parametrize(("kind", "purpose"), [("xlsx", "budget"), ("docx", "word")])
def test_U01_the_verdict_is_the_same_where_only_that_kind_is_taken(corpus, kind, purpose):
    files = [file for file in corpus.files if file["kind"] == kind]
    found = {
        file["id"]: inspect(corpus.data(file), file["upload_name"], purpose=purpose)
        for file in files
    }
    assert {name: (verdict.verdict, verdict.reason) for name, verdict in found.items()} == {
        file["id"]: expected(file) for file in files
    }


def test_U01_each_file_is_judged_within_five_seconds(judged):
    slow = {name: found["seconds"] for name, found in judged["verdicts"].items()}
    assert {name: seconds for name, seconds in slow.items() if seconds > 5} == {}


def test_U01_the_child_stays_within_300_MB_and_the_portal_hardly_grows(judged):
    assert judged["child_peak_megabytes"] < 300
    assert judged["own_growth_megabytes"] < 30


def test_U02_every_verdict_that_is_not_plain_has_a_sentence(judged):
    for found in judged["verdicts"].values():
        assert bool(found["message"]) == bool(found["reason"])
        assert found["reason"] in {"", *REFUSALS, *WARNINGS}


def test_U01_every_sample_that_an_applicant_would_send_is_taken():
    files = sorted(needed(SAMPLES).glob("*/*.[dx]*[cs]x"))
    verdicts = {file.name: inspect(file.read_bytes(), file.name, purpose="annex") for file in files}
    assert len(files) == 18
    assert {name: found.reason for name, found in verdicts.items() if not found.accepted} == {}
    assert {name for name, found in verdicts.items() if found.warnings} == {"01-karlskrona.docx"}


def received(association, file, actor) -> tuple[Upload, str]:
    """What was kept of the file, and the sentence of a refusal."""
    try:
        return receive_upload(association=association, file=file, purpose="annex", actor=actor), ""
    except Refused as refused:
        return refused.upload, refused.message  # type: ignore[return-value]


@pytest.mark.anywhere
def test_U10_U01_what_is_stored_is_what_was_sent_also_when_it_is_refused(
    corpus: Corpus, association, applicant
):
    """The same door as the pages use: bytes, verdict, reason and sentence of every file."""
    told, sent = {}, {}
    for file in corpus.files:
        data = corpus.data(file)
        given = SimpleUploadedFile("x", data)
        vars(given)["_name"] = file[
            "upload_name"
        ]  # as a browser may send it, before Django trims it
        upload, sentence = received(association, given, applicant)
        told[file["id"]] = (upload.is_accepted, upload.reason)
        sent[upload.pk] = hashlib.sha256(data).hexdigest()
        assert (upload.reference in sentence) != upload.is_accepted
    assert told == {
        file["id"]: (True, "") if expected(file)[0] != "reject" else (False, expected(file)[1])
        for file in corpus.files
    }
    kept = {upload.pk: upload for upload in Upload.objects.select_related("file")}
    assert {
        pk: hashlib.sha256(open_file(upload.file)).hexdigest() for pk, upload in kept.items()
    } == sent
    assert {pk: upload.file.sha256 for pk, upload in kept.items()} == sent
    assert {upload.virus_state for upload in kept.values()} == {"not_checked"}


def test_U09_every_hostile_name_is_shown_harmless_and_whole(corpus):
    sent = {file["id"]: file["upload_name"] for file in corpus.files if file["id"] in NAMES}
    assert {name: display_name(given) for name, given in sent.items()} == NAMES


def test_U09_every_hostile_name_is_downloaded_harmless_and_whole(corpus):
    for file in corpus.files:
        if file["id"] in NAMES:
            header = content_disposition(file["upload_name"])
            plain, _, whole = header.partition("; filename*=UTF-8''")
            assert header.isascii()
            assert header.isprintable()
            assert re.fullmatch(r'attachment; filename="[^"\\%]+"', plain)
            assert unquote(whole) == NAMES[file["id"]]
            assert re.fullmatch(r"[\w.%~-]+", whole, re.ASCII)
