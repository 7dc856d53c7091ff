"""U-04: a virus is refused, and no file is ever called clean without the scanner's clear word."""

from __future__ import annotations

import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from finsam.documents import virus
from finsam.documents.models import Upload
from finsam.documents.models.files import VirusState
from finsam.documents.uploads import Refused, receive_upload, rescan_unchecked
from finsam.documents.virus import NOT_CHECKED, VirusCheck, check_for_virus
from finsam.registry.models import Event
from tests.hostile.false_clamd import drips, false_clamd, hangs_up, says, stays_silent

EICAR = "xlsx_eicar_inside"
VIRUS_NAME = "Portal.Test.Eicar.UNOFFICIAL"


def send(association, actor, data: bytes, name: str = "budget.xlsx") -> Upload:
    file = SimpleUploadedFile(name, data)
    return receive_upload(association=association, file=file, purpose="annex", actor=actor)


@pytest.fixture
def with_clamd(clamd, settings):
    settings.CLAMD_ADDRESS = clamd


def test_U04_a_real_scanner_finds_the_test_virus_inside_a_workbook(with_clamd, corpus):
    assert check_for_virus(corpus.of(EICAR)) == VirusCheck(VirusState.VIRUS, VIRUS_NAME)
    assert check_for_virus(corpus.of("ok_budget")) == VirusCheck(VirusState.CLEAN)


def test_U04_U01_a_file_with_virus_is_refused_and_kept_for_the_office(
    with_clamd, corpus, association, applicant
):
    with pytest.raises(Refused) as refused:
        send(association, applicant, corpus.of(EICAR))
    upload = Upload.objects.get()
    assert refused.value.code == "virus"
    assert (upload.state, upload.reason, upload.virus_state) == ("refused", "virus", "virus")
    assert list(Upload.objects.in_quarantine()) == [upload]
    event = Event.objects.get()
    assert (event.action, event.payload["virus"]) == ("upload_refused", VIRUS_NAME)


def test_U04_a_clean_file_is_called_clean(with_clamd, corpus, association, applicant):
    upload = send(association, applicant, corpus.of("ok_budget"))
    assert upload.virus_state == VirusState.CLEAN
    assert upload.virus_checked_at is not None


def test_U04_a_large_file_is_checked_too(with_clamd):
    assert check_for_virus(bytes(25 * 1024 * 1024)).state == VirusState.CLEAN


@pytest.mark.parametrize(
    "answer",
    [
        says(b"blah\0"),
        says(b"\0"),
        says(b"stream: OK"),  # the answer broke off
        says(b"stream: O\0"),
        says(b"stream: OK\nstream: Evil FOUND\0"),
        says(b"INSTREAM size limit exceeded. ERROR\0"),
        says(b"\xff\xfe" * 5_000),
        hangs_up,
        stays_silent,
        drips,
    ],
)
def test_U04_a_scanner_that_gives_no_clear_word_leaves_the_file_unchecked(
    answer, settings, monkeypatch
):
    monkeypatch.setattr(virus, "ANSWER_SECONDS", 0.7)
    begun = time.monotonic()
    with false_clamd(answer) as address:
        settings.CLAMD_ADDRESS = address
        assert check_for_virus(b"a file" * 100_000) == NOT_CHECKED
        assert time.monotonic() - begun < 3


def test_U04_a_clear_word_over_tcp_is_believed(settings):
    with false_clamd(says(b"stream: OK\0")) as address:
        settings.CLAMD_ADDRESS = address
        assert check_for_virus(b"data") == VirusCheck(VirusState.CLEAN)
    with false_clamd(says(b"stream: Win.Test FOUND\0")) as address:
        settings.CLAMD_ADDRESS = address
        assert check_for_virus(b"data") == VirusCheck(VirusState.VIRUS, "Win.Test")


@pytest.mark.parametrize(
    "address", ["", "unix:///nowhere/clamd.ctl", "tcp://127.0.0.1:9", "tcp://", "nonsense"]
)
def test_U04_without_a_scanner_nothing_is_called_clean(
    address, settings, corpus, association, applicant
):
    settings.CLAMD_ADDRESS = address
    upload = send(association, applicant, corpus.of(EICAR))
    assert upload.is_accepted
    assert (upload.virus_state, upload.virus_checked_at) == (VirusState.NOT_CHECKED, None)
    assert upload.get_virus_state_display() == "Ej kontrollerad"


def test_U04_what_was_not_checked_is_checked_when_the_scanner_is_back(
    clamd, settings, corpus, association, applicant
):
    settings.CLAMD_ADDRESS = ""
    bad = send(association, applicant, corpus.of(EICAR))
    good = send(association, applicant, corpus.of("ok_budget"))
    assert rescan_unchecked() == 0
    settings.CLAMD_ADDRESS = clamd
    assert rescan_unchecked() == 2
    assert rescan_unchecked() == 0
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, bad.reason, bad.virus_state) == ("refused", "virus", "virus")
    assert (good.state, good.virus_state) == ("accepted", "clean")
    assert list(Event.objects.order_by("sequence").values_list("action", flat=True)) == [
        "upload_received",
        "upload_received",
        "upload_virus_found",
        "upload_checked",
    ]
