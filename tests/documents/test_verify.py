from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from finsam import clock
from finsam.documents.documents import document_for, promise_document
from finsam.documents.models import Document
from finsam.documents.storage import open_file
from finsam.jobs.models import Job, JobState
from finsam.jobs.work import run_waiting
from tests.documents.kinds import SOURCE
from tests.kept import kept

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.anywhere]
MOMENT = datetime(2023, 9, 15, 8, 0, tzinfo=UTC)


def made(association, officer, *, kind="test_memo", key="memo:1", **changes) -> Document:
    arguments = {"title": "Hållplatsen 2024", "source": SOURCE, "requested_by": officer}
    with clock.at(MOMENT):
        promise_document(
            association=association, kind=kind, key=key, case=None, **(arguments | changes)
        )
    run_waiting()
    document = document_for(key)
    assert document is not None
    return document


@kept
def document(association, officer) -> Document:
    return made(association, officer)


def check(client: Client, **fields):
    return client.post(reverse("documents:verify"), fields)


def as_upload(data: bytes, name: str = "handling.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "application/pdf")


def test_the_file_that_was_issued_is_known_with_when_and_by_whom(client, document):
    answer = check(client, file=as_upload(open_file(document.pdf), "annat namn.pdf"))
    assert answer.status_code == 200
    text = answer.content.decode().replace("\u00a0", " ")
    assert "Filen är äkta" in text
    assert "Senaste versionen" in text
    assert "Hållplatsen 2024" in text
    assert "Samordningsförbundet Sjö" in text
    assert "15 september 2023 kl. 10.00" in text
    assert document.sha256 in text


def test_a_file_with_one_byte_changed_is_not_known(client, document):
    data = bytearray(open_file(document.pdf))
    data[-2] ^= 1
    text = check(client, file=as_upload(bytes(data))).content.decode()
    assert "Filen känns inte igen" in text
    assert "Filen är äkta" not in text


def test_the_word_file_is_known_as_such(client, association, officer):
    minutes = made(association, officer, kind="test_minutes", key="minutes:1")
    text = check(client, file=as_upload(open_file(minutes.docx), "p.docx")).content.decode()
    assert "i sin version för Word" in text


@pytest.mark.parametrize("form", [str, str.lower, lambda code: f" {code[:4]}-{code[4:]} "])
def test_id_and_code_are_known_however_they_are_typed(client, document, form):
    answer = check(client, short_id=form(document.short_id), check_code=form(document.check_code))
    assert "Handlingen finns" in answer.content.decode()


def test_a_wrong_code_and_an_unknown_id_get_the_same_answer(client, document):
    answers = [
        check(client, short_id=document.short_id, check_code="22222222"),
        check(client, short_id="22222222", check_code=document.check_code),
    ]
    texts = [answer.content.decode() for answer in answers]
    assert all("Id och kod hör inte ihop" in text for text in texts)
    assert all("Hållplatsen" not in text for text in texts)


def test_guesses_are_counted_for_each_address_of_the_network(client, document):
    cache.clear()
    code = {"short_id": document.short_id, "check_code": document.check_code}
    for _ in range(30):
        assert check(client, short_id=document.short_id, check_code="22222222").status_code == 200
    refused = check(client, **code)
    assert refused.status_code == 429
    assert "Vänta en minut" in refused.content.decode()
    assert "Handlingen finns" not in refused.content.decode()
    assert client.get(reverse("documents:verify")).status_code == 200
    elsewhere = client.post(reverse("documents:verify"), code, REMOTE_ADDR="192.0.2.7")
    assert "Handlingen finns" in elsewhere.content.decode()
    cache.clear()


def test_a_replaced_document_is_said_to_be_so(client, association, officer, document):
    newer = made(association, officer, source={**SOURCE, "ingress": "Ändrad."})
    assert newer.version == 2
    text = check(client, file=as_upload(open_file(document.pdf))).content.decode()
    assert "Ersatt av nyare version" in text
    assert "version 2" in text
    text = check(client, short_id=newer.short_id, check_code=newer.check_code).content.decode()
    assert "Senaste versionen" in text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Skriv handlingens id, eller välj en fil."),
        ({"short_id": "K7QF-2M9D"}, "Skriv också koden, som står efter id:t."),
        ({"short_id": "---"}, "Skriv handlingens id, eller välj en fil."),
    ],
)
def test_an_incomplete_form_says_what_is_missing(client, db, fields, sentence):
    assert sentence in check(client, **fields).content.decode()


