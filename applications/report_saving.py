"""Saving a part of a report while it is written: others' answers stay, and nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from applications.models import Report
from applications.programme_definition.shape import ReportQuestion
from applications.programme_definition.values import ReportAnswer
from applications.report_measures import Measure
from applications.report_words import PEOPLE
from applications.reporting import (
    due_report,
    locked_report,
    measures_asked,
    require_writable,
    require_writer,
)
from finsam.errors import Conflict, DomainError, NotPossible
from finsam.people.models import User
from finsam.registry.canonical import canonical, digest

MOST = 1_000_000


@dataclass(frozen=True)
class ReportClash:
    """An answer that two people changed at the same time: what each of them wrote."""

    key: str
    mine: Any
    theirs: Any


class ReportConflict(Conflict):
    """Somebody else saved the same answers: nothing is written until one chooses."""

    def __init__(self, report: Report, clashes: list[ReportClash]) -> None:
        super().__init__(
            "report_changed",
            "Någon annan har sparat samma fråga i mellantiden. Välj vilken text som ska gälla. "
            "Inget har skrivits över.",
        )
        self.report = report
        self.clashes = clashes


def save_part(
    *, report: Report, part: str, values: Mapping[str, Any], seen: str, actor: User
) -> Report:
    """Keep answers of a part as they are written; answers left out of `values` stay.

    `seen` is the part's mark when it was read (`mark_of`): what others saved since is kept where
    the writer did not touch it. Where both changed the same answer nothing is written, and
    ReportConflict carries both texts. No event: it is a draft until it is handed in. Raises
    NotAllowed, NotPossible, and DomainError for a value of a wrong kind.
    """
    require_writer(report.application, actor)
    wanted = _checked(report, part, values)
    with transaction.atomic():
        report = locked_report(report)
        require_writable(report)
        stored = report.content.get(part, {})
        kept = {**stored, **_merged(report, stored, wanted, _marks_in(seen))}
        if kept != stored:
            report.content = {**report.content, part: kept}
            report.revision += 1
            report.save(update_fields=["content", "revision"])
    return report


def mark_of(report: Report, part: str) -> str:
    """What a part says now, as a mark for each answer: `key:mark key:mark`."""
    said = report.content.get(part, {})
    return " ".join(f"{key}:{_mark(said[key])}" for key in sorted(said) if not _is_empty(said[key]))


def _merged(
    report: Report, stored: Mapping[str, Any], wanted: Mapping[str, Any], seen: Mapping[str, str]
) -> dict[str, Any]:
    """What the writer changed. Raises ReportConflict where somebody else did as well."""
    changed: dict[str, Any] = {}
    clashes = []
    for key, mine in wanted.items():
        theirs = stored.get(key)
        read, now = seen.get(key, ""), _mark(theirs)
        if key in stored and (mine == theirs or (now != read and _mark(mine) == read)):
            continue
        if now != read and _mark(mine) != now:
            clashes.append(ReportClash(key, mine, theirs))
        changed[key] = mine
    if clashes:
        raise ReportConflict(report, clashes)
    return changed


def _mark(value: Any) -> str:
    return "" if _is_empty(value) else digest(value)[:12]


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or value is False


def _marks_in(seen: str) -> dict[str, str]:
    return dict(word.split(":", 1) for word in seen.split() if ":" in word)


def _checked(report: Report, part: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Of the values only what the report asks for in the part, each of its kind."""
    definition = due_report(report.application, report.key, report.occurrence).definition
    if part == "outcomes":
        return {
            one.key: _outcome(values[one.key], one)
            for one in measures_asked(report)
            if one.key in values
        }
    if part == "participants" and definition.asks_participants:
        return {key: _number(values[key], PEOPLE[key]) for key in PEOPLE if key in values}
    if part != "answers":
        raise NotPossible("no_part", "Rapporten har inget sådant avsnitt.")
    return {
        one.key: _answer(one, values[one.key]) for one in definition.questions if one.key in values
    }


def _answer(question: ReportQuestion, value: Any) -> Any:
    if question.answer is ReportAnswer.NUMBER:
        return _number(value, question.prompt)
    if question.answer is ReportAnswer.CONFIRM:
        return bool(value)
    return canonical(str(value or "").strip())


def _outcome(value: Any, measure: Measure) -> int | None:
    number = _number(value, measure.text)
    if number is not None and measure.is_percent and number > 100:
        raise DomainError("over_hundred", f"{measure.text}: högst 100 procent.")
    return number


def _number(value: Any, name: str) -> int | None:
    if value is None or value == "":
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST:
        raise DomainError("not_a_number", f"{name}: skriv ett helt tal, 0 eller mer.")
    return value
