"""Open data: grants at legal force, valid by the schema, without persons or formulas."""

from __future__ import annotations

import copy
import csv
import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from applications.freezing import latest_received
from applications.models import Application, Round
from applications.report_plan import effort_period, period_in
from boards.notices import post_notice
from boards.open_data import COLUMNS, as_csv, open_data
from boards.open_data_schema import faults_of
from finsam import clock
from finsam.associations.models import NoticeBoard
from tests import factories as make
from tests.kept import kept

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]

ATTESTED = datetime(2024, 5, 30, 12, tzinfo=UTC)
FORCE = datetime(2024, 6, 25, 12, tzinfo=UTC)


@kept
def minutes(association, board, ready, director):
    member = association.members.get(slug="kommunen")
    NoticeBoard.objects.create(association=association, member=member, name=member.name)
    with clock.at(ATTESTED - timedelta(days=20)):
        meeting = make.make_meeting(board, director, applications=[ready])
    with clock.at(ATTESTED):
        made = make.make_attested(make.make_closed(meeting, director), director)
    with clock.at(ATTESTED + timedelta(days=2)):
        notice = made.notices.get()
        post_notice(notice=notice, posted_on=date(2024, 5, 31), actor=director)
    return made


@kept
def package(association, minutes):
    with clock.at(FORCE):
        return open_data(association)


def test_KL_13_5_a_grant_is_open_from_the_day_of_legal_force(association, minutes):
    with clock.at(FORCE - timedelta(days=1)):
        assert open_data(association)["grants"] == []
    with clock.at(FORCE):
        (grant,) = open_data(association)["grants"]
    application = Application.objects.get()
    assert grant["title"] == application.title
    assert grant["amountAwarded"] == 600_000
    assert grant["awardDate"] == "2024-05-20"
    assert grant["recipientOrganization"][0]["name"] == "Ekby kommun"
    assert grant["dateModified"] == "2024-06-25"


def test_the_planned_dates_are_the_efforts_own(association, minutes):
    """360Giving, plannedDates: the dates of the activity that the grant pays for."""
    application = Application.objects.get()
    period = effort_period(application)
    assert period is not None
    with clock.at(FORCE):
        (grant,) = open_data(association)["grants"]
    first, last = (day.isoformat() for day in period)
    assert grant["plannedDates"] == [{"startDate": first, "endDate": last}]
    Application.objects.update(effort_ends_on=date(2025, 2, 28))
    Round.objects.update(period_from=date(2020, 1, 1), period_to=date(2020, 12, 31))
    with clock.at(FORCE):
        (grant,) = open_data(association)["grants"]
    start = first if period_in(latest_received(application).content) else "2020-01-01"
    assert grant["plannedDates"] == [{"startDate": start, "endDate": "2025-02-28"}]


def test_no_person_is_named(package, applicant, director):
    text = json.dumps(package, ensure_ascii=False)
    assert [name for name in (applicant.name, applicant.email, director.name) if name in text] == []


def change(package, path, value):
    """The package with one place of it changed; None takes the place away."""
    changed = copy.deepcopy(package)
    *before, last = path
    place = changed
    for step in before:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return changed


DEPARTURES = [
    (("grants", 0, "amountAwarded"), "600000"),
    (("grants", 0, "amountAwarded"), None),
    (("grants", 0, "awardDate"), "30 maj"),
    (("grants", 0, "currency"), "kronor"),
    (("grants", 0, "title"), " "),
    (("grants", 0, "id"), "utan prefix"),
    (("grants", 0, "recipientOrganization"), []),
    (("grants", 0, "recipientOrganization", 0, "name"), None),
    (("grants", 0, "person"), "Nadja"),
    (("grants",), {}),
    (("license",), "fri"),
]


def test_the_schema_check_finds_every_departure(package):
    assert faults_of(package) == []
    for path, value in DEPARTURES:
        assert len(faults_of(change(package, path, value))) == 1, (path, value)


def test_the_schema_check_finds_doubles(package):
    doubled = {**package, "grants": package["grants"] * 2}
    assert len(faults_of(doubled)) == 1


def test_I05_the_table_holds_the_same_and_no_formula(association, minutes):
    Application.objects.update(title="=HYPERLINK(1)")
    with clock.at(FORCE):
        rows = list(csv.reader(io.StringIO(as_csv(association).decode("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    assert rows[1][1] == "'=HYPERLINK(1)"
    assert rows[1][4] == "600000"


def test_everybody_may_fetch_it(client, association, minutes, django_assert_max_num_queries):
    with clock.at(FORCE):
        with django_assert_max_num_queries(12):
            page = client.get(reverse("boards:open_data", args=["sjo"]))
        found = client.get(reverse("boards:open_data_json", args=["sjo"]))
        table = client.get(reverse("boards:open_data_csv", args=["sjo"]))
    assert page.status_code == 200
    assert "Ekby kommun" in page.content.decode()
    assert len(json.loads(found.content)["grants"]) == 1
    assert table["Content-Disposition"].startswith("attachment")


def test_open_data_writes_a_file_and_knows_its_associations(association, minutes, tmp_path):
    out = tmp_path / "bidrag.json"
    with clock.at(FORCE):
        call_command("open_data", "--association", "sjo", "--out", str(out), stdout=io.StringIO())
    assert faults_of(json.loads(out.read_bytes())) == []
    with pytest.raises(CommandError) as refused:
        call_command("open_data", "--association", "finns-inte", "--out", str(out))
    assert refused.value.returncode == 2
