"""Workers killed while they make documents: each document is there once, with its whole file."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from finsam.documents.consistency import all_findings
from finsam.documents.documents import promise_document
from finsam.documents.models import Document
from finsam.documents.storage import open_file
from finsam.jobs.models import Job, JobState
from finsam.registry.models import Direction, Event
from finsam.registry.register import open_case
from finsam.registry.verification import verify_chain
from tests.documents.kinds import KINDS, SOURCE
from tests.races.nursery import Nursery, nursery

# Workers are killed beside every database in test_killed_documents.
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.anywhere,
]

STEPS = ("after_claim", "tmp_written", "after_rename", "before_commit", "after_commit")


@pytest.fixture
def workers() -> Iterator[Nursery]:
    with nursery("tests.documents.worker.settings") as found:
        yield found


def wait_until(holds: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.1)


@pytest.mark.parametrize("step", STEPS)
def test_Q02_a_document_is_made_once_whatever_step_its_maker_dies_at(
    association, officer, workers, step
):
    case = open_case(association=association, title="Hållplatsen", actor=officer)
    jobs = [
        promise_document(
            association=association,
            kind=kind,
            key=f"{kind}:{step}",
            title=f"Handling {kind}",
            # Its own text, so that no document finds its bytes in place already.
            source={**SOURCE, "ingress": f"{step} {time.time_ns()}"},
            case=case,
            requested_by=officer,
            register=Direction.DRAWN_UP,
        )
        for kind in KINDS
    ]
    dying = [workers.worker(fault=step) for _ in KINDS]
    wait_until(lambda: not any(map(workers.is_alive, dying)), 90)
    made_before = Document.objects.count()
    workers.worker()
    wait_until(lambda: not Job.objects.exclude(state=JobState.DONE).exists(), 90)

    assert made_before == (len(KINDS) if step == "after_commit" else 0)
    documents = list(Document.objects.order_by("job_id"))
    assert [document.job_id for document in documents] == [job.pk for job in jobs]
    for document in documents:
        assert hashlib.sha256(open_file(document.pdf)).hexdigest() == document.sha256
    made = Event.objects.filter(action="document_made").values_list("object_id", flat=True)
    assert Counter(made) == {str(document.pk): 1 for document in documents}
    assert list(all_findings()) == []
    assert verify_chain(association).broken is None
