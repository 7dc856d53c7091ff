"""The reports that an application's effort owes, by what its round holds to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from applications.freezing import latest_received
from applications.models import (
    Application,
    ApplicationState,
    QuestionType,
    Report,
    ReportState,
    Round,
)
from applications.programme_definition.shape import ReportDefinition
from applications.programme_definition.values import ReportKind
from applications.queries import REPORTING
from applications.report_dates import DueReport, due_reports
from finsam.associations.models import Association
from finsam.definitions import DefinitionError
from finsam.definitions_writing import read_json

S = ApplicationState
HANDED_IN = (ReportState.SUBMITTED, ReportState.ACCEPTED)


def reports_of(round_: Round) -> list[ReportDefinition]:
    """The reports that hold for the round. A programme loaded before it said any has none."""
    found: list[ReportDefinition] = []
    for said in round_.setting("reports", default=[]):
        definition, reader = read_json(ReportDefinition, said, file=f"{round_.programme.slug}.toml")
        if definition is None:
            raise DefinitionError(reader.problems)
        found.append(definition)
    return found


def owes_reports(application: Application) -> bool:
    """Whether the application is granted, and its applicant has been told so."""
    return (
        application.grant_id is not None
        and application.is_outcome_public
        and application.state in REPORTING
    )


def effort_period(
    application: Application, content: Mapping[str, Any] | None = None
) -> tuple[date, date] | None:
    """The effort's first and last day: as changed since the decision, else as applied for, else
    the round's. None when not said.

    `content` is that of the version received, from one who has read it already.
    """
    period = _period_applied_for(application, content)
    if period is None or application.effort_ends_on is None:
        return period
    return period[0], application.effort_ends_on


def _period_applied_for(
    application: Application, content: Mapping[str, Any] | None
) -> tuple[date, date] | None:
    if content is None:
        version = latest_received(application)
        content = version.content if version else {}
    if found := period_in(content):
        return found
    round_ = application.round
    if round_.period_from is None or round_.period_to is None:
        return None
    return round_.period_from, round_.period_to


def period_in(content: Mapping[str, Any]) -> tuple[date, date] | None:
    """The period that a version of an application seeks for. None when it is not said."""
    for section in content.get("sections", ()):
        for question in section["questions"]:
            if question["type"] == QuestionType.PERIOD and question["value"]:
                value = question["value"]
                return date.fromisoformat(value["from"]), date.fromisoformat(value["to"])
    return None


def owed_by(application: Application) -> list[DueReport]:
    """The application's reports, the earliest due first; none before it is granted."""
    if not owes_reports(application):
        return []
    period = effort_period(application)
    if period is None:
        return []
    owed = reports_of(application.round)
    if application.state == S.TERMINATED and application.effort_ends_on is not None:
        # What was ended early has nothing to be taken up in ordinary operations later.
        owed = [one for one in owed if one.kind is not ReportKind.FOLLOW_UP]
    return due_reports(owed, first=period[0], last=period[1])


def plan_reports(application: Application) -> None:
    """Keep a row for each report that the effort owes, so that all efforts' can be listed.

    When the grant is told, and every morning, since period and programme may change: what is no
    longer owed and not begun goes, and what is not handed in gets its new name and last day.
    """
    owed = {(each.definition.key, each.occurrence): each for each in owed_by(application)}
    with transaction.atomic():
        rows = {
            (row.key, row.occurrence): row
            for row in Report.objects.select_for_update().filter(application=application)
        }
        gone = [row.pk for place, row in rows.items() if place not in owed]
        Report.objects.filter(pk__in=gone, state=ReportState.OWED).delete()
        for place, each in owed.items():
            row = rows.get(place)
            if row is not None and row.state in HANDED_IN:
                continue
            if row is not None and (row.name, row.due_on) == (each.name, each.due):
                continue
            Report.objects.update_or_create(
                application=application,
                key=place[0],
                occurrence=place[1],
                defaults={"name": each.name, "due_on": each.due},
            )


def plan_all_reports(association: Association) -> None:
    """The same for every effort of an association that is granted."""
    found = Application.objects.filter(
        association=association, state__in=REPORTING, grant__isnull=False
    )
    for one in found.select_related("association", "round__programme").order_by("pk"):
        plan_reports(one)
