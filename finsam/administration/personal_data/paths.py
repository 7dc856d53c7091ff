"""How each kind of row hangs together with an association, and whether it belongs to a draft."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db.models import Field, Model, Q
from django.db.models.fields.json import JSONField

from finsam.associations.models import Association
from finsam.people.models import User
from finsam.registry.models import Event
from finsam.registry.wording import private_until_registered

# Bookkeeping of the machinery, in which a person appears only as a row's number.
WITHOUT_PEOPLE = {"sessions", "contenttypes", "auth"}
# Names of files and the frozen text of jobs may be those of drafts.
ALWAYS_SEALED = {"documents.storedfile", "documents.preview", "jobs.job"}
ACCOUNT = {
    "account.emailaddress": "e-postadress",
    "admin.logentry": "ändring av driften",
    "mfa.authenticator": "tvåstegsinloggning",
    "socialaccount.socialaccount": "inloggning hos annan",
    "usersessions.usersession": "inloggning",
}
_sealed: set[str] = set()
_names: dict[str, str] = dict(ACCOUNT)
Kind = type[Model]


def seal(*labels: str) -> None:
    """Keep what stands in such rows from everyone but those who wrote them."""
    _sealed.update(labels)


def name_places(names: Mapping[str, str]) -> None:
    """Say what people call kinds of row, by label, whose models bear no such name."""
    _names.update(names)


def name_of(kind: Kind) -> str:
    """What people call such a row: Part, Inlägg."""
    name = _names.get(kind._meta.label_lower) or str(kind._meta.verbose_name)
    return name[:1].upper() + name[1:]


def searched_kinds() -> Iterator[Kind]:
    """Every kind of row in which a person may appear, by label."""
    kinds = [kind for kind in apps.get_models() if kind._meta.app_label not in WITHOUT_PEOPLE]
    yield from sorted(kinds, key=lambda kind: kind._meta.label_lower)


def people_fields(kind: Kind) -> list[str]:
    """The fields that point at a person."""
    return [field.name for field in _foreign(kind) if field.related_model is User]


def text_fields(kind: Kind) -> list[Field[Any, Any]]:
    """The fields in which a name may stand: free text, and data with text inside."""
    written = ("CharField", "TextField", "EmailField")
    return [
        field
        for field in kind._meta.concrete_fields
        if isinstance(field, JSONField)
        or (field.get_internal_type() in written and not field.choices)
    ]


@lru_cache(maxsize=512)
def path_to_association(kind: Kind) -> str | None:
    """The lookup from a row to its association; "pk" of the association itself, None without."""
    if kind is Association:
        return "pk"
    return _path(kind, lambda target: target is Association)


@lru_cache(maxsize=512)
def sealed_when(kind: Kind) -> Q | None:
    """When a row belongs to a draft or is somebody's own; None for never."""
    label = kind._meta.label_lower
    private = private_until_registered()
    if kind is Event:
        return Q(case=None, object_type__in=private)
    if label in ALWAYS_SEALED | _sealed:
        return Q(pk__isnull=False)
    if label in private and _has_case(kind):
        return Q(case=None)

    def is_private(target: Kind) -> bool:
        return target._meta.label_lower in private

    registered = _path(kind, lambda target: is_private(target) and _has_case(target))
    if registered:
        return Q(**{f"{registered}__isnull": False, f"{registered}__case": None})
    hangs_on_private = label in private or _path(kind, is_private)
    return Q(pk__isnull=False) if hangs_on_private else None


def _path(kind: Kind, is_there: Callable[[Kind], bool]) -> str | None:
    """The shortest way over foreign keys that are always set, else over any; never a person's."""
    return _shortest(kind, is_there, may_be_empty=False) or _shortest(
        kind, is_there, may_be_empty=True
    )


def _shortest(kind: Kind, is_there: Callable[[Kind], bool], *, may_be_empty: bool) -> str | None:
    waiting: deque[tuple[Kind, str]] = deque([(kind, "")])
    seen = {kind, User}
    while waiting:
        current, so_far = waiting.popleft()
        for field in _foreign(current):
            target = field.related_model
            if field.null and not may_be_empty:
                continue
            here = f"{so_far}__{field.name}".removeprefix("__")
            if is_there(target):
                return here
            if target not in seen:
                seen.add(target)
                waiting.append((target, here))
    return None


def _foreign(kind: Kind) -> list[Any]:
    return [field for field in kind._meta.concrete_fields if field.is_relation]


def _has_case(kind: Kind) -> bool:
    return any(field.name == "case" for field in kind._meta.concrete_fields)