def test_the_page_is_open_to_all_and_needs_a_token_to_post(db):
    assert Client().get(reverse("documents:verify")).status_code == 200
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("documents:verify"), {"short_id": "x"}).status_code == 403


def test_a_checked_file_is_not_kept(client, document):
    from finsam.documents.models import StoredFile

    before = StoredFile.objects.count()
    check(client, file=as_upload(b"%PDF-1.7 annat"))
    assert StoredFile.objects.count() == before


# --- reading the document itself -----------------------------------------------------------------


def address(document: Document, *, docx: bool = False) -> str:
    name = "documents:document_docx" if docx else "documents:document"
    return reverse(name, args=[document.association.slug, document.short_id])


def test_the_office_reads_every_document_and_the_board_those_of_its_rule(
    association, officer, director, board_member, applicant, sign_in
):
    memo = made(association, officer)
    receipt = made(association, officer, kind="test_receipt", key="receipt:1")
    for person, readable in (
        (officer, {memo, receipt}),
        (director, {memo, receipt}),
        (board_member, {memo}),
        (applicant, set()),
    ):
        client = sign_in(person)
        for document in (memo, receipt):
            expected = 200 if document in readable else 404
            assert client.get(address(document)).status_code == expected


def test_a_public_kind_is_read_by_all(client, association, officer):
    letter = made(association, officer, kind="test_letter", key="letter:1")
    answer = client.get(address(letter))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("inline; filename=")
    assert "no-store" in answer["Cache-Control"]
    assert b"".join(answer.streaming_content) == open_file(letter.pdf)


def test_another_associations_document_is_not_there(
    association, other_association, officer, sign_in, document
):
    from finsam.people.models import RoleKind
    from tests.conftest import person_with_role

    stranger = person_with_role(RoleKind.DIRECTOR, other_association)
    assert sign_in(stranger).get(address(document)).status_code == 404
    moved = address(document).replace(f"/{association.slug}/", f"/{other_association.slug}/")
    assert sign_in(stranger).get(moved).status_code == 404
    assert sign_in(officer).get(moved).status_code == 404


def test_the_word_file_is_there_only_where_there_is_one(association, officer, sign_in):
    memo = made(association, officer)
    minutes = made(association, officer, kind="test_minutes", key="minutes:1")
    client = sign_in(officer)
    assert client.get(address(memo, docx=True)).status_code == 404
    answer = client.get(address(minutes, docx=True))
    assert b"".join(answer.streaming_content) == open_file(minutes.docx)
    assert answer["Content-Disposition"].startswith("attachment; filename=")


# --- seeing how far it has come ------------------------------------------------------------------


@kept
def job(association, officer) -> Job:
    return promise_document(
        association=association, kind="test_memo", key="memo:9", title="Väntande underlag",
        source=SOURCE, case=None, requested_by=officer,
    )  # fmt: skip


def test_the_one_who_asked_sees_how_far_it_has_come(job, officer, sign_in):
    client = sign_in(officer)
    here = reverse("documents:job", args=[job.association.slug, job.pk])
    waiting = client.get(here).content.decode()
    assert "Väntande underlag" in waiting
    assert "Arbetet står i kö." in waiting
    part = client.get(here, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    run_waiting()
    done = client.get(here, headers={"HX-Request": "true"}).content.decode()
    document = document_for("memo:9")
    assert document is not None
    assert document.get_absolute_url() in done


def test_who_may_not_read_it_sees_no_work(job, applicant, other_association, sign_in, officer):
    here = reverse("documents:job", args=[job.association.slug, job.pk])
    assert sign_in(applicant).get(here).status_code == 404
    elsewhere = reverse("documents:job", args=[other_association.slug, job.pk])
    assert sign_in(officer).get(elsewhere).status_code == 404


def test_a_failed_document_is_tried_again_by_a_button_that_makes_one(job, officer, sign_in):
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error="Disken var full.")
    client = sign_in(officer)
    page = client.get(reverse("documents:job", args=[job.association.slug, job.pk]))
    assert "Disken var full." in page.content.decode()
    again = reverse("documents:job_again", args=[job.association.slug, job.pk])
    assert client.get(again).status_code == 405
    for _ in range(3):
        assert client.post(again).status_code == 302
    run_waiting()
    assert Document.objects.filter(key="memo:9").count() == 1
