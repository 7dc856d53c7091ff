"""All reports in one list: what is owed has a row, the lists find, sort and filter, and page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application, Programme, Report, ReportState
from applications.report_plan import owed_by, plan_all_reports, plan_reports
from applications.reporting import accept_report, begin_report
from boards.dashboard import dashboard
from finsam import clock
from finsam.people.models import RoleKind, User
from tests import factories as make
from tests.applications.test_reporting import application, handed_in, report

__all__ = ["application", "report"]
pytestmark = pytest.mark.django_db


def listed(client: Client, name: str, application: Application, **asked: Any) -> Any:
    return client.get(reverse(f"applications:{name}", args=[application.association.slug]), asked)


def names(answer: Any) -> list[str]:
    return [row[1].text for row in answer.context["rows"]]


def test_what_is_owed_has_its_rows_as_soon_as_the_grant_is_told(application: Application) -> None:
    found = Report.objects.filter(application=application)
    assert list(found.values_list("name", "state", "due_on")) == [
        (each.name, "owed", each.due) for each in owed_by(application)
    ]


def test_the_rows_follow_the_programme_but_what_is_begun_stays(
    application: Application, report: Report
) -> None:
    programme = Programme.objects.get(pk=application.round.programme_id)
    interim, final, _ = programme.definition["reports"]
    programme.definition["reports"] = [{**final, "name": "Slutredovisning", "due_months": 3}]
    programme.save()
    changed = make.reread(application)
    for _ in range(2):
        plan_all_reports(changed.association)
    rows = Report.objects.values_list("name", "state").order_by("pk")
    assert list(rows) == [(interim["name"], "draft"), ("Slutredovisning", "owed")]
    assert Report.objects.get(key="final").due_on == owed_by(changed)[0].due


def test_what_waits_stands_first_and_each_filter_finds_its_own(
    client: Client, application: Application, report: Report, applicant: User, officer: User
) -> None:
    client.force_login(officer)
    today = clock.today()
    Report.objects.filter(key="final").update(due_on=today - timedelta(days=1))
    Report.objects.filter(key="implementation").update(due_on=today + timedelta(days=1))
    Report.objects.filter(key="interim").update(due_on=today)
    answer = listed(client, "all_reports", application)
    assert names(answer) == [
        "Slutrapport", "Delårsrapport", "Uppföljning av implementeringen"
    ]  # fmt: skip
    assert [row[4].status.text for row in answer.context["rows"]] == [
        "Försenad", "Inte inlämnad", "Inte påbörjad"
    ]  # fmt: skip
    sent = handed_in(report, applicant)
    first = names(listed(client, "all_reports", application))[0]
    assert first == "Delårsrapport"

    def found(**asked: Any) -> list[str]:
        return sorted(names(listed(client, "all_reports", application, **asked)))

    late, later = "Slutrapport", "Uppföljning av implementeringen"
    assert found(lage="lamnas") == [late, later]
    assert found(lage="forsenad") == [late]
    assert found(lage="inlamnad") == ["Delårsrapport"]
    accept_report(report=sent, seen_hash=sent.sha256, actor=officer)
    assert found(lage="godkand") == ["Delårsrapport"]
    assert found(q="slutrapp") == [late]
    assert len(found(q=application.title[:9])) == 3
    assert found(q="finns inte") == []
    assert len(found(program=application.round.programme_id)) == 3
    down = names(listed(client, "all_reports", application, sort="-rapport"))
    assert down == [later, late, "Delårsrapport"]
    empty = listed(client, "all_reports", application, q="finns inte").content.decode()
    assert "Inga rapporter" in empty


def test_each_side_sees_its_own_list_and_strangers_nothing(
    client: Client, application: Application, applicant: User, foreign_director: User
) -> None:
    auditor = make.make_person(RoleKind.AUDITOR, application.association)
    here = application.association
    sees = {}
    for who, name in ((applicant, "my_reports"), (auditor, "all_reports")):
        client.force_login(who)
        sees[name] = len(names(listed(client, name, application)))
    assert sees == {"my_reports": 3, "all_reports": 3}
    client.force_login(make.make_person(RoleKind.APPLICANT, here, here.members.last()))
    assert names(listed(client, "my_reports", application)) == []
    assert listed(client, "all_reports", application).status_code == 403
    client.force_login(foreign_director)
    assert listed(client, "all_reports", application).status_code in (403, 404)
    Application.objects.filter(pk=application.pk).update(outcome_public_at=None)
    client.force_login(auditor)
    assert names(listed(client, "all_reports", application)) == []


@pytest.mark.anywhere
def test_fifty_a_page_with_as_many_questions_for_one_as_for_all(
    client: Client, application: Application, officer: User
) -> None:
    client.force_login(officer)
    counts = []
    for many in (0, 58):
        Report.objects.bulk_create(
            Report(application=application, key=f"k{at}", name=f"Nr {at}", due_on=clock.today())
            for at in range(many)
        )
        with CaptureQueriesContext(connection) as captured:
            answer = listed(client, "all_reports", application)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 15
    assert len(names(answer)) == 50
    assert len(names(listed(client, "all_reports", application, sida="2"))) == 11


def test_the_overview_says_that_the_office_has_the_ball(
    application: Application, report: Report, applicant: User
) -> None:
    Application.objects.filter(pk=application.pk).update(state="running")

    def turn() -> str:
        (round_,) = dashboard(application.association)["rounds"]
        return str(round_.rows[0].whose_turn)

    assert turn() == "Parterna"
    handed_in(report, applicant)
    assert turn() == "Kansliet"


def test_beginning_what_is_owed_makes_no_second_row(
    application: Application, applicant: User
) -> None:
    begun = begin_report(application=application, key="final", occurrence=1, actor=applicant)
    plan_reports(application)
    assert begun.state == ReportState.DRAFT
    assert Report.objects.filter(application=application).count() == 3
