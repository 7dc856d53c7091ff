"""Real brokers and a real Celery worker: what the broker forgets, the sweep remembers."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from finsam.associations.models import Association
from finsam.jobs.models import Job, JobState
from tests.races.test_killed_workers import assert_each_made_exactly_once
from tests.races.trial.tasks import FOLDER
from tests.races.watching import all_over, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
HOUSE = Path(__file__).parents[2]


@dataclass
class Broker:
    """A broker that can lose everything it holds."""

    url: str
    queued: Callable[[], int]
    lose_everything: Callable[[], None]
    settings: str = "tests.races.settings"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "BROKER_URL": self.url,
            "DJANGO_SETTINGS_MODULE": self.settings,
        }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def file_broker(tmp_path: Path) -> Broker:
    folder = tmp_path / "broker"

    def lose() -> None:
        shutil.rmtree(folder / "queue")
        (folder / "queue").mkdir()

    return Broker(f"filesystem://{folder}", lambda: len(list((folder / "queue").iterdir())), lose)


@pytest.fixture
def redis_broker(tmp_path: Path) -> Iterator[Broker]:
    """A Redis of the test's own that saves nothing; losing everything is a kill and a restart."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--save", "", "--dir", str(tmp_path)]
    servers: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        servers.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
        wait_until(lambda: ask("ping") == "PONG", 10)

    def ask(*words: str) -> str:
        asked = subprocess.run(
            ["redis-cli", "-p", str(port), *words], capture_output=True, text=True, check=False
        )
        return asked.stdout.strip()

    def lose() -> None:
        servers[-1].kill()
        servers[-1].wait()
        start()

    start()
    yield Broker(f"redis://127.0.0.1:{port}/0", lambda: int(ask("llen", "celery")), lose)
    servers[-1].kill()
    servers[-1].wait()


@pytest.fixture(autouse=True)
def _folder() -> Iterator[None]:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    yield
    shutil.rmtree(FOLDER)


@contextmanager
def celery_worker(broker: Broker, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One real worker with its beat, as a small installation runs it."""
    process = subprocess.Popen(
        [
            sys.executable, "-m", "celery", "-A", "finsam", "worker", "--beat", "--pool", "prefork",
            "--concurrency", "1", "--loglevel", "ERROR", "--schedule", str(tmp_path / "beat"),
        ],
        env=broker.environment,
        cwd=HOUSE,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def wait_for(worker: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait until every job is over, unless the worker ends before."""

    def over() -> bool:
        assert worker.poll() is None, "the worker must stay alive"
        return all_over()

    wait_until(over, seconds)


def promise_in_a_process(
    association: Association,
    count: int,
    environment: dict[str, str],
    first: int = 0,
    what: str = "receipt",
) -> list[float]:
    """Promise jobs (or a `packet` each) as a web process would. Returns the seconds each took."""
    arguments = [association.slug, str(first), str(count), what]
    done = subprocess.run(
        [sys.executable, "-m", "tests.races.promising", *arguments],
        env=environment, cwd=HOUSE, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [float(seconds) for seconds in json.loads(done.stdout)]


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("file", marks=pytest.mark.anywhere),
        pytest.param("redis", marks=pytest.mark.redis),
    ],
)
def test_Q04_a_broker_that_forgot_two_hundred_hints(
    association: Association, kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    broker: Broker = request.getfixturevalue(f"{kind}_broker")
    promise_in_a_process(association, 200, broker.environment)
    queued = broker.queued()
    broker.lose_everything()
    forgotten = broker.queued()
    with celery_worker(broker, tmp_path) as worker:
        wait_for(worker, 180)

    assert (queued, forgotten) == (200, 0)
    assert_each_made_exactly_once(association, list(Job.objects.all()))
    assert Job.objects.count() == 200


def test_a_hint_is_followed_at_once(
    association: Association, file_broker: Broker, tmp_path: Path
) -> None:
    with celery_worker(file_broker, tmp_path) as worker:
        promise_in_a_process(association, 1, file_broker.environment)
        wait_for(worker, 20)
        first = Job.objects.get()
        assert first.finished_at is not None
        promise_in_a_process(association, 3, file_broker.environment, first=1)
        wait_for(worker, 10)
    later = Job.objects.exclude(pk=first.pk)
    waits = [(job.finished_at - job.created_at).total_seconds() for job in later if job.finished_at]

    assert len(waits) == 3
    assert max(waits) < 4, "sooner than the sweep, which waits half a minute"
    assert_each_made_exactly_once(association, list(Job.objects.all()))


@contextmanager
def closed_port() -> Iterator[str]:
    yield f"redis://127.0.0.1:{free_port()}/0"


@contextmanager
def black_hole() -> Iterator[str]:
    """Accepts and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(50)
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.mark.anywhere
@pytest.mark.parametrize("fault", [closed_port, black_hole])
def test_Q03_twenty_promises_while_the_broker_is_away(
    association: Association,
    file_broker: Broker,
    tmp_path: Path,
    fault: Callable[[], Iterator[str]],
) -> None:
    with fault() as url:  # type: ignore[attr-defined]
        seconds = promise_in_a_process(
            association, 20, {**file_broker.environment, "BROKER_URL": url}
        )
    kept = Job.objects.filter(state=JobState.WAITING).count()
    back = time.monotonic()
    with celery_worker(file_broker, tmp_path) as worker:
        wait_for(worker, 60)

    assert kept == 20
    assert max(seconds) <= 2
    assert time.monotonic() - back <= 60
    assert_each_made_exactly_once(association, list(Job.objects.all()))
