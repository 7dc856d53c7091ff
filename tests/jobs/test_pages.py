"""The office sees its background work and can try again what failed; nobody else can."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from finsam import clock
from finsam.associations.models import Association
from finsam.jobs.models import Job, JobState
from finsam.people.models import User
from finsam.registry.models import Event
from tests.kept import kept

pytestmark = pytest.mark.anywhere

SignIn = Callable[[User], Client]


def make(association: Association, count: int, **fields: object) -> list[Job]:
    first = Job.objects.count()
    return Job.objects.bulk_create(
        Job(association=association, kind="mail", key=f"job:{number}", **fields)
        for number in range(first, first + count)
    )


@kept
def failed(association: Association) -> Job:
    (job,) = make(
        association,
        1,
        state=JobState.FAILED,
        attempts=5,
        error="Ärende 4 saknar beslutsunderlag.",
        error_detail="Traceback: secret of the inside",
        arguments={"text": "secret of the draft"},
        finished_at=clock.now(),
    )
    return job


def test_Q07_a_failed_job_is_shown_with_its_reason_and_a_button(
    failed: Job, officer: User, sign_in: SignIn
) -> None:
    page = sign_in(officer).get("/sjo/kansli/arbeten/").content.decode()

    assert "Ärende 4 saknar beslutsunderlag." in page
    assert "Skicka e-post" in page
    assert f'action="/sjo/kansli/arbeten/{failed.pk}/forsok-igen/"' in page
    assert "secret of the inside" not in page
    assert "secret of the draft" not in page


def test_D01_trying_again_twice_does_it_once(failed: Job, officer: User, sign_in: SignIn) -> None:
    client = sign_in(officer)
    address = f"/sjo/kansli/arbeten/{failed.pk}/forsok-igen/"
    answers = [client.post(address) for _ in range(3)]
    failed.refresh_from_db()

    assert [answer["Location"] for answer in answers] == ["/sjo/kansli/arbeten/"] * 3
    assert (failed.state, failed.attempts_allowed) == (JobState.WAITING, 45)
    assert Event.objects.filter(action="job_retried").count() == 1


def test_H04_looking_does_not_try_again(failed: Job, officer: User, sign_in: SignIn) -> None:
    assert sign_in(officer).get(f"/sjo/kansli/arbeten/{failed.pk}/forsok-igen/").status_code == 405
    failed.refresh_from_db()
    assert failed.state == JobState.FAILED


@pytest.mark.parametrize(
    "who", ["applicant", "signatory", "board_member", "chair", "council_member", "auditor"]
)
def test_P01_others_are_refused(
    failed: Job, who: str, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    client = sign_in(request.getfixturevalue(who))

    assert client.get("/sjo/kansli/arbeten/").status_code == 403
    assert client.post(f"/sjo/kansli/arbeten/{failed.pk}/forsok-igen/").status_code == 403
    failed.refresh_from_db()
    assert failed.state == JobState.FAILED


def test_P02_another_association_has_its_own(
    failed: Job, other_association: Association, foreign_director: User, sign_in: SignIn
) -> None:
    client = sign_in(foreign_director)

    assert "beslutsunderlag" not in client.get("/berg/kansli/arbeten/").content.decode()
    assert client.post(f"/berg/kansli/arbeten/{failed.pk}/forsok-igen/").status_code == 404
    failed.refresh_from_db()
    assert failed.state == JobState.FAILED


@pytest.mark.parametrize(
    ("state", "shown"), [("failed", 1), ("running", 2), ("waiting", 3), ("", 6), ("abc", 6)]
)
def test_one_state_at_a_time(
    failed: Job, association: Association, officer: User, sign_in: SignIn, state: str, shown: int
) -> None:
    make(association, 3)
    make(
        association,
        2,
        state=JobState.RUNNING,
        owner="x",
        leased_until=clock.now(),
        progress=40,
        progress_text="Skriver kapitel 2",
    )
    answer = sign_in(officer).get(f"/sjo/kansli/arbeten/?lage={state}")

    assert len(answer.context["rows"]) == shown


def test_the_list_costs_the_same_with_many_rows(
    association: Association, officer: User, sign_in: SignIn
) -> None:
    client = sign_in(officer)

    def measure() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            response = client.get("/sjo/kansli/arbeten/")
        return len(queries), len(response.content)

    make(association, 10)
    measure()
    few, _ = measure()
    make(association, 990, state=JobState.FAILED, error="Fel " * 20, finished_at=clock.now())
    many, size = measure()

    assert few == many
    assert many <= 15
    assert size <= 60_000
