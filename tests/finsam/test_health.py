"""The address where watchers ask how the installation is."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.test import Client

from finsam import clock, health
from finsam.associations.models import Association
from finsam.jobs.models import Job, JobState

pytestmark = pytest.mark.django_db
on_files = pytest.mark.skipif(
    not settings.BROKER_URL.startswith("filesystem"), reason="BROKER_URL names no folder"
)


def promised(association: Association, minutes_ago: int, **fields: object) -> Job:
    moment = clock.now() - timedelta(minutes=minutes_ago)
    key = f"health-{Job.objects.count()}"
    return Job.objects.create(
        association=association, kind="test", key=key, created_at=moment, **fields
    )


def test_all_is_well_when_nothing_waits(client: Client) -> None:
    answer = client.get("/halsa/")

    assert answer.status_code == 200
    assert answer.json()["database"] is True
    assert answer.json()["queue"] == {"ok": True, "waiting": 0, "oldest_seconds": 0}
    assert answer.json()["late"] == []
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_job_that_nobody_takes_is_told(client: Client, association: Association) -> None:
    promised(association, minutes_ago=6)
    promised(association, minutes_ago=1)

    state = client.get("/halsa/").json()

    assert state["late"] == ["queue"]
    assert state["queue"]["waiting"] == 2
    assert 360 <= state["queue"]["oldest_seconds"] < 400


def test_jobs_that_are_done_or_for_later_do_not_count(
    client: Client, association: Association
) -> None:
    promised(association, minutes_ago=60, state=JobState.DONE)
    promised(association, minutes_ago=60, not_before=clock.now() + timedelta(hours=1))
    promised(association, minutes_ago=60, not_before=clock.now() - timedelta(minutes=1))

    queue = client.get("/halsa/").json()["queue"]

    assert (queue["ok"], queue["waiting"]) == (True, 1)


@on_files
def test_hints_that_nobody_reads_are_told(client: Client) -> None:
    folder = Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"])
    message = folder / "1_x.celery.msg"
    message.write_text("{}")
    old = time.time() - 600
    os.utime(message, (old, old))
    try:
        state = client.get("/halsa/").json()
    finally:
        message.unlink()

    assert state["late"] == ["broker"]
    assert state["broker"] == {"ok": False, "waiting": 1}


def test_a_broker_that_does_not_answer_stops_no_page(
    client: Client, settings: pytest.FixtureRequest
) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]

    answer = client.get("/halsa/")

    assert answer.status_code == 200
    assert answer.json()["late"] == ["broker"]


@pytest.mark.redis
def test_a_redis_that_answers_is_well(client: Client) -> None:
    assert client.get("/halsa/").json()["broker"]["ok"] is True


def test_without_its_database_the_portal_says_that_it_is_down(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise DatabaseError

    monkeypatch.setattr(health, "_queue", gone)

    answer = client.get("/halsa/")

    assert answer.status_code == 503
    assert answer.json() == {"database": False}
