"""Signing: the content is frozen, and each party signs exactly that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects

from applications.completeness import overview_of
from applications.drafting import lock_for_writing, section_of_kind
from applications.freezing import content_hash, content_of, make_version
from applications.intake import deadline_of
from applications.models import (
    Application,
    ApplicationParty,
    ApplicationState,
    ApplicationVersion,
    SectionKind,
    Signature,
    SignatureMethod,
    SignatureRule,
    VersionPurpose,
)
from applications.parties import speaks_for
from applications.voiding import void_signatures
from finsam import clock, typography
from finsam.documents.models import SigningOrder, Upload
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.messages.mail import send_mail
from finsam.people.models import Role, RoleKind, User
from finsam.people.password_again import confirm_password
from finsam.registry.events import record_event

SIGNATURES = Prefetch("signatures", queryset=Signature.objects.select_related("user", "scan__file"))


@dataclass(frozen=True)
class SigningState:
    """The frozen version, and for each party that signs its signature or None."""

    version: ApplicationVersion | None
    parties: tuple[tuple[ApplicationParty, Signature | None], ...]

    @property
    def is_frozen(self) -> bool:
        return self.version is not None

    @property
    def waiting(self) -> list[ApplicationParty]:
        return [party for party, signature in self.parties if signature is None]

    @property
    def is_complete(self) -> bool:
        return self.is_frozen and bool(self.parties) and not self.waiting

    @property
    def note(self) -> str:
        """Where the signatures are, in a sentence."""
        if not self.is_frozen:
            return "Underskrifterna är inte begärda än."
        if self.is_complete:
            last = max(signature.signed_at for _, signature in self.parties if signature)
            return f"Alla har skrivit under, senast {typography.date_long(last)}."
        names = typography.enumerate_words([party.name for party in self.waiting])
        return f"Väntar på underskrift: {names}."


def signing_state(application: Application) -> SigningState:
    """Who is to sign and who has; reads the frozen version that is current."""
    version = application.signing_version
    signed = {}
    if version is not None:
        prefetch_related_objects([version], SIGNATURES)
        signed = {signature.party_id: signature for signature in version.signatures.all()}
    parties = [(party, signed.get(party.pk)) for party in signing_parties(application)]
    return SigningState(version, tuple(parties))


def signing_parties(application: Application) -> list[ApplicationParty]:
    """The parties that sign by the programme's rule; other actors take part through the lead."""
    parties = list(application.parties.all())
    if application.round.signature_rule == SignatureRule.LEAD:
        return [party for party in parties if party.is_lead]
    return [party for party in parties if party.member_id is not None]


def freeze_for_signing(*, application: Application, actor: User) -> ApplicationVersion:
    """Freeze the content and ask the parties for their signatures; writes `frozen_for_signing`.

    Frozen already and unchanged, the same version is given back. Raises NotPossible as long as
    anything is missing.
    """
    with transaction.atomic():
        locked = lock_for_signing(application, actor)
        overview = overview_of(locked)
        if not overview.may_be_signed:
            count = typography.plural(len(overview.faults), "sak", "saker")
            raise NotPossible(
                "incomplete",
                f"{count} återstår innan ansökan kan skrivas under. Först: "
                f"{overview.faults[0].text}",
            )
        content = content_of(locked)
        current = locked.signing_version
        if current is not None and current.content_hash == content_hash(content):
            return current
        void_signatures(application=locked, actor=actor, reason="Innehållet har ändrats.")
        # What is frozen is what the writers stand by: the marks follow.
        locked.drafts.filter(done_at=None, revision__gt=0).update(done_at=clock.now())
        version = make_version(locked, content, VersionPurpose.SIGNING, actor)
        locked.signing_version = version
        locked.save(update_fields=["signing_version"])
        record_event(
            association=locked.association,
            actor=actor,
            action="frozen_for_signing",
            obj=version,
            case=locked.case,
            payload={"number": version.number, "content_hash": version.content_hash},
        )
        _ask_for_signatures(locked, version)
    return version


def open_for_changes(*, application: Application, actor: User) -> None:
    """Give up the frozen version, so that one may write on; signatures given are voided."""
    with transaction.atomic():
        locked = lock_for_signing(application, actor)
        void_signatures(application=locked, actor=actor, reason="Ansökan öppnades för ändringar.")


def sign(
    *, application: Application, party: ApplicationParty, password: str, actor: User
) -> Signature:
    """Sign for a party with re-entered password; writes `application_signed`.

    The person must be signatory of the member today. Signing twice gives the same signature.
    Raises NotAllowed, NotPossible, Conflict when the content is no longer the frozen one.
    """
    with transaction.atomic():
        locked = lock_for_signing(application, actor)
        version = current_version(locked)
        found = party_to_sign(locked, party)
        role = signatory_role(found, actor)
        confirm_password(person=actor, password=password)
        return add_signature(
            locked,
            version,
            found,
            actor,
            name=actor.get_full_name(),
            title=actor.title or role.delegation,
            method=SignatureMethod.LOGGED_APPROVAL,
        )


