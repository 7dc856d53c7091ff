"""Mail: one per recipient and event, plain text, nothing smuggled into its headers."""

from __future__ import annotations

from datetime import UTC, datetime
from email.header import decode_header, make_header

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from icalendar import Calendar

from finsam import clock
from finsam.associations.models import Association
from finsam.errors import DomainError
from finsam.jobs.models import Job, JobState
from finsam.jobs.work import run_waiting
from finsam.messages.calendar import Attendee, meeting_invitation
from finsam.messages.mail import email_for, send_mail
from finsam.messages.models import Message
from finsam.people.models import User

pytestmark = pytest.mark.django_db

HOSTILE = [
    "Anna\r\nBcc: alla@exempel.se",
    "Anna\nBcc: alla@exempel.se",
    "Anna\rBcc: alla@exempel.se",
    "Anna\r\n\r\n<html>",
    "Anna\x0bBcc: x@exempel.se",
    "Anna\x0cBcc: x@exempel.se",
    "Anna\u0085Bcc: x@exempel.se",
    "Anna\u2028Bcc: x@exempel.se",
    "Anna\u2029Bcc: x@exempel.se",
    "Anna\x00Bcc: x@exempel.se",
    "=?utf-8?q?Anna=0D=0ABcc:_x@exempel.se?=",
    "Anna\u202egepj.exe",
    'Anna" <x@exempel.se>, "B',
    "Anna, x@exempel.se",
    "\r\nContent-Type: text/html",
]


def write(association: Association, to: User | str, **more: object) -> Message:
    given: dict[str, object] = {
        "event_key": "trial",
        "subject": "Ny konversation",
        "template": "mail/new_post.txt",
        "context": {"author": "Åsa Öberg", "thread": "Insats <Ekby> & Alby", "path": "/sjo/"},
    }
    return send_mail(association=association, to=to, **{**given, **more})


def test_a_mail_is_plain_swedish_text_with_a_link(
    association: Association, applicant: User
) -> None:
    write(association, applicant)
    run_waiting()

    (sent,) = mail.outbox
    assert sent.to == [applicant.email]
    assert sent.subject == "Ny konversation"
    sender = str(make_header(decode_header(sent.from_email)))
    assert sender == "Samordningsförbundet Sjö <noreply@portal.exempel.se>"
    assert sent.reply_to == ["kansli@sjo.exempel.se"]
    assert sent.body == (
        "Hej Sökande!\n\n"
        "Åsa Öberg har skrivit till dig om ”Insats <Ekby> & Alby”.\n\n"
        "Logga in i portalen för att läsa och svara.\n\n"
        "Öppna i portalen:\nhttps://testserver/sjo/\n\n"
        "Med vänlig hälsning\nSamordningsförbundet Sjö\nkansli@sjo.exempel.se\n\n"
        "--\n"
        "Det här är ett meddelande från portalen för ansökningar hos Samordningsförbundet Sjö.\n"
        "Du kan svara på det; svaret går till kansliet.\n"
    )


def test_Q09_the_same_event_is_mailed_once(association: Association, applicant: User) -> None:
    first = write(association, applicant)
    run_waiting()
    again = write(association, applicant, subject="En annan rubrik")
    run_waiting()

    assert again.pk == first.pk
    assert [sent.subject for sent in mail.outbox] == ["Ny konversation"]
    assert Message.objects.get().sent_at is not None


def test_one_event_is_mailed_to_each_recipient(
    association: Association, applicant: User, other_applicant: User
) -> None:
    write(association, applicant)
    write(association, other_applicant)
    write(association, "Gransk@Exempel.SE ")
    run_waiting()

    assert sorted(sent.to[0] for sent in mail.outbox) == sorted(
        [applicant.email, other_applicant.email, "gransk@exempel.se"]
    )


def test_the_text_is_kept_as_it_was_promised(association: Association, applicant: User) -> None:
    message = write(association, applicant)
    Association.objects.update(name="Ett nytt namn")
    run_waiting()

    assert mail.outbox[0].body == message.body
    assert "Ett nytt namn" not in message.body


def test_a_promise_rolled_back_sends_nothing(association: Association, applicant: User) -> None:
    with transaction.atomic():
        write(association, applicant)
        transaction.set_rollback(True)
    run_waiting()

    assert mail.outbox == []
    assert Message.objects.count() == 0


def test_a_mail_sent_twice_could_be_recognised(association: Association, applicant: User) -> None:
    message = write(association, applicant)
    first, second = email_for(message).message(), email_for(message).message()

    assert first["Message-ID"] == second["Message-ID"]
    assert str(first["Message-ID"]).endswith("@testserver>")


