"""When the reports of a granted effort are due, counted from its first and last day."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from applications.programme_definition.shape import ReportDefinition
from applications.programme_definition.values import CountedFrom


@dataclass(frozen=True)
class DueReport:
    """A report that the effort owes: the `occurrence`th of its definition, by its last day."""

    definition: ReportDefinition
    occurrence: int
    due: date

    @property
    def name(self) -> str:
        """What it is called; the second and later of one that comes again by number."""
        again = f" {self.occurrence}" if self.definition.repeat_months else ""
        return f"{self.definition.name}{again}"


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or that month's last day when it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def due_reports(
    definitions: Iterable[ReportDefinition], *, first: date, last: date
) -> list[DueReport]:
    """Every report of an effort from its first to its last day, the earliest due first.

    What comes during the effort is owed only when its last day falls before the effort's end.
    """
    found = [each for one in definitions for each in _occurrences(one, first, last)]
    return sorted(found, key=lambda each: each.due)


def _occurrences(definition: ReportDefinition, first: date, last: date) -> list[DueReport]:
    days = timedelta(days=definition.due_days)
    if definition.counted_from is CountedFrom.END:
        return [DueReport(definition, 1, months_after(last, definition.due_months) + days)]
    found: list[DueReport] = []
    months = definition.due_months
    while (due := months_after(first, months) + days) < last:
        found.append(DueReport(definition, len(found) + 1, due))
        if not definition.repeat_months:
            break
        months += definition.repeat_months
    return found
