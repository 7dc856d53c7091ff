"""Puts the invented people in place: accounts, roles, bodies and seats."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.contrib.auth.hashers import get_hasher, make_password
from django.db import transaction

from boards.demo.content import BodyContent, PeopleContent
from boards.models import Body, BodyKind, Seat
from finsam.associations.models import Association, Member, PartyKind
from finsam.people.models import Role, User

DEMO_PASSWORD = "exempel-finsam"  # noqa: S105 - only where DEMO is on, told to everyone there


@contextmanager
def passwords_tried_once() -> Iterator[None]:
    """Let each password be tried once against each hash, for as long as the stories are told.

    Seventy signatures and attestations confirm the one password that all of an association's
    people share; trying it is made slow on purpose, and was most of what a loading took.
    """
    hasher = get_hasher()
    hasher.verify = cache(hasher.verify)  # type: ignore[method-assign]
    try:
        yield
    finally:
        del hasher.verify


def settle_people(content: PeopleContent) -> dict[str, User]:
    """Make the people of an association with their roles and seats; again changes nothing."""
    association = Association.objects.get(slug=content.association)
    members = {member.name: member for member in association.members.all()}
    hashed = make_password(DEMO_PASSWORD)
    with transaction.atomic():
        people = {}
        for person in content.people:
            user, created = User.objects.get_or_create(
                email=person.email,
                defaults={"name": person.name, "title": person.title, "password": hashed},
            )
            people[person.key] = user
            if created or not user.roles.filter(association=association).exists():
                _give_roles(content, association, members, person.key, user)
        for body in content.bodies:
            _seat(content, association, members, people, body.slug)
    return people


def _give_roles(
    content: PeopleContent,
    association: Association,
    members: dict[str, Member],
    key: str,
    user: User,
) -> None:
    person = next(one for one in content.people if one.key == key)
    for role in person.roles:
        Role.objects.get_or_create(
            user=user,
            association=association,
            kind=role.kind,
            member=members[role.member] if role.member else None,
            valid_from=content.roles_from,
        )


def _seat(
    content: PeopleContent,
    association: Association,
    members: dict[str, Member],
    people: dict[str, User],
    slug: str,
) -> None:
    wanted = next(one for one in content.bodies if one.slug == slug)
    body, _ = Body.objects.get_or_create(
        association=association,
        slug=slug,
        defaults={
            "kind": wanted.kind,
            "name": wanted.name,
            "municipality": _municipality(members, wanted),
        },
    )
    for seat in wanted.seats:
        Seat.objects.get_or_create(
            body=body,
            user=people[seat.person],
            valid_from=content.roles_from,
            defaults={
                "member": members[seat.member] if seat.member else None,
                "function": seat.function,
                "order": seat.order,
            },
        )


def _municipality(members: dict[str, Member], body: BodyContent) -> Member | None:
    """A local consultation group is its leader's municipality's."""
    if body.kind != BodyKind.CONSULTATION:
        return None
    seated = [members[seat.member] for seat in body.seats if seat.member]
    local = [one for one in seated if one.kind == PartyKind.MUNICIPALITY]
    return local[0] if len(local) == 1 else None
