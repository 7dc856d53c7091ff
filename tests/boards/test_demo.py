"""The example installation: loaded once however often it is asked for, and never over real data."""

from __future__ import annotations

import io
from datetime import date, time, timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from applications.models import (
    Annex,
    Application,
    ApplicationState,
    Programme,
    Report,
    ReportState,
)
from applications.report_dates import months_after
from applications.report_plan import effort_period
from boards.agreements_shown import planned_start
from boards.demo.content import efforts
from boards.demo.loading import LEFT_OPEN, MAIN, Calendar, load_demo, thursday
from boards.demo.present import Projects, in_years
from boards.demo.towns import with_towns
from boards.models import DelegatedDecision, Meeting, MeetingState, Notice, Paragraph
from boards.packet import make_packet
from budgets.models import RevisedBudget
from finsam import clock
from finsam.associations.models import Association
from finsam.documents.documents import document_for
from finsam.jobs.models import Job, JobState
from finsam.messages.models import Post
from finsam.registry.events import record_event
from tests.conftest import found_association

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def demo_allowed(settings) -> None:
    settings.DEMO = True
    settings.DEBUG = True


def demo(*words: str) -> str:
    out = io.StringIO()
    call_command("demo", "--background", *words, stdout=out)
    return out.getvalue()


def rows() -> dict[str, int]:
    models = [model for model in apps.get_models() if model._meta.managed]
    return {model._meta.label: model._default_manager.count() for model in models}


# Beside PostgreSQL it is loaded, over an older one, where all its pages are read.
@pytest.mark.anywhere
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("demo_allowed")
def test_fresh_starts_over_with_what_a_newcomer_is_to_find() -> None:
    old = found_association("sjo", "Samordningsförbundet Sjö", "SFS")
    with transaction.atomic():
        record_event(association=old, actor=None, action="made", obj=old)
    Association.objects.update(is_demo=True)

    told = demo("--fresh")

    assert not Association.objects.filter(slug="sjo").exists()
    assert Association.objects.filter(is_demo=True).count() == 4
    assert Programme.objects.count() == 5
    five = Application.objects.filter(round__programme__slug=MAIN)
    assert {one.title: one.state for one in five} == {
        "Kvinnor vidare": ApplicationState.DRAFT,
        "Steget vidare": ApplicationState.SUBMITTED,
        "Åter": ApplicationState.RETURNED,
        "Språk i arbete": ApplicationState.IN_PREPARATION,
        "Hållplatsen": ApplicationState.TO_BOARD,
    }
    sought = [
        sum(row.amount for row in one.financing if row.source == "sought")
        for one in efforts(MAIN).efforts
    ]
    assert sum(sought) == 9_450_000

    # One of the five waits to be filled in and sent, with days left.
    left = Application.objects.get(title=efforts(MAIN).effort(LEFT_OPEN).title)
    assert left.round.closes_at > clock.now()
    assert left.case is None
    assert Annex.objects.filter(application=left).count() == 1
    assert Annex.objects.filter(application__title="Hållplatsen").count() == 2
    assert Post.objects.filter(thread__in=five.values("thread")).count() == 4

    _the_packet_holds_the_annexes()
    _a_delegated_decision_is_told_of_and_its_paragraph_attested_at_once()
    _efforts_are_granted_agreed_running_and_closed()

    # It says who can sign in as what.
    for role in ("Förbundschef", "Handläggare", "Revisor", "Ordförande", "Sökande"):
        assert role in told

    # Twice is harmless.
    before = rows()
    assert "finns redan" in demo()
    assert rows() == before

    # Nothing is lost when its people were settled but not its stories.
    load_demo()
    assert rows() == before


def _efforts_are_granted_agreed_running_and_closed() -> None:
    found = Application.objects.filter(round__programme__slug="blekinge-projekt-2021")
    assert {one.title: one.state for one in found} == {
        "Hel väg": ApplicationState.RUNNING,
        "Hel väg, Sölvesborg": ApplicationState.PARTLY_GRANTED,
        "Hel väg, unga i Sölvesborg": ApplicationState.RUNNING,
        "Hel väg, Karlshamn": ApplicationState.AGREED,
        "Hel väg, Ronneby": ApplicationState.RUNNING,
        "Hel väg, Olofström": ApplicationState.CLOSED,
    }
    begun = Report.objects.exclude(state=ReportState.OWED).order_by("pk")
    reports = begun.values_list("application__title", "key", "state")
    assert sorted(reports) == [
        ("Hel väg", "interim", "submitted"),
        ("Hel väg, Olofström", "final", "accepted"),
        ("Hel väg, Olofström", "interim", "accepted"),
        ("Hel väg, Ronneby", "interim", "accepted"),
    ]
    today = clock.today()
    granted = Application.objects.get(title__startswith="Bron mellan")
    period = effort_period(granted)
    assert period is not None
    assert today < period[0]
    revised = RevisedBudget.objects.select_related("grant").get()
    assert (revised.grant.application.title, revised.state) == ("Hel väg, Sölvesborg", "filed")
    assert revised.total == revised.grant.amount < revised.cost
    late = Report.objects.overdue(today).values_list("application__title", "key")
    assert list(late) == [("Hel väg, unga i Sölvesborg", "interim")]
    soon = Report.objects.filter(state=ReportState.OWED, due_on__gte=today)
    soon = soon.filter(due_on__lte=today + timedelta(days=14))
    assert list(soon.values_list("application__title", "key")) == [("Hel väg, Ronneby", "final")]
    for one in found:
        period = effort_period(one)
        agreement = one.agreements.first()
        assert period is not None
        assert planned_start(one) == period[0]
        if agreement is not None and agreement.started_on:
            assert agreement.started_on == period[0]
        assert one.round.period_from <= period[0] < period[1] <= one.round.period_to


