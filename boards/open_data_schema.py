"""The part of the 360Giving schema that our open data use, as a check of our own.

Required fields, their types and forms are those of the standard's package and grant schemas
(version 1.4); fields that we never write are not described here and are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

ID = re.compile(r"^[A-Za-z0-9]+-[A-Za-z0-9._:\-]+$")
CURRENCY = re.compile(r"^[A-Z]{3}$")
LINK = re.compile(r"^https?://[^\s]+$")


@dataclass(frozen=True)
class Shape:
    """What an object may hold: each name with what its value must be; some must be there."""

    fields: Mapping[str, Any]
    required: tuple[str, ...]


ORGANISATION = Shape({"id": ID, "name": str}, ("id", "name"))
PLANNED = Shape({"startDate": date, "endDate": date, "duration": int}, ())
PROGRAMME = Shape({"code": str, "title": str, "description": str, "url": LINK}, ())
GRANT = Shape(
    {
        "id": ID,
        "title": str,
        "description": str,
        "currency": CURRENCY,
        "amountAwarded": (int, float),
        "awardDate": date,
        "recipientOrganization": [ORGANISATION],
        "fundingOrganization": [ORGANISATION],
        "plannedDates": [PLANNED],
        "grantProgramme": [PROGRAMME],
        "dateModified": date,
        "dataSource": LINK,
    },
    ("id", "title", "description", "currency", "amountAwarded", "awardDate",
     "recipientOrganization", "fundingOrganization"),
)  # fmt: skip
PUBLISHER = Shape({"name": str, "org_id": ID}, ("name",))
PACKAGE = Shape({"license": LINK, "publisher": PUBLISHER, "grants": [GRANT]}, ("grants",))


def faults_of(package: Any) -> list[str]:
    """Where the package departs from the schema, by path; nothing when it is valid."""
    found = list(_faults("", package, PACKAGE))
    if not found:
        ids = [grant["id"] for grant in package["grants"]]
        found += [
            f"grants: {one} står två gånger" for one in sorted(set(ids)) if ids.count(one) > 1
        ]
    return found


def _faults(path: str, value: Any, wanted: Any) -> Iterator[str]:
    if isinstance(wanted, Shape):
        yield from _object_faults(path, value, wanted)
    elif isinstance(wanted, list):
        if not isinstance(value, list) or (not value and path != "/grants"):
            yield f"{path}: väntade en lista med minst en post"
            return
        for at, each in enumerate(value):
            yield from _faults(f"{path}/{at}", each, wanted[0])
    elif not _fits(value, wanted):
        yield f"{path}: {value!r} har fel form"


def _object_faults(path: str, value: Any, wanted: Shape) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: väntade ett objekt"
        return
    for name in wanted.required:
        if name not in value:
            yield f"{path}/{name}: saknas"
    for name, held in value.items():
        if name not in wanted.fields:
            yield f"{path}/{name}: okänt fält"
        else:
            yield from _faults(f"{path}/{name}", held, wanted.fields[name])


def _fits(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, re.Pattern):
        return isinstance(value, str) and bool(wanted.match(value))
    if wanted is date:
        return isinstance(value, str) and _is_day(value)
    if wanted is str:
        return isinstance(value, str) and bool(value.strip())
    return isinstance(value, wanted) and not isinstance(value, bool)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text[:10]) is not None
    except ValueError:
        return False
