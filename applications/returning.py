"""The return of a social investment to its fund: planned from the application, settled by year."""

from __future__ import annotations

import calendar
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from applications.freezing import latest_received
from applications.models import Application
from applications.programme_definition.values import RETURN_COLUMNS
from applications.report_plan import owes_reports
from applications.sending import tell_people
from budgets.models import PlannedReturn, SavingsReturn
from budgets.returns import ReturnRow, settle_return
from finsam import clock
from finsam.associations.models import Association
from finsam.errors import NotPossible
from finsam.people.models import User


def returns_money(application: Application) -> bool:
    """Whether the effort is granted, told so, and by its programme gives money back."""
    return owes_reports(application) and bool(application.round.setting("return_model"))


def lacks_return_plan(application: Application) -> bool:
    """Whether the return plan, without which no agreement is sent, is still to be set."""
    return (
        returns_money(application)
        and not PlannedReturn.objects.filter(grant=application.grant_id).exists()
    )


def plan_rows(application: Application) -> list[PlannedReturn]:
    """The plan with what has been settled of it, in the order of years."""
    rows = PlannedReturn.objects.filter(grant=application.grant_id).with_returns()
    return list(rows.order_by("year", "unit"))


def proposed_rows(application: Application) -> list[ReturnRow]:
    """The plan as the application says it; rows that lack a figure are left to be filled in."""
    key = application.round.setting("return_model", "plan_question", default="")
    version = latest_received(application)
    unit, year, saving, share = RETURN_COLUMNS
    return [
        ReturnRow(row[unit], row[year], row[saving], Decimal(row[share]))
        for section in (version.content["sections"] if version else ())
        for question in section["questions"]
        if question["key"] == key
        for row in question["value"] or ()
        if all(row.get(column) is not None for column in RETURN_COLUMNS)
    ]


def due_day(application: Application, year: int) -> date:
    """By when the return of a year is settled: the last day of the programme's month."""
    month = application.round.setting("return_model", "settled_by_month", default=3)
    return date(year, month, calendar.monthrange(year, month)[1])


def next_unsettled(application: Application) -> PlannedReturn | None:
    """The earliest row of the plan that has not been settled."""
    return next((row for row in plan_rows(application) if row.settled is None), None)


def settle(
    *,
    application: Application,
    planned: PlannedReturn,
    actual_saving: int,
    amount: int,
    explanation: str,
    key: str,
    actor: User,
) -> SavingsReturn:
    """Settle a unit's year of the effort and tell its parties; see `settle_return`.

    Raises NotPossible before the year has begun.
    """
    if planned.year > clock.today().year:
        raise NotPossible(
            "too_early", f"Återföringen för {planned.year} stäms av tidigast det året."
        )
    with transaction.atomic():
        made = settle_return(
            planned=planned,
            actual_saving=actual_saving,
            amount=amount,
            explanation=explanation,
            key=key,
            actor=actor,
        )
        tell_people(
            application,
            event_key=f"return:{made.pk}",
            subject=f"Återföringen {planned.year} är avstämd: {application.title}"[:150],
            template="mail/return_settled.txt",
            context={"planned": planned, "made": made},
        )
    return made


def unsettled_of(association: Association, until: int) -> QuerySet[PlannedReturn]:
    """Rows of the association's plans for years up to `until` that are not settled."""
    settled = SavingsReturn.objects.filter(annulled_at=None).values("planned")
    rows = PlannedReturn.objects.filter(grant__association=association, year__lte=until)
    return rows.exclude(pk__in=settled).order_by("year", "unit")


def with_returns_to_settle(association: Association, until: int) -> QuerySet[Application]:
    """Efforts with years up to `until` that are not settled, in the order of their titles."""
    waiting = unsettled_of(association, until).order_by().values("grant")
    return Application.objects.filter(association=association, grant__in=waiting).order_by("title")


def efforts_that_return(association: Association) -> list[tuple[Application, list[PlannedReturn]]]:
    """The efforts with a return plan, the latest granted first, each with its rows."""
    rows = PlannedReturn.objects.filter(grant__association=association).with_returns()
    by_grant: dict[int, list[PlannedReturn]] = {}
    for row in rows.order_by("year", "unit"):
        by_grant.setdefault(row.grant_id, []).append(row)
    found = Application.objects.filter(association=association, grant__in=by_grant)
    return [
        (one, by_grant[one.grant_id])
        for one in found.select_related("grant", "case", "round__programme").order_by("-grant")
        if one.grant_id is not None
    ]
