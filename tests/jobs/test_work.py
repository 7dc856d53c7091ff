"""Promised work: promised once, carried out once, tried again, and shown when it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from finsam import clock
from finsam.associations.models import Association
from finsam.celery import app
from finsam.errors import NotPossible
from finsam.jobs import hints, work
from finsam.jobs.handlers import Finish, Handler, Report, _handlers, handler
from finsam.jobs.lease import ABANDONED, LeaseLostError, claim, extend
from finsam.jobs.models import Job, JobState
from finsam.jobs.promise import promise, try_again
from finsam.jobs.work import run_job, run_waiting, sweep
from finsam.people.models import User
from finsam.registry.models import Event
from finsam.registry.request_id import current_request_id

Register = Callable[[Handler], None]
pytestmark = pytest.mark.django_db


@pytest.fixture
def kind() -> Iterator[Register]:
    """Lets a test say what jobs of the kind "trial" do."""

    def register(function: Handler) -> None:
        _handlers.pop("trial", None)
        handler("trial")(function)

    yield register
    _handlers.pop("trial", None)


def promised(association: Association, key: str = "a", **more: object) -> Job:
    return promise(association=association, kind="trial", key=key, arguments={"n": 1}, **more)


def lapse(job: Job) -> None:
    """Let the lease of a running job run out."""
    Job.objects.filter(pk=job.pk).update(leased_until=Now() - timedelta(seconds=1))


def rested(job: Job) -> None:
    """Let the pause of a waiting job be over."""
    Job.objects.filter(pk=job.pk).update(paused_until=Now() - timedelta(seconds=1))


def test_a_promise_is_kept_once(association: Association, kind: Register) -> None:
    done: list[int] = []
    kind(lambda job, _report: lambda: done.append(job.arguments["n"]))
    job = promised(association)

    assert run_waiting() == 1
    assert run_waiting() == 0
    assert run_job(job.pk) is False
    job.refresh_from_db()
    assert (done, job.state, job.attempts, job.progress) == ([1], JobState.DONE, 1, 100)
    assert job.finished_at is not None


def test_D01_the_same_key_promises_once(association: Association, kind: Register) -> None:
    first = promised(association)
    again = promise(association=association, kind="trial", key="a", arguments={"n": 2})

    assert again == first
    assert again.arguments == {"n": 1}
    assert Job.objects.count() == 1


def test_a_promise_rolled_back_is_none(association: Association) -> None:
    with transaction.atomic():
        promised(association)
        transaction.set_rollback(True)

    assert Job.objects.count() == 0


def test_slow_work_is_outside_a_transaction_and_the_result_inside(
    association: Association, kind: Register
) -> None:
    depths: list[int] = []
    outside = len(transaction.get_connection().savepoint_ids)

    def trial(_job: Job, _report: Report) -> Finish:
        depths.append(len(transaction.get_connection().savepoint_ids))
        return lambda: depths.append(len(transaction.get_connection().savepoint_ids))

    kind(trial)
    promised(association)
    run_waiting()

    assert depths == [outside, outside + 1]


def test_a_job_before_its_time_waits(association: Association, kind: Register) -> None:
    kind(lambda _job, _report: lambda: None)
    day = datetime(2023, 10, 9, 7, tzinfo=UTC)
    job = promised(association, not_before=day)
    with clock.at(day - timedelta(seconds=1)):
        assert run_waiting() == 0
        assert run_job(job.pk) is False
    with clock.at(day):
        assert run_waiting() == 1


def test_progress_is_shown_and_prolongs_the_lease(association: Association, kind: Register) -> None:
    seen: list[tuple[int, str, bool]] = []

    def trial(job: Job, report: Report) -> Finish:
        lapse(job)
        report(40, "Skriver kapitel 2")
        row = Job.objects.get(pk=job.pk)
        alive = not Job.objects.abandoned().exists()
        seen.append((row.progress, row.progress_text, alive))
        report(140, "x" * 300)
        return lambda: None

    kind(trial)
    job = promised(association)
    run_waiting()
    job.refresh_from_db()

    assert seen == [(40, "Skriver kapitel 2", True)]
    assert (job.progress, job.progress_text) == (100, "")


def test_the_events_of_a_job_are_found_by_its_id(association: Association, kind: Register) -> None:
    ids: list[str] = []
    kind(lambda _job, _report: lambda: ids.append(current_request_id()))
    job = promised(association)
    run_waiting()

    assert ids == [f"job:{job.pk}"]


def test_Q07_a_job_that_always_fails_is_tried_five_times_with_growing_pauses(
    association: Association, kind: Register, officer: User
) -> None:
    calls: list[int] = []

    def poison(job: Job, _report: Report) -> Finish:
        calls.append(job.attempts)
        raise ValueError("secret of the inside")

    kind(poison)
    job = promised(association)
    pauses: list[float] = []
    for _ in range(6):
        run_waiting()
        job.refresh_from_db()
        if job.paused_until is not None:
            at = Job.objects.annotate(at=Now()).values_list("at", flat=True).get(pk=job.pk)
            pauses.append(round((job.paused_until - at).total_seconds()))
            rested(job)

    assert calls == [1, 2, 3, 4, 5]
    assert pauses == [5, 30, 120, 600]
    assert (job.state, job.owner, job.leased_until) == (JobState.FAILED, "", None)
    assert job.error.startswith("Ett oväntat fel uppstod (ValueError).")
    assert "secret of the inside" not in job.error
    assert "secret of the inside" in job.error_detail


def test_Q07_other_jobs_are_not_held_up_by_a_poisonous_one(
    association: Association, kind: Register
) -> None:
    done: list[str] = []

    def sometimes(job: Job, _report: Report) -> Finish:
        if job.key == "poison":
            raise ValueError
        return lambda: done.append(job.key)

    kind(sometimes)
    for key in ("poison", "b", "c"):
        promised(association, key)
    run_waiting()

    assert done == ["b", "c"]


def test_a_failed_job_can_be_tried_again_by_the_office(
    association: Association, kind: Register, officer: User
) -> None:
    done: list[int] = []
    job = promised(association)
    kind(lambda _job, _report: lambda: done.append(1))
    Job.objects.update(state=JobState.FAILED, attempts=5, attempts_allowed=5, error="Fel.")
    first = try_again(job=job, actor=officer).state
    again = try_again(job=job, actor=officer).state
    run_waiting()
    job.refresh_from_db()

    assert (first, again) == (JobState.WAITING, JobState.WAITING)
    assert (done, job.state, job.attempts, job.error) == ([1], JobState.DONE, 6, "")
    assert [event.action for event in Event.objects.all()] == ["job_retried"]


def test_what_the_domain_refuses_is_not_tried_again(
    association: Association, kind: Register
) -> None:
    def refuse(_job: Job, _report: Report) -> Finish:
        raise NotPossible("no_memo", "Ärende 4 saknar beslutsunderlag. Skriv det först.")

    kind(refuse)
    job = promised(association)
    run_waiting()
    job.refresh_from_db()

    assert (job.state, job.attempts) == (JobState.FAILED, 1)
    assert job.error == "Ärende 4 saknar beslutsunderlag. Skriv det först."


def test_a_result_that_cannot_be_written_leaves_nothing(
    association: Association, kind: Register
) -> None:
    def trial(job: Job, _report: Report) -> Finish:
        def finish() -> None:
            promised(job.association, "made on the way")
            raise ValueError

        return finish

    kind(trial)
    job = promised(association)
    run_waiting(1)
    job.refresh_from_db()

    assert (job.state, job.attempts) == (JobState.WAITING, 1)
    assert Job.objects.count() == 1


def test_a_kind_that_nobody_knows_fails_in_the_open(association: Association) -> None:
    job = promised(association)
    run_waiting()
    job.refresh_from_db()

    assert (job.state, job.attempts) == (JobState.WAITING, 1)
    assert "LookupError" in job.error


def test_Q06_who_lost_the_lease_writes_nothing(association: Association, kind: Register) -> None:
    """While the first worker is frozen, the second does the job; the first comes back too late."""
    done: list[str] = []

    def trial(job: Job, _report: Report) -> Finish:
        if job.attempts == 1:
            lapse(job)
            run_waiting()
        return lambda: done.append(f"attempt {job.attempts}")

    kind(trial)
    job = promised(association)
    run_waiting(1)
    job.refresh_from_db()

    assert (done, job.state, job.attempts) == (["attempt 2"], JobState.DONE, 2)


def test_Q06_who_lost_the_lease_is_stopped_at_its_next_report(
    association: Association, kind: Register
) -> None:
    reached: list[str] = []

    def trial(job: Job, report: Report) -> Finish:
        if job.attempts == 1:
            lapse(job)
            run_waiting()
            report(50, "Halvvägs")
            reached.append("after the report")
        return lambda: None

    kind(trial)
    promised(association)
    run_waiting(1)

    assert reached == []
    assert Job.objects.get().attempts == 2


def test_a_job_of_a_dead_worker_is_taken_at_once_then_with_pauses(
    association: Association, kind: Register
) -> None:
    kind(lambda _job, _report: lambda: None)
    promised(association)
    waits: list[bool] = []
    for _ in range(3):
        taken = claim()
        waits.append(taken is None)
        if taken is None:
            Job.objects.update(paused_until=None)
            taken = claim()
        assert taken is not None
        lapse(taken)
        sweep()

    assert waits == [False, False, True]


def test_Q07_a_job_that_kills_its_worker_fails_after_five_tries(
    association: Association, kind: Register
) -> None:
    kind(lambda _job, _report: lambda: None)
    job = promised(association)
    for _ in range(5):
        taken = claim()
        assert taken is not None
        lapse(taken)
        sweep()
        Job.objects.update(paused_until=None)
    job.refresh_from_db()

    assert claim() is None
    assert (job.state, job.attempts, job.error) == (JobState.FAILED, 5, ABANDONED)


def test_only_one_claims(association: Association, kind: Register) -> None:
    job = promised(association)
    first = claim(job.pk)

    assert first is not None
    assert claim(job.pk) is None
    assert claim() is None
    stale = Job.objects.get(pk=job.pk)
    stale.owner = "somebody else"
    with pytest.raises(LeaseLostError):
        extend(stale)


def test_the_sweep_hints_at_what_waits_and_not_at_once_again(
    association: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[list[int]] = []

    def tell(ids: list[int]) -> int:
        told.append(ids)
        return len(ids)

    monkeypatch.setattr(work, "hint", tell)
    late = promised(association, "late")
    promised(association, "fresh")
    promised(association, "later", not_before=clock.now() + timedelta(days=1))
    Job.objects.filter(pk=late.pk).update(hinted_at=Now() - timedelta(seconds=31))

    assert [sweep(), sweep()] == [1, 0]
    assert told == [[late.pk], []]


@pytest.mark.django_db(transaction=True)
def test_Q03_a_broker_that_is_away_does_not_disturb_the_promise(
    association: Association, kind: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[dict[str, object]] = []

    def away(*_args: object, **options: object) -> None:
        calls.append(options)
        raise OSError("no broker")

    monkeypatch.setattr(app, "send_task", away)
    monkeypatch.setattr(hints, "_silent_until", 0.0)
    kind(lambda _job, _report: lambda: None)
    job = promised(association)

    assert Job.objects.filter(pk=job.pk, state=JobState.WAITING).exists()
    assert [call["retry"] for call in calls] == [False]
    assert hints.hint([1, 2, 3]) == 0
    assert len(calls) == 1, "for a while no other page waits for the broker"


@pytest.mark.django_db(transaction=True)
def test_the_hint_is_sent_only_after_the_commit(
    association: Association, kind: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, bool]] = []

    def tell(_task: str, args: tuple[int], **_options: object) -> None:
        told.append((args[0], transaction.get_connection().in_atomic_block))

    monkeypatch.setattr(app, "send_task", tell)
    monkeypatch.setattr(hints, "_silent_until", 0.0)
    with transaction.atomic():
        job = promised(association)
        before = list(told)
    with transaction.atomic():
        promised(association, "rolled back")
        transaction.set_rollback(True)

    assert before == []
    assert told == [(job.pk, False)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"progress": 101},
        {"attempts": 6},
        {"state": "running"},
        {"state": "running", "owner": "x"},
    ],
)
def test_the_database_refuses_an_impossible_job(
    association: Association, wrong: dict[str, object]
) -> None:
    job = promised(association)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**wrong)

    job.refresh_from_db()
    assert (job.state, job.progress, job.attempts) == (JobState.WAITING, 0, 0)


def test_two_handlers_of_one_kind_are_a_fault() -> None:
    def one(_job: Job, _report: Report) -> Finish:
        raise AssertionError

    def other(_job: Job, _report: Report) -> Finish:
        raise AssertionError

    handler("twice")(one)
    try:
        with pytest.raises(ValueError, match="twice"):
            handler("twice")(other)
        assert handler("twice")(one) is one
    finally:
        _handlers.pop("twice")
