"""A party that will not sign says why, and the application is open for changes again."""

from __future__ import annotations

from django.db import transaction

from applications.models import (
    Application,
    ApplicationParty,
    ApplicationVersion,
    DeclinedSignature,
    VersionPurpose,
)
from applications.sending import tell_people
from applications.signing import lock_for_signing, party_to_sign, signatory_role
from applications.voiding import void_signatures
from finsam.errors import Conflict, DomainError, NotPossible
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.typography import storable


def decline_to_sign(
    *, application: Application, party: ApplicationParty, seen: int, reason: str, actor: User
) -> DeclinedSignature:
    """Decline, for a party, to sign the frozen version with the number `seen`.

    Writes `signature_declined`, opens the application for changes and tells its people why; the
    reason is theirs, so neither event nor mail holds it. Declined already for that reason, it
    happens once. Raises DomainError without a reason, NotAllowed for whoever could not have signed,
    NotPossible when the party has signed, Conflict when that version is no longer the frozen one.
    """
    said = storable(reason)
    if not said:
        raise DomainError(
            "reason_missing",
            "Skriv varför ansökan inte skrivs under, så att den kan ändras.",
            "reason",
        )
    with transaction.atomic():
        locked = lock_for_signing(application, actor)
        found = party_to_sign(locked, party)
        signatory_role(found, actor)
        there = DeclinedSignature.objects.filter(
            version__application=locked, version__number=seen, party=found, reason=said
        ).first()
        if there is not None:
            return there
        version = _version_to_decline(locked, found, seen)
        declined = DeclinedSignature.objects.create(
            version=version, party=found, user=actor, reason=said
        )
        record_event(
            association=locked.association,
            actor=actor,
            action="signature_declined",
            obj=declined,
            case=locked.case,
            payload={"version": version.number, "party": found.pk},
        )
        void_signatures(
            application=locked,
            actor=actor,
            reason="Varför står på sidan för underskrifter.",
            what_happened=f"har avböjt att skriva under för {found.name}",
        )
        tell_people(
            locked,
            event_key=f"signature_declined:{declined.pk}",
            subject=f"Skrivs inte under: {locked.title}",
            template="mail/signature_declined.txt",
            context={"party": found.name, "who": actor.get_full_name()},
        )
    return declined


def _version_to_decline(
    application: Application, party: ApplicationParty, seen: int
) -> ApplicationVersion:
    version = application.signing_version
    if version is None or version.number != seen:
        raise Conflict(
            "another_version",
            "Ansökan har öppnats för ändringar eller låsts på nytt sedan du öppnade sidan. "
            "Läs hur den är nu, och skicka igen om skälet finns kvar.",
        )
    if version.signatures.filter(party=party).exists():
        raise NotPossible(
            "signed_already",
            f"{party.name} har redan skrivit under. Öppna ansökan för ändringar om "
            "underskriften inte ska gälla.",
        )
    return version


def last_declined(application: Application) -> DeclinedSignature | None:
    """Who declined last and why, until signatures are asked for again."""
    found: DeclinedSignature | None = (
        DeclinedSignature.objects.filter(version__application=application)
        .select_related("version", "party__member", "user")
        .first()
    )
    if found is None or application.signing_version_id is not None:
        return None
    later = application.versions.filter(
        purpose=VersionPurpose.SIGNING, number__gt=found.version.number
    )
    return None if later.exists() else found
