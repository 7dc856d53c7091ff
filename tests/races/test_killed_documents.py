"""Workers killed while they make documents: each document is there exactly once, and whole."""

from __future__ import annotations

import hashlib
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from finsam import clock
from finsam.associations.models import Association
from finsam.documents.documents import promise_document
from finsam.documents.models import Document, StoredFile
from finsam.documents.storage import open_file, sweep_unfinished
from finsam.jobs.models import Job, JobState
from finsam.registry.models import Event
from finsam.registry.verification import verify_chain
from tests.documents.kinds import KINDS, SOURCE
from tests.races.nursery import Nursery, nursery
from tests.races.watching import STEPS, all_over, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
NIGHTLY = bool(os.environ.get("NIGHTLY"))
# What most installations run: half the kills are enough beside a file.
IN_EARNEST = connection.vendor == "postgresql"


@pytest.fixture
def files(settings: pytest.FixtureRequest) -> Path:
    """Where the stored files lie; the workers inherit the place."""
    return Path(settings.STORAGES["default"]["OPTIONS"]["location"])  # type: ignore[attr-defined]


@pytest.fixture
def workers() -> Iterator[Nursery]:
    with nursery("tests.documents.worker.settings") as found:
        yield found


def promise_documents(association: Association, count: int) -> list[Job]:
    jobs = [
        promise_document(
            association=association,
            kind=KINDS[number % len(KINDS)],
            key=f"trial:{number}",
            title=f"Handling {number}",
            source=SOURCE,
            case=None,
            requested_by=None,
        )
        for number in range(count)
    ]
    # Under so many kills one job may by chance be hit more often than any in earnest.
    Job.objects.update(attempts_allowed=50)
    return jobs


def assert_each_made_exactly_once(association: Association, jobs: list[Job]) -> None:
    """Rows are counted, files are hashed, and nothing half-made is left."""
    documents = list(Document.objects.select_related("pdf", "docx"))
    assert Counter(document.job_id for document in documents) == {job.pk: 1 for job in jobs}
    assert Counter(Job.objects.values_list("state", flat=True)) == {JobState.DONE: len(jobs)}
    rows = 0
    for document in documents:
        pdf = open_file(document.pdf)
        assert hashlib.sha256(pdf).hexdigest() == document.sha256 == document.pdf.sha256
        assert pdf.startswith(b"%PDF-")
        rows += 1
        if document.docx is not None:
            data = open_file(document.docx)
            assert hashlib.sha256(data).hexdigest() == document.docx.sha256
            rows += 1
    assert StoredFile.objects.count() == rows
    assert Event.objects.filter(action="document_made").count() == len(jobs)
    assert verify_chain(association).broken is None
    call_command("verify_documents")


def test_Q01_workers_killed_at_random_instants(association: Association, workers: Nursery) -> None:
    wanted, kills = (300, 100) if NIGHTLY else (80, 20) if IN_EARNEST else (40, 10)
    dice = random.Random()
    jobs = promise_documents(association, wanted)
    alive = [workers.worker() for _ in range(3)]
    for kill in range(kills):
        # At a random instant, but before so much is done that no work is left for the last kills.
        share = wanted * (kill + 1) // (kills + 4)
        moment = time.monotonic() + dice.uniform(0.3, 2.5)
        while time.monotonic() < moment and Document.objects.count() < share:
            time.sleep(0.02)
        place = dice.randrange(3)
        workers.kill(alive[place])
        alive[place] = workers.worker()
    busy_to_the_end = not all_over()
    wait_until(all_over, 600)

    assert busy_to_the_end, "there must have been work for all the kills"
    assert Job.objects.filter(attempts__gt=1).count() >= kills // 5, (
        "the kills must have met workers at work"
    )
    assert_each_made_exactly_once(association, jobs)


@pytest.mark.parametrize("step", STEPS)
def test_Q02_workers_killed_at_each_step_of_each_kind(
    association: Association, workers: Nursery, files: Path, step: str
) -> None:
    jobs = promise_documents(association, len(KINDS))
    dying = [workers.worker(fault=step) for _ in KINDS]
    wait_until(lambda: not any(workers.is_alive(pid) for pid in dying), 60)
    done_before = Document.objects.count()
    pointing_nowhere = [
        stored.key for stored in StoredFile.objects.all() if not (files / stored.key).exists()
    ]
    workers.worker()
    wait_until(all_over, 90)
    with clock.at(clock.now() + timedelta(minutes=61)):
        sweep_unfinished()

    assert done_before == (len(KINDS) if step == "after_commit" else 0)
    assert pointing_nowhere == []
    assert list(files.rglob("*.tmp")) == []
    assert_each_made_exactly_once(association, jobs)
