"""Brings a programme's definition into the database: made once, altered when it has altered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from applications.models import (
    Application,
    ApplicationTemplate,
    Criterion,
    Invitation,
    Milestone,
    Programme,
    Round,
    TemplateState,
)
from applications.programme_definition import (
    DIGEST,
    DefinitionError,
    Problem,
    ProgrammeDefinition,
    as_json,
    read_programme,
)
from applications.programme_definition.shape import FrameDefinition, RoundDefinition
from applications.programme_definition.values import Access, MilestoneKind
from applications.template_versions import load_template, template_digest
from budgets.frames import PlannedLot, set_frame
from budgets.ledger import InsufficientFunds, equity_account
from budgets.models import Account, Frame, Pool
from budgets.split import split
from finsam import clock
from finsam.associations.loading import ensure_association
from finsam.associations.models import Association, Member
from finsam.people.models import User
from finsam.registry.events import record_event


@dataclass(frozen=True)
class LoadResult:
    """What a load did. No `changes`: everything was as defined; `notes` say what still waits."""

    programme: Programme
    template: ApplicationTemplate
    created: bool
    changes: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass
class _Load:
    """One load under way: what is known, and what has been changed so far."""

    definition: ProgrammeDefinition
    association: Association
    actor: User | None
    members: dict[str, Member]
    changes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def put(self, row: Any, said: str, **values: Any) -> None:
        """Set the row's fields to the values; saves, and says so, only when one differs."""
        differing = [name for name, value in values.items() if getattr(row, name) != value]
        if row.pk is not None and not differing:
            return
        for name in differing:
            setattr(row, name, values[name])
        row.save()
        self.changes.append(said)


def load_programme(path: Path, *, actor: User | None = None) -> LoadResult:
    """Create or update the programme of a definition file, in one transaction.

    The association is set up from its own definition when it is missing. Writes
    `programme_loaded` when something changed; the same file again changes nothing. Raises
    DefinitionError, which names file, key and what was expected.
    """
    return load_definition(read_programme(path), file=path.name, actor=actor)


def load_definition(
    definition: ProgrammeDefinition, *, file: str = "", actor: User | None = None
) -> LoadResult:
    """The same for a definition already read, for example with its dates moved."""
    file = file or f"{definition.slug}.toml"
    with transaction.atomic():
        load = _begin(definition, file, actor)
        _hold_begun(load)
        programme, created, unchanged = _programme(load)
        _criteria(load, programme)
        template, said = load_template(
            programme=programme,
            definition=definition,
            final=_is_final(definition),
            unchanged=unchanged,
        )
        load.changes.extend(said)
        for round_definition in definition.rounds:
            _round(load, programme, template, round_definition)
        if load.changes:
            record_event(
                association=load.association,
                actor=actor,
                action="programme_loaded",
                obj=programme,
                payload={"slug": programme.slug, "changes": load.changes},
            )
    return LoadResult(programme, template, created, tuple(load.changes), tuple(load.notes))


def _begin(definition: ProgrammeDefinition, file: str, actor: User | None) -> _Load:
    association = ensure_association(definition.association)
    if association is None:
        raise DefinitionError(
            [Problem(file, "association", "ett förbund som finns", f"”{definition.association}”")]
        )
    members = {member.name: member for member in association.members.all()}
    problems = [
        Problem(file, f"rounds[{at}].{key}", f"en medlem i {association.name}", f"”{name}”")
        for at, round_ in enumerate(definition.rounds, start=1)
        for key, names in _named_members(round_).items()
        for name in names
        if name not in members
    ]
    if problems:
        raise DefinitionError(problems)
    return _Load(definition, association, actor, members)


def _named_members(round_: RoundDefinition) -> dict[str, list[str]]:
    lots = round_.frame.lots if round_.frame else ()
    return {"invited": list(round_.invited), "frame.lots": [lot.member for lot in lots]}


def _is_final(definition: ProgrammeDefinition) -> bool:
    """A template that is discussed is a draft until the day it is to be final."""
    days = [
        milestone.day
        for round_ in definition.rounds
        for milestone in round_.milestones
        if milestone.kind is MilestoneKind.TEMPLATE_FINAL
    ]
    return not definition.template.discussed_with_invited or (
        bool(days) and clock.today() >= min(days)
    )


def _hold_begun(load: _Load) -> None:
    """Let rounds that somebody writes in keep the rules that they were opened with."""
    found = Programme.objects.filter(
        association=load.association, slug=load.definition.slug
    ).first()
    if found is None or _rules(found.definition) == _rules(as_json(load.definition)):
        return
    begun = Application.objects.filter(round=OuterRef("pk"))
    rounds = Round.objects.filter(Exists(begun), programme=found, held_definition__isnull=True)
    rounds.update(held_definition=found.definition)


def _rules(definition: dict[str, Any]) -> dict[str, Any]:
    """The definition without its calendar, which goes on changing while a round is open."""
    return {key: value for key, value in definition.items() if key not in ("rounds", DIGEST)}


def _programme(load: _Load) -> tuple[Programme, bool, bool]:
    """The programme, whether it is new, and whether its questions are as when last loaded."""
    definition = load.definition
    questions = template_digest(definition)
    found = Programme.objects.filter(association=load.association, slug=definition.slug).first()
    unchanged = found is not None and found.definition.get(DIGEST) == questions
    programme = found or Programme(association=load.association, slug=definition.slug)
    load.put(
        programme,
        f"Programmet {definition.name} {'ändrades' if found else 'lades upp'}",
        name=definition.name,
        purpose=definition.purpose,
        idea_mode=str(definition.steps.idea),
        intake=str(definition.intake),
        signature_rule=str(definition.signatures.rule),
        minimum_parties=definition.eligibility.min_parties,
        definition=as_json(definition) | {DIGEST: questions},
    )
    return programme, found is None, unchanged


