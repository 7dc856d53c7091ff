from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from django.db import transaction

from finsam import clock
from finsam.documents.documents import document_for, job_for, may_read, promise_document
from finsam.documents.models import Document, DocumentSeries, StoredFile
from finsam.documents.storage import open_file
from finsam.jobs.models import JobState
from finsam.jobs.work import run_waiting
from finsam.people.access import Visitor, visitor_for
from finsam.registry.models import Direction, Event, Record
from finsam.registry.register import open_case
from finsam.registry.secrecy import mark_secrecy
from tests.documents.kinds import KINDS, SOURCE
from tests.kept import kept

pytestmark = pytest.mark.django_db(transaction=True)
MOMENT = datetime(2023, 9, 15, 8, 0, tzinfo=UTC)


@kept
def case(association, officer):
    return open_case(association=association, title="Hållplatsen", actor=officer)


def promised(association, officer, case=None, *, kind="test_memo", key="memo:1", **changes):
    arguments = {"title": "Hållplatsen 2024", "source": SOURCE, "requested_by": officer}
    return promise_document(
        association=association, kind=kind, key=key, case=case, **(arguments | changes)
    )


def test_a_promised_document_is_made_once_with_what_was_printed_on_it(association, officer, case):
    with clock.at(MOMENT):
        job = promised(association, officer, case, register=Direction.DRAWN_UP)
    assert document_for("memo:1") is None
    assert run_waiting() == 1

    document = document_for("memo:1")
    data = open_file(document.pdf)
    assert document.sha256 == document.pdf.sha256 == hashlib.sha256(data).hexdigest()
    assert document.job == job
    assert document.created_at == MOMENT
    assert document.record.number == document.case.number + "-1"
    assert document.pdf.name == f"{document.record.number} Hållplatsen 2024.pdf".replace("/", "-")
    about = job.arguments["source"]["document"]
    assert (document.short_id, document.check_code) == (about["short_id"], about["check_code"])
    made = Event.objects.get(action="document_made")
    assert made.payload["sha256"] == document.sha256
    assert made.case == case


def test_the_same_source_gives_the_same_job_and_a_changed_one_the_next_version(
    association, officer
):
    first = promised(association, officer)
    assert promised(association, officer) == first
    run_waiting()
    assert promised(association, officer) == first
    second = promised(association, officer, source={**SOURCE, "ingress": "Ändrad."})
    assert second != first
    run_waiting()
    versions = Document.objects.filter(key="memo:1").order_by("version")
    assert [document.version for document in versions] == [1, 2]
    assert versions[0].newer_version() == versions[1]
    assert versions[1].newer_version() is None
    assert list(Document.objects.newest()) == [versions[1]]
    assert versions[1].pdf.name.endswith("(version 2).pdf")
    assert job_for("memo:1") == second


def test_going_back_to_an_earlier_text_is_a_version_of_its_own(association, officer):
    for ingress in ("A", "B", "A"):
        promised(association, officer, source={**SOURCE, "ingress": ingress})
    run_waiting()
    assert Document.objects.filter(key="memo:1").count() == 3
    assert DocumentSeries.objects.get(key="memo:1").last_version == 3


def test_versions_made_in_the_wrong_order_keep_their_numbers(association, officer):
    from finsam.jobs.work import run_job

    first = promised(association, officer, source={**SOURCE, "ingress": "A"})
    second = promised(association, officer, source={**SOURCE, "ingress": "B"})
    assert run_job(second.pk)
    assert run_job(first.pk)
    assert document_for("memo:1").job == second


@pytest.mark.parametrize("kind", KINDS)
def test_making_a_document_again_gives_the_same_bytes(association, officer, kind):
    from finsam.documents.kinds import kind_of

    job = promised(association, officer, kind=kind)
    made = [kind_of(kind).build(job.arguments["source"], association) for _ in range(2)]
    assert made[0] == made[1]


def test_a_document_is_not_promised_when_the_change_is_rolled_back(association, officer, case):
    with transaction.atomic():
        promised(association, officer, case, register=Direction.OUT)
        transaction.set_rollback(True)
    assert not Record.objects.exists()
    assert not DocumentSeries.objects.exists()
    assert run_waiting() == 0


def test_a_key_belongs_to_one_association_and_one_kind(association, other_association, officer):
    promised(association, officer)
    with pytest.raises(ValueError, match="belongs to something else"):
        promised(other_association, officer)
    with pytest.raises(ValueError, match="belongs to something else"):
        promised(association, officer, kind="test_letter")


def test_an_unknown_kind_is_refused_when_promised(association, officer):
    with pytest.raises(LookupError):
        promised(association, officer, kind="nothing")


def test_a_failed_document_says_why_and_leaves_nothing(association, officer, monkeypatch):
    from finsam.documents import kinds

    def broken(source, association, report):
        raise RuntimeError("no paper")

    monkeypatch.setitem(
        kinds._kinds, "test_memo", kinds.DocumentKind("test_memo", "Beslutsunderlag", broken)
    )
    job = promised(association, officer)
    run_waiting()
    job.refresh_from_db()
    assert job.state == JobState.WAITING
    assert "RuntimeError" in job.error
    assert not Document.objects.exists()
    assert not StoredFile.objects.exists()


def test_what_everybody_may_read_is_shut_to_strangers_once_it_is_marked_secret(
    association, officer, case
):
    promised(association, officer, case, kind="test_letter", register=Direction.OUT)
    run_waiting()
    letter, stranger = document_for("memo:1"), Visitor(association, None, ())
    assert may_read(stranger, letter)
    mark_secrecy(marked=letter.record, section="OSL 26:1", actor=officer)
    assert not may_read(stranger, letter)
    assert may_read(visitor_for(association, officer), letter)
