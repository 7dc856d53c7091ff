"""Inviting people by e-mail to write for a party, with a token that works once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from applications.models import ApplicationParty, PartyInvitation, PartyMember
from applications.parties import lock_parties
from finsam import clock, typography
from finsam.errors import DomainError, NotPossible
from finsam.messages.mail import send_mail
from finsam.people.models import User
from finsam.registry.events import record_event

INVITATION_DAYS = 30


def invite(*, party: ApplicationParty, email: str, actor: User) -> PartyInvitation:
    """Invite a person by e-mail to write for a party; writes `party_invited`.

    The mail carries a token that works once and is kept only as its hash. The same address
    invited again while an invitation is open gives that one back: one click, one mail.
    """
    with transaction.atomic():
        locked = lock_parties(party.application, actor)
        found = locked.parties.get(pk=party.pk)
        if found.member_id is None:
            raise NotPossible(
                "external_through_lead",
                f"{found.name} är inte medlem och deltar genom huvudmannen. "
                "Bjud in den som skriver via huvudmannen i stället.",
            )
        address = email.strip().lower()
        open_one = found.invitations.filter(
            email=address, accepted_at=None, expires_at__gt=clock.now()
        ).first()
        if open_one is not None:
            return open_one
        token = secrets.token_urlsafe(32)
        invitation = PartyInvitation(
            party=found,
            email=address,
            token_hash=_hash(token),
            invited_by=actor,
            expires_at=clock.now() + timedelta(days=INVITATION_DAYS),
        )
        invitation.save()
        send_mail(
            association=locked.association,
            to=address,
            event_key=f"invitation:{invitation.pk}",
            subject=f"Inbjudan att skriva i ansökan {locked.title}",
            template="mail/party_invitation.txt",
            context={
                "title": locked.title,
                "party": found.name,
                "who": actor.get_full_name(),
                "expires": typography.date_long(invitation.expires_at),
                "path": reverse("applications:invitation", args=[locked.association.slug, token]),
            },
        )
        record_event(
            association=locked.association,
            actor=actor,
            action="party_invited",
            obj=invitation,
            payload={"application": str(locked.public_id)},
        )
    return invitation


def open_invitation(token: str) -> PartyInvitation | None:
    """The invitation of a token while it can be used; reading it changes nothing."""
    return (
        PartyInvitation.objects.select_related("party__application__association", "invited_by")
        .filter(token_hash=_hash(token), accepted_at=None, expires_at__gt=clock.now())
        .filter(party__application__discarded_at=None)
        .first()
    )


def accept_invitation(*, token: str, actor: User) -> ApplicationParty:
    """Let the person write for the party, and use the token up; writes `invitation_accepted`.

    The same person sending it again gets the party once more. The invitation gives no role: who
    comes in by it sees this application and no other of the organisation.
    """
    with transaction.atomic():
        invitation = (
            PartyInvitation.objects.select_for_update(of=("self",))
            .select_related("party__application__association")
            .filter(token_hash=_hash(token))
            .first()
        )
        if invitation is not None and invitation.accepted_by_id == actor.pk:
            return invitation.party
        if invitation is None or invitation.accepted_at or invitation.expires_at <= clock.now():
            raise _used()
        if invitation.party.application.discarded_at is not None:
            raise _used()
        PartyMember.objects.get_or_create(party=invitation.party, user=actor)
        invitation.accepted_at, invitation.accepted_by = clock.now(), actor
        invitation.save(update_fields=["accepted_at", "accepted_by"])
        application = invitation.party.application
        record_event(
            association=application.association,
            actor=actor,
            action="invitation_accepted",
            obj=invitation,
            payload={"application": str(application.public_id)},
        )
    return invitation.party


def accept_as_new_person(*, token: str, name: str, password: str) -> ApplicationParty:
    """Make an account for the address that was invited, and accept; writes `account_made`.

    Whoever holds the token has read the mail, so the address is theirs. An address that has an
    account already is refused: then one signs in.
    """
    invitation = open_invitation(token)
    if invitation is None:
        raise _used()
    if User.objects.filter(email=invitation.email).exists():
        raise NotPossible(
            "account_exists",
            f"Det finns redan ett konto för {invitation.email}. Logga in och öppna länken igen.",
        )
    if not " ".join(name.split()):
        raise DomainError("name_missing", "Skriv ditt namn.", "name")
    try:
        validate_password(password, User(email=invitation.email, name=name))
    except ValidationError as error:
        raise DomainError("weak_password", " ".join(error.messages), "password") from error
    with transaction.atomic():
        user = User.objects.create_user(
            invitation.email, password, name=" ".join(name.split())[:120]
        )
        record_event(
            association=invitation.party.application.association,
            actor=user,
            action="account_made",
            obj=user,
            payload={"invitation": invitation.pk},
        )
        return accept_invitation(token=token, actor=user)


def withdraw_invitation(*, invitation: PartyInvitation, actor: User) -> None:
    """Take back an invitation that nobody has used; writes `invitation_withdrawn`."""
    with transaction.atomic():
        locked = lock_parties(invitation.party.application, actor)
        changed = PartyInvitation.objects.filter(
            pk=invitation.pk, accepted_at=None, expires_at__gt=clock.now()
        ).update(expires_at=clock.now())
        if changed:
            record_event(
                association=locked.association,
                actor=actor,
                action="invitation_withdrawn",
                obj=invitation,
                payload={"application": str(locked.public_id)},
            )


def _used() -> NotPossible:
    return NotPossible(
        "invitation_used",
        "Inbjudan har använts eller har gått ut. Be den som bjöd in dig om en ny.",
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
