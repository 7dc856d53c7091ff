"""Changes asked for by the parties of a granted effort: sent once, withdrawn, carried through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from applications.freezing import latest_received
from applications.locking import locked_effort
from applications.models import (
    Application,
    ApplicationParty,
    ChangeDelegation,
    ChangeKind,
    ChangeRequest,
    ChangeState,
)
from applications.payments import claiming_parties
from applications.report_plan import effort_period, plan_reports
from applications.sending import tell_office, tell_people
from applications.transitions import EFFORT
from budgets.changed_lines import change_lines, lines_to_change
from budgets.content import BudgetContent
from budgets.models import Grant, GrantLine
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.people.access import visitor_for
from finsam.people.models import RoleKind, User
from finsam.registry.events import record_event
from finsam.registry.models import Direction
from finsam.registry.register import register_record
from finsam.typography import date_long, kronor, storable

S = ChangeState
SETTERS = (RoleKind.DIRECTOR, RoleKind.ADMINISTRATOR)


def submit_change(
    *,
    application: Application,
    kind: ChangeKind,
    reason: str,
    actor: User,
    ends_on: date | None = None,
    joins: Member | None = None,
    leaves: ApplicationParty | None = None,
    amounts: Mapping[str, int] | None = None,
    goals: str = "",
) -> ChangeRequest:
    """Ask for a change of one kind, by the lead party; registers it and tells the office.

    `amounts` in whole kronor by budget line. The same again is there once. Writes
    `change_submitted`. Raises DomainError for what is no change or cannot be asked for.
    """
    said = storable(reason)
    if not said:
        raise DomainError("reason_missing", "Skriv varför ändringen behövs.", "reason")
    with transaction.atomic():
        application = locked_effort(application)
        _require_lead(application, actor)
        if application.state not in EFFORT or not application.is_outcome_public:
            raise NotPossible("no_effort", "Ändringar begärs medan avtalet gäller.")
        wanted = _wanted(application, kind, ends_on, joins, leaves, amounts or {}, goals, actor)
        open_ = application.change_requests.filter(kind=kind, state=S.SUBMITTED).first()
        if open_ is not None:
            if (open_.reason, open_.wanted) == (said, wanted):
                return open_
            raise NotPossible(
                "open_already",
                f"{open_} väntar på beslut. Återkalla den först om ni vill begära något annat.",
            )
        highest = application.change_requests.aggregate(highest=Max("number"))["highest"]
        change = ChangeRequest.objects.create(
            application=application,
            number=(highest or 0) + 1,
            kind=kind,
            reason=said,
            wanted=wanted,
            submitted_at=clock.now(),
            submitted_by=actor,
        )
        _tell(change, "change_submitted", actor)
        _register(change, Direction.IN, f"{change}", actor)
        tell_office(
            application,
            event_key=f"change:{change.pk}",
            subject=f"{change}: {application.title}",
            template="mail/change_submitted.txt",
            context={"change": str(change), "reason": said},
        )
    return change


def withdraw_change(*, change: ChangeRequest, actor: User) -> ChangeRequest:
    """Take it back before it is decided, by the lead party; writes `change_withdrawn`."""
    with _locked(change) as found:
        _require_lead(found.application, actor)
        if found.state == S.WITHDRAWN:
            return found
        _require_open(found)
        found.state = S.WITHDRAWN
        found.save(update_fields=["state"])
        _tell(found, "change_withdrawn", actor)
        _register(found, Direction.IN, f"{found}: återkallad", actor)
    return found


def settle_change(
    *, change: ChangeRequest, approves: bool, decision: str, by_board: bool, actor: User
) -> ChangeRequest:
    """Approve it and carry it through, or refuse it; the one who decides is checked above.

    Approved, the time moves the reports' dates, parties come and leave, sums are laid out anew
    as a revised budget beside the earlier. Writes `change_approved` or `change_refused`.
    """
    reason = storable(decision)
    if not reason:
        raise DomainError("reason_missing", "Skriv skälen för beslutet.", "decision")
    with _locked(change) as found:
        target = S.APPROVED if approves else S.REFUSED
        if (found.state, found.decision) == (target, reason):
            return found
        _require_open(found)
        if approves:
            _carry_through(found, actor)
        found.state, found.decision, found.by_board = target, reason, by_board
        found.decided_at, found.decided_by = clock.now(), actor
        found.save(update_fields=["state", "decision", "by_board", "decided_at", "decided_by"])
        outcome = "godkänd" if approves else "avslagen"
        _tell(found, "change_approved" if approves else "change_refused", actor)
        _register(found, Direction.OUT, f"{found}: {outcome}", actor)
        if not by_board:
            tell_people(
                found.application,
                event_key=f"change-decided:{found.pk}",
                subject=f"{found}: {outcome}",
                template="mail/change_decided.txt",
                context={"change": str(found), "outcome": outcome, "reason": reason},
            )
    return found


def set_delegation(
    *, association: Association, kinds: Sequence[str], basis: str, actor: User
) -> ChangeDelegation:
    """Say which kinds the director decides on the board's behalf; writes `change_delegation_set`.

    `basis` is the point in the board's order of delegation that says so.
    """
    if not visitor_for(association, actor).has(*SETTERS):
        raise NotAllowed("not_setter", "Chefen eller administratören anger delegationen.")
    chosen, point = sorted(set(kinds)), " ".join(basis.split())[:120]
    wanted = {"kinds": chosen, "basis": point}
    if chosen and not point:
        raise DomainError("basis_missing", "Skriv vilken punkt i delegationsordningen.", "basis")
    with transaction.atomic():
        kept, _ = ChangeDelegation.objects.select_for_update().get_or_create(
            association=association
        )
        if {"kinds": kept.kinds, "basis": kept.basis} == wanted:
            return kept
        kept.kinds, kept.basis = chosen, point
        kept.save(update_fields=["kinds", "basis"])
        record_event(
            association=association,
            actor=actor,
            action="change_delegation_set",
            obj=kept,
            payload=wanted,
        )
    return kept


def delegation_of(association: Association) -> ChangeDelegation:
    """What the board has delegated; nothing where it is silent."""
    found = ChangeDelegation.objects.filter(association=association).first()
    return found or ChangeDelegation(association=association)


def lines_of(application: Application, actor: User | None) -> list[GrantLine]:
    """The budget lines that a change of sums is asked for against."""
    version = latest_received(application)
    grant = Grant.objects.filter(pk=application.grant_id or 0).first()
    if version is None or grant is None:
        return []
    content = BudgetContent.from_json(version.content["budget"]["rows"])
    return lines_to_change(grant=grant, content=content, actor=actor)


# --- what is asked for, by kind -------------------------------------------------------------------


def _wanted(
    application: Application,
    kind: ChangeKind,
    ends_on: date | None,
    joins: Member | None,
    leaves: ApplicationParty | None,
    amounts: Mapping[str, int],
    goals: str,
    actor: User,
) -> dict[str, Any]:
    if kind == ChangeKind.TIME:
        return _time(application, ends_on)
    if kind == ChangeKind.PARTIES:
        return _parties(application, joins, leaves)
    if kind == ChangeKind.SUMS:
        return _sums(application, amounts, actor)
    text = storable(goals)
    if not text:
        raise DomainError("goals_missing", "Skriv hur målen ska lyda.", "goals")
    return {"text": text}


def _time(application: Application, ends_on: date | None) -> dict[str, Any]:
    period = effort_period(application)
    if ends_on is None or period is None:
        raise DomainError("day_missing", "Välj insatsens nya sista dag.", "ends_on")
    first, last = period
    if ends_on == last or ends_on < max(first, clock.today()):
        raise DomainError(
            "no_change",
            f"Välj en annan dag än {date_long(last)}, och en som inte har passerat.",
            "ends_on",
        )
    return {"was": last.isoformat(), "ends_on": ends_on.isoformat()}


def _parties(
    application: Application, joins: Member | None, leaves: ApplicationParty | None
) -> dict[str, Any]:
    if joins is None and leaves is None:
        raise DomainError("nobody", "Välj en part som går in eller en som lämnar.", "joins")
    staying = application.parties.filter(left_on=None)
    if joins is not None and staying.filter(member=joins).exists():
        raise DomainError("party_already", f"{joins.name} är redan part.", "joins")
    if leaves is not None and not staying.filter(pk=leaves.pk, is_lead=False).exists():
        raise DomainError(
            "cannot_leave", "Huvudmannen kan inte lämna insatsen. Välj en annan part.", "leaves"
        )
    return {
        "joins": {"member": joins.pk, "name": joins.name} if joins else None,
        "leaves": {"party": leaves.pk, "name": leaves.name} if leaves else None,
    }


def _sums(application: Application, amounts: Mapping[str, int], actor: User) -> dict[str, Any]:
    lines = lines_of(application, actor)
    after = {line.key: amounts.get(line.key, line.amount) for line in lines}
    total, before = sum(after.values()), sum(line.amount for line in lines)
    if all(after[line.key] == line.amount for line in lines):
        raise DomainError("no_change", "Ändra minst en post.")
    if total > before:
        raise NotPossible(
            "over_grant",
            f"Posterna är tillsammans {kronor(total)}, men bidraget är {kronor(before)}. Ett högre "
            "belopp kräver en ny ansökan och ett nytt beslut av styrelsen.",
        )
    rows = [
        {"key": one.key, "label": one.label, "before": one.amount, "amount": after[one.key]}
        for one in lines
    ]
    return {"rows": rows, "total": total, "before": before}


def _carry_through(change: ChangeRequest, actor: User) -> None:
    """What an approved change makes of the effort; its goals are read where it is shown."""
    application, wanted = change.application, change.wanted
    if change.kind == ChangeKind.TIME:
        application.effort_ends_on = date.fromisoformat(wanted["ends_on"])
        application.save(update_fields=["effort_ends_on"])
        plan_reports(application)
    elif change.kind == ChangeKind.PARTIES:
        _move_parties(application, wanted)
    elif change.kind == ChangeKind.SUMS and application.grant is not None:
        change_lines(
            grant=application.grant,
            amounts={row["key"]: row["amount"] for row in wanted["rows"]},
            note=f"{change}. {change.reason}",
            filed_by=change.submitted_by,
            filed_at=change.submitted_at,
            key=f"change-{change.pk}",
            actor=actor,
            case=application.case,
        )


def _move_parties(application: Application, wanted: Mapping[str, Any]) -> None:
    if wanted["leaves"]:
        application.parties.filter(pk=wanted["leaves"]["party"]).update(left_on=clock.today())
    if wanted["joins"]:
        member = Member.objects.get(pk=wanted["joins"]["member"])
        last = application.parties.aggregate(last=Max("position"))["last"] or 0
        ApplicationParty.objects.update_or_create(
            application=application,
            member=member,
            defaults={"joined_on": clock.today(), "left_on": None},
            create_defaults={
                "name": member.name,
                "kind": member.kind,
                "position": last + 1,
                "joined_on": clock.today(),
            },
        )


# --- inside the transaction -----------------------------------------------------------------------


@contextmanager
def _locked(change: ChangeRequest) -> Iterator[ChangeRequest]:
    """The application is locked before what belongs to it, as everywhere."""
    with transaction.atomic():
        application = locked_effort(change.application)
        found = ChangeRequest.objects.select_related("submitted_by").get(pk=change.pk)
        found.application = application
        yield found


def _require_lead(application: Application, actor: User) -> None:
    mine = claiming_parties(application, visitor_for(application.association, actor))
    if not any(party.is_lead for party in mine):
        raise NotAllowed("lead_only", "Den samordnande parten begär ändringar och återkallar dem.")


def _require_open(change: ChangeRequest) -> None:
    if change.state != S.SUBMITTED:
        raise NotPossible(
            "not_open",
            f"{change} har läget ”{change.get_state_display()}” och ändras inte. Läs om sidan.",
        )


def _register(change: ChangeRequest, direction: Direction, subject: str, actor: User) -> None:
    application = change.application
    register_record(
        case=application.registered_case,
        direction=direction,
        subject=subject[:250],
        correspondent=application.parties.get(is_lead=True).name,
        actor=actor,
    )


def _tell(change: ChangeRequest, action: str, actor: User) -> None:
    record_event(
        association=change.application.association,
        actor=actor,
        action=action,
        obj=change,
        case=change.application.case,
        payload={"number": change.number, "kind": change.kind, "wanted": change.wanted},
    )
