"""A mail server that goes away and comes back: every mail arrives, and once."""

from __future__ import annotations

from email import message_from_bytes
from typing import Any

import pytest

from finsam.associations.models import Association
from finsam.jobs.models import Job, JobState
from finsam.jobs.work import run_waiting
from finsam.messages.mail import send_mail
from finsam.messages.models import Message
from tests.messages.mail_server import mail_server

pytestmark = pytest.mark.django_db


def write(association: Association, count: int) -> None:
    for number in range(count):
        send_mail(
            association=association,
            to=f"person{number}@exempel.se",
            event_key="decision:7",
            subject=f"Beslut för dig, nummer {number}",
            template="mail/new_post.txt",
            context={"author": "Kansliet", "thread": "Åtgärd"},
        )


def use_server(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""


def test_Q09_fifty_mails_while_the_server_is_away(association: Association, settings: Any) -> None:
    with mail_server() as gone:
        port = gone.port
    use_server(settings, port)
    write(association, 50)
    for _ in range(7):
        # An hour of tries, five of them ten minutes apart.
        Job.objects.update(paused_until=None)
        run_waiting()
    waiting = Job.objects.filter(state=JobState.WAITING, attempts=7).count()
    with mail_server(port) as back:
        Job.objects.update(paused_until=None)
        run_waiting()
        write(association, 50)
        run_waiting()

    assert (waiting, gone.received) == (50, [])
    assert sorted(address for address, _ in back.received) == sorted(
        f"person{number}@exempel.se" for number in range(50)
    )
    ids = {message_from_bytes(data)["Message-ID"] for _, data in back.received}
    assert len(ids) == 50
    assert Message.objects.filter(sent_at=None).count() == 0


def test_an_address_that_is_gone_fails_at_once_and_alone(
    association: Association, settings: Any
) -> None:
    with mail_server(refused="person1@exempel.se") as server:
        use_server(settings, server.port)
        write(association, 3)
        run_waiting()
    failed = Job.objects.get(state=JobState.FAILED)

    assert [address for address, _ in server.received] == [
        "person0@exempel.se",
        "person2@exempel.se",
    ]
    assert failed.attempts == 1
    assert failed.error.startswith("Adressen person1@exempel.se tas inte emot")
    assert failed.message.sent_at is None
