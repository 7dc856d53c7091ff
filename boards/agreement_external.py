"""The agreement signed at the external signing service, for a party or for the association."""

from __future__ import annotations

from applications.models import ApplicationParty, SignatureMethod
from boards.agreement_papers import page_of
from boards.agreement_signing import add_signature, require_open, signing_role
from boards.agreement_steps import locked_agreement, version_to_sign
from boards.models import Agreement, AgreementSignature, AgreementVersion
from finsam.documents.external_signing.evidence import SignedBy
from finsam.documents.external_signing.orders import Subject, begin_order, sign_externally
from finsam.documents.models import SigningOrder
from finsam.errors import NotPossible
from finsam.people.models import User

KIND = "agreement"


def order_agreement_signature(
    *, agreement: Agreement, party: ApplicationParty | None, seen_hash: str, actor: User
) -> SigningOrder:
    """Order the person's signature, for a party or (party None) the association; twice is once.

    Who may sign and what may be signed is as in `sign_agreement`. Raises NotAllowed, NotPossible,
    Conflict.
    """
    with locked_agreement(agreement) as found:
        signing_role(found, party, actor)
        version = version_to_sign(found, seen_hash)
        require_open(found, version)
        _require_unsigned(version, party)
        return begin_order(
            association=found.application.association,
            case=found.application.case,
            kind=KIND,
            subject=version.pk,
            party=party.pk if party else 0,
            title=str(found),
            content_hash=version.content_hash,
            actor=actor,
        )


def _accept(order: SigningOrder, signed_by: SignedBy) -> None:
    """Add the signature, if everything that held when it was ordered still does."""
    version = _version_of(order)
    with locked_agreement(version.agreement) as found:
        party = found.application.parties.get(pk=order.party) if order.party else None
        title = signing_role(found, party, order.user)
        version = version_to_sign(found, order.content_hash)
        _require_unsigned(version, party)
        require_open(found, version)
        add_signature(
            found,
            AgreementSignature(
                version=version,
                party=party,
                user=order.user,
                signatory_name=signed_by.name,
                signatory_title=(order.user.title or title)[:120],
                method=SignatureMethod.EXTERNAL,
                order=order,
                signed_at=signed_by.signed_at,
            ),
        )


def _require_unsigned(version: AgreementVersion, party: ApplicationParty | None) -> None:
    there = version.signatures.filter(party=party).first()
    if there is not None:
        raise NotPossible("signed_already", f"{there.signatory_name} har redan skrivit under.")


def _version_of(order: SigningOrder) -> AgreementVersion:
    versions = AgreementVersion.objects.select_related(
        "agreement__application__association", "agreement__change"
    )
    found: AgreementVersion = versions.get(pk=order.subject)
    return found


def _page(order: SigningOrder) -> str:
    return page_of(_version_of(order).agreement)


sign_externally(KIND, Subject(_accept, _page))
