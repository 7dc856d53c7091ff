"""A party's signature on the frozen application, given at the external signing service."""

from __future__ import annotations

from typing import cast

from django.db import transaction

from applications.models import (
    Application,
    ApplicationParty,
    ApplicationVersion,
    SignatureMethod,
)
from applications.signing import (
    add_signature,
    current_version,
    lock_for_signing,
    party_to_sign,
    signatory_role,
)
from finsam.documents.external_signing.evidence import SignedBy
from finsam.documents.external_signing.orders import Subject, begin_order, sign_externally
from finsam.documents.external_signing.paper import promise_evidence
from finsam.documents.external_signing.service import has_signing_service
from finsam.documents.models import SigningOrder
from finsam.errors import Conflict, NotPossible
from finsam.people.models import User

KIND = "application"


def offers_external_signing(application: Application) -> bool:
    """Whether the installation has a service and the programme takes signatures from it."""
    signatures = application.round.programme.definition.get("signatures", {})
    methods = signatures.get("methods", [SignatureMethod.EXTERNAL])
    return has_signing_service() and SignatureMethod.EXTERNAL in methods


def order_signature(
    *, application: Application, party: ApplicationParty, actor: User
) -> SigningOrder:
    """Order the person's signature for a party; pressed twice it is one order.

    The person must be signatory of the member today. Raises NotAllowed, NotPossible, Conflict as
    `sign` does, and NotPossible where it is not offered.
    """
    with transaction.atomic():
        locked = lock_for_signing(application, actor)
        version = current_version(locked)
        found = party_to_sign(locked, party)
        signatory_role(found, actor)
        if not offers_external_signing(locked):
            raise NotPossible(
                "not_offered",
                "Här går det inte att skriva under med e-legitimation. Skriv under med lösenord "
                "eller på papper.",
            )
        require_unsigned(version, found)
        return begin_order(
            association=locked.association,
            case=locked.case,
            kind=KIND,
            subject=version.pk,
            party=found.pk,
            title=f"Ansökan: {locked.title}",
            content_hash=version.content_hash,
            actor=actor,
        )


def require_unsigned(version: ApplicationVersion, party: ApplicationParty) -> None:
    """Raises NotPossible when the party has signed the version already."""
    there = version.signatures.filter(party=party).first()
    if there is not None:
        raise NotPossible(
            "signed_already", f"{there.signatory_name} har redan skrivit under för {party.name}."
        )


def promise_evidence_of(version: ApplicationVersion | None, application: Application) -> None:
    """Promise the proofs of a version's external signatures, now that there is a case."""
    if version is None or application.case is None:
        return
    rows = version.signatures.filter(order__isnull=False)
    for row in rows.select_related("order__association", "order__user", "order__evidence"):
        promise_evidence(cast(SigningOrder, row.order), application.case)


def _accept(order: SigningOrder, signed_by: SignedBy) -> None:
    """Add the signature, if everything that held when it was ordered still does."""
    version = ApplicationVersion.objects.select_related("application").get(pk=order.subject)
    locked = lock_for_signing(version.application, order.user)
    if locked.signing_version_id != version.pk:
        raise Conflict(
            "changed_after_freezing",
            "Ansökan ändrades innan underskriften kom fram. Skriv under på nytt när underskrifter "
            "har begärts på det som står nu.",
        )
    party = party_to_sign(locked, locked.parties.get(pk=order.party))
    role = signatory_role(party, order.user)
    require_unsigned(version, party)
    add_signature(
        locked,
        current_version(locked),
        party,
        order.user,
        name=signed_by.name,
        title=order.user.title or role.delegation,
        method=SignatureMethod.EXTERNAL,
        order=order,
        signed_at=signed_by.signed_at,
    )


def _page(order: SigningOrder) -> str:
    version = ApplicationVersion.objects.select_related("application__association")
    application = version.get(pk=order.subject).application
    return f"{application.get_absolute_url()}underskrifter/"


sign_externally(KIND, Subject(_accept, _page))
