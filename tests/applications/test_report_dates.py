"""Reports of a programme: what a definition must hold to, and when each is due."""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.programme_definition import (
    PROGRAMMES,
    DefinitionError,
    parse_programme,
    read_programme,
)
from applications.programme_definition.shape import ReportDefinition
from applications.programme_definition.values import CountedFrom, ReportKind
from applications.report_dates import due_reports, months_after
from finsam.definitions_writing import to_toml

FILES = sorted(PROGRAMMES.glob("*.toml"))
INTERIM = ReportDefinition(
    key="interim",
    kind=ReportKind.INTERIM,
    name="Delårsrapport",
    counted_from=CountedFrom.START,
    due_months=6,
)
FINAL = ReportDefinition(
    key="final",
    kind=ReportKind.FINAL,
    name="Slutrapport",
    counted_from=CountedFrom.END,
    due_months=2,
)
DAYS = st.dates(date(2000, 1, 1), date(2080, 12, 31))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_programme_asks_for_interim_final_and_a_follow_up_after_a_year(path):
    definition = read_programme(path)
    reports = definition.reports
    assert [report.kind for report in reports] == list(ReportKind)
    assert tuple(report.name for report in reports[:2]) == definition.steps.follow_up.reports
    assert all(report.asks_indicators and report.asks_money for report in reports[:2])
    assert (reports[2].counted_from, reports[2].due_months) == (CountedFrom.END, 12)


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ((INTERIM,), "slaget final"),
        ((FINAL, replace(FINAL, key="again")), "högst en rapport"),
        ((FINAL, replace(INTERIM, key="final")), "finns redan"),
        ((FINAL, replace(INTERIM, due_days=30)), "inte båda"),
        ((FINAL, replace(INTERIM, due_months=0)), "räknas från starten"),
        ((replace(FINAL, counted_from=CountedFrom.START),), "counted_from"),
        ((replace(FINAL, repeat_months=6),), "repeat_months"),
        ((replace(FINAL, asks_indicators=False, asks_participants=False),), "minst en fråga"),
    ],
)
def test_a_definition_that_cannot_be_kept_is_refused(reports, expected):
    text = to_toml(replace(read_programme(FILES[0]), reports=reports))
    with pytest.raises(DefinitionError, match=expected):
        parse_programme(text, file=FILES[0].name)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2022, 8, 31), 6, date(2023, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2023, 12, 31), 2, date(2024, 2, 29)),
        (date(2024, 10, 31), 1, date(2024, 11, 30)),
        (date(2024, 12, 15), 12, date(2025, 12, 15)),
        (date(2024, 3, 31), 0, date(2024, 3, 31)),
    ],
)
def test_months_after_a_day(day, months, expected):
    assert months_after(day, months) == expected


@given(DAYS, st.integers(0, 60))
def test_so_many_months_later_is_the_same_day_or_the_months_last(day, months):
    later = months_after(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == min(day.day, calendar.monthrange(later.year, later.month)[1])


@given(DAYS, st.integers(0, 2000), st.integers(1, 24), st.integers(1, 24))
def test_what_repeats_comes_within_the_effort_and_is_never_moved_by_a_short_month(
    first, length, months, repeat
):
    last = date.fromordinal(first.toordinal() + length)
    interim = replace(INTERIM, due_months=months, repeat_months=repeat)
    *during, final = due_reports([FINAL, interim], first=first, last=last)
    assert (final.definition, final.due) == (FINAL, months_after(last, 2))
    assert [each.occurrence for each in during] == list(range(1, len(during) + 1))
    assert all(first < each.due < last for each in during)
    assert [each.due for each in during] == [
        months_after(first, months + repeat * at) for at in range(len(during))
    ]
    assert months_after(first, months + repeat * len(during)) >= last


def test_a_year_and_three_years():
    first = date(2024, 1, 1)
    year = due_reports([INTERIM, FINAL], first=first, last=date(2024, 12, 31))
    assert [(each.name, each.due) for each in year] == [
        ("Delårsrapport", date(2024, 7, 1)),
        ("Slutrapport", date(2025, 2, 28)),
    ]
    half_yearly = replace(INTERIM, repeat_months=6)
    three = due_reports([half_yearly], first=first, last=date(2026, 12, 31))
    assert [each.name for each in three] == [f"Delårsrapport {at}" for at in range(1, 6)]
    assert three[-1].due == date(2026, 7, 1)


def test_days_are_counted_from_the_end():
    in_days = replace(FINAL, due_months=0, due_days=60)
    owed = due_reports([in_days], first=date(2024, 1, 1), last=date(2024, 12, 31))
    assert [each.due for each in owed] == [date(2025, 3, 1)]
