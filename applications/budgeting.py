"""What an application's budget is checked against, and what the check finds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from applications import answers
from applications.budget_parts import check_own_part, reopen_parts
from applications.drafting import lock_for_writing
from applications.models import (
    Answer,
    Application,
    ApplicationTemplate,
    Round,
    SectionKind,
)
from applications.rich_text import plain
from applications.voiding import void_signatures
from budgets.check import CheckResult, check_content
from budgets.content import BudgetContent
from budgets.context import INELIGIBLE as USUAL
from budgets.context import BudgetContext, IneligibleWords, Party
from budgets.editing import lock_budget, replace_content
from finsam import clock
from finsam.associations.models import Association, PartyKind
from finsam.people.models import User


def check_budget_of(
    application: Application, given: Mapping[str, Any] | None = None
) -> CheckResult:
    """The budget's rows with sums and findings, as they are now.

    `given` are the answers by question, where they have been read already.
    """
    return check_content(application.budget.content(), budget_context(application, given))


def save_budget(
    *, application: Application, content: BudgetContent, expected_version: int, actor: User
) -> None:
    """Make these rows the budget; the same rows again change nothing.

    Signatures over the earlier budget are voided. Raises Conflict when somebody saved other rows
    after `expected_version`, NotOwnPart for rows of a party that the actor does not write for,
    NotAllowed, NotPossible.
    """
    with transaction.atomic():
        locked = lock_budget_of(application, actor)
        before = locked.budget.content()
        if before == content:
            return
        changed = check_own_part(application=locked, actor=actor, before=before, after=content)
        replace_content(
            budget=locked.budget,
            content=content,
            expected_version=expected_version,
            actor=actor,
        )
        budget_changed(application=locked, actor=actor)
        reopen_parts(application=locked, names=changed, actor=actor)


def lock_budget_of(application: Application, actor: User) -> Application:
    """Lock the application for a change of its budget, and open a budget that was asked for.

    Inside the caller's transaction. Raises NotAllowed, NotPossible.
    """
    section = application.template.sections.filter(kind=SectionKind.BUDGET).first()
    locked = lock_for_writing(application, actor, section)
    if locked.budget.is_locked:
        lock_budget(budget=locked.budget, actor=actor, locked=False)
    return locked


def budget_changed(*, application: Application, actor: User) -> None:
    """After the budget of a locked application was saved: its row follows, signatures fall."""
    application.revision += 1
    application.updated_at = clock.now()
    application.save(update_fields=["revision", "updated_at"])
    void_signatures(application=application, actor=actor, reason="Budgeten ändrades.")


def budget_context(
    application: Application, answered: Mapping[str, Any] | None = None
) -> BudgetContext:
    """The facts about an application that its budget is checked and written with."""
    parties = tuple(
        Party(party.name, party.kind, _counts_as(application.round, party.name))
        for party in application.parties.all()
    )
    given = _answers(application, answered)
    number = application.case.number if application.case else f"utkast {application.public_id}"
    return _context(
        application.round,
        application.template,
        parties=parties,
        application=number,
        lot_plan=application.lot.planned_amount if application.lot else None,
        one_member_reason=given.get("budget_comment", ""),
        given=given,
        years=tuple(application.budget.years),
    )


def round_budget_context(round: Round, names: list[str] | None = None) -> BudgetContext:  # noqa: A002
    """The same for a round alone: with the parties named, or with all who could take part."""
    members = _members(round.association)
    chosen = [m for m in members if names is None or m.name in names]
    parties = tuple(Party(m.name, m.kind, _counts_as(round, m.name)) for m in chosen)
    return _context(
        round,
        round.template,
        parties=parties,
        parties_known=names is not None,
        years=tuple(round.years),
        given={},
    )


def _context(
    round: Round,  # noqa: A002
    template: ApplicationTemplate | None,
    *,
    given: dict[str, str],
    **facts: Any,
) -> BudgetContext:
    definition = round.definition
    rules = definition.get("budget", {})
    model = definition.get("return_model") or {}
    frame = round.frame
    ceiling = rules.get("overhead_ceiling_percent")
    if "salary_lowest" in rules:
        facts["salary_bounds"] = (rules["salary_lowest"], rules["salary_highest"])
    if "payroll_overhead_lowest_percent" in rules:
        facts["overhead_bounds"] = (
            Decimal(rules["payroll_overhead_lowest_percent"]),
            Decimal(rules["payroll_overhead_highest_percent"]),
        )
    known = facts.get("parties_known", True)
    plan, outcome = model.get("plan_question", ""), model.get("outcome_question", "")
    return BudgetContext(
        template=round.programme.slug,
        version=template.version if template else 1,
        frame_left=frame.remaining if frame else None,
        frame_name=frame.name if frame else "",
        overhead_ceiling=Decimal(ceiling) if ceiling is not None else None,
        asks_division=bool(rules.get("staff_division_required")),
        ineligible=_ineligible(rules),
        return_model=bool(model),
        has_return_plan=bool(given.get(plan)) if model and known else None,
        asks_economic_outcome=bool(outcome),
        has_economic_outcome=bool(given.get(outcome)) if outcome and known else None,
        months_of_year=_months(round.period_from, round.period_to),
        **facts,
    )


def _ineligible(rules: dict[str, Any]) -> tuple[IneligibleWords, ...]:
    """The costs that the programme says cannot be sought, or the usual ones."""
    kinds = rules.get("ineligible") or []
    return tuple(IneligibleWords(tuple(k["words"]), k["reason"]) for k in kinds) or USUAL


def _answers(application: Application, answered: Mapping[str, Any] | None) -> dict[str, str]:
    """Plain texts of the answers that the budget's rules ask for, by question."""
    model = application.round.definition.get("return_model") or {}
    asked = (model.get("plan_question"), model.get("outcome_question"))
    keys = ["budget_comment", *filter(None, asked)]
    if answered is None:
        rows = Answer.objects.filter(application=application, question__key__in=keys)
        answered = dict(rows.values_list("question__key", "value"))
    return {
        key: plain(value) if isinstance(value, str) else "finns"
        for key in keys
        if not answers.is_empty(value := answered.get(key)) and not answers.is_unread(value)
    }


def _counts_as(round: Round, name: str) -> str:  # noqa: A002
    """By organisation where the programme counts so; else by kind of party (FL 1 §)."""
    eligibility = round.definition.get("eligibility", {})
    return name if eligibility.get("parties_counted_by") == "organisation" else ""


def _members(association: Association) -> list[Any]:
    return [
        member
        for member in association.members.all()
        if member.is_active and member.kind != PartyKind.EXTERNAL
    ]


def _months(first: date | None, last: date | None) -> dict[int, Decimal]:
    """How many months of each year a period touches."""
    if first is None or last is None:
        return {}
    months: dict[int, Decimal] = {}
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        months[year] = months.get(year, Decimal(0)) + 1
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return months
