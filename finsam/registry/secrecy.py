"""Marking a record or a case as covered by secrecy, and taking the mark away again."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from finsam.errors import DomainError, NotAllowed
from finsam.people.access import visitor_for
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.registry.models import Case, Event, Record

ACTIONS = ("secrecy_marked", "secrecy_lifted")

Follower = Callable[[Case, User], None]
_followers: list[Follower] = []


def when_marked(follow: Follower) -> Follower:
    """Let an upper floor see to what follows when a case is marked, or its mark is lifted.

    It is called in the same transaction, with the case as it is now.
    """
    if follow not in _followers:
        _followers.append(follow)
    return follow


def mark_secrecy(*, marked: Case | Record, section: str, actor: User) -> None:
    """Mark as secret by a section of law, or another section than before; `secrecy_marked`.

    The mark is a warning and no decision (OSL 5:5): the public register leaves the entry out, and
    each request for it is still tried by itself. Raises NotAllowed, DomainError without section.
    """
    section = " ".join(section.split())[:80]
    if not section:
        raise DomainError("section_missing", "Skriv vilken sekretessregel det gäller.", "section")
    _set(marked, section, actor)


def lift_secrecy(*, marked: Case | Record, actor: User) -> None:
    """Take the mark away; `secrecy_lifted`. Harmless when there is none. Raises NotAllowed."""
    _set(marked, "", actor)


def marks_of(marked: Case | Record) -> list[Event]:
    """Who has marked it and taken the mark away, the latest first."""
    events = Event.objects.filter(
        object_type=marked._meta.label_lower, object_id=str(marked.pk), action__in=ACTIONS
    )
    return list(events.order_by("-sequence"))


def _set(marked: Case | Record, section: str, actor: User) -> None:
    case = marked if isinstance(marked, Case) else marked.case
    with transaction.atomic():
        locked = type(marked).objects.select_for_update().get(pk=marked.pk)
        if not visitor_for(case.association, actor).is_office:
            raise NotAllowed("role_missing", "Bara kansliet sekretessmarkerar.")
        if locked.secrecy_section == section:
            return
        before, locked.secrecy_section = locked.secrecy_section, section
        locked.save(update_fields=["secrecy_section"])
        record_event(
            association=case.association,
            actor=actor,
            action="secrecy_marked" if section else "secrecy_lifted",
            obj=locked,
            case=case,
            payload={"number": marked.number, "secrecy_section": section, "from": before},
        )
        if isinstance(locked, Case):
            for follow in _followers:
                follow(locked, actor)
    marked.secrecy_section = section
