"""Workers killed while they put packets together: each packet is there once, whole and readable."""

from __future__ import annotations

import io
import os
import random
import time
from collections import Counter
from collections.abc import Iterator

import pikepdf
import pytest
from django.core.management import call_command

from finsam.associations.models import Association
from finsam.documents.documents import promise_document
from finsam.documents.models import Document
from finsam.documents.pdf_claims import Claims, claims_of
from finsam.documents.storage import open_file
from finsam.jobs.models import Job, JobState
from finsam.registry.models import Event
from tests.documents import packet_kind
from tests.races.nursery import Nursery, nursery
from tests.races.watching import all_over, wait_until

# Workers are killed beside every database in test_killed_documents.
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.anywhere,
]
NIGHTLY = bool(os.environ.get("NIGHTLY"))
KILLS = 50 if NIGHTLY else 5


@pytest.fixture
def workers() -> Iterator[Nursery]:
    with nursery("tests.documents.worker.settings") as found:
        yield found


def promise_packets(
    association: Association, count: int, *, annex: str = "", first: int = 0
) -> list[Job]:
    jobs = [
        promise_document(
            association=association,
            kind="test_packet",
            key=f"packet:{annex[:4]}{number}",
            title=f"Beslutspaket nummer {number}",
            # Its own pictures, so that no packet finds its pages remembered from another.
            source={"shade": number, "annex": annex},
            case=None,
            requested_by=None,
        )
        for number in range(first, first + count)
    ]
    Job.objects.update(attempts_allowed=60)
    return jobs


def assert_whole(jobs: list[Job]) -> None:
    documents = list(Document.objects.select_related("pdf"))
    assert Counter(document.job_id for document in documents) == {job.pk: 1 for job in jobs}
    assert Event.objects.filter(action="document_made").count() == len(jobs)
    for document in documents:
        data = open_file(document.pdf)
        assert claims_of(data) == Claims(ua=True, archive="A")
        with pikepdf.open(io.BytesIO(data)) as pdf, pdf.open_outline() as outline:
            assert len(outline.root) == 2 + packet_kind.ITEMS
    call_command("verify_documents", "--claims")


def test_Q01_packets_survive_that_their_makers_are_killed(
    association: Association, workers: Nursery
) -> None:
    dice = random.Random()
    jobs = promise_packets(association, KILLS + 3)
    alive = [workers.worker() for _ in range(2)]
    for kill in range(KILLS):
        moment = time.monotonic() + dice.uniform(0.5, 3)
        while time.monotonic() < moment and Document.objects.count() < kill + 1:
            time.sleep(0.02)
        place = dice.randrange(2)
        workers.kill(alive[place])
        alive[place] = workers.worker()
    wait_until(all_over, 1_200 if NIGHTLY else 240)
    assert Counter(Job.objects.values_list("state", flat=True)) == {JobState.DONE: len(jobs)}
    assert Job.objects.filter(attempts__gt=1).exists(), "the kills must have met work"
    assert_whole(jobs)


def test_Q07_a_packet_with_a_poisonous_annex_is_made_and_the_others_too(
    association: Association, workers: Nursery
) -> None:
    """An annex that sends its reader round in circles gets a page that says so."""
    page = "<</Type/Pages/Kids[2 0 R]/Count 1>>"
    poison = (
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        f"2 0 obj{page}endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    )
    jobs = [*promise_packets(association, 1, annex=poison), *promise_packets(association, 1)]
    workers.worker()
    wait_until(all_over, 240)
    assert_whole(jobs)