@pytest.mark.parametrize("text", HOSTILE)
def test_I06_nothing_is_smuggled_into_the_headers(
    association: Association, applicant: User, text: str
) -> None:
    plain = email_for(write(association, applicant, event_key="plain")).message()
    association.name = text
    applicant.name = text
    message = write(
        association,
        applicant,
        event_key="hostile",
        subject=text,
        context={"author": text, "thread": text},
    )
    message.association = association
    found = email_for(message).message()

    assert sorted(found.keys()) == sorted(plain.keys())
    assert email_for(message).recipients() == [applicant.email]
    assert found["To"] == applicant.email
    assert len(message.subject.splitlines()) == 1
    assert message.body.splitlines()[0].startswith("Hej ")


@pytest.mark.parametrize(
    "address", ["", "anna", "anna@exempel", "a@b.se\nBcc: c@d.se", "a@b.se, c@d.se", "<a@b.se>"]
)
def test_I06_a_wrong_address_is_refused(association: Association, address: str) -> None:
    with pytest.raises(DomainError) as refusal:
        write(association, address)

    assert (refusal.value.code, refusal.value.field) == ("bad_address", "email")
    assert Message.objects.count() == 0


def test_the_database_refuses_a_second_mail_of_one_event(
    association: Association, applicant: User
) -> None:
    message = write(association, applicant)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.create(
            association=association, address=message.address, event_key="trial", subject="x"
        )

    assert Message.objects.count() == 1


def test_a_server_that_is_away_is_tried_for_hours(
    association: Association, applicant: User, settings: pytest.FixtureRequest
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # type: ignore[attr-defined]
    write(association, applicant)
    run_waiting()
    job = Job.objects.get()

    assert (job.state, job.attempts, job.attempts_allowed) == (JobState.WAITING, 1, 40)
    assert "ConnectionRefusedError" in job.error


def invitation(**more: object) -> bytes:
    given: dict[str, object] = {
        "uid": "meeting-7",
        "sequence": 0,
        "summary": "Styrelsemöte, Samordningsförbundet Sjö",
        "start": datetime(2023, 10, 25, 11, 0, tzinfo=UTC),
        "end": datetime(2023, 10, 25, 14, 0, tzinfo=UTC),
        "location": "Rådhuset, Ekby; sal B",
        "organizer": Attendee("Kansliet", "kansli@sjo.exempel.se"),
        "attendees": [Attendee('Åsa "Ås" Öberg\r\nX: y', "asa@exempel.se")],
        "path": "/sjo/moten/7/",
    }
    return meeting_invitation(**{**given, **more})


def test_an_invitation_is_one_meeting_through_its_changes() -> None:
    with clock.at(datetime(2023, 10, 18, 7, 30, tzinfo=UTC)):
        first = Calendar.from_ical(invitation())
        moved = Calendar.from_ical(
            invitation(sequence=1, start=datetime(2023, 10, 25, 12, 0, tzinfo=UTC))
        )
        cancelled = Calendar.from_ical(invitation(sequence=2, cancelled=True))
    events = [next(iter(one.walk("VEVENT"))) for one in (first, moved, cancelled)]

    assert {str(event["UID"]) for event in events} == {"meeting-7@testserver"}
    assert [int(event["SEQUENCE"]) for event in events] == [0, 1, 2]
    assert [str(one["METHOD"]) for one in (first, moved, cancelled)] == [
        "REQUEST",
        "REQUEST",
        "CANCEL",
    ]
    assert [str(event["STATUS"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert events[0]["DTSTART"].dt == datetime(2023, 10, 25, 11, 0, tzinfo=UTC)
    assert events[0]["DTSTAMP"].dt == datetime(2023, 10, 18, 7, 30, tzinfo=UTC)
    assert str(events[0]["LOCATION"]) == "Rådhuset, Ekby; sal B"
    assert str(events[0]["URL"]) == "https://testserver/sjo/moten/7/"


def test_I06_an_invitation_takes_no_extra_line_from_a_name() -> None:
    lines = invitation().decode().replace("\r\n ", "").split("\r\n")

    assert [line for line in lines if line.startswith("X:")] == []
    (attendee,) = [line for line in lines if line.startswith("ATTENDEE")]
    assert attendee.endswith(":mailto:asa@exempel.se")
    assert "PARTSTAT=NEEDS-ACTION" in attendee
    (organizer,) = [line for line in lines if line.startswith("ORGANIZER")]
    assert organizer == "ORGANIZER;CN=Kansliet:mailto:kansli@sjo.exempel.se"


def test_the_invitation_goes_with_the_mail_and_can_be_saved(
    association: Association, applicant: User
) -> None:
    write(association, applicant, calendar=invitation())
    run_waiting()
    parts = list(mail.outbox[0].message().walk())

    calendars = [part for part in parts if part.get_content_type() == "text/calendar"]
    assert [part.get_param("method") for part in calendars] == ["REQUEST", None]
    assert [part.get_filename() for part in calendars] == [None, "kallelse.ics"]
    for part in calendars:
        assert part.get_payload(decode=True).replace(b"\r\n", b"\n") == invitation_of(
            Message.objects.get()
        )


def invitation_of(message: Message) -> bytes:
    assert message.calendar is not None
    return bytes(message.calendar).replace(b"\r\n", b"\n")
