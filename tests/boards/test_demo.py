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
from boards.demo.content import efforts
from boards.demo.loading import LEFT_OPEN, MAIN, Calendar, load_demo, thursday
from boards.models import Meeting, MeetingState
from boards.packet import make_packet
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


# Beside PostgreSQL it is loaded by the last of these tests.
@pytest.mark.anywhere
@pytest.mark.usefixtures("demo_allowed")
def test_the_demo_has_what_a_newcomer_is_to_find() -> None:
    told = demo()

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
        "Hel väg, Sölvesborg": ApplicationState.GRANTED,
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


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("demo_allowed")
def test_fresh_starts_over() -> None:
    old = found_association("sjo", "Samordningsförbundet Sjö", "SFS")
    with transaction.atomic():
        record_event(association=old, actor=None, action="made", obj=old)
    Association.objects.update(is_demo=True)

    demo("--fresh")

    assert not Association.objects.filter(slug="sjo").exists()
    assert Association.objects.filter(is_demo=True).count() == 4
    assert Application.objects.filter(title="Kvinnor vidare").exists()
