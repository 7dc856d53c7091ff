"""The thread between an application's people and the office."""

from __future__ import annotations

from django.db import transaction

from applications.models import Application
from applications.queries import may_read
from applications.sending import office_of, people_of
from finsam.errors import NotAllowed
from finsam.messages.models import Post
from finsam.messages.threads import add_participants, mark_read, open_thread, write_post
from finsam.people.access import visitor_for
from finsam.people.models import User


def write_about(*, application: Application, body: str, actor: User) -> Post:
    """Write to the office, or to the applicant, about an application; opens the thread.

    About a draft the thread names the round and the organisation and nothing of the content.
    """
    with transaction.atomic():
        locked: Application = (
            Application.objects.select_for_update(of=("self",))
            .select_related("association", "round", "thread", "case")
            .get(pk=application.pk)
        )
        if not may_read(visitor_for(locked.association, actor), locked):
            raise NotAllowed("not_yours", "Du kan inte skriva om den här ansökan.")
        if locked.thread is None:
            locked.thread = open_thread(
                association=locked.association, subject=_subject(locked), actor=actor
            )
            locked.save(update_fields=["thread"])
        members = {user.pk: user for user in [actor, *people_of(locked), *office_of(locked)]}
        add_participants(thread=locked.thread, users=members.values())
        post = write_post(thread=locked.thread, author=actor, body=body)
        mark_read(thread=locked.thread, reader=actor)
    return post


def _subject(application: Application) -> str:
    if application.is_draft:
        lead = application.parties.get(is_lead=True)
        return f"{application.round.name}: fråga från {lead.name}"
    return f"Ansökan {application.title}"
