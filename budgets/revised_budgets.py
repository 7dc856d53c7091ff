"""Revising a budget to a grant that is less than was sought: filed by the parties, approved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max

from budgets.content import BudgetContent
from budgets.figures import Figure, note_figures, outdated, provide_figures, require_current
from budgets.models import Grant, GrantLine, RevisedBudget, RevisedState
from budgets.payment_lines import costs_of
from budgets.split import split
from budgets.summary import STAFF
from finsam import clock
from finsam.associations.models import Association
from finsam.documents.documents import promise_document
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.people.access import OFFICE, visitor_for
from finsam.people.models import User
from finsam.registry.canonical import digest
from finsam.registry.events import locked_head, record_event
from finsam.registry.models import Case, Direction, Record
from finsam.registry.register import register_record
from finsam.typography import kronor

S = RevisedState
WRITABLE = (S.DRAFT, S.RETURNED)


def holder_of(revised: RevisedBudget) -> str:
    return f"revised:{revised.pk}"


def document_key(revised: RevisedBudget) -> str:
    """Names its document: a version as it was filed each time, and one as it was approved."""
    return f"revised-budget:{revised.pk}"


def begin_revised_budget(*, grant: Grant, content: BudgetContent, actor: User) -> RevisedBudget:
    """The revised budget under way, begun when there is none; writes `revised_budget_begun`.

    The lines are those of the budget that was received. They begin with the same part of each
    line (or what was approved last), as something to write over: nothing is filed by itself.
    """
    with transaction.atomic():
        locked_head(grant.association)
        grant = Grant.objects.select_related("association").get(pk=grant.pk)
        under_way = RevisedBudget.objects.filter(grant=grant).exclude(state=S.APPROVED).first()
        if under_way is not None:
            found: RevisedBudget = under_way
            return found
        if grant.closed_at is not None:
            raise NotPossible("grant_closed", f"{grant.name} är slutredovisad.")
        costs = costs_of(content)
        if not sum(costs.values()):
            raise NotPossible("no_costs", "Budgeten har inga kostnader att revidera.")
        last = latest_approved(grant)
        kept = {row["key"]: row["amount"] for row in last.rows} if last else {}
        weights = [kept.get(f"{kind}|{party}", 0) for kind, party in costs]
        amounts = split(grant.amount, weights if any(weights) else list(costs.values()))
        highest = RevisedBudget.objects.filter(grant=grant).aggregate(highest=Max("number"))[
            "highest"
        ]
        made: RevisedBudget = RevisedBudget.objects.create(
            association=grant.association,
            grant=grant,
            number=(highest or 0) + 1,
            rows=[
                {
                    "key": f"{kind}|{party}",
                    "label": f"{kind}, {party}",
                    "party": party,
                    "is_staff": kind == STAFF,
                    "cost": cost,
                    "amount": amount,
                }
                for ((kind, party), cost), amount in zip(costs.items(), amounts, strict=True)
            ],
        )
        _tell(made, "revised_budget_begun", actor)
    return made


def save_revised_budget(
    *,
    revised: RevisedBudget,
    amounts: Mapping[str, int],
    note: str,
    expected_revision: int,
    actor: User,
) -> RevisedBudget:
    """Keep what was written for some lines; the same again changes nothing.

    Writes `revised_budget_saved`. Raises Conflict when somebody saved in between.
    """
    if any(amount < 0 for amount in amounts.values()):
        raise DomainError("negative_amount", "Ett belopp kan inte vara under noll.")
    with transaction.atomic():
        revised = _locked(revised)
        rows = [{**row, "amount": amounts.get(row["key"], row["amount"])} for row in revised.rows]
        if (rows, note.strip()) == (revised.rows, revised.note):
            return revised
        _require_writable(revised)
        if revised.revision != expected_revision:
            raise Conflict(
                "revised_changed",
                "Någon annan har sparat den reviderade budgeten i mellantiden. Läs om sidan, se "
                "vad som står där och skriv in ditt igen.",
            )
        revised.rows, revised.note = rows, note.strip()
        revised.revision += 1
        revised.save(update_fields=["rows", "note", "revision"])
        _tell(revised, "revised_budget_saved", actor)
    return revised


def file_revised_budget(*, revised: RevisedBudget, case: Case | None, actor: User) -> RevisedBudget:
    """Hand the revised budget to the office; it shows the granted sum as a reference.

    Registered in the case, and promised as a document there. Filed again it is filed once. Raises
    NotPossible when the lines are not together the grant, or one has become larger than in the
    application without a word why.
    """
    with transaction.atomic():
        revised = _locked(revised)
        if revised.state in (S.FILED, S.APPROVED):
            return revised
        _require_writable(revised)
        _check_sum(revised)
        revised.state, revised.sha256 = S.FILED, digest(_content(revised))
        revised.filed_at, revised.filed_by = clock.now(), actor
        revised.returned_message = ""
        revised.revision += 1
        revised.save(
            update_fields=[
                "state", "sha256", "filed_at", "filed_by", "returned_message", "revision",
            ]
        )  # fmt: skip
        note_figures(
            association=revised.association,
            holder=holder_of(revised),
            title=str(revised),
            figures=[granted_figure(revised.grant)],
        )
        _tell(revised, "revised_budget_filed", actor, case)
        if case is not None:
            record = register_record(
                case=case,
                direction=Direction.IN,
                subject=f"{revised}"[:250],
                correspondent=revised.grant.name,
                actor=actor,
            )
            _promise_document(revised, case, record, actor)
    return revised


def return_revised_budget(
    *, revised: RevisedBudget, message: str, actor: User, case: Case | None = None
) -> RevisedBudget:
    """Send it back to the parties, saying what is to be mended; by the office."""
    text = message.strip()
    if not text:
        raise DomainError("message_missing", "Skriv vad som behöver rättas.", "message")
    with transaction.atomic():
        revised = _locked(revised)
        _check_office(revised, actor)
        if revised.state == S.RETURNED and revised.returned_message == text:
            return revised
        _require_filed(revised)
        revised.state, revised.returned_message, revised.sha256 = S.RETURNED, text, ""
        revised.revision += 1
        revised.save(update_fields=["state", "returned_message", "sha256", "revision"])
        _tell(revised, "revised_budget_returned", actor, case)
    return revised


def approve_revised_budget(
    *, revised: RevisedBudget, seen_hash: str, actor: User, case: Case | None = None
) -> RevisedBudget:
    """Freeze it, and lay the grant out on its lines: what is claimed goes against them.

    Approved again by the same person it is approved once. Raises Conflict when the content is
    another than what was seen, OutdatedFigures when the grant has changed since it was filed.
    """
    with transaction.atomic():
        revised = _locked(revised)
        _check_office(revised, actor)
        if revised.state == S.APPROVED and revised.sha256 == seen_hash:
            return revised
        _require_filed(revised)
        if revised.filed_by_id == actor.pk:
            raise NotAllowed("same_person", "Någon annan än den som lämnade in den godkänner den.")
        if revised.sha256 != seen_hash or digest(_content(revised)) != seen_hash:
            raise Conflict(
                "changed_since_seen",
                "Den reviderade budgeten har ändrats sedan du öppnade sidan. Läs den på nytt.",
            )
        require_current(revised.association, [holder_of(revised)])
        lay_out(revised)
        revised.state, revised.approved_at, revised.approved_by = S.APPROVED, clock.now(), actor
        revised.save(update_fields=["state", "approved_at", "approved_by"])
        _tell(revised, "revised_budget_approved", actor, case)
        if case is not None:
            record = register_record(
                case=case,
                direction=Direction.DRAWN_UP,
                subject=f"{revised}: godkänd"[:250],
                actor=actor,
            )
            _promise_document(revised, case, record, actor)
    return revised


def latest_approved(grant: Grant) -> RevisedBudget | None:
    found: RevisedBudget | None = (
        RevisedBudget.objects.filter(grant=grant, state=S.APPROVED).order_by("-number").first()
    )
    return found


def is_needed(grant: Grant, sought: int) -> bool:
    """Whether the parties have to revise: less was granted than sought, and no revision holds."""
    if grant.closed_at is not None or grant.original_amount >= sought:
        return False
    approved = latest_approved(grant)
    return approved is None or bool(outdated(grant.association, [holder_of(approved)]))


@provide_figures("grant")
def _grants_now(association: Association, pks: frozenset[int]) -> Mapping[str, int]:
    grants = Grant.objects.filter(association=association, pk__in=pks)
    return {granted_figure(grant).key: grant.amount for grant in grants}


def granted_figure(grant: Grant) -> Figure:
    return Figure(f"grant:{grant.pk}:amount", f"Beviljat, {grant.name}", grant.amount)


def lay_out(revised: RevisedBudget) -> None:
    """The grant's lines as the revised budget has them."""
    for position, row in enumerate(revised.rows, start=1):
        GrantLine.objects.update_or_create(
            grant=revised.grant,
            key=row["key"],
            defaults={
                "label": row["label"],
                "party": row["party"],
                "is_staff": row["is_staff"],
                "cost": row["cost"],
                "amount": row["amount"],
                "position": position,
            },
        )


