"""The id of the user's action under way, so that all its events can be found together."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_WELL_FORMED = re.compile(r"[A-Za-z0-9:_.-]{4,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """The id under way, or an empty text outside requests and jobs."""
    return _current.get()


@contextmanager
def request_id(proposed: str = "") -> Iterator[str]:
    """Carry an id through the block: `proposed` if it is well-formed, else a new one."""
    chosen = proposed if _WELL_FORMED.fullmatch(proposed) else uuid.uuid4().hex
    token = _current.set(chosen)
    try:
        yield chosen
    finally:
        _current.reset(token)
