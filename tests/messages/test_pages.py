"""A person's messages: one's own and nobody else's, and reading changes nothing by itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from finsam import clock
from finsam.associations.models import Association
from finsam.jobs.work import run_waiting
from finsam.messages.mail import send_mail
from finsam.messages.models import Message, Post, Thread
from finsam.messages.threads import open_thread, write_post
from finsam.people.models import User
from tests.kept import kept

pytestmark = pytest.mark.anywhere

SignIn = Callable[[User], Client]


def send(association: Association, to: User, key: str = "receipt") -> Message:
    return send_mail(
        association=association,
        to=to,
        event_key=key,
        subject=f"Din ansökan är mottagen <{key}>",
        template="mail/new_post.txt",
        context={"author": "<b>Kansliet</b>", "thread": "Ansökan", "path": "/sjo/"},
    )


@kept
def message(association: Association, applicant: User) -> Message:
    found = send(association, applicant)
    run_waiting()
    found.refresh_from_db()
    return found


@kept
def thread(association: Association, applicant: User, officer: User) -> Thread:
    found = open_thread(
        association=association, subject="Frågor om budgeten", participants=[applicant, officer]
    )
    write_post(thread=found, author=officer, body="Hur är lönen räknad?\n<script>")
    return found


def test_one_sees_what_was_sent_and_said(
    message: Message, thread: Thread, applicant: User, sign_in: SignIn
) -> None:
    page = sign_in(applicant).get("/sjo/meddelanden/").content.decode()

    assert "Din ansökan är mottagen &lt;receipt&gt;" in page
    assert "Frågor om budgeten" in page
    assert "inget är läst än" in page
    assert ">Ny<" not in page, "what is true of every row is said once"


def test_a_mail_is_shown_as_text_with_its_link(
    message: Message, applicant: User, sign_in: SignIn
) -> None:
    page = sign_in(applicant).get(f"/sjo/meddelanden/post/{message.pk}/").content.decode()

    assert "&lt;b&gt;Kansliet&lt;/b&gt;" in page
    assert '<a href="https://testserver/sjo/" rel="nofollow">' in page
    assert applicant.email in page


@pytest.mark.parametrize(
    "path", ["post/{message}/", "post/{message}/markera-som-last/", "samtal/{thread}/"]
)
@pytest.mark.parametrize("who", ["other_applicant", "director", "board_member"])
def test_P02_nobody_else_reads_it(
    message: Message,
    thread: Thread,
    who: str,
    path: str,
    sign_in: SignIn,
    request: pytest.FixtureRequest,
) -> None:
    client = sign_in(request.getfixturevalue(who))
    address = "/sjo/meddelanden/" + path.format(message=message.pk, thread=thread.pk)

    assert client.post(address).status_code in (404, 405)
    assert client.get(address).status_code in (404, 405)
    home = client.get("/sjo/meddelanden/").content.decode()
    assert "mottagen" not in home
    assert "budgeten" not in home


def test_P02_the_same_person_in_another_association(
    message: Message,
    thread: Thread,
    foreign_director: User,
    applicant: User,
    sign_in: SignIn,
) -> None:
    """Not even one's own messages are shown under another association's address."""
    foreign_director.roles.update(user=applicant)
    client = sign_in(applicant)

    assert "mottagen" not in client.get("/berg/meddelanden/").content.decode()
    assert client.get(f"/berg/meddelanden/post/{message.pk}/").status_code == 404
    assert client.get(f"/berg/meddelanden/samtal/{thread.pk}/").status_code == 404


def test_H04_reading_a_page_changes_nothing(
    message: Message, thread: Thread, applicant: User, sign_in: SignIn
) -> None:
    client = sign_in(applicant)
    client.get(f"/sjo/meddelanden/post/{message.pk}/")
    client.get(f"/sjo/meddelanden/samtal/{thread.pk}/")
    message.refresh_from_db()

    assert message.read_at is None
    assert "inget är läst än" in client.get("/sjo/meddelanden/").content.decode()
    Message.objects.filter(pk=client.get("/sjo/meddelanden/").context["page"][0].pk).update(
        read_at=clock.now()
    )
    page = client.get("/sjo/meddelanden/").content.decode()
    assert (page.count(">Ny<"), "inget är läst än" in page) == (1, False)


def test_marking_as_read_with_and_without_script(
    message: Message, thread: Thread, applicant: User, sign_in: SignIn
) -> None:
    client = sign_in(applicant)
    plain = client.post(f"/sjo/meddelanden/post/{message.pk}/markera-som-last/")
    by_script = client.post(
        f"/sjo/meddelanden/samtal/{thread.pk}/markera-som-last/", headers={"HX-Request": "true"}
    )
    message.refresh_from_db()

    assert (plain.status_code, plain["Location"]) == (302, f"/sjo/meddelanden/post/{message.pk}/")
    assert by_script.status_code == 204
    assert message.read_at is not None
    seen = Thread.objects.with_unread(applicant).get(pk=thread.pk)
    assert seen.unread == 0  # type: ignore[attr-defined]


def test_answering_in_a_conversation(thread: Thread, applicant: User, sign_in: SignIn) -> None:
    client = sign_in(applicant)
    address = f"/sjo/meddelanden/samtal/{thread.pk}/"
    empty = client.post(address, {"body": " "})
    sent = client.post(address, {"body": "Med 42 000 kr."}, follow=True)

    assert "Skriv något innan du skickar." in empty.content.decode()
    assert sent.redirect_chain == [(address, 302)]
    assert [post.body for post in Post.objects.all()] == [
        "Hur är lönen räknad?\n<script>",
        "Med 42 000 kr.",
    ]
    assert "&lt;script&gt;" in sent.content.decode()


def test_the_list_costs_the_same_with_many_rows(
    association: Association, applicant: User, officer: User, sign_in: SignIn
) -> None:
    client = sign_in(applicant)

    def fill(first: int, count: int) -> None:
        for number in range(first, first + count):
            send(association, applicant, key=f"k{number}")
            thread = open_thread(
                association=association, subject=f"T{number}", participants=[applicant, officer]
            )
            write_post(thread=thread, author=officer, body="Hej")

    def measure() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as queries:
            response = client.get("/sjo/meddelanden/")
        return len(queries), len(response.content)

    fill(0, 3)
    measure()
    few, _ = measure()
    fill(3, 60)
    many, size = measure()

    assert few == many
    assert many <= 15
    assert size <= 60_000
