"""Sets up an association and its members from a definition file, once or again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from django.db import transaction

from finsam.associations.models import (
    Association,
    AssociationKind,
    Member,
    NoticeBoard,
    PartyKind,
)
from finsam.definitions import (
    Between,
    DefinitionError,
    Length,
    Pattern,
    Problem,
    Slug,
    parse,
    read_text,
)

DEFINITIONS = Path(__file__).resolve().parent / "definitions"

Name = Annotated[str, Length(120)]
Short = Annotated[str, Length(60)]
Email = Annotated[str, Pattern(r"[^@\s]+@[^@\s]+\.[^@\s]+", "en e-postadress")]


@dataclass(frozen=True, kw_only=True)
class MemberDefinition:
    """A member, or a unit of the member named as its parent."""

    slug: Slug
    name: Name
    short_name: Short
    kind: str
    parent: Slug | None = None
    population: Annotated[int, Between(1, 20_000_000)] | None = None
    notice_board: Name | None = None
    notice_board_email: Email | None = None


@dataclass(frozen=True, kw_only=True)
class AssociationDefinition:
    slug: Slug
    name: Name
    short_name: Short
    initials: Annotated[str, Length(3)]
    kind: str
    register_prefix: Annotated[str, Length(12)]
    colour: Annotated[str, Pattern(r"#[0-9a-f]{6}", "en färg som #0b5d57")]
    headline: Name
    lead: str
    email: Email
    phone: str
    address: str
    members: tuple[MemberDefinition, ...]
    board_name: Short = "Styrelsen"
    council_name: Short = "Utvecklingsrådet"
    director_title: Short = "förbundschef"
    office_name: Short = "kansliet"
    remote_participation: bool = False


def read_association(path: Path) -> AssociationDefinition:
    """The definition in a file. Raises DefinitionError with file, key and what was expected."""
    definition = parse(AssociationDefinition, read_text(path), file=path.name)
    faults: list[tuple[str, str]] = []
    if definition.slug != path.stem:
        faults.append(("slug", f"”{path.stem}”, samma namn som filen"))
    if definition.kind not in AssociationKind.values:
        faults.append(("kind", f"ett av orden {', '.join(AssociationKind.values)}"))
    known: set[str] = set()
    for number, member in enumerate(definition.members, start=1):
        if member.kind not in PartyKind.values:
            kinds = ", ".join(PartyKind.values)
            faults.append((f"members[{number}].kind", f"ett av orden {kinds}"))
        if member.parent is not None and member.parent not in known:
            faults.append((f"members[{number}].parent", "en medlem som står före i filen"))
        known.add(member.slug)
    if faults:
        raise DefinitionError([Problem(path.name, key, expected) for key, expected in faults])
    return definition


def load_association(definition: AssociationDefinition) -> Association:
    """Create the association, its members and notice boards, or bring them to the definition.

    Nothing is taken away: a member that the definition does not name stays as it is.
    """
    facts = {
        name: getattr(definition, name)
        for name in AssociationDefinition.__dataclass_fields__
        if name not in {"slug", "members"}
    }
    with transaction.atomic():
        association, _ = Association.objects.update_or_create(slug=definition.slug, defaults=facts)
        for position, member in enumerate(definition.members, start=1):
            _load_member(association, member, position)
    return association


def ensure_association(slug: str) -> Association | None:
    """The association as it is; when there is none, set up from the definition of that name."""
    found = Association.objects.filter(slug=slug).first()
    path = DEFINITIONS / f"{slug}.toml"
    if found is not None or not path.is_file():
        return found
    return load_association(read_association(path))


def _load_member(association: Association, definition: MemberDefinition, position: int) -> None:
    parent = (
        Member.objects.get(association=association, slug=definition.parent)
        if definition.parent
        else None
    )
    member, _ = Member.objects.update_or_create(
        association=association,
        slug=definition.slug,
        defaults={
            "name": definition.name,
            "short_name": definition.short_name,
            "kind": definition.kind,
            "parent": parent,
            "population": definition.population,
            "position": position,
        },
    )
    if definition.notice_board is not None:
        NoticeBoard.objects.update_or_create(
            member=member,
            defaults={
                "association": association,
                "name": definition.notice_board,
                "email": definition.notice_board_email or "",
            },
        )
