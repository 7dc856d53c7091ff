"""Deadlines over Swedish holidays, against tables that were checked by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from boards.deadlines import (
    appeal_ends,
    attestation_due,
    dispatch_day,
    first_working_day,
    is_working_day,
    last_working_day,
    legal_force_day,
    material_freeze_day,
    notice_due,
    public_holidays,
    removal_day,
    round_countdown,
    stage,
)

DAY = date(2023, 9, 25)

# Days off that fall on Monday to Friday, from the almanacs of the years.
# Fixed: 1/1, 6/1, 1/5, 6/6, 24–26/12, 31/12; movable: Good Friday, Easter Monday, Ascension,
# midsummer's eve. All Saints, Whitsun and midsummer day are always Saturdays and Sundays.
WEEKDAYS_OFF = {
    2024: "01-01 03-29 04-01 05-01 05-09 06-06 06-21 12-24 12-25 12-26 12-31",
    2025: "01-01 01-06 04-18 04-21 05-01 05-29 06-06 06-20 12-24 12-25 12-26 12-31",
    2026: "01-01 01-06 04-03 04-06 05-01 05-14 06-19 12-24 12-25 12-31",
    2027: "01-01 01-06 03-26 03-29 05-06 06-25 12-24 12-31",
    2028: "01-06 04-14 04-17 05-01 05-25 06-06 06-23 12-25 12-26",
    2029: "01-01 03-30 04-02 05-01 05-10 06-06 06-22 12-24 12-25 12-26 12-31",
    2030: "01-01 04-19 04-22 05-01 05-30 06-06 06-21 12-24 12-25 12-26 12-31",
}


@pytest.fixture(autouse=True)
def _no_year_is_remembered() -> None:
    public_holidays.cache_clear()


@pytest.mark.parametrize("year", WEEKDAYS_OFF)
def test_T04_the_days_off_of_each_year_are_those_of_the_almanac(year):
    found = {f"{day:%m-%d}" for day in public_holidays(year) if day.weekday() < 5}
    assert found == set(WEEKDAYS_OFF[year].split())


def test_T04_a_sunday_without_a_name_of_its_own_is_no_holiday():
    found = [f"{day:%m-%d}" for day in sorted(public_holidays(2026)) if day.weekday() == 6]
    assert found == ["04-05", "05-24"]  # Easter and Whitsun


@pytest.mark.parametrize("year", WEEKDAYS_OFF)
def test_T04_every_day_of_the_year_is_a_working_day_or_off(year):
    off = set(WEEKDAYS_OFF[year].split())
    day = date(year, 1, 1)
    while day.year == year:
        expected = day.weekday() < 5 and f"{day:%m-%d}" not in off
        assert is_working_day(day) is expected, day
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2024-06-21", "2024-06-24", "2024-06-20"),  # midsommarafton
        ("2024-12-24", "2024-12-27", "2024-12-23"),  # jul
        ("2025-12-31", "2026-01-02", "2025-12-30"),  # nyår
        ("2024-03-29", "2024-04-02", "2024-03-28"),  # påsk
        ("2023-09-25", "2023-09-25", "2023-09-25"),  # a Monday
        ("2023-09-23", "2023-09-25", "2023-09-22"),  # a Saturday
    ],
)
def test_the_nearest_working_days(day, first, last):
    assert first_working_day(date.fromisoformat(day)).isoformat() == first
    assert last_working_day(date.fromisoformat(day)).isoformat() == last


def test_KL_5_69_minutes_are_attested_within_fourteen_days():
    assert attestation_due(date(2023, 9, 25)) == date(2023, 10, 9)


def test_KL_8_12_the_attestation_is_announced_by_the_second_day():
    assert notice_due(date(2023, 10, 2)) == date(2023, 10, 4)


@pytest.mark.parametrize(
    ("posted", "ends", "legal_force"),
    [
        ("2023-10-04", "2023-10-25", "2023-10-26"),  # a Wednesday three weeks on
        ("2024-05-31", "2024-06-24", "2024-06-25"),  # 21 June is midsommarafton
        ("2024-12-03", "2024-12-27", "2024-12-28"),  # 24 December, then two days off
        ("2024-12-10", "2025-01-02", "2025-01-03"),  # New Year's eve
        ("2025-12-16", "2026-01-07", "2026-01-08"),  # trettondagen
        ("2024-04-17", "2024-05-08", "2024-05-09"),  # legal force falls on Ascension itself
        ("2024-04-18", "2024-05-10", "2024-05-11"),  # Ascension
        ("2030-03-29", "2030-04-23", "2030-04-24"),  # Good Friday to Easter Monday
    ],
)
def test_KL_13_5_appeal_within_three_weeks_moved_past_days_off(posted, ends, legal_force):
    day = date.fromisoformat(posted)
    assert appeal_ends(day).isoformat() == ends
    assert legal_force_day(day).isoformat() == legal_force


def test_the_dispatch_and_the_freeze_are_never_on_a_day_off():
    assert dispatch_day(date(2023, 9, 25), 7) == date(2023, 9, 18)
    assert material_freeze_day(date(2023, 9, 25), 7) == date(2023, 9, 15)
    assert dispatch_day(date(2024, 6, 28), 7) == date(2024, 6, 20)
    for number in range(366 * 2):
        day = date(2024, 1, 1) + timedelta(days=number)
        assert is_working_day(dispatch_day(day, 7))
        assert is_working_day(material_freeze_day(day, 7))
        assert material_freeze_day(day, 7) < dispatch_day(day, 7) <= day - timedelta(days=7)


def test_the_countdown_of_blekinge_2023_is_what_it_was():
    found = {one.key: one.on.isoformat() for one in round_countdown(DAY, 7)}
    assert found == {
        "last_day": "2023-09-01", "reviewed": "2023-09-06", "statements": "2023-09-11",
        "council": "2023-09-13", "freeze": "2023-09-15", "dispatch": "2023-09-18",
        "board": "2023-09-25",
    }  # fmt: skip


def test_every_day_on_the_way_says_what_is_done_and_by_whom():
    found = [(f"{one.on}", one.text, one.whose) for one in round_countdown(date(2023, 9, 28), 7)]
    assert found == [
        ("2023-09-01", "Sista dag att lämna in ansökan", "Sökande"),
        ("2023-09-08", "Kansliets granskning klar", "Kansliet"),
        ("2023-09-15", "Yttranden från samråd", "Samrådsgrupper"),
        ("2023-09-18", "Beredande organ rekommenderar", "Beredande organ"),
        ("2023-09-20", "Materialstopp, beslutsunderlag klara", "Förbundschefen"),
        ("2023-09-21", "Kallelse och handlingar skickas", "Kansliet"),
        ("2023-09-28", "Styrelsen beslutar", "Styrelsen"),
    ]


def test_T04_the_countdown_is_in_order_and_on_working_days_all_years():
    for number in range(366 * 7):
        board_day = date(2024, 1, 1) + timedelta(days=number)
        days = round_countdown(board_day, 7)
        assert [one.on for one in days] == sorted({one.on for one in days})
        assert all(is_working_day(one.on) for one in days[:-1]), board_day


@pytest.mark.parametrize(
    ("left", "lead", "expected"),
    [
        (4, 3, ""), (3, 3, "before"), (1, 3, "before"), (0, 3, "today"), (-1, 3, "late"),
        (-14, 3, "late"), (-15, 3, ""), (1, 0, ""), (0, 0, "today"), (7, 7, "before"),
    ],
)  # fmt: skip
def test_Q10_the_stage_that_holds_now_and_no_other(left, lead, expected):
    assert stage(DAY, DAY - timedelta(days=left), lead) == expected


def test_KL_8_12_a_notice_stays_up_the_whole_time_for_appeal():
    assert removal_day(date(2023, 10, 4)) == date(2023, 10, 26)
    assert removal_day(date(2024, 12, 3)) == date(2024, 12, 28)
