"""The conversation between an organisation and the office about a round."""

from __future__ import annotations

from django.db import transaction

from applications.models import Round, RoundThread
from applications.queries import APPLICANT
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.errors import NotAllowed
from finsam.messages.models import Post
from finsam.messages.threads import add_participants, open_thread, write_post
from finsam.people.access import OFFICE, visitor_for
from finsam.people.models import Role, User


def write_about_round(*, round: Round, member: Member, body: str, actor: User) -> Post:  # noqa: A002
    """Write about a round on behalf of `member`, or as the office to it; opens the thread once.

    Everyone who writes for the organisation and the office's people take part. Raises NotAllowed
    for others, DomainError for an empty or too long text.
    """
    association = round.association
    visitor = visitor_for(association, actor)
    if not visitor.is_office and member.pk not in visitor.member_ids(*APPLICANT):
        raise NotAllowed("not_the_members", f"Du skriver inte för {member.name}.")
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=round.pk)
        found = RoundThread.objects.select_related("thread").filter(round=round, member=member)
        about = found.first() or _open(round, member, actor)
        add_participants(thread=about.thread, users=_participants(association, member))
        return write_post(thread=about.thread, author=actor, body=body)


def threads_about(round: Round, members: list[Member]) -> list[RoundThread]:  # noqa: A002
    """The conversations of the organisations about a round."""
    rows = RoundThread.objects.filter(round=round, member__in=members)
    return list(rows.select_related("thread", "member").order_by("member__position"))


def _open(round: Round, member: Member, actor: User) -> RoundThread:  # noqa: A002
    thread = open_thread(
        association=round.association, subject=f"{round.name}: {member.name}", actor=actor
    )
    return RoundThread.objects.create(round=round, member=member, thread=thread, opened_by=actor)


def _participants(association: Association, member: Member) -> list[User]:
    held = Role.objects.held_on(clock.today()).filter(association=association)
    ours = held.filter(kind__in=APPLICANT, member=member) | held.filter(kind__in=OFFICE)
    return list(User.objects.filter(roles__in=ours, is_active=True).distinct())
