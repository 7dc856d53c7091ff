"""Conversations: who takes part reads and writes, the others are told by mail."""

from __future__ import annotations

import pytest
from django.core import mail

from finsam.associations.models import Association
from finsam.errors import DomainError, NotAllowed
from finsam.jobs.work import run_waiting
from finsam.messages.models import Post, Thread
from finsam.messages.threads import add_participants, mark_read, open_thread, write_post
from finsam.people.models import User
from finsam.registry.models import Event
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def thread(association: Association, applicant: User, officer: User) -> Thread:
    return open_thread(
        association=association,
        subject="Frågor om\nbudgeten",
        actor=officer,
        participants=[applicant, officer],
    )


def unread(thread: Thread, user: User) -> int:
    found: Thread = Thread.objects.visible_to(user).with_unread(user).get(pk=thread.pk)
    return int(found.unread)  # type: ignore[attr-defined]


def test_a_post_is_unread_by_the_others_until_they_have_read(
    thread: Thread, applicant: User, officer: User
) -> None:
    write_post(thread=thread, author=officer, body="Hur är lönen räknad?")
    write_post(thread=thread, author=officer, body="Och resorna?")
    before = (unread(thread, applicant), unread(thread, officer))
    mark_read(thread=thread, reader=applicant)
    write_post(thread=thread, author=applicant, body="Med 42 000 kr i månaden.")

    assert before == (2, 0)
    assert (unread(thread, applicant), unread(thread, officer)) == (0, 1)


def test_the_others_are_told_once_without_the_text(
    thread: Thread, applicant: User, officer: User
) -> None:
    write_post(thread=thread, author=officer, body="Hemligt innehåll")
    run_waiting()

    assert [sent.to for sent in mail.outbox] == [[applicant.email]]
    assert mail.outbox[0].subject == "Nytt inlägg: Frågor om budgeten"
    assert "Hemligt innehåll" not in mail.outbox[0].body
    assert f"https://testserver/sjo/meddelanden/samtal/{thread.pk}/" in mail.outbox[0].body


def test_only_who_takes_part_sees_and_writes(
    thread: Thread, other_applicant: User, director: User
) -> None:
    with pytest.raises(NotAllowed):
        write_post(thread=thread, author=other_applicant, body="Hej")

    assert list(Thread.objects.visible_to(other_applicant)) == []
    assert Post.objects.count() == 0
    add_participants(thread=thread, users=[director])
    add_participants(thread=thread, users=[director])
    assert list(Thread.objects.visible_to(director)) == [thread]


@pytest.mark.parametrize("body", ["", "  \r\n ", "\x00", "x" * 10_001])
def test_an_empty_or_endless_post_is_refused(thread: Thread, officer: User, body: str) -> None:
    with pytest.raises(DomainError) as refusal:
        write_post(thread=thread, author=officer, body=body)

    assert refusal.value.field == "body"
    assert Post.objects.count() == 0


def test_L02_each_step_leaves_one_event(thread: Thread, officer: User) -> None:
    post = write_post(thread=thread, author=officer, body="Hej")

    events = Event.objects.order_by("sequence").values_list("action", "object_id", "payload")
    assert list(events) == [
        ("thread_opened", str(thread.pk), {"subject": "Frågor om budgeten"}),
        ("post_written", str(post.pk), {"thread": thread.pk}),
    ]
