"""Packets while broker, database, worker or mail server are away: each is there once, and whole."""

from __future__ import annotations

import os
import signal
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from boards.dispatch import invited_seats, send_packet
from boards.packet import make_packet
from finsam.associations.models import Association
from finsam.jobs.models import Job, JobState
from finsam.jobs.work import run_waiting
from finsam.messages.models import Message
from finsam.people.models import RoleKind
from tests import factories as make
from tests.conftest import person_with_role
from tests.messages.mail_server import mail_server
from tests.messages.test_mail_server import use_server
from tests.races.nursery import Nursery, nursery
from tests.races.test_killed_packets import assert_whole, promise_packets
from tests.races.test_killed_workers import freeze
from tests.races.test_lost_brokers import (
    Broker,
    black_hole,
    celery_worker,
    closed_port,
    file_broker,
    promise_in_a_process,
    wait_for,
)
from tests.races.watching import LEASE, all_over, wait_until

__all__ = ["file_broker"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
NIGHTLY = bool(os.environ.get("NIGHTLY"))
NIGHTLY_ONLY = pytest.mark.nightly
PACKETS = 20 if NIGHTLY else 1
SETTINGS = "tests.documents.worker.settings"


@pytest.fixture
def workers() -> Iterator[Nursery]:
    with nursery(SETTINGS) as found:
        yield found


@pytest.mark.anywhere
@pytest.mark.parametrize("fault", [closed_port, pytest.param(black_hole, marks=NIGHTLY_ONLY)])
def test_Q03_Q04_packets_promised_to_a_broker_that_is_away_or_forgets(
    association: Association,
    file_broker: Broker,
    tmp_path: Path,
    fault: Callable[[], Any],
) -> None:
    file_broker.settings = SETTINGS
    with fault() as url:
        away = {**file_broker.environment, "BROKER_URL": url}
        seconds = promise_in_a_process(association, PACKETS, away, what="packet")
    there = file_broker.environment
    usual = promise_in_a_process(association, PACKETS, there, first=PACKETS, what="packet")
    queued = file_broker.queued()
    file_broker.lose_everything()
    forgotten = file_broker.queued()
    jobs = list(Job.objects.filter(state=JobState.WAITING))
    with celery_worker(file_broker, tmp_path) as worker:
        wait_for(worker, 240)

    assert (queued, forgotten, len(jobs)) == (PACKETS, 0, 2 * PACKETS)
    # What else the machine does makes both slow; a broker that is waited for makes the first slow.
    assert statistics.median(seconds) <= max(2, 2 * statistics.median(usual))
    assert_whole(jobs)


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_Q05_packets_survive_that_the_database_throws_all_out(
    association: Association, workers: Nursery
) -> None:
    """All connections of the workers are ended at once, five times, as when it is restarted."""
    jobs = promise_packets(association, PACKETS + 2)
    pids = [workers.worker() for _ in range(2)]
    thrown_out = 0
    for _ in range(5):
        time.sleep(0.7)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            thrown_out += cursor.fetchone()[0]
    wait_until(all_over, 240)

    assert thrown_out >= 5
    assert all(workers.is_alive(pid) for pid in pids), "no worker had to be started again"
    assert Counter(Job.objects.values_list("state", flat=True)) == {JobState.DONE: len(jobs)}
    assert_whole(jobs)


@pytest.mark.anywhere
def test_Q06_who_was_frozen_over_a_packet_comes_back_too_late(
    association: Association, workers: Nursery
) -> None:
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA busy_timeout = 300")
    jobs = promise_packets(association, PACKETS)
    frozen = [workers.worker() for _ in jobs]
    wait_until(lambda: Job.objects.filter(state=JobState.RUNNING).count() == len(jobs), 30)
    for pid in frozen:
        freeze(pid)
    held = set(Job.objects.filter(state=JobState.RUNNING).values_list("pk", flat=True))
    time.sleep(2 * LEASE)
    workers.worker()
    wait_until(all_over, 240)
    for pid in frozen:
        os.kill(pid, signal.SIGCONT)
    time.sleep(3)

    assert held, "the workers must have been frozen at work"
    assert_whole(jobs)
    assert set(Job.objects.filter(pk__in=held).values_list("attempts", flat=True)) == {2}


@pytest.mark.anywhere
def test_Q09_a_packet_sent_while_the_mail_server_is_away_is_told_of_once(
    association: Association, settings: Any
) -> None:
    director = person_with_role(RoleKind.DIRECTOR, association)
    meeting = make.make_meeting(make.make_board(association), director)
    packet = make_packet(meeting=meeting, actor=director)
    run_waiting(100)
    with mail_server() as gone:
        port = gone.port
    use_server(settings, port)
    for _ in range(2):
        send_packet(packet=packet, actor=director)
        Job.objects.update(paused_until=None)
        run_waiting(100)
    wanted = sorted(seat.user.email for seat in invited_seats(meeting))
    waiting = Job.objects.filter(state=JobState.WAITING).count()
    with mail_server(port) as back:
        for _ in range(2):
            Job.objects.update(paused_until=None)
            run_waiting(100)

    assert (waiting, gone.received) == (len(wanted), [])
    assert sorted(address for address, _ in back.received) == wanted
    assert Message.objects.filter(sent_at=None).count() == 0
