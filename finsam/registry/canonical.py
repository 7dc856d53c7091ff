"""One way to write a payload down, so that its digest is the same in every database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

UNSTORABLE = dict.fromkeys([0, *range(0xD800, 0xE000)], "\ufffd")


def canonical(value: Any) -> Any:
    """The value as JSON gives it back from any database: plain types, floats as text.

    PostgreSQL refuses NUL and lone surrogates and may return a float as a whole number,
    so neither is kept as such.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return value.translate(UNSTORABLE)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key).translate(UNSTORABLE): canonical(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(part) for part in value]
    if isinstance(value, set | frozenset):
        return sorted((canonical(part) for part in value), key=str)
    return canonical(DjangoJSONEncoder().default(value))


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON text of a value."""
    text = json.dumps(canonical(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
