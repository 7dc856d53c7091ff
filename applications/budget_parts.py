"""Each party's own part of the budget: who may change which rows, and who has said it is done."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from applications.drafting import lock_for_writing
from applications.models import Application, ApplicationParty, SectionKind
from applications.parties import check_speaks_for
from budgets.content import BudgetContent, same
from budgets.differences import changed_parties
from finsam import clock, typography
from finsam.errors import NotAllowed
from finsam.people.access import Visitor, visitor_for
from finsam.people.models import RoleKind, User
from finsam.registry.events import record_event


class NotOwnPart(NotAllowed):
    """Somebody changed rows of a party that they do not write for."""


def parties_written_for(
    application: Application, user: User, visitor: Visitor | None = None
) -> list[ApplicationParty]:
    """The parties that the person writes for, or has a role as applicant or signatory for.

    No query where the parties and their people have been read with the application.
    """
    roles = visitor or visitor_for(application.association, user)
    members = roles.member_ids(RoleKind.APPLICANT, RoleKind.SIGNATORY)
    return [
        party
        for party in application.parties.all()
        if party.member_id in members
        or any(person.user_id == user.pk for person in party.people.all())
    ]


def own_names(
    application: Application, user: User, visitor: Visitor | None = None
) -> frozenset[str] | None:
    """The parties whose rows the person may change; None for all of them (the lead's people)."""
    mine = parties_written_for(application, user, visitor)
    if any(party.is_lead for party in mine):
        return None
    return frozenset(party.name for party in mine)


def check_own_part(
    *, application: Application, actor: User, before: BudgetContent, after: BudgetContent
) -> frozenset[str]:
    """Whose rows a change concerns. Raises NotOwnPart when some are not the actor's to change."""
    changed = changed_parties(before, after)
    mine = own_names(application, actor)
    if mine is not None:
        known = {same(name) for name in mine}
        foreign = sorted(name for name in changed if same(name) not in known)
        if foreign:
            raise NotOwnPart("not_own_part", _not_yours(foreign, mine))
    return changed


def _not_yours(foreign: list[str], mine: Iterable[str]) -> str:
    whose = typography.enumerate_words([name or "ingen part" for name in foreign])
    ours = typography.enumerate_words(sorted(mine)) or "ingen part"
    return (
        f"Ni skriver för {ours} och kan bara ändra de raderna. Ändringen gäller också rader hos "
        f"{whose}. Be huvudmannen ändra dem."
    )


def mark_budget_part(*, party: ApplicationParty, done: bool, actor: User) -> None:
    """Say whether a party is done with its part of the budget.

    Writes `budget_part_done` or `budget_part_opened`; the same said twice is written once. Who
    writes for the party or for the lead may. Raises NotAllowed, NotPossible.
    """
    section = party.application.template.sections.filter(kind=SectionKind.BUDGET).first()
    with transaction.atomic():
        locked = lock_for_writing(party.application, actor, section)
        found = locked.parties.get(pk=party.pk)
        if own_names(locked, actor) is not None:
            check_speaks_for(found, actor, "säga att parten är klar med budgeten")
        if done == (found.budget_done_at is not None):
            return
        found.budget_done_at = clock.now() if done else None
        found.budget_done_by = actor if done else None
        found.save(update_fields=["budget_done_at", "budget_done_by"])
        _tell(locked, found, actor, "budget_part_done" if done else "budget_part_opened")


def reopen_parts(*, application: Application, names: Iterable[str], actor: User) -> None:
    """After rows of these parties changed: they are not done any more; inside the lock."""
    changed = {same(name) for name in names}
    for party in application.parties.filter(budget_done_at__isnull=False):
        if same(party.name) in changed:
            party.budget_done_at = party.budget_done_by = None
            party.save(update_fields=["budget_done_at", "budget_done_by"])
            _tell(application, party, actor, "budget_part_opened")


def parts_in_words(application: Application) -> str:
    """2 av 3 parter är klara med sin del; nothing while nobody has said so."""
    parties = [party for party in application.parties.all() if party.member_id]
    done = sum(party.budget_done_at is not None for party in parties)
    return f"{done} av {len(parties)} parter är klara med sin del" if done else ""


def _tell(application: Application, party: ApplicationParty, actor: User, action: str) -> None:
    record_event(
        association=application.association,
        actor=actor,
        action=action,
        obj=party,
        payload={"application": str(application.public_id)},
    )
