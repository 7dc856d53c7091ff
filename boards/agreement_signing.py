"""The agreement signed, or declined, by each party and the association."""

from __future__ import annotations

from applications.models import ApplicationParty, SignatureMethod
from applications.transitions import apply_transition
from boards.agreement_content import signing_parties
from boards.agreement_papers import promise_agreement, tell_voided
from boards.agreement_steps import (
    end_version,
    given_reason,
    has_ended,
    locked_agreement,
    named,
    require_office,
    tell,
    version_to_sign,
)
from boards.figures import require_agreement_current
from boards.models import (
    Agreement,
    AgreementEndKind,
    AgreementSignature,
    AgreementState,
    AgreementVersion,
)
from finsam import clock
from finsam.documents.models import Upload
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.people.models import Role, RoleKind, User
from finsam.people.password_again import confirm_password
from finsam.registry.canonical import digest

FOR_ASSOCIATION = (RoleKind.DIRECTOR, RoleKind.CHAIR)


def sign_agreement(
    *,
    agreement: Agreement,
    party: ApplicationParty | None,
    password: str,
    seen_hash: str,
    actor: User,
) -> AgreementSignature:
    """Sign with re-entered password, for a party or (party None) for the association.

    The person is signatory of the member today; for the association its director within the
    delegation, or its chair. Signing twice gives the same signature. The last one writes
    `application_agree` in the same transaction. Raises NotAllowed, NotPossible, Conflict.
    """
    with locked_agreement(agreement) as found:
        title = signing_role(found, party, actor)
        version = version_to_sign(found, seen_hash)
        there = version.signatures.filter(party=party).first()
        if there is not None:
            return there
        require_open(found, version)
        confirm_password(person=actor, password=password)
        return add_signature(
            found,
            AgreementSignature(
                version=version,
                party=party,
                user=actor,
                signatory_name=actor.get_full_name(),
                signatory_title=(actor.title or title)[:120],
                method=SignatureMethod.LOGGED_APPROVAL,
            ),
        )


def sign_agreement_on_paper(
    *,
    agreement: Agreement,
    party: ApplicationParty | None,
    signatory_name: str,
    signatory_title: str,
    scan: Upload,
    original_received: bool,
    seen_hash: str,
    actor: User,
) -> AgreementSignature:
    """Register a signature on paper, with its scan and whether the original is at the office.

    By the office, which looks at the page. Registered twice it is one.
    """
    name = " ".join(signatory_name.split())[:120]
    if not name:
        raise DomainError("name_missing", "Skriv namnet på den som skrev under.", "signatory_name")
    with locked_agreement(agreement) as found:
        require_office(found.application, actor)
        version = version_to_sign(found, seen_hash)
        _require_signs(found, party)
        there = version.signatures.filter(party=party).first()
        if there is not None:
            return there
        require_open(found, version)
        return add_signature(
            found,
            AgreementSignature(
                version=version,
                party=party,
                user=actor,
                signatory_name=name,
                signatory_title=" ".join(signatory_title.split())[:120],
                method=SignatureMethod.PAPER,
                scan=scan,
                original_received=original_received,
            ),
        )


def decline_agreement(
    *,
    agreement: Agreement,
    party: ApplicationParty | None,
    seen_hash: str,
    reason: str,
    actor: User,
) -> Agreement:
    """Decline to sign, for a party or (party None) the association; it is a draft again.

    Writes `agreement_declined`. Declined already, nothing happens. Raises NotAllowed for whoever
    could not have signed.
    """
    said = given_reason(reason, "Skriv varför avtalet inte skrivs under. Kansliet läser det.")
    with locked_agreement(agreement) as found:
        signing_role(found, party, actor)
        if has_ended(found, seen_hash):
            return found
        version = version_to_sign(found, seen_hash)
        if version.signatures.filter(party=party).exists():
            raise NotPossible(
                "signed_already",
                "Underskriften finns redan. Hör av dig till kansliet, som kan ta tillbaka avtalet.",
            )
        end_version(found, version, AgreementEndKind.DECLINED, party, said, actor)
        tell(found, "agreement_declined", actor, reason=said, **named(version))
        tell_voided(found, version, said, actor)
    return found


def signing_role(agreement: Agreement, party: ApplicationParty | None, actor: User) -> str:
    """As what the person signs for the party or the association today. Raises NotAllowed."""
    _require_signs(agreement, party)
    application = agreement.application
    held = Role.objects.held_on(clock.today()).filter(
        association=application.association, user=actor
    )
    if party is None:
        role = held.filter(kind__in=FOR_ASSOCIATION).order_by("pk").first()
        who = "Förbundets underskrift lämnas av chefen inom delegationen, eller av ordföranden."
    else:
        role = held.filter(kind=RoleKind.SIGNATORY, member=party.member_id).first()
        who = (
            f"Du är inte behörig firmatecknare för {party.name} i dag. Be den som är det att "
            "skriva under, eller be administratören rätta behörigheten."
        )
    if role is None:
        raise NotAllowed("not_signatory", who)
    return role.delegation or role.get_kind_display()


def missing_parties(agreement: Agreement, version: AgreementVersion) -> list[str]:
    """Whose signatures the version still waits for, the association first."""
    signed = set(version.signatures.values_list("party", flat=True))
    names = [one.name for one in signing_parties(agreement) if one.pk not in signed]
    return names if None in signed else [agreement.application.association.name, *names]


def _require_signs(agreement: Agreement, party: ApplicationParty | None) -> None:
    if party is not None and party.pk not in {one.pk for one in signing_parties(agreement)}:
        raise NotPossible("does_not_sign", f"{party.name} skriver inte under avtalet.")


def require_open(agreement: Agreement, version: AgreementVersion) -> None:
    """Raises when nothing may be signed any more, or the content is broken or out of date."""
    if agreement.state != AgreementState.SENT:
        raise NotPossible("not_open", "Avtalet är redan undertecknat av alla.")
    if digest(version.content) != version.content_hash:
        raise NotPossible(
            "content_broken",
            "Avtalets innehåll stämmer inte med sin kontrollsumma. Skriv inte under; kontakta "
            "kansliet.",
        )
    require_agreement_current(version)


def add_signature(agreement: Agreement, signature: AgreementSignature) -> AgreementSignature:
    """Add a signature and tell it; the last one writes `application_agree` or `addendum_agreed`."""
    version, actor = signature.version, signature.user
    signature.content_hash = version.content_hash
    signature.save(force_insert=True)
    tell(
        agreement,
        "agreement_signed",
        actor,
        party=signature.party_id,
        method=signature.method,
        **named(version),
    )
    if not missing_parties(agreement, version):
        if agreement.change is None:
            apply_transition(agreement.application, "agree", actor=actor, payload=named(version))
        else:
            tell(agreement, "addendum_agreed", actor, change=agreement.number, **named(version))
        agreement.state, agreement.signed_at = AgreementState.SIGNED, clock.now()
        agreement.save(update_fields=["state", "signed_at"])
        promise_agreement(agreement, version, actor)
    return signature
