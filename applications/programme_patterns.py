"""Beginning a programme from one that the portal comes with: its rules as they are, days ahead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from applications.models import Programme
from applications.programme_definition import (
    PROGRAMMES,
    ProgrammeDefinition,
    as_json,
    read_programme,
)
from applications.programme_definition.values import Access
from applications.programme_editing import KEEPERS, a_year_later, change_copy
from applications.programmes_loading import load_definition
from finsam import clock
from finsam.associations.models import Association
from finsam.errors import DomainError, NotAllowed
from finsam.people.access import visitor_for
from finsam.people.models import User


@dataclass(frozen=True)
class Pattern:
    """A programme to begin from."""

    key: str
    name: str


@cache
def patterns() -> tuple[Pattern, ...]:
    """The programmes that the portal comes with, in the order of their names."""
    found = [read_programme(path) for path in PROGRAMMES.glob("*.toml")]
    return tuple(Pattern(one.slug, one.name) for one in sorted(found, key=lambda one: one.name))


def begin_programme(*, association: Association, pattern: str, name: str, actor: User) -> Programme:
    """A programme of the association with the rules of a pattern, once for each name.

    It is in force without any round, so nothing can be applied for. The pattern's first round,
    with its days ahead and open to all members, waits in the working copy to be looked through
    and put in force. Raises NotAllowed, DomainError for a name that is taken or none.
    """
    source = next((one for one in patterns() if one.key == pattern), None)
    slug = slugify(name)[:80]
    if source is None or not slug:
        raise DomainError("no_name", "Välj en förlaga och skriv programmets namn.", "name")
    if not visitor_for(association, actor).has(*KEEPERS):
        raise NotAllowed("role_missing", "Bara förbundschef och administratör lägger upp program.")
    definition = read_programme(PROGRAMMES / f"{pattern}.toml")
    with transaction.atomic():
        Association.objects.select_for_update().get(pk=association.pk)
        held = Programme.objects.filter(association=association, slug=slug).first()
        if held is not None:
            if held.definition.get("lead") == definition.lead and not held.rounds.exists():
                return held
            raise DomainError("name_taken", "Förbundet har redan ett program med namnet.", "name")
        begun = load_definition(_emptied(definition, association, slug, name), actor=actor)
        programme = begun.programme
        change_copy(
            programme,
            lambda copy: copy.update(rounds=[_ahead(as_json(definition.rounds[0]))]),
            0,
            actor,
        )
    return programme


def _emptied(
    definition: ProgrammeDefinition, association: Association, slug: str, name: str
) -> ProgrammeDefinition:
    """The pattern as the association's own, without rounds, money or invitations."""
    return replace(
        definition,
        slug=slug,
        association=association.slug,
        name=name,
        economy=None,
        rounds=(),
        eligibility=replace(definition.eligibility, access=Access.MEMBERS),
    )


def _ahead(round_: Mapping[str, Any]) -> dict[str, Any]:
    """The round with its days moved by years until it opens today or later."""
    made: dict[str, Any] = {**round_, "invited": [], "frame": None}
    today = clock.today().isoformat()
    while made["opens"] < today:
        made = a_year_later(made)
    return made