def _check_sum(revised: RevisedBudget) -> None:
    difference = revised.grant.amount - revised.total
    if difference:
        what = "återstår att fördela" if difference > 0 else "är för mycket"
        raise NotPossible(
            "not_the_grant",
            f"Posterna är tillsammans {kronor(revised.total)}, och ni har beviljats "
            f"{kronor(revised.grant.amount)}: {kronor(abs(difference))} {what}.",
        )
    larger = [row["label"] for row in revised.rows if row["amount"] > row["cost"]]
    if larger and not revised.note:
        raise NotPossible(
            "note_missing",
            f"{larger[0]} är högre än i ansökan. Skriv varför, eller sänk posten.",
            "note",
        )


def _require_writable(revised: RevisedBudget) -> None:
    if revised.state not in WRITABLE:
        raise Conflict(
            "not_writable", "Den reviderade budgeten är inlämnad och ändras inte längre."
        )


def _require_filed(revised: RevisedBudget) -> None:
    if revised.state != S.FILED:
        raise NotPossible(
            "not_filed",
            f"Den reviderade budgeten har läget ”{revised.get_state_display()}”. Läs om sidan.",
        )


def _check_office(revised: RevisedBudget, actor: User) -> None:
    if not visitor_for(revised.association, actor).has(*OFFICE):
        raise NotAllowed("role_missing", "Bara kansliet tar ställning till en reviderad budget.")


