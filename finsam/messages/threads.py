"""Conversations in the portal: opening one, writing in it, reading it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.urls import reverse

from finsam.associations.models import Association
from finsam.errors import DomainError, NotAllowed
from finsam.messages.mail import one_line, send_mail
from finsam.messages.models import Participant, Post, Thread
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.registry.models import Case

LONGEST_POST = 10_000


def open_thread(
    *,
    association: Association,
    subject: str,
    actor: User | None = None,
    participants: Iterable[User] = (),
    case: Case | None = None,
) -> Thread:
    """Open a conversation between `participants`; writes the event `thread_opened`."""
    with transaction.atomic():
        thread = Thread.objects.create(
            association=association, subject=one_line(subject)[:200], case=case
        )
        add_participants(thread=thread, users=participants)
        record_event(
            association=association,
            actor=actor,
            action="thread_opened",
            obj=thread,
            case=case,
            payload={"subject": thread.subject},
        )
    return thread


def add_participants(*, thread: Thread, users: Iterable[User]) -> None:
    """Let more people read and write; who already takes part is not doubled."""
    Participant.objects.bulk_create(
        [Participant(thread=thread, user=user) for user in users], ignore_conflicts=True
    )


def write_post(*, thread: Thread, author: User, body: str) -> Post:
    """Write in a conversation; the others get a mail that says so, without the text.

    Raises NotAllowed for who does not take part, DomainError for an empty or too long text.
    """
    text = _checked_text(body)
    with transaction.atomic():
        if not Participant.objects.filter(thread=thread, user=author).exists():
            raise NotAllowed("not_a_participant", "Bara de som deltar i konversationen kan skriva.")
        post = Post.objects.create(thread=thread, author=author, body=text)
        Participant.objects.filter(thread=thread, user=author).update(seen_post=post)
        record_event(
            association=thread.association,
            actor=author,
            action="post_written",
            obj=post,
            case=thread.case,
            payload={"thread": thread.pk},
        )
        _tell_the_others(thread, post)
    return post


def mark_read(*, thread: Thread, reader: User) -> None:
    """Note that the reader has seen everything written so far."""
    last = thread.posts.order_by("-id").first()
    if last is not None:
        Participant.objects.filter(thread=thread, user=reader).update(seen_post=last)


def _checked_text(body: str) -> str:
    text = body.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise DomainError("post_empty", "Skriv något innan du skickar.", "body")
    if len(text) > LONGEST_POST:
        raise DomainError(
            "post_too_long", f"Korta texten till högst {LONGEST_POST} tecken.", "body"
        )
    return text


def _tell_the_others(thread: Thread, post: Post) -> None:
    others = User.objects.filter(participations__thread=thread, is_active=True)
    for user in others.exclude(pk=post.author_id):
        send_mail(
            association=thread.association,
            to=user,
            event_key=f"post:{post.pk}",
            subject=f"Nytt inlägg: {thread.subject}",
            template="mail/new_post.txt",
            context={
                "author": one_line(post.author.get_full_name()),
                "thread": thread.subject,
                "path": reverse("messages:thread", args=[thread.association.slug, thread.pk]),
            },
            case=thread.case,
        )
