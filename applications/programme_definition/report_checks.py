"""What must hold for the reports of a programme's definition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from applications.programme_definition.shape import ProgrammeDefinition, ReportDefinition
from applications.programme_definition.values import CountedFrom, ReportKind, StepUse

Fault = tuple[str, str]  # key path, what was expected
ONCE = (ReportKind.FINAL, ReportKind.FOLLOW_UP)


def reports(definition: ProgrammeDefinition) -> Iterator[Fault]:
    """One final report at most, no key twice, and a last day that can be counted."""
    if definition.reports and definition.steps.follow_up.use is StepUse.ABSENT:
        yield "reports", "inga rapporter när uppföljning inte förekommer"
    keys: set[str] = set()
    for number, report in enumerate(definition.reports, start=1):
        path = f"reports[{number}]"
        if report.key in keys:
            yield path, f"en egen nyckel, men ”{report.key}” finns redan"
        keys.add(report.key)
        yield from _last_day(path, report)
        yield from _questions(path, report)
    kinds = Counter(report.kind for report in definition.reports)
    for kind in ONCE:
        if kinds[kind] > 1:
            yield "reports", f"högst en rapport av slaget {kind}"
    if definition.reports and not kinds[ReportKind.FINAL]:
        yield "reports", "en rapport av slaget final, som insatsen avslutas med"


def _last_day(path: str, report: ReportDefinition) -> Iterator[Fault]:
    if report.due_months and report.due_days:
        yield path, "due_months eller due_days, inte båda"
    if report.counted_from is CountedFrom.START and not (report.due_months or report.due_days):
        yield path, "due_months eller due_days, när sista dagen räknas från starten"
    if report.kind in ONCE and report.counted_from is CountedFrom.START:
        yield f"{path}.counted_from", "end, för en slutrapport och en uppföljning"
    if report.repeat_months and (
        report.kind is not ReportKind.INTERIM or report.counted_from is CountedFrom.END
    ):
        yield (
            f"{path}.repeat_months",
            "0, utom för en delårsrapport som räknas från starten",
        )


def _questions(path: str, report: ReportDefinition) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, question in enumerate(report.questions, start=1):
        if question.key in seen:
            yield (
                f"{path}.questions[{number}]",
                f"en egen nyckel, men ”{question.key}” finns redan",
            )
        seen.add(question.key)
    if not (report.questions or report.asks_indicators or report.asks_participants):
        yield path, "minst en fråga, eller indikatorer eller deltagare"
