"""Real worker processes, frozen and poisoned: what was promised is there exactly once."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction

from finsam.associations.models import Association
from finsam.jobs.models import Job, JobState
from finsam.jobs.promise import promise, try_again
from finsam.people.models import User
from finsam.registry.models import Event
from finsam.registry.verification import verify_chain
from tests.races.nursery import Nursery, nursery
from tests.races.trial.tasks import FOLDER, KINDS, content_of
from tests.races.watching import LEASE, Recoveries, all_over, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def folder() -> Iterator[Path]:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    yield FOLDER
    shutil.rmtree(FOLDER)


@pytest.fixture
def workers(folder: Path) -> Iterator[Nursery]:
    with nursery() as found:
        yield found


@pytest.fixture
def impatient_workers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nursery]:
    """Workers whose pauses between tries are a second at most, and who crash in silence."""
    monkeypatch.setenv("SHORT_PAUSES", "1")
    monkeypatch.setenv("TRIAL_QUIET", "1")
    with nursery() as found:
        yield found


def promise_files(association: Association, count: int, milliseconds: int = 0) -> list[Job]:
    return [
        promise(
            association=association,
            kind=KINDS[number % len(KINDS)],
            key=f"trial:{number}",
            arguments={"number": number, "milliseconds": milliseconds},
        )
        for number in range(count)
    ]


def assert_each_made_exactly_once(association: Association, jobs: list[Job]) -> None:
    """Rows are counted and files are hashed."""
    events = list(Event.objects.filter(action="made"))
    assert Counter(int(event.object_id) for event in events) == {job.pk: 1 for job in jobs}
    wanted = {
        str(job.pk): hashlib.sha256(content_of(job.kind, job.arguments["number"])).hexdigest()
        for job in jobs
    }
    for event in events:
        assert event.payload["sha256"] == wanted[event.object_id]
        data = Path(event.payload["path"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == wanted[event.object_id]
    states = Counter(Job.objects.values_list("state", flat=True))
    assert states == {JobState.DONE: len(jobs)}
    assert verify_chain(association).broken is None


def test_Q01_what_a_dead_worker_had_begun_is_taken_up_in_time(
    association: Association, workers: Nursery
) -> None:
    """Jobs that cost little, so that the time is the lease's and not the waiting for a worker."""
    dice = random.Random()
    jobs = promise_files(association, 100, milliseconds=300)
    Job.objects.update(attempts_allowed=50)
    alive = [workers.worker() for _ in range(2)]
    recoveries = Recoveries()
    kills = 25
    while not all_over():
        next_kill = time.monotonic() + dice.uniform(0.1, 0.5)
        while time.monotonic() < next_kill and not all_over():
            recoveries.look()
            time.sleep(0.02)
        if kills:
            kills -= 1
            place = dice.randrange(2)
            workers.kill(alive[place])
            recoveries.note_kill(alive[place])
            alive[place] = workers.worker()

    assert kills == 0, "there must have been work for all the kills"
    assert len(recoveries.seconds) >= 5, "the kills must have met workers at work"
    assert max(recoveries.seconds) <= LEASE + 5
    assert_each_made_exactly_once(association, jobs)


def freeze(pid: int) -> None:
    """Stop a process, but not with the one write lock of SQLite in its hands."""
    for _ in range(50):
        os.kill(pid, signal.SIGSTOP)
        try:
            with transaction.atomic():
                Job.objects.filter(pk=0).update(progress=0)
        except OperationalError:
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the process always holds the lock")


def test_Q06_a_frozen_worker_comes_back_too_late(
    association: Association, workers: Nursery
) -> None:
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA busy_timeout = 300")
    jobs = promise_files(association, 20, milliseconds=5_000)
    frozen = [workers.worker() for _ in jobs]
    wait_until(lambda: Job.objects.filter(state=JobState.RUNNING).count() == len(jobs), 20)
    for pid in frozen:
        freeze(pid)
    held = set(Job.objects.filter(state=JobState.RUNNING).values_list("pk", flat=True))
    time.sleep(LEASE)
    for _ in range(3):
        workers.worker()
    time.sleep(LEASE)
    wait_until(all_over, 60)
    for pid in frozen:
        os.kill(pid, signal.SIGCONT)
    time.sleep(3)

    assert len(held) >= 15, "the workers must have been frozen at work"
    assert_each_made_exactly_once(association, jobs)
    attempts = dict(Event.objects.values_list("object_id", "payload__attempt"))
    assert {attempts[str(pk)] for pk in held} == {2}


def test_Q07_poison_fails_alone_and_in_the_open(
    association: Association, impatient_workers: Nursery, officer: User
) -> None:
    poisons = {
        kind: promise(association=association, kind=kind, key=kind, arguments={})
        for kind in ("raises", "crashes", "hoards")
    }
    jobs = promise_files(association, 10)
    pids = [impatient_workers.worker()]

    def over_with_a_worker_alive() -> bool:
        if not impatient_workers.is_alive(pids[-1]):
            pids.append(impatient_workers.worker())
        return all_over()

    wait_until(over_with_a_worker_alive, 90)
    for job in poisons.values():
        job.refresh_from_db()

    assert {kind: (job.state, job.attempts) for kind, job in poisons.items()} == dict.fromkeys(
        poisons, (JobState.FAILED, 5)
    )
    assert "avbröts flera gånger" in poisons["crashes"].error
    assert "ValueError" in poisons["raises"].error
    assert "MemoryError" in poisons["hoards"].error
    done = Event.objects.filter(action="made").values_list("object_id", flat=True)
    assert sorted(done) == sorted(str(job.pk) for job in jobs)
    assert try_again(job=poisons["raises"], actor=officer).state == JobState.WAITING