def _promise_document(revised: RevisedBudget, case: Case, record: Record, actor: User) -> None:
    """The lines as they were filed, and as they were approved, as a document of the case."""
    promise_document(
        association=revised.association,
        kind="revised_budget",
        key=document_key(revised),
        title=str(revised),
        source={
            "title": str(revised),
            "grant": revised.grant.name,
            "frame": revised.grant.frame.name,
            "granted": revised.grant.amount,
            "cost": revised.cost,
            "rows": revised.rows,
            "note": revised.note,
            "sha256": revised.sha256,
            "filed_by": revised.filed_by.name if revised.filed_by else "",
            "filed_at": revised.filed_at.isoformat() if revised.filed_at else "",
            "approved_by": revised.approved_by.name if revised.approved_by else "",
            "approved_at": revised.approved_at.isoformat() if revised.approved_at else "",
        },
        case=case,
        record=record,
        requested_by=actor,
    )


def _content(revised: RevisedBudget) -> dict[str, Any]:
    return {
        "grant": revised.grant_id,
        "granted": revised.grant.amount,
        "number": revised.number,
        "rows": revised.rows,
        "note": revised.note,
    }


def _locked(revised: RevisedBudget) -> RevisedBudget:
    """The row as it is once it is its turn, with the grant as it is then."""
    locked_head(revised.association)
    found: RevisedBudget = RevisedBudget.objects.select_related(
        "grant__frame", "association", "filed_by", "approved_by"
    ).get(pk=revised.pk)
    return found


def _tell(revised: RevisedBudget, action: str, actor: User, case: Case | None = None) -> None:
    record_event(
        association=revised.association,
        actor=actor,
        action=action,
        obj=revised,
        case=case,
        payload={
            "grant": revised.grant_id,
            "number": revised.number,
            "amounts": {row["key"]: row["amount"] for row in revised.rows},
        },
    )
