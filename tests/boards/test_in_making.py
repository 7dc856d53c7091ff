"""What board and council are told of a notice and a packet that are being made for them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from boards.models import Body, Meeting
from boards.packet import make_packet
from finsam import clock
from finsam.jobs.models import Job, JobState
from finsam.jobs.work import run_waiting
from finsam.people.models import User
from finsam.typography import clock_time, date_long
from tests import factories as make

pytestmark = pytest.mark.django_db


def page_of(meeting: Meeting, client: Client) -> str:
    address = reverse("boards:meeting", args=[meeting.association.slug, meeting.pk])
    return client.get(address).content.decode()


@pytest.fixture
def reader(called: Meeting, client: Client) -> Client:
    """A member of the board, signed in."""
    client.force_login(called.body.seats.order_by("pk")[0].user)
    return client


def test_a_member_sees_that_notice_and_packet_are_being_made_and_since_when(
    called: Meeting, director: User, reader: Client
) -> None:
    packet = make_packet(meeting=called, actor=director)
    shown = page_of(called, reader)
    notice = Job.objects.get(association=called.association, subject__startswith="Kallelse")
    for what, job in (("Kallelsen", notice), ("Beslutspaketet, version 1,", packet.job)):
        day = date_long(clock.stockholm(job.created_at).date())
        assert f"{what} görs sedan {day} {clock_time(job.created_at)}." in shown
    assert (
        reverse("boards:packet_documents", args=[called.association.slug, called.pk]) not in shown
    )
    assert "visas här när de är gjorda" not in shown


def test_a_member_of_the_council_sees_that_the_notice_is_being_made(
    council: Body, director: User, client: Client
) -> None:
    meeting = make.make_meeting(council, director)
    client.force_login(council.seats.order_by("pk")[0].user)
    shown = page_of(meeting, client)
    assert ("Kallelsen görs sedan" in shown, "Beslutspaketet" in shown) == (True, False)
    run_waiting()
    shown = page_of(meeting, client)
    assert ("Kallelse (PDF)" in shown, "görs sedan" in shown) == (True, False)


def test_what_failed_is_told_without_a_link(called: Meeting, reader: Client) -> None:
    Job.objects.filter(subject__startswith="Kallelse").update(state=JobState.FAILED)
    shown = page_of(called, reader)
    assert "Kallelsen kunde inte göras. Kansliet ser felet och försöker igen." in shown
    assert "/handlingar/jobb/" not in shown


def test_what_is_made_is_no_longer_being_made(called: Meeting, reader: Client) -> None:
    run_waiting()
    shown = page_of(called, reader)
    assert ("Kallelse (PDF)" in shown, "görs sedan" in shown) == (True, False)


def test_the_office_sees_its_own_progress_instead(
    called: Meeting, director: User, client: Client
) -> None:
    client.force_login(director)
    assert "görs sedan" not in page_of(called, client)
