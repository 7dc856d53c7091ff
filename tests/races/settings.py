"""Settings of the worker processes that the races start and kill."""

from __future__ import annotations

from tests.settings import *  # noqa: F403
from tests.settings import CELERY_BEAT_SCHEDULE, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.races.trial"]
JOB_LEASE_SECONDS = 2
JOB_HINT_AGAIN_SECONDS = 4
JOB_MEMORY_MB = 1_200
FAULT_INJECTION = True
CELERY_BEAT_SCHEDULE = {
    **CELERY_BEAT_SCHEDULE,
    "sweep": {"task": "jobs.sweep", "schedule": 2.0, "options": {"expires": 2}},
}
