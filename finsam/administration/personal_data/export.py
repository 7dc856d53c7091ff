"""Handing a person what the portal holds of them, as one file to read and one for machines."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string

from finsam import clock
from finsam.administration.personal_data.traces import Person, Trace, traces_of
from finsam.associations.models import Association
from finsam.errors import DomainError, NotAllowed
from finsam.people.access import visitor_for
from finsam.people.models import RoleKind, User
from finsam.registry.events import record_event

MAY_EXPORT = (RoleKind.ADMINISTRATOR, RoleKind.DIRECTOR)
FIRST_DAY = (1980, 1, 1, 0, 0, 0)


def export_person(*, association: Association, person: Person, actor: User) -> bytes:
    """A zip file with every place where the person appears here; writes `person_data_exported`.

    The event says that it was done and how many places there were, never of whom: it can never
    be taken away again. Raises NotAllowed, DomainError when neither name nor address is given.
    """
    if not visitor_for(association, actor).has(*MAY_EXPORT):
        raise NotAllowed("role_missing", "Bara administratör och förbundschef gör registerutdrag.")
    if not person.words:
        raise DomainError("person_missing", "Skriv personens namn, e-postadress eller båda.")
    traces = traces_of(association, person)
    with transaction.atomic():
        record_event(
            association=association,
            actor=actor,
            action="person_data_exported",
            obj=association,
            payload={"places": len(traces)},
        )
    return _zipped(association, person, traces)


def _zipped(association: Association, person: Person, traces: list[Trace]) -> bytes:
    about: dict[str, Any] = {
        "association": association.name,
        "name": person.name,
        "email": person.email,
        "made_at": clock.now().isoformat(),
        "places": [asdict(trace) for trace in traces],
    }
    page = render_to_string(
        "administration/person_export.html",
        {"association": association, "person": person, "traces": traces, "made": clock.now()},
    )
    data = json.dumps(about, ensure_ascii=False, indent=1, default=str)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        for name, text in (("registerutdrag.html", page), ("registerutdrag.json", data)):
            box.writestr(zipfile.ZipInfo(name, FIRST_DAY), text)
    return out.getvalue()
