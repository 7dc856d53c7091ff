"""Settings of the workers that make the tests' documents and are killed at it."""

from __future__ import annotations

from tests.races.settings import *  # noqa: F403
from tests.races.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.documents.worker"]
# A rendering takes seconds on a busy machine, and is lent for longer than trial jobs.
JOB_MEMORY_MB = 3_072
