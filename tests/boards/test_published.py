"""What the public is told: decisions when the minutes are attested, and meetings to come."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from applications.models import Application, Programme
from boards.models import Body, Meeting, Paragraph
from boards.open_data import open_grants
from boards.published import decisions_of, meetings_of
from finsam import clock
from finsam.associations.models import Association
from finsam.documents.models import Document
from finsam.jobs.work import run_waiting
from finsam.people.models import User
from finsam.registry.secrecy import lift_secrecy, mark_secrecy
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


def test_a_decision_is_published_only_when_the_minutes_are_attested(
    association: Association,
    ready: Application,
    called: Meeting,
    director: User,
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    minutes = make.make_closed(called, director)
    address = reverse("applications:decisions", args=[association.slug])
    assert len(decisions_of(association)) == 0
    assert ready.title not in client.get(address).content.decode()
    make.make_attested(minutes, director)
    run_waiting()
    with django_assert_num_queries(4):
        (decision,) = decisions_of(association)[:10]
    assert decision.url
    paragraph = Paragraph.objects.get(item__application=ready)
    assert decision.number == f"§\u00a0{paragraph.number}"
    assert decision.heading == paragraph.heading
    assert decision.outcome == "Bifall"
    assert decision.amount == ready.versions.order_by("-number")[0].requested_amount
    assert decision.recipient == ready.parties.get(is_lead=True).name
    assert paragraph.heading in client.get(address).content.decode()


def test_of_a_case_marked_as_secret_only_that_a_decision_was_made_is_told(
    association: Association, ready: Application, called: Meeting, director: User, client: Client
) -> None:
    make.make_attested(make.make_closed(called, director), director)
    run_waiting()
    assert ready.case is not None
    mark_secrecy(marked=ready.case, section="OSL 26 kap. 1 §", actor=director)
    paragraph = Paragraph.objects.get(item__application=ready)
    (decision,) = decisions_of(association)[:10]
    assert decision.number == f"§\u00a0{paragraph.number}"
    assert (decision.recipient, decision.amount, decision.url) == ("", None, "")
    lead = ready.parties.get(is_lead=True).name
    address = reverse("applications:decisions", args=[association.slug])
    with clock.at(clock.now() + timedelta(days=60)):
        assert open_grants(association) == []
        table = client.get(address).content.decode().partition("<table")[2].partition("</table")[0]
    assert "Beslut i ett sekretessmarkerat ärende" in table
    for word in (ready.title, paragraph.heading, lead, "Bifall"):
        assert word not in table
    own = Document.objects.filter(case=ready.case)
    assert own.exists()
    for document in own:
        assert client.get(document.get_absolute_url()).status_code == 404

    lift_secrecy(marked=ready.case, actor=director)
    assert ready.title in client.get(address).content.decode()


def test_decisions_of_others_are_not_ours(
    other_association: Association, called: Meeting, director: User
) -> None:
    make.make_attested(make.make_closed(called, director), director)
    assert len(decisions_of(other_association)) == 0


def test_coming_meetings_say_the_last_day_for_material(
    association: Association, board: Body, called: Meeting
) -> None:
    programme = Programme.objects.get(association=association)
    programme.definition = {**programme.definition, "steps": {"board": {"material_days": 7}}}
    programme.save(update_fields=["definition"])
    (coming,) = meetings_of(association, 5)
    day = clock.stockholm(called.starts_at).date()
    assert (coming.on, coming.body) == (day, board.name)
    assert coming.material_last_day == day - timedelta(days=7)


def test_a_meeting_that_has_been_is_not_coming(association: Association, called: Meeting) -> None:
    with clock.at(called.starts_at + timedelta(days=1)):
        assert meetings_of(association, 5) == []
