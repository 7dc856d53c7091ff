"""Closing an effort: what remains is named, it is closed once, and the follow-up stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from applications.closing import close_effort, next_of_effort, what_remains
from applications.models import Application, Report
from applications.programme_definition.values import ReportAnswer
from applications.report_dates import DueReport
from applications.report_plan import owed_by
from applications.report_saving import mark_of, save_part
from applications.reporting import (
    accept_report,
    begin_report,
    missing_by_part,
    submit_report,
)
from boards.dashboard import dashboard
from budgets.models import Grant, PaymentRequest
from finsam import clock
from finsam.errors import NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.people.models import User
from finsam.registry.models import Event, Record
from tests import factories as make
from tests.applications.test_reporting import FULL, application
from tests.kept import kept

__all__ = ["application"]
pytestmark = pytest.mark.django_db
SAID: dict[ReportAnswer, Any] = {ReportAnswer.NUMBER: 3, ReportAnswer.CONFIRM: True}


@kept
def running(application: Application) -> Application:
    Application.objects.filter(pk=application.pk).update(state="running")
    return make.reread(application)


def hand_in(effort: Application, owed: DueReport, actor: User) -> Report:
    key = owed.definition.key
    report = begin_report(application=effort, key=key, occurrence=owed.occurrence, actor=actor)
    answers = {one.key: SAID.get(one.answer, "Text.") for one in owed.definition.questions}
    for part in missing_by_part(report):
        values = answers if part == "answers" else FULL[part]
        seen = mark_of(report, part)
        report = save_part(report=report, part=part, values=values, seen=seen, actor=actor)
    return submit_report(report=report, actor=actor)


def report_all(effort: Application, applicant: User, officer: User) -> None:
    for owed in owed_by(effort)[:2]:
        report = hand_in(effort, owed, applicant)
        accept_report(report=report, seen_hash=report.sha256, actor=officer)


def pay_all(effort: Application) -> None:
    Grant.objects.filter(pk=effort.grant_id or 0).update(closed_at=clock.now())


def heading(effort: Application) -> tuple[str, str]:
    found = next_of_effort(make.reread(effort))
    assert found is not None
    assert found.office is not None
    return found.office.whose, found.office.action


def test_what_remains_is_named_until_all_is_done(
    running: Application, applicant: User, officer: User
) -> None:
    assert what_remains(running) == [
        "delårsrapport ska godkännas",
        "slutrapport ska godkännas",
        "slutrekvisitionen ska godkännas, så att det som inte används släpps",
    ]
    with pytest.raises(NotPossible, match="delårsrapport"):
        close_effort(application=running, actor=officer)
    assert heading(running)[0] == "Parternas tur"
    first = hand_in(running, owed_by(running)[0], applicant)
    assert heading(running) == ("Kansliets tur", "Läs rapporterna")
    tasks = {task.text: task.url for task in dashboard(running.association)["tasks"]}
    page = tasks[f"Läs rapporten om {running.title}"]
    assert f"/{first.key}/{first.occurrence}/" in page
    assert len(what_remains(running)) == 3
    accept_report(report=first, seen_hash=first.sha256, actor=officer)
    assert len(what_remains(running)) == 2


def test_it_is_closed_once_and_the_parties_are_told_of_the_follow_up(
    running: Application, applicant: User, officer: User
) -> None:
    report_all(running, applicant, officer)
    assert heading(running) == ("Parternas tur", "Till rekvisitionerna"), (
        "the final claim is theirs to send"
    )
    after = next_of_effort(make.reread(running))
    assert after is not None
    assert after.applicant is not None
    assert (after.applicant.whose, after.applicant.action) == ("Er tur", "Till rekvisitionerna")
    pay_all(running)
    assert what_remains(running) == []
    assert heading(running) == ("Kansliets tur", "Avsluta insatsen")
    for _ in range(2):
        assert close_effort(application=running, actor=officer).state == "closed"
    assert Event.objects.filter(action="application_close").count() == 1
    assert Record.objects.filter(subject__startswith="Insatsen är avslutad").count() == 1
    letter = Message.objects.get(event_key=f"closed:{running.pk}", recipient=applicant)
    assert "följs upp" in letter.body
    closed = make.reread(running)
    assert heading(closed) == ("Parternas tur", "Till rapporterna")
    follow_up = owed_by(closed)[2]
    report = hand_in(closed, follow_up, applicant)
    accept_report(report=report, seen_hash=report.sha256, actor=officer)
    assert heading(closed) == ("", "Till rapporterna")


def test_a_claim_that_is_not_paid_keeps_it_open(
    running: Application, applicant: User, officer: User
) -> None:
    report_all(running, applicant, officer)
    pay_all(running)
    grant = Grant.objects.select_related("association").get(pk=running.grant_id or 0)
    party = running.parties.select_related("member").get(is_lead=True)
    assert party.member is not None
    PaymentRequest.objects.create(
        association=grant.association,
        grant=grant,
        member=party.member,
        number=1,
        key="open",
        period_from=clock.today() - timedelta(days=30),
        period_to=clock.today(),
        amount=1_000,
        state="submitted",
        content_hash="0" * 64,
        attested_at=clock.now(),
        attested_by=applicant,
        created_by=applicant,
    )
    (left,) = what_remains(running)
    assert left.startswith("rekvisition 1 på")
    assert heading(running) == ("Kansliets tur", "Till rekvisitionerna")


def test_only_the_office_closes_and_only_what_runs(
    application: Application, applicant: User, officer: User
) -> None:
    with pytest.raises(NotPossible):
        close_effort(application=application, actor=officer)
    Application.objects.filter(pk=application.pk).update(state="running")
    report_all(make.reread(application), applicant, officer)
    pay_all(application)
    with pytest.raises(NotAllowed):
        close_effort(application=application, actor=applicant)


@pytest.mark.anywhere
def test_the_page_names_what_remains_asks_and_closes(
    running: Application, applicant: User, officer: User, sign_in: Any
) -> None:
    office = sign_in(officer)
    names = [running.association.slug, running.public_id]
    page = reverse("applications:close_effort", args=names)
    text = office.get(page).content.decode()
    assert "Slutrapport ska godkännas." in text
    assert 'method="post" data-once' not in text.split("<main")[1]
    back = reverse("applications:office_application", args=names)
    assert office.post(page).url == back
    assert make.reread(running).state == "running"
    report_all(running, applicant, officer)
    pay_all(running)
    assert "Det går inte att ångra" in office.get(page).content.decode()
    assert [office.post(page).url for _ in range(2)] == [back, back]
    assert make.reread(running).state == "closed"
    assert office.get(page).url == back
    assert sign_in(applicant).get(page).status_code == 403
