"""Founding an association in the installation: its facts, members and first administrator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from finsam.administration.roles import give_first_administrator
from finsam.associations.models import (
    Association,
    AssociationKind,
    Member,
    NoticeBoard,
    PartyKind,
)
from finsam.errors import DomainError, NotAllowed
from finsam.people.models import User
from finsam.registry.events import record_event

# The first part of an address that is not an association's.
RESERVED = frozenset({"drift", "halsa", "konto", "nytt-forbund", "static", "stil"})
STATE = (
    ("Försäkringskassan", PartyKind.INSURANCE_AGENCY),
    ("Arbetsförmedlingen", PartyKind.EMPLOYMENT_SERVICE),
)
ANNOUNCING = (PartyKind.REGION, PartyKind.MUNICIPALITY)  # KL 8:12


@dataclass(frozen=True)
class Founding:
    """What is said of a new association; municipalities with their inhabitants, where known."""

    name: str
    short_name: str
    slug: str
    kind: AssociationKind
    register_prefix: str
    email: str
    regions: Sequence[str]
    municipalities: Sequence[tuple[str, int | None]]
    administrator_email: str
    administrator_name: str


def found_association(*, said: Founding, actor: User) -> Association:
    """Create an association with its members, notice boards and first administrator, once.

    A coordination association has the state's two agencies without being told (FL 1 §). Writes
    `association_founded`; the administrator gets a mail. Raises NotAllowed for others than the
    installation's operators, DomainError when the address is taken or a kind of party is missing.
    """
    if not actor.is_superuser:
        raise NotAllowed("not_operator", "Bara den som driver portalen lägger upp förbund.")
    _check(said)
    with transaction.atomic():
        found = Association.objects.filter(slug=said.slug).first()
        if found is not None:
            if _is_the_same(found, said):
                return found
            raise DomainError(
                "slug_taken",
                f"Adressen är upptagen: {found.name} finns redan i portalen. Välj en annan adress. "
                "Är det ert förbund, ändrar dess administratör uppgifterna.",
                "slug",
            )
        association = _create(said)
        for position, (name, kind, population) in enumerate(_members(said), start=1):
            member = Member.objects.create(
                association=association,
                slug=slugify(name)[:60],
                name=name,
                short_name=name[:60],
                kind=kind,
                population=population,
                position=position,
            )
            if kind in ANNOUNCING:
                board = f"Anslagstavla, {name}"[:120]
                NoticeBoard.objects.create(association=association, member=member, name=board)
        record_event(
            association=association,
            actor=actor,
            action="association_founded",
            obj=association,
            payload={"name": said.name, "members": [name for name, _, _ in _members(said)]},
        )
        give_first_administrator(
            association=association,
            email=said.administrator_email,
            name=said.administrator_name,
            actor=actor,
        )
    return association


def _is_the_same(found: Association, said: Founding) -> bool:
    """Whether it was founded by the same form, sent again."""
    members = found.members.values_list("name", "kind", "population")
    return (
        (found.name, found.short_name, found.kind, found.register_prefix, found.email)
        == (said.name, said.short_name, said.kind, said.register_prefix, said.email)
        and set(members) == set(_members(said))
        and found.roles.filter(user__email=said.administrator_email.lower()).exists()
    )


def _check(said: Founding) -> None:
    if said.slug in RESERVED:
        raise DomainError("slug_reserved", "Adressen används av portalen. Välj en annan.", "slug")
    if said.kind == AssociationKind.COORDINATION:
        for names, field, word in (
            (said.regions, "regions", "region"),
            (said.municipalities, "municipalities", "kommun"),
        ):
            if not names:
                raise DomainError(
                    "party_missing",
                    f"Ett samordningsförbund har minst en {word} som medlem (1 § lagen om "
                    "finansiell samordning).",
                    field,
                )
    slugs = [slugify(name) for name, _, _ in _members(said)]
    if len(set(slugs)) != len(slugs):
        raise DomainError("member_twice", "En medlem står två gånger.", "municipalities")


def _members(said: Founding) -> Iterator[tuple[str, PartyKind, int | None]]:
    if said.kind == AssociationKind.COORDINATION:
        yield from ((name, kind, None) for name, kind in STATE)
    yield from ((name, PartyKind.REGION, None) for name in said.regions)
    yield from ((name, PartyKind.MUNICIPALITY, count) for name, count in said.municipalities)


def _create(said: Founding) -> Association:
    try:
        with transaction.atomic():
            return Association.objects.create(
                slug=said.slug,
                name=said.name,
                short_name=said.short_name,
                initials=said.short_name[:2].upper(),
                kind=said.kind,
                register_prefix=said.register_prefix,
                email=said.email,
                headline=said.name,
            )
    except IntegrityError as error:
        raise DomainError(
            "prefix_taken",
            "Ett annat förbund i portalen har samma prefix i sina diarienummer.",
            "register_prefix",
        ) from error
