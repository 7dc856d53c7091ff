"""The reports that an application's effort owes, by what its round holds to."""

from __future__ import annotations

from datetime import date

from applications.freezing import latest_received
from applications.models import Application, ApplicationState, QuestionType, Round
from applications.programme_definition.shape import ReportDefinition
from applications.programme_definition.values import ReportKind
from applications.report_dates import DueReport, due_reports
from finsam.definitions import DefinitionError
from finsam.definitions_writing import read_json

S = ApplicationState
REPORTING = (S.GRANTED, S.PARTLY_GRANTED, S.AGREED, S.RUNNING, S.CLOSED, S.TERMINATED)


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


def effort_period(application: Application) -> tuple[date, date] | None:
    """The effort's first and last day: as changed since the decision, else as applied for, else
    the round's. None when not said.
    """
    period = _period_applied_for(application)
    if period is None or application.effort_ends_on is None:
        return period
    return period[0], application.effort_ends_on


def _period_applied_for(application: Application) -> tuple[date, date] | None:
    version = latest_received(application)
    for section in version.content["sections"] if version else ():
        for question in section["questions"]:
            if question["type"] == QuestionType.PERIOD and question["value"]:
                value = question["value"]
                return date.fromisoformat(value["from"]), date.fromisoformat(value["to"])
    round_ = application.round
    if round_.period_from is None or round_.period_to is None:
        return None
    return round_.period_from, round_.period_to


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