def _the_packet_holds_the_annexes() -> None:
    meeting = Meeting.objects.get(
        association__slug="blekinge", body__kind="board", state=MeetingState.CALLED
    )

    packet = make_packet(meeting=meeting, actor=meeting.secretary)

    (item,) = [one for one in packet.source["items"] if one.get("annexes")]
    assert [one["title"] for one in item["annexes"]] == [
        "Avsiktsförklaring, undertecknad",
        "Tidplan 2024",
    ]
    assert document_for(f"packet:{meeting.pk}") is None
    assert Job.objects.get(pk=packet.job_id).state == JobState.WAITING


def _a_delegated_decision_is_told_of_and_its_paragraph_attested_at_once() -> None:
    decision = DelegatedDecision.objects.select_related("item__meeting").get()
    assert decision.item is not None
    paragraph = Paragraph.objects.select_related("minutes").get(item=decision.item)
    told_on = clock.stockholm(decision.item.meeting.starts_at).date()
    assert decision.decided_on == told_on - timedelta(days=10)
    assert paragraph.attested_at is not None
    assert clock.stockholm(paragraph.attested_at).date() == told_on
    assert paragraph.minutes.attested_at == paragraph.attested_at + timedelta(
        days=7, hours=4, minutes=58
    )
    boards = decision.association.notice_boards.count()
    posted = Notice.objects.filter(paragraph=paragraph).values_list("posted_on", "removed_on")
    assert list(posted) == [(told_on + timedelta(days=1), told_on + timedelta(days=23))] * boards


@pytest.mark.anywhere
def test_the_meetings_of_the_demo_are_on_weekdays_whatever_the_day_is() -> None:
    last_day = date(2023, 9, 1)
    for later in range(14):
        today = date(2026, 11, 28) + timedelta(days=later)
        with clock.at(clock.from_wall_clock(today, time(12))):
            calendar = Calendar.before(last_day)
            began = thursday(today)
        assert 7 <= (calendar.on(9, 1) - today).days <= 13
        held = [calendar.on(6, 12), calendar.on(9, 25), began + timedelta(days=32)]
        assert [day.weekday() for day in held] == [0, 0, 0]
        assert (today - began).days < 7


@pytest.mark.anywhere
def test_the_periods_of_the_projects_lie_around_today_whatever_the_day_is() -> None:
    content = with_towns(efforts("blekinge-projekt-2021"))
    for later in range(0, 366, 3):
        today = date(2027, 9, 1) + timedelta(days=later)
        with clock.at(clock.from_wall_clock(today, time(12))):
            projects = Projects.around_today()
        told = projects.began + timedelta(days=33)
        due = {one.key: months_after(projects.period(one.key)[0], 7) for one in content.efforts}
        assert 1 <= (due["hel-vag"] - today).days <= 9
        assert 8 <= (today - due["solvesborg-unga"]).days <= 12
        assert 1 <= (months_after(projects.period("ronneby")[1], 2) - today).days <= 10
        assert max(due["ronneby"], due["olofstrom"]) < today - timedelta(days=40)
        running = [projects.period(key) for key in ("hel-vag", "ronneby", "olofstrom")]
        assert min(first for first, _last in running) > told + timedelta(days=3)
        assert {one.staff[0].year for one in in_years(content, projects.year - 2021).efforts} == {
            projects.year
        }


@pytest.mark.usefixtures("demo_allowed")
def test_a_database_with_other_data_is_left_alone() -> None:
    found_association("sjo", "Samordningsförbundet Sjö", "SFS")
    before = rows()

    with pytest.raises(CommandError, match="annat än exempel"):
        demo()
    assert rows() == before


def test_without_permission_nothing_is_loaded(settings) -> None:
    settings.DEMO = False

    with pytest.raises(CommandError, match="DEMO=1"):
        demo()
    assert not Association.objects.exists()


@pytest.mark.usefixtures("demo_allowed")
def test_fresh_is_refused_over_other_data_with_debug_off(settings) -> None:
    settings.DEBUG = False
    found_association("sjo", "Samordningsförbundet Sjö", "SFS")

    with pytest.raises(CommandError, match="Inget är ändrat"):
        demo("--fresh")
    assert Association.objects.count() == 1