def _criteria(load: _Load, programme: Programme) -> None:
    """Criteria as defined; one that is no longer there stays with its assessments, unused."""
    known = {criterion.key: criterion for criterion in programme.criteria.all()}
    for position, wanted in enumerate(load.definition.criteria, start=1):
        criterion = known.pop(wanted.key, None) or Criterion(programme=programme, key=wanted.key)
        load.put(
            criterion,
            f"Kriterium: {wanted.name}",
            text=wanted.name,
            position=position,
            is_active=True,
        )
    for criterion in known.values():
        load.put(criterion, f"Kriterium används inte längre: {criterion.text}", is_active=False)


def _round(
    load: _Load, programme: Programme, template: ApplicationTemplate, wanted: RoundDefinition
) -> None:
    found = Round.objects.filter(association=load.association, slug=wanted.slug).first()
    if found is not None and found.programme_id != programme.pk:
        raise DefinitionError(
            [
                Problem(
                    f"{programme.slug}.toml", "rounds", "en omgång med eget adressnamn", wanted.slug
                )
            ]
        )
    frame = _frame(load, wanted, wanted.frame) if wanted.frame else None
    final = template if template.state == TemplateState.FINAL else None
    if found is not None and found.held_definition is not None:
        final = found.template
    round_ = found or Round(association=load.association, programme=programme, slug=wanted.slug)
    load.put(
        round_,
        f"Omgången {wanted.name} {'ändrades' if found else 'lades upp'}",
        name=wanted.name,
        summary=wanted.about,
        opens_at=clock.from_wall_clock(wanted.opens, time(0, 0)),
        closes_at=clock.end_of_day(wanted.last_day) if wanted.last_day else None,
        invited_only=found.invited_only
        if found is not None and found.held_definition is not None
        else load.definition.eligibility.access is Access.INVITED,
        years=list(wanted.years),
        period_from=wanted.effort_from,
        period_to=wanted.effort_to,
        frame=frame or (found.frame if found else None),
        template=final or (found.template if found else None),
    )
    _milestones(load, round_, wanted)
    _invitations(load, round_, wanted)


def _milestones(load: _Load, round_: Round, wanted: RoundDefinition) -> None:
    known = {milestone.key: milestone for milestone in round_.milestones.all()}
    for definition in wanted.milestones:
        milestone = known.pop(definition.key, None) or Milestone(round=round_, key=definition.key)
        load.put(
            milestone,
            f"Hållpunkt: {definition.name}",
            title=definition.name,
            description=definition.about,
            on=definition.day,
            remind_days_before=definition.remind_days_before,
            audience=str(definition.audience),
        )
    for milestone in known.values():
        milestone.delete()
        load.changes.append(f"Hållpunkten {milestone.title} togs bort")


def _invitations(load: _Load, round_: Round, wanted: RoundDefinition) -> None:
    lots = {lot.name: lot for lot in round_.frame.lots.all()} if round_.frame else {}
    by_member = (
        {lot.member: lots.get(lot.name) for lot in wanted.frame.lots} if wanted.frame else {}
    )
    known = {invitation.member_id: invitation for invitation in round_.invitations.all()}
    for name in wanted.invited:
        member = load.members[name]
        invitation = known.pop(member.pk, None) or Invitation(round=round_, member=member)
        load.put(invitation, f"Inbjuden: {name}", lot=by_member.get(name))
    for invitation in known.values():
        invitation.delete()
        load.changes.append("En inbjudan togs bort")


def _frame(load: _Load, wanted: RoundDefinition, definition: FrameDefinition) -> Frame | None:
    """The round's frame out of its pools and equity; waits when they do not hold the money."""
    economy = load.definition.economy
    year = economy.year if economy else min(wanted.years)
    already = Frame.objects.filter(
        association=load.association, name=definition.name, year=year
    ).exists()
    sources = _sources(load.association, definition, year)
    if sources is None:
        load.notes.append(f"Ramen {definition.name} sätts när årets pengar är fördelade.")
        return None
    try:
        with transaction.atomic():
            frame = set_frame(
                association=load.association,
                name=definition.name,
                year=year,
                sources=sources,
                lots=_lots(load, definition),
                is_example_plan=bool(definition.lots_note),
                actor=load.actor,
            )
    except InsufficientFunds as error:
        load.notes.append(f"Ramen {definition.name} är inte satt: {error.message}")
        return None
    if not already:
        load.changes.append(f"Ramen {definition.name} sattes")
    return frame


def _sources(
    association: Association, definition: FrameDefinition, year: int
) -> list[tuple[Account, int]] | None:
    """The accounts to draw from, or nothing while a pool of the year has not been opened."""
    pools = {
        pool.kind: pool.account
        for pool in Pool.objects.filter(association=association, year=year).select_related(
            "account"
        )
    }
    found: list[tuple[Account, int]] = []
    for source in definition.sources:
        account = equity_account(association) if source.equity else pools.get(source.pool or "")
        if account is None:
            return None
        found.append((account, source.amount))
    return found


def _lots(load: _Load, definition: FrameDefinition) -> list[PlannedLot]:
    """The planned distribution by the key's shares, to the krona (largest remainder)."""
    if not definition.lots:
        return []
    amounts = split(definition.amount, [lot.share for lot in definition.lots])
    return [
        PlannedLot(lot.name, amount, load.members[lot.member])
        for lot, amount in zip(definition.lots, amounts, strict=True)
    ]
