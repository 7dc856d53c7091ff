"""Reminders with two schedulers at once, and after days with none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from finsam import clock
from finsam.associations.models import Association
from finsam.jobs.handlers import Finish, Report, _handlers, handler
from finsam.jobs.models import Job, JobState
from finsam.jobs.promise import promise
from finsam.jobs.work import run_waiting, sweep
from finsam.registry.events import record_event
from finsam.registry.models import Event
from tests.races.test_registrations import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)
FIRST = datetime(2023, 10, 9, 7, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _reminder() -> Iterator[None]:
    """A reminder writes an event, so that it can be counted."""

    def remind(job: Job, _report: Report) -> Finish:
        def finish() -> None:
            record_event(
                association=job.association,
                actor=None,
                action="reminded",
                obj=job,
                payload={"key": job.key},
            )

        return finish

    handler("reminder")(remind)
    yield
    _handlers.pop("reminder")


def promise_reminders(association: Association, days: int, each_day: int) -> None:
    for day in range(days):
        for number in range(each_day):
            promise(
                association=association,
                kind="reminder",
                key=f"reminder:{day}:{number}",
                arguments={},
                not_before=FIRST + timedelta(days=day),
            )


def reminded() -> Counter[str]:
    return Counter(Event.objects.filter(action="reminded").values_list("payload__key", flat=True))


def test_Q10_two_schedulers_at_once_remind_once(association: Association) -> None:
    def schedule(_number: int) -> None:
        with clock.at(FIRST + timedelta(days=2)):
            promise_reminders(association, days=3, each_day=10)
            sweep()
            run_waiting()

    all_at_once(2, schedule)

    assert reminded() == {f"reminder:{day}:{number}": 1 for day in range(3) for number in range(10)}
    assert Job.objects.exclude(state=JobState.DONE).count() == 0


def test_Q10_three_days_without_a_scheduler_are_caught_up_once(association: Association) -> None:
    promise_reminders(association, days=5, each_day=4)
    with clock.at(FIRST + timedelta(days=3)):
        sweep()
        caught_up = run_waiting()
        again = run_waiting()

    assert (caught_up, again) == (16, 0)
    assert set(reminded().values()) == {1}
    assert Job.objects.filter(state=JobState.WAITING).count() == 4, "the fifth day is yet to come"
