"""A report as a document: what was handed in, frozen with the money as it stood that day."""

from __future__ import annotations

from typing import Any

from applications.documents import of_the_case
from applications.models import Report, ReportVersion
from applications.programme_definition.values import ReportAnswer
from applications.report_dates import DueReport
from applications.report_measures import measures_of
from applications.report_plan import effort_period
from applications.report_words import PEOPLE, count_shown, outcome_shown
from budgets.payment_use import use_of
from finsam.associations.models import Association
from finsam.documents.documents import (
    Rendered,
    document_kind,
    promise_document,
    readable_by,
    render_document,
)
from finsam.documents.models import Document
from finsam.jobs.models import Job
from finsam.people.access import Visitor
from finsam.registry.models import Record
from finsam.typography import date_long, kronor, number

GOALS = (("Mål", None), ("Målvärde", 22), ("Utfall", 18))
MONEY = ("Budgetpost", "Budget", "Använt", "Kvar")


@document_kind("report", label="Rapport")
def build_report(source: dict[str, Any], _association: Association) -> Rendered:
    return Rendered(render_document("documents/report.html", {**source, **_laid(source)}))


@readable_by("report")
def report_readers(visitor: Visitor, document: Document) -> bool:
    """The applicant's side of the case, and the auditor; the office always may."""
    return of_the_case(visitor, document)


def document_key(report: Report) -> str:
    return f"report:{report.pk}"


def promise_report(report: Report, version: ReportVersion, owed: DueReport, record: Record) -> Job:
    """Promise the document of what was just handed in, under its number in the register."""
    application = report.application
    return promise_document(
        association=application.association,
        kind="report",
        key=document_key(report),
        title=f"{owed.name}: {application.title}",
        source=report_source(report, version, owed),
        case=application.case,
        requested_by=version.created_by,
        record=record,
    )


def report_source(report: Report, version: ReportVersion, owed: DueReport) -> dict[str, Any]:
    """Everything that is printed: small counts hidden, and money used as it stands now."""
    application, definition = report.application, owed.definition
    content, period = version.content, effort_period(application)
    answers, outcomes = content.get("answers", {}), content.get("outcomes", {})
    grant = application.grant
    return {
        "name": owed.name,
        "effort": application.title,
        "lead": application.parties.get(is_lead=True).name,
        "parties": [party.name for party in application.parties.all()],
        "programme": application.round.programme.name,
        "period": f"{date_long(period[0])}–{date_long(period[1])}" if period else "",
        "granted": grant.amount if grant else None,
        "due": owed.due.isoformat(),
        "sender": version.created_by.get_full_name(),
        "handed_in": version.created_at.isoformat(),
        "version": version.number,
        "content_hash": version.sha256,
        "answers": [
            {"prompt": one.prompt, "text": _answered(one.answer, answers.get(one.key))}
            for one in definition.questions
        ],
        "goals": [
            [
                f"{one.text}. {one.indicator}".strip(" ."),
                _per_cent(one.target),
                _per_cent(outcome_shown(one, outcomes.get(one.key))),
            ]
            for one in (measures_of(application) if definition.asks_indicators else [])
        ],
        "people": [
            [label, count_shown(content.get("participants", {}).get(key), exact=False)]
            for key, label in PEOPLE.items()
            if definition.asks_participants
        ],
        "money": [
            [line.label, line.budget, line.used, line.left]
            for line in (use_of(grant) if grant and definition.asks_money else [])
        ],
        "asks_money": definition.asks_money,
    }


def _per_cent(text: str) -> str:
    """The sign for the word, which a narrow column would break."""
    return text.replace(" procent", "\u00a0%")


def _answered(kind: ReportAnswer, value: Any) -> str:
    if kind is ReportAnswer.CONFIRM:
        return "Ja" if value else "Nej"
    return "" if value is None else str(value)


def _laid(source: dict[str, Any]) -> dict[str, Any]:
    """The tables of the document, from its frozen source."""
    money = source["money"]
    sums = [sum(row[at] for row in money) for at in (1, 2, 3)]
    granted = source["granted"]
    return {
        "facts": [
            ("Insats", source["effort"]),
            ("Program", source["programme"]),
            ("Huvudman", source["lead"]),
            ("Parter", source["parties"]),
            ("Period", source["period"]),
            ("Beviljat belopp", kronor(granted) if granted is not None else ""),
        ],
        "goal_columns": [{"text": text, "numeric": False, "width": width} for text, width in GOALS],
        "people_facts": source["people"],
        "money_columns": [
            {"text": text, "numeric": at > 0, "width": None} for at, text in enumerate(MONEY)
        ],
        "money_rows": [[row[0], *map(number, row[1:])] for row in money],
        "money_total": ["Summa", *map(number, sums)],
    }
