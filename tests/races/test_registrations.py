"""Many at once: register numbers without gap or double, events in one unbroken chain."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection

from finsam import clock
from finsam.associations.models import Association
from finsam.jobs.models import Job
from finsam.jobs.promise import promise
from finsam.registry.models import Case, Direction, Event, RegisterCounter
from finsam.registry.register import open_case, register_record
from finsam.registry.verification import verify_chain

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.usefixtures("pooled"),
]

BEFORE_MIDNIGHT = datetime(2025, 12, 31, 22, 59, 59, tzinfo=UTC)
AFTER_MIDNIGHT = datetime(2025, 12, 31, 23, 0, 0, tzinfo=UTC)


def all_at_once(count: int, work: Callable[[int], None]) -> None:
    """Run `work(number)` in as many threads, each with its turn in the pool."""
    start = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            start.wait(30)
            work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(run, number) for number in range(count)]:
            done.result()


def test_T05_fifty_register_twenty_cases_each_over_the_turn_of_the_year(
    association: Association, other_association: Association
) -> None:
    def register(number: int) -> None:
        for turn in range(20):
            tenant = (association, other_association)[(number + turn) % 2]
            with clock.at(BEFORE_MIDNIGHT if turn < 10 else AFTER_MIDNIGHT):
                open_case(association=tenant, title=f"Ärende {number}-{turn}", actor=None)

    all_at_once(50, register)

    for tenant in (association, other_association):
        for year in (2025, 2026):
            numbers = Case.objects.filter(association=tenant, year=year).order_by("running_number")
            assert list(numbers.values_list("running_number", flat=True)) == list(range(1, 251))
        assert verify_chain(tenant).broken is None
    assert Case.objects.count() == Event.objects.count() == 1_000
    assert set(RegisterCounter.objects.values_list("last_number", flat=True)) == {250}


def test_T05_records_of_one_case_registered_at_once(association: Association) -> None:
    case = open_case(association=association, title="Ett ärende", actor=None)

    def register(number: int) -> None:
        for turn in range(5):
            own = Case.objects.select_related("association").get(pk=case.pk)
            register_record(
                case=own, direction=Direction.IN, subject=f"Handling {number}-{turn}", actor=None
            )

    all_at_once(20, register)

    sequences = case.records.order_by("sequence").values_list("sequence", flat=True)
    assert list(sequences) == list(range(1, 101))
    assert verify_chain(association).broken is None


def test_D03_twenty_promise_the_same_at_once(association: Association) -> None:
    found: list[int] = []

    def make(number: int) -> None:
        job = promise(association=association, kind="none", key="the same", arguments={"n": number})
        found.append(job.pk)

    all_at_once(20, make)

    assert Job.objects.count() == 1
    assert found == [Job.objects.get().pk] * 20
