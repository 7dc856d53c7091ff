"""The applicant's documents: made once, tagged, read by the right people."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.urls import reverse
from docx import Document as WordDocument

from applications.documents import draft_pdf, empty_form_pdf
from applications.freezing import content_of
from applications.sending import application_key, receipt_key
from applications.word_form import application_docx
from finsam.documents.documents import document_for, may_read
from finsam.documents.pdf_check import UA, A, own_faults, validator_faults
from finsam.documents.storage import open_file
from finsam.jobs.work import run_waiting
from finsam.people.access import visitor_for
from tests.factories import make_complete, make_person, make_round, make_submitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def submitted(association, member, applicant):
    application = make_submitted(make_round(association), member, applicant)
    run_waiting(20)
    return application


def test_X06_application_and_receipt_are_made_once_and_valid(submitted):
    for key in (application_key(submitted), receipt_key(submitted)):
        document = document_for(key)
        assert document is not None
        assert document.case == submitted.case
        data = open_file(document.pdf)
        assert validator_faults(data, UA) == []
        assert validator_faults(data, A) == []
        assert own_faults(data) == []


def test_the_document_bears_the_number_of_the_record(submitted):
    document = document_for(application_key(submitted))
    assert document.record.number == f"{submitted.case.number}-1"


def test_who_may_read_the_application(submitted, applicant, other_applicant, officer, auditor):
    document = document_for(application_key(submitted))

    def reads(person):
        return may_read(visitor_for(submitted.association, person), document)

    assert [reads(person) for person in (applicant, officer, auditor)] == [True] * 3
    assert [reads(person) for person in (other_applicant,)] == [False]
    assert not reads(make_person("board", submitted.association))


def test_the_applicant_gets_the_pdf_from_the_page(submitted, applicant, sign_in):
    client = sign_in(applicant)
    document = document_for(receipt_key(submitted))
    page = client.get(reverse("applications:receipt", args=["sjo", submitted.public_id]))
    assert document.get_absolute_url() in page.content.decode()
    assert client.get(document.get_absolute_url()).status_code == 200


def test_X06_draft_and_form_to_print_are_valid(association, member, applicant):
    application = make_complete(make_round(association), member, applicant)
    for data in (draft_pdf(application, content_of(application)),
                 empty_form_pdf(application.round)):  # fmt: skip
        assert validator_faults(data, UA) == []
        assert own_faults(data) == []


def test_the_form_to_print_is_rendered_once_for_its_content(association, monkeypatch):
    from applications import documents
    from finsam.documents.documents import Rendered

    made = []

    def build(source, home):
        made.append(source["round"])
        return Rendered(b"%PDF")

    monkeypatch.setattr(documents, "build_form", build)
    round_ = make_round(association)
    assert [empty_form_pdf(round_) for _ in range(2)] == [b"%PDF"] * 2
    assert made == [round_.name]
    round_.name = "Ny omgång"
    assert empty_form_pdf(round_) == b"%PDF"
    assert made[1:] == ["Ny omgång"]


def test_when_many_fetch_drafts_at_once_the_rest_are_told_to_come_back(
    association, member, applicant, sign_in, monkeypatch
):
    from applications.views import printing

    application = make_complete(make_round(association), member, applicant)
    monkeypatch.setattr(printing, "LONGEST_WAIT", 0.01)
    url = reverse("applications:print", args=["sjo", application.public_id])
    with printing.DRAFTS_AT_ONCE, printing.DRAFTS_AT_ONCE:
        answer = sign_in(applicant).get(url)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "Försök igen om en halv minut" in answer.content.decode()


def test_X09_the_word_file_has_headings_language_and_table_heads(submitted):
    document = WordDocument(BytesIO(application_docx(submitted)))
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 2"]
    assert headings[:3] == ["Insatsens namn", "Sammanfattning", "Period"]
    assert document.core_properties.title == "Vägen vidare"
    assert 'w:val="sv-SE"' in document.styles.element.xml
    assert all("w:tblHeader" in table._tbl.xml for table in document.tables)


def test_everybody_may_have_the_empty_forms(client, association):
    round_ = make_round(association)
    for name in ("empty_form", "empty_form_word", "empty_budget"):
        answer = client.get(reverse(f"applications:{name}", args=["sjo", round_.slug]))
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
