"""The Celery application: the broker only carries the hint, the job row is the truth."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init
from kombu.transport import TRANSPORT_ALIASES

TRANSPORT_ALIASES["filesystem"] = "finsam.file_broker:Transport"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "finsam.settings")

app = Celery("finsam")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# What a heavy document has taken is given back to the machine (kB).
app.conf.worker_max_memory_per_child = 800_000


@worker_process_init.connect  # type: ignore[untyped-decorator]
def _limit_memory(**_signal: Any) -> None:
    from finsam.jobs.memory import limit_memory

    limit_memory()
