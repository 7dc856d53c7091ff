"""Settings of the worker processes that the races start and kill."""

from __future__ import annotations

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.races.trial"]
JOB_LEASE_SECONDS = 2
JOB_HINT_AGAIN_SECONDS = 8
JOB_MEMORY_MB = 1_200
FAULT_INJECTION = True
