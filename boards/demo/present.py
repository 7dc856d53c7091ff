"""The example's projects told of the present: their years, and each effort's own period."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar, cast

from applications.programme_definition import ProgrammeDefinition, moved
from applications.report_dates import months_after
from boards.demo.content import EffortsContent
from finsam import clock

Told = TypeVar("Told")
Period = tuple[date, date]

NAMES = {"slug", "key", "programme", "round", "source"}
"""Fields that name something else: they stay as they are."""
YEAR = re.compile(r"\b20(?:1[5-9]|2[0-9])\b")
INTERIM, FINAL = 7, 2
"""Months from the first day to the interim report, and from the last day to the final one."""


@dataclass(frozen=True)
class Projects:
    """When the projects were sought and run, counted from today."""

    today: date
    began: date

    @classmethod
    def around_today(cls) -> Projects:
        """The story begins on a Thursday some eleven months ago."""
        day = clock.today() - timedelta(days=330)
        return cls(clock.today(), day - timedelta(days=(day.weekday() - 3) % 7))

    @property
    def year(self) -> int:
        """The year whose money the projects are paid with: the one in which most of them begin."""
        return self.period("solvesborg-unga")[0].year

    def ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def period(self, key: str) -> Period:
        """An effort's first and last day."""
        return {
            "hel-vag": self._a_year(months_after(self.ago(-9), -INTERIM)),
            "solvesborg-unga": self._a_year(months_after(self.ago(8), -INTERIM)),
            "ronneby": self._until(months_after(self.ago(-10), -FINAL)),
            "olofstrom": self._until(self.ago(45)),
            "karlshamn": self._a_year(self.ago(-20)),
            "solvesborg": self._a_year(self.ago(-35)),
        }[key]

    def tell(
        self, definition: ProgrammeDefinition, content: EffortsContent
    ) -> tuple[ProgrammeDefinition, EffortsContent]:
        """The programme and what is sought, in the year of today and with periods around it."""
        round_ = definition.rounds[0]
        by = self.year - round_.years[0]
        told = in_years(definition, by)
        told = moved(told, (self.began - timedelta(days=20) - told.rounds[0].opens).days)
        periods = [self.period(effort.key) for effort in content.efforts]
        spanning = replace(
            told.rounds[0],
            effort_from=date(min(self.year, *(first.year for first, _last in periods)), 1, 1),
            effort_to=date(max(last.year for _first, last in periods), 12, 31),
        )
        told = replace(told, rounds=(spanning, *told.rounds[1:]))
        sought = in_years(content, by)
        efforts = tuple(
            replace(effort, answers={**effort.answers, "period": self._answer(effort.key)})
            for effort in sought.efforts
        )
        return told, replace(sought, efforts=efforts)

    def _answer(self, key: str) -> dict[str, str]:
        first, last = self.period(key)
        return {"from": first.isoformat(), "to": last.isoformat()}

    def _a_year(self, first: date) -> Period:
        return first, months_after(first, 12) - timedelta(days=1)

    def _until(self, last: date) -> Period:
        """Long enough to owe an interim report."""
        return months_after(last, -INTERIM) - timedelta(days=15), last


def ahead(
    definition: ProgrammeDefinition, content: EffortsContent
) -> tuple[ProgrammeDefinition, EffortsContent]:
    """The same in later years: the first effort begins on its day within a year from today."""
    today = clock.today()
    first = date.fromisoformat(content.efforts[0].answers["period"]["from"])
    by = today.year - first.year
    by += months_after(first, 12 * by) <= today
    return in_years(definition, by), in_years(content, by)


def in_years(told: Told, by: int) -> Told:
    """The same so many years later: years in numbers, dates and texts; names stay."""
    return cast(Told, _in_years(told, by))


def _in_years(told: Any, by: int) -> Any:
    if is_dataclass(told) and not isinstance(told, type):
        changed = {
            field.name: _in_years(getattr(told, field.name), by)
            for field in fields(told)
            if field.name not in NAMES
        }
        return replace(told, **changed)
    if isinstance(told, Mapping):
        return {key: _in_years(value, by) for key, value in told.items()}
    if isinstance(told, tuple | list):
        return type(told)(_in_years(value, by) for value in told)
    if isinstance(told, date):
        return months_after(told, 12 * by)
    if isinstance(told, str):
        return YEAR.sub(lambda year: str(int(year[0]) + by), told)
    return told + by if type(told) is int and YEAR.fullmatch(str(told)) else told