def sign_on_paper(
    *,
    application: Application,
    party: ApplicationParty,
    signatory_name: str,
    signatory_title: str,
    scan: Upload,
    actor: User,
) -> Signature:
    """Keep the scan of a signature page signed by hand; writes `application_signed`.

    Whoever writes for the party or for the lead party may add it. The office looks at the scan.
    """
    name = " ".join(signatory_name.split())[:120]
    if not name:
        raise DomainError("name_missing", "Skriv namnet på den som skrev under.", "signatory_name")
    with transaction.atomic():
        locked = lock_for_signing(application, actor)
        version = current_version(locked)
        found = party_to_sign(locked, party)
        lead = locked.parties.get(is_lead=True)
        if not (speaks_for(found, actor) or speaks_for(lead, actor)):
            raise NotAllowed(
                "not_the_partys",
                f"Bara den som skriver för {found.name} eller huvudmannen kan lägga till sidan.",
            )
        return add_signature(
            locked,
            version,
            found,
            actor,
            name=name,
            title=" ".join(signatory_title.split())[:120],
            method=SignatureMethod.PAPER,
            scan=scan,
        )


def may_sign(party: ApplicationParty, user: User) -> bool:
    """Whether the person is signatory of the party's member today."""
    return _held_role(party, user) is not None


def lock_for_signing(application: Application, actor: User) -> Application:
    """The application locked, if the person may change its signatures now."""
    return lock_for_writing(
        application, actor, section_of_kind(application, SectionKind.SIGNATURES)
    )


def current_version(application: Application) -> ApplicationVersion:
    """The frozen version, if it still is what the application says."""
    version = application.signing_version
    if version is None:
        raise NotPossible(
            "not_frozen",
            "Innehållet är inte låst för underskrift. Begär underskrifter först.",
        )
    if content_hash(content_of(application)) != version.content_hash:
        raise Conflict(
            "changed_after_freezing",
            "Ansökan har ändrats sedan underskrifterna begärdes. Begär dem på nytt, så gäller de "
            "det som står nu.",
        )
    return version


def party_to_sign(application: Application, party: ApplicationParty) -> ApplicationParty:
    """The party among those that sign. Raises NotPossible for others."""
    for found in signing_parties(application):
        if found.pk == party.pk:
            return found
    raise NotPossible("does_not_sign", f"{party.name} behöver inte skriva under.")


def _held_role(party: ApplicationParty, user: User) -> Role | None:
    if party.member is None:
        return None
    held: Role | None = (
        Role.objects.held_on(clock.today())
        .filter(user=user, kind=RoleKind.SIGNATORY, member=party.member)
        .first()
    )
    return held


def signatory_role(party: ApplicationParty, user: User) -> Role:
    """As what the person signs for the party today. Raises NotAllowed."""
    role = _held_role(party, user)
    if role is None:
        raise NotAllowed(
            "not_signatory",
            f"Du är inte behörig firmatecknare för {party.name} i dag. Be den som är det att "
            "skriva under, eller be administratören rätta behörigheten.",
        )
    return role


def add_signature(
    application: Application,
    version: ApplicationVersion,
    party: ApplicationParty,
    actor: User,
    *,
    name: str,
    title: str,
    method: SignatureMethod,
    scan: Upload | None = None,
    order: SigningOrder | None = None,
    signed_at: datetime | None = None,
) -> Signature:
    """Add the party's signature and tell it; the one that it has is given back."""
    existing = version.signatures.filter(party=party).first()
    if existing is not None:
        return existing
    signature = Signature.objects.create(
        version=version,
        party=party,
        user=actor,
        signatory_name=name,
        signatory_title=title[:120],
        method=method,
        content_hash=version.content_hash,
        signed_at=signed_at or clock.now(),
        scan=scan,
        order=order,
    )
    record_event(
        association=application.association,
        actor=actor,
        action="application_signed",
        obj=signature,
        case=application.case,
        payload={
            "version": version.number,
            "party": party.pk,
            "method": method,
            "content_hash": version.content_hash,
        },
    )
    return signature


def _ask_for_signatures(application: Application, version: ApplicationVersion) -> None:
    """A mail to each signatory of the parties that sign."""
    members = {party.member_id: party for party in signing_parties(application) if party.member_id}
    roles = Role.objects.held_on(clock.today()).filter(
        association=application.association, kind=RoleKind.SIGNATORY, member_id__in=members
    )
    for role in roles.select_related("user"):
        send_mail(
            association=application.association,
            to=role.user,
            event_key=f"sign:{version.pk}:{role.member_id}",
            subject=f"Väntar på din underskrift: {application.title}",
            template="mail/please_sign.txt",
            context={
                "title": application.title,
                "party": members[role.member_id or 0].name,
                "amount": typography.kronor(version.requested_amount),
                "closes": typography.moment_long(closes)
                if (closes := deadline_of(application))
                and application.state == ApplicationState.DRAFT
                else "",
                "path": application.get_absolute_url() + "underskrifter/",
            },
            case=application.case,
        )
