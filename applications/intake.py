"""When an application has to be in, and at which meeting it is then taken up.

A round has one last day, or several tied to board meetings, or none. Where there are several,
what comes too late, or is not signed in time, goes on to the next: it is never lost. One
applicant can be given more time (anstånd), with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from applications.freezing import latest_received
from applications.models import Application, Extension, Round
from finsam import clock
from finsam.associations.models import Member
from finsam.errors import DomainError, NotAllowed
from finsam.messages.mail import send_mail
from finsam.people.access import OFFICE, visitor_for
from finsam.people.models import Role, RoleKind, User
from finsam.registry.events import record_event
from finsam.typography import date_long, storable


@dataclass(frozen=True)
class IntakeDay:
    """A last day of a round with several, and the meeting that it is tied to."""

    last_day: date
    decided: str
    board_meeting: date | None

    @property
    def text(self) -> str:
        if self.board_meeting is not None:
            return f"Styrelsens möte {date_long(self.board_meeting)}"
        return self.decided


def intake_days(round: Round) -> list[IntakeDay]:  # noqa: A002
    """The last days of a round tied to meetings, in order; none in a round of another kind."""
    entry: dict[str, Any] = next(
        (one for one in round.definition.get("rounds", ()) if one.get("slug") == round.slug), {}
    )
    return [
        IntakeDay(
            date.fromisoformat(one["last_day"]),
            one["decided"],
            date.fromisoformat(one["board_meeting"]) if one.get("board_meeting") else None,
        )
        for one in entry.get("dates") or ()
    ]


def intake_on(round: Round, moment: datetime) -> IntakeDay | None:  # noqa: A002
    """The first last day that something received at the moment is in time for; its last second
    counts. None after the last one, and in a round of another kind.
    """
    received = moment.replace(microsecond=0)
    return next(
        (
            one
            for one in intake_days(round)
            if received <= clock.end_of_day(one.last_day).replace(microsecond=0)
        ),
        None,
    )


def taken_up(application: Application) -> IntakeDay | None:
    """The last day that the application is in time for: complete and signed by then.

    A completion counts from when it came. For a draft: the next last day there is.
    """
    if application.is_draft:
        return intake_on(application.round, clock.now())
    if not intake_days(application.round):
        return None
    version = latest_received(application)
    return intake_on(application.round, version.created_at) if version else None


def deadline_of(application: Application) -> datetime | None:
    """The last second for the application: the round's, or later if its lead got more time."""
    closes = application.round.closes_at
    if closes is None:
        return None
    lead = next((party for party in application.parties.all() if party.is_lead), None)
    later = extension_of(application.round, lead.member_id if lead else None)
    return max(closes, clock.end_of_day(later.last_day)) if later else closes


def extension_of(round: Round, member_id: int | None) -> Extension | None:  # noqa: A002
    """The longest extension that a member has in a round."""
    mine = [one for one in round.extensions.all() if one.member_id == member_id]
    return max(mine, key=lambda one: one.last_day, default=None)


def grant_extension(
    *,
    round: Round,  # noqa: A002
    member: Member,
    last_day: date,
    reason: str,
    actor: User,
) -> Extension:
    """Give one member a later last day in a round, with the reason; its people are told.

    The same day again gives the extension that is there. Raises NotAllowed and DomainError.
    """
    words = storable(reason)
    with transaction.atomic():
        locked = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
        if not visitor_for(locked.association, actor).has(*OFFICE):
            raise NotAllowed("role_missing", "Bara kansliet ger anstånd.")
        if member.association_id != locked.association_id:
            raise DomainError("unknown_member", "Medlemmen finns inte i förbundet.", "member")
        if locked.closes_at is None:
            raise DomainError(
                "no_last_day",
                "Omgången har ingen enda sista dag: det som kommer senare går till nästa möte.",
            )
        if not words:
            raise DomainError("reason_missing", "Skriv varför anståndet ges.", "reason")
        if clock.end_of_day(last_day) <= locked.closes_at:
            closes = date_long(clock.stockholm(locked.closes_at))
            raise DomainError(
                "not_later", f"Omgångens sista dag är {closes}. Välj en senare dag.", "last_day"
            )
        if last_day < clock.today():
            raise DomainError("day_past", "Välj en dag som inte har varit.", "last_day")
        same = Extension.objects.filter(round=locked, member=member, last_day=last_day).first()
        if same is not None:
            return same
        made = Extension.objects.create(
            round=locked,
            member=member,
            last_day=last_day,
            reason=words,
            granted_at=clock.now(),
            granted_by=actor,
        )
        record_event(
            association=locked.association,
            actor=actor,
            action="extension_granted",
            obj=made,
            payload={
                "round": locked.slug,
                "member": member.name,
                "last_day": last_day.isoformat(),
                "reason": words,
            },
        )
        _tell(made)
    return made


def _tell(extension: Extension) -> None:
    association = extension.round.association
    held = Role.objects.held_on(clock.today()).filter(
        association=association, member=extension.member, kind=RoleKind.APPLICANT
    )
    people = User.objects.filter(pk__in=held.values("user"), is_active=True)
    for person in people.order_by("pk"):
        send_mail(
            association=association,
            to=person,
            event_key=f"extension-{extension.pk}",
            subject=f"Anstånd i {extension.round.name}",
            template="mail/extension.txt",
            context={
                "round": extension.round.name,
                "member": extension.member.name,
                "last_day": date_long(extension.last_day),
                "reason": extension.reason,
                "path": reverse("applications:mine", args=[association.slug]),
            },
        )
