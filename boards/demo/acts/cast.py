"""The people of a story, and what has come into being so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from applications.models import (
    Application,
    Round,
)
from boards.demo.content import (
    EffortsContent,
)
from boards.models import (
    Body,
)
from finsam import clock
from finsam.associations.models import Association
from finsam.people.models import Role, RoleKind, User


@dataclass
class Cast:
    """The people, the round and what has come into being so far."""

    association: Association
    round: Round
    content: EffortsContent
    people: Mapping[str, User]
    applications: dict[str, Application] = field(default_factory=dict)

    def by_role(self, kind: RoleKind) -> User:
        role = Role.objects.filter(association=self.association, kind=kind).order_by("pk").first()
        if role is None:
            raise LookupError(f"Ingen har rollen {kind.label} i {self.association}.")
        return role.user

    @property
    def director(self) -> User:
        return self.by_role(RoleKind.DIRECTOR)

    @property
    def officer(self) -> User:
        kinds = (RoleKind.OFFICER, RoleKind.DIRECTOR)
        held = Role.objects.filter(association=self.association, kind__in=kinds)
        return held.order_by("-kind", "pk")[0].user

    def body(self, kind: str) -> Body:
        return Body.objects.get(association=self.association, kind=kind)


def at_time(day: date, hour: int, minute: int = 0) -> datetime:
    return clock.from_wall_clock(day, time(hour, minute))


def fresh(cast: Cast, key: str) -> Application:
    """The application as it stands in the database now."""
    found = Application.objects.select_related(
        "association", "round__programme", "round__frame", "template", "budget", "case"
    ).get(pk=cast.applications[key].pk)
    cast.applications[key] = found
    return found
