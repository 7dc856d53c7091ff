"""How long a job is lent, how long it rests between tries, and when a hint is repeated."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

# After an error the outside world gets longer and longer to mend itself.
PAUSES_AFTER_ERROR = (5, 30, 120, 600)
# After a worker that died the job is usually blameless: the next one takes it at once.
PAUSES_AFTER_DEATH = (0, 1, 10, 60)


def hint_again_after() -> timedelta:
    """How long a hint may be on its way before the sweep gives another."""
    return timedelta(seconds=getattr(settings, "JOB_HINT_AGAIN_SECONDS", 30))


def lease() -> timedelta:
    """How long a worker may be silent before its job is given to another."""
    return timedelta(seconds=getattr(settings, "JOB_LEASE_SECONDS", 60))


def pause(steps: tuple[int, ...], attempts: int) -> timedelta:
    """The rest after so many attempts; the last step is repeated."""
    return timedelta(seconds=steps[min(attempts, len(steps)) - 1])
