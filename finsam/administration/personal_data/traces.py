"""Finding every place where a person appears in an association's data (GDPR article 15)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Field, Model, Q, TextField
from django.db.models.functions import Cast

from finsam import clock
from finsam.administration.personal_data.paths import (
    Kind,
    name_of,
    path_to_association,
    people_fields,
    sealed_when,
    searched_kinds,
    text_fields,
)
from finsam.associations.models import Association
from finsam.people.models import User

SEALED = "Utkast och egna anteckningar"
ACCOUNT = "kontot"
AROUND = 60
# A mail is its reader's own: that it was sent is told, not what it said.
WITHOUT_EXCERPT = {"post.message"}
NOT_SHOWN = {"password", "session_key", "token_hash", "data", "key"}


@dataclass(frozen=True)
class Person:
    """Whom the search is for: a name, an address or both, and the account if there is one."""

    name: str = ""
    email: str = ""
    user: User | None = None

    @property
    def words(self) -> list[str]:
        return [word for word in (" ".join(self.name.split()), self.email.strip()) if word]


@dataclass(frozen=True)
class Trace:
    """One place: the kind of row and its number, the field, what stands there, and its day."""

    place: str
    number: str
    field: str
    excerpt: str
    day: date | None


def person_of(user: User) -> Person:
    """The person behind an account."""
    return Person(user.name, user.email, user)


def traces_of(association: Association, person: Person) -> list[Trace]:
    """Every place in the association's data, and in the account, by kind of row.

    Of drafts and private notes only that there is something is told, never what or where.
    """
    return [trace for kind in searched_kinds() for trace in _in_kind(kind, association, person)]


def _in_kind(kind: Kind, association: Association, person: Person) -> Iterator[Trace]:
    path = path_to_association(kind)
    fields = people_fields(kind)
    if path is None:
        yield from _in_account(kind, person, fields)
        return
    written = text_fields(kind)
    sealed = sealed_when(kind)
    rows = kind._base_manager.filter(**{path: association.pk})
    rows = rows.annotate(
        _sealed=ExpressionWrapper(sealed or Q(pk__isnull=True), output_field=BooleanField()),
        **{f"_{field.name}": Cast(field.name, TextField()) for field in written},
    )
    wanted = _by_account(fields, person) | _by_words(written, person)
    if not wanted:
        return
    names = ["pk", "_sealed", *fields, *(field.name for field in written), *_day(kind)]
    for row in rows.filter(wanted).order_by("pk").values(*names):
        yield from _in_row(kind, row, person, fields, written)


def _in_account(kind: Kind, person: Person, fields: list[str]) -> Iterator[Trace]:
    """What belongs to no association: the account itself and what hangs on it."""
    if person.user is None:
        return
    wanted = Q(pk=person.user.pk) if kind is User else _by_account(fields, person)
    if not wanted:
        return
    shown = [field.name for field in text_fields(kind) if field.name not in NOT_SHOWN]
    for row in kind._base_manager.filter(wanted).order_by("pk").values("pk", *shown, *_day(kind)):
        said = ", ".join(str(row[name]) for name in shown if row[name])
        yield Trace(name_of(kind), str(row["pk"]), ACCOUNT, said[:300], _day_of(kind, row))


def _in_row(
    kind: Kind,
    row: dict[str, Any],
    person: Person,
    fields: list[str],
    written: list[Field[Any, Any]],
) -> Iterator[Trace]:
    found = [(ACCOUNT, "") for name in fields
             if person.user is not None and row[name] == person.user.pk]  # fmt: skip
    for field in written:
        excerpt = _excerpt(_plain(row[field.name]), person)
        if excerpt:
            found.append((_field(kind, field.name), excerpt))
    for name, excerpt in found:
        if row["_sealed"]:
            yield Trace(SEALED, "", "", "", None)
        else:
            shown = "" if kind._meta.label_lower in WITHOUT_EXCERPT else excerpt
            yield Trace(name_of(kind), str(row["pk"]), name, shown, _day_of(kind, row))


def _by_account(fields: list[str], person: Person) -> Q:
    wanted = Q()
    if person.user is not None:
        for name in fields:
            wanted |= Q(**{name: person.user.pk})
    return wanted


def _by_words(written: list[Field[Any, Any]], person: Person) -> Q:
    """Rows in which a word may stand; also as data keeps letters outside ASCII."""
    wanted = Q()
    for field in written:
        for word in person.words:
            for way in _ways(word):
                wanted |= Q(**{f"_{field.name}__icontains": way})
    return wanted


def _ways(word: str) -> set[str]:
    plain = {word, word.upper(), word.lower()}
    return plain | {json.dumps(way)[1:-1] for way in plain}


def _excerpt(text: str, person: Person) -> str:
    """The first place where the name or the address stands by itself, with what is around it."""
    for word in person.words:
        pattern = r"\s+".join(map(re.escape, word.split()))
        found = re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE)
        if found:
            start, end = max(found.start() - AROUND, 0), found.end() + AROUND
            return " ".join(text[start:end].split())
    return ""


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _field(kind: type[Model], name: str) -> str:
    return str(getattr(kind._meta.get_field(name), "verbose_name", name))


def _day(kind: type[Model]) -> list[str]:
    """The first field that says when."""
    kinds = ("DateTimeField", "DateField")
    found = [field.name for field in kind._meta.concrete_fields
             if field.get_internal_type() in kinds]  # fmt: skip
    return found[:1]


def _day_of(kind: type[Model], row: dict[str, Any]) -> date | None:
    for name in _day(kind):
        value: date | None = row[name]
        return clock.stockholm(value).date() if isinstance(value, datetime) else value
    return None
