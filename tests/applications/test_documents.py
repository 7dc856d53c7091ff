"""The applicant's documents: made once, tagged, read by the right people."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from django.urls import reverse
from docx import Document as WordDocument

from applications.discarding import discard_application
from applications.documents import draft_preview, empty_form_preview
from applications.freezing import content_of
from applications.models import Application
from applications.sending import application_key, receipt_key
from applications.word_form import application_docx
from finsam.documents.documents import document_for, job_for, may_read
from finsam.documents.pdf_check import UA, A, own_faults, validator_faults
from finsam.documents.storage import open_file
from finsam.jobs.models import Job, JobState
from finsam.jobs.work import run_waiting
from finsam.people.access import visitor_for
from finsam.people.models import User
from tests.factories import make_complete, make_person, make_round, make_submitted
from tests.kept import kept

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.anywhere]


@kept
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


@kept
def draft(association, member, applicant):
    return make_complete(make_round(association), member, applicant)


def printed(client, draft):
    return client.get(reverse("applications:print", args=["sjo", draft.public_id]))


def test_X06_draft_and_form_to_print_are_valid(draft, applicant):
    asked = [
        draft_preview(draft, content_of(draft), applicant),
        empty_form_preview(draft.round),
    ]
    run_waiting()
    for preview in asked:
        preview.refresh_from_db()
        assert validator_faults(bytes(preview.made), UA) == []
        assert own_faults(bytes(preview.made)) == []


def test_a_draft_is_waited_for_once_and_then_had_at_once(draft, applicant, sign_in):
    client = sign_in(applicant)
    first, second = printed(client, draft), printed(client, draft)
    assert first.status_code == second.status_code == 302
    assert first.url == second.url
    job = Job.objects.get(kind="preview")
    assert "vagen" not in json.dumps([job.subject, job.arguments]).lower()
    waiting = client.get(first.url).content.decode()
    assert "Arbetet står i kö." in waiting
    assert f'hx-get="{first.url}"' in waiting

    assert run_waiting() == 1
    polled = client.get(first.url, headers={"HX-Request": "true"}).content.decode()
    assert f'href="{first.url}fil.pdf"' in polled
    assert "<html" not in polled
    for answer in (printed(client, draft), client.get(f"{first.url}fil.pdf")):
        assert answer.content.startswith(b"%PDF")
        assert answer.headers["Content-Disposition"].startswith("attachment")
    assert Job.objects.filter(kind="preview").count() == 1

    Application.objects.filter(pk=draft.pk).update(title="Ett annat namn")
    assert printed(client, draft).url != first.url


def test_who_waits_for_a_draft_is_the_applicants_side_alone(
    draft, association, applicant, other_applicant, officer, auditor, client, sign_in
):
    here = printed(sign_in(applicant), draft).url
    run_waiting()
    root = User.objects.create_superuser("root@exempel.se", "ett långt lösenord", name="Root")
    for person in (other_applicant, officer, auditor, root):
        strange = sign_in(person)
        assert strange.get(here).status_code == 404
        assert strange.get(f"{here}fil.pdf").status_code == 404
        assert strange.post(f"{here}igen/").status_code == 404
    assert client.get(here).status_code == 404
    assert sign_in(applicant).get(here.replace("/sjo/", "/berg/")).status_code == 404
    listed = sign_in(officer).get(reverse("jobs:jobs", args=["sjo"])).content.decode()
    assert "Utskrift" not in listed
    job = Job.objects.get(kind="preview")
    retry = reverse("jobs:try_again", args=["sjo", job.pk])
    assert sign_in(officer).post(retry).status_code == 404

    discard_application(application=draft, actor=applicant)
    assert sign_in(applicant).get(f"{here}fil.pdf").status_code == 404


def test_who_takes_part_may_follow_the_making_of_what_they_may_read(
    association, member, applicant, other_applicant, auditor, sign_in
):
    submitted = make_submitted(make_round(association), member, applicant)
    job = job_for(application_key(submitted))
    Job.objects.filter(pk=job.pk).update(requested_by=None)
    here = reverse("documents:job", args=["sjo", job.pk])
    again = reverse("documents:job_again", args=["sjo", job.pk])
    for person, status in ((applicant, 200), (auditor, 200), (other_applicant, 404)):
        assert sign_in(person).get(here).status_code == status
        assert sign_in(person).post(again).status_code == 404
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error="Texten är för stor.")
    page = sign_in(applicant).get(here).content.decode()
    assert "Förbundets kansli kan låta det göras igen." in page
    assert "Försök igen" not in page

    Job.objects.filter(pk=job.pk).update(requested_by=applicant)
    assert sign_in(applicant).post(again).status_code == 302
    job.refresh_from_db()
    assert job.state == JobState.WAITING


def test_X09_the_word_file_has_headings_language_and_table_heads(submitted):
    document = WordDocument(BytesIO(application_docx(submitted)))
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 2"]
    assert headings[:3] == ["Insatsens namn", "Sammanfattning", "Period"]
    assert document.core_properties.title == "Vägen vidare"
    assert 'w:val="sv-SE"' in document.styles.element.xml
    assert all("w:tblHeader" in table._tbl.xml for table in document.tables)


def test_everybody_may_have_the_empty_forms(client, association):
    round_ = make_round(association)

    def asked(name):
        return client.get(reverse(f"applications:{name}", args=["sjo", round_.slug]))

    waits = asked("empty_form")
    assert client.get(waits.url).status_code == 200
    run_waiting()
    for name in ("empty_form", "empty_form_word", "empty_budget"):
        answer = asked(name)
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment")
