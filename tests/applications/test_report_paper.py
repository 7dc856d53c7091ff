"""A report that is handed in becomes a document: numbered, hashed, small counts hidden, kept."""

from __future__ import annotations

import io

import pikepdf
import pytest
from django.core.management import call_command
from django.test import Client

from applications.models import Application, Report
from applications.report_paper import document_key
from applications.reporting import return_report
from finsam import clock
from finsam.documents.documents import document_for, job_for, may_read
from finsam.documents.models import Document
from finsam.documents.pdf_check import UA, A, own_faults, validator_faults
from finsam.documents.pdf_text import page_text
from finsam.documents.storage import open_file
from finsam.jobs.work import run_job
from finsam.people.access import visitor_for
from finsam.people.models import RoleKind, User
from finsam.registry.models import Record
from tests import factories as make
from tests.applications.test_reporting import application, handed_in, page, report

__all__ = ["application", "report"]
pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


def make_paper(report: Report) -> Document:
    """Let the worker make the last promised document of the report, and none of the others."""
    job = job_for(document_key(report))
    assert job is not None
    assert run_job(job.pk)
    found = document_for(document_key(report))
    assert found is not None
    return found


def words(data: bytes) -> str:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return " ".join(" ".join(page_text(one) for one in pdf.pages).split())


def test_X06_a_report_becomes_a_document_of_its_own(report: Report, applicant: User) -> None:
    handed_in(report, applicant)
    document = make_paper(report)
    record = Record.objects.get(subject=document.title)
    assert (document.record, document.version) == (record, 1)
    pdf = open_file(document.pdf)
    assert (validator_faults(pdf, UA), validator_faults(pdf, A), own_faults(pdf)) == ([], [], [])
    text = words(pdf)
    for expected in ("92 %", "90 %", "färre än 5", "33", record.number, "Inget var"):
        assert expected in text, expected
    assert Report.objects.get(key="interim").sha256 in text.replace(" ", "")
    call_command("verify_documents", verbosity=0)


def test_completed_it_is_a_new_version_and_the_old_one_stays(
    report: Report, applicant: User, officer: User
) -> None:
    first = make_paper(handed_in(report, applicant))
    day = clock.today().replace(year=clock.today().year + 1, day=1)
    report.refresh_from_db()
    return_report(report=report, message="Mer", answer_by=day, actor=officer)
    report.refresh_from_db()
    again = make_paper(handed_in(report, applicant))
    assert (first.version, again.version) == (1, 2)
    assert document_for(document_key(report), version=1) == first


def test_its_readers_and_its_place_on_the_pages(
    client: Client, report: Report, application: Application, applicant: User, officer: User
) -> None:
    handed_in(report, applicant)
    mine = page("report", application, "interim", 1)
    client.force_login(applicant)
    assert "Rapporten görs som PDF" in client.get(mine).content.decode()
    document = make_paper(report)
    for who, address in (
        (applicant, mine),
        (officer, page("office_report", application, "interim", 1)),
    ):
        client.force_login(who)
        assert document.get_absolute_url() in client.get(address).content.decode()
    here = application.association
    people = {kind: make.make_person(kind, here) for kind in (RoleKind.AUDITOR, RoleKind.BOARD)}
    reads = {kind: may_read(visitor_for(here, user), document) for kind, user in people.items()}
    assert reads == {RoleKind.AUDITOR: True, RoleKind.BOARD: False}
