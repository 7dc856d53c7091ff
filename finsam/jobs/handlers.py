"""The register of what can be promised: one handler per kind of job.

A handler lives in its app's `tasks.py` and is imported at start-up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from finsam.errors import DomainError
from finsam.jobs.models import Job

Report = Callable[[int, str], None]
Finish = Callable[[], None]
Handler = Callable[[Job, Report], Finish]

ATTEMPTS = 5


class NotYet(DomainError):
    """The work waits for something that is under way: it is tried again a little later."""


@dataclass(frozen=True)
class Registered:
    run: Handler
    attempts: int
    title: str
    listed: bool = True


_handlers: dict[str, Registered] = {}


def handler(
    kind: str, *, attempts: int = ATTEMPTS, title: str = "", listed: bool = True
) -> Callable[[Handler], Handler]:
    """Make a function the handler of a kind of job.

    The function does the slow work, outside any transaction, and must be safe to run twice: it
    writes nothing that counts. What it returns is called inside the job's last transaction, and
    only if the job is still this worker's; there the result is written. `title` is what the
    office reads in the list of jobs; what is not `listed` is between the portal and who asked.
    """

    def register(function: Handler) -> Handler:
        known = _handlers.get(kind)
        if known is not None and known.run is not function:
            raise ValueError(f"Two handlers for jobs of kind {kind!r}.")
        _handlers[kind] = Registered(function, attempts, title or kind, listed)
        return function

    return register


def handler_of(kind: str) -> Registered | None:
    """The handler of a kind, or None when this version of the portal knows none."""
    return _handlers.get(kind)


def unlisted_kinds() -> list[str]:
    """The kinds of job that the office's list says nothing of."""
    return [kind for kind, known in _handlers.items() if not known.listed]


def title_of(kind: str) -> str:
    """What people read of a kind of job."""
    known = _handlers.get(kind)
    return known.title if known else kind
