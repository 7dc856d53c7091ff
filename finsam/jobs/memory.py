"""A ceiling for a worker's memory, so that one greedy job fails alone."""

from __future__ import annotations

import resource

from django.conf import settings


def limit_memory() -> None:
    """Let this process fail with MemoryError rather than take the machine's memory."""
    ceiling = getattr(settings, "JOB_MEMORY_MB", 3_072) * 1024 * 1024
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or ceiling < hard:
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, hard))
