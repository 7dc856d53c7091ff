"""The agreement: prepared from the decision, written, sent, signed by all; then the start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from django.db import transaction
from django.db.models import Max

from applications.models import (
    Application,
    ApplicationParty,
    ApplicationState,
    SignatureMethod,
)
from applications.revising import needs_revision
from applications.transitions import apply_transition
from boards.agreement_content import (
    TEXTS,
    agreement_content,
    decided_paragraph,
    executing_parties,
    first_texts,
)
from boards.agreement_papers import ask_for_signatures, promise_agreement, tell_voided
from boards.figures import note_agreement, require_agreement_current
from boards.models import (
    Agreement,
    AgreementEnd,
    AgreementEndKind,
    AgreementSignature,
    AgreementState,
    AgreementVersion,
)
from finsam import clock
from finsam.documents.models import Upload
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.people.access import OFFICE, visitor_for
from finsam.people.models import Role, RoleKind, User
from finsam.people.password_again import confirm_password
from finsam.registry.canonical import digest
from finsam.registry.events import record_event
from finsam.typography import storable

S = AgreementState
GRANTED = (ApplicationState.GRANTED, ApplicationState.PARTLY_GRANTED)
FOR_ASSOCIATION = (RoleKind.DIRECTOR, RoleKind.CHAIR)


def prepare_agreement(*, application: Application, actor: User) -> Agreement:
    """Begin the agreement of a granted application; begun already, it is given back.

    By the office. Writes `agreement_prepared`. Raises NotPossible until the minutes are attested.
    """
    with transaction.atomic():
        application = _locked_application(application)
        _require_office(application, actor)
        found = Agreement.objects.filter(application=application).first()
        if found is not None:
            return found
        paragraph = decided_paragraph(application)
        is_granted = application.state in GRANTED and application.is_outcome_public
        if not is_granted or paragraph is None:
            raise NotPossible(
                "not_granted",
                "Avtalet tas fram när ansökan är beviljad och protokollet är justerat.",
            )
        made = Agreement.objects.create(
            application=application,
            item=paragraph.item,
            texts=first_texts(application),
            created_at=clock.now(),
            created_by=actor,
        )
        _tell(made, "agreement_prepared", actor)
    return made


def edit_agreement(
    *, agreement: Agreement, texts: Mapping[str, str], expected_revision: int, actor: User
) -> Agreement:
    """Write the free clauses of a draft; the same again changes nothing. Writes `agreement_edited`.

    Sums, parties and period come from the decision and have no place here. Raises NotPossible
    once it is sent (take it back first) and Conflict when somebody saved in between.
    """
    said = {key: storable(texts.get(key, agreement.texts.get(key, ""))) for key in TEXTS}
    with _locked(agreement) as found:
        _require_office(found.application, actor)
        if said == found.texts:
            return found
        if found.state != S.DRAFT:
            raise NotPossible(
                "not_draft",
                "Avtalet är skickat för underskrift. Ta tillbaka det för att ändra villkoren.",
            )
        if found.revision != expected_revision:
            raise Conflict(
                "agreement_changed",
                "Någon annan har sparat avtalet i mellantiden. Läs vad som står och skriv in "
                "ditt igen.",
            )
        found.texts = said
        found.revision += 1
        found.save(update_fields=["texts", "revision"])
        _tell(found, "agreement_edited", actor, texts=said)
    return found


def send_agreement(*, agreement: Agreement, actor: User) -> AgreementVersion:
    """Freeze the content as the next version and ask all for their signatures.

    By the office; sent already, that version is given back. Writes `agreement_sent`, promises the
    document and a mail to each signatory. Raises NotPossible when a revised budget is missing or a
    clause is empty.
    """
    with _locked(agreement) as found:
        _require_office(found.application, actor)
        if found.current is not None:
            return found.current
        _require_sendable(found)
        content = agreement_content(found)
        highest = found.versions.aggregate(highest=Max("number"))["highest"]
        version = AgreementVersion.objects.create(
            agreement=found,
            number=(highest or 0) + 1,
            content=content,
            content_hash=digest(content),
            created_at=clock.now(),
            created_by=actor,
        )
        found.current, found.state = version, S.SENT
        found.revision += 1
        found.save(update_fields=["current", "state", "revision"])
        note_agreement(version)
        _tell(found, "agreement_sent", actor, **_named(version))
        promise_agreement(found, version, actor)
        ask_for_signatures(found, version)
    return version


def take_back_agreement(
    *, agreement: Agreement, seen_hash: str, reason: str, actor: User
) -> Agreement:
    """Take a version back to change it: signatures on it are void, and those who signed are told.

    By the office. Writes `agreement_taken_back`. Taken back already, nothing happens.
    """
    said = _reason(reason, "Skriv varför avtalet tas tillbaka. Parterna läser det.")
    with _locked(agreement) as found:
        _require_office(found.application, actor)
        if _has_ended(found, seen_hash):
            return found
        version = _version_to_sign(found, seen_hash)
        _end(found, version, AgreementEndKind.CHANGED, None, said, actor)
        _tell(found, "agreement_taken_back", actor, reason=said, **_named(version))
        tell_voided(found, version, said, actor)
    return found


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
    said = _reason(reason, "Skriv varför avtalet inte skrivs under. Kansliet läser det.")
    with _locked(agreement) as found:
        signing_role(found.application, party, actor)
        if _has_ended(found, seen_hash):
            return found
        version = _version_to_sign(found, seen_hash)
        if version.signatures.filter(party=party).exists():
            raise NotPossible(
                "signed_already",
                "Underskriften finns redan. Hör av dig till kansliet, som kan ta tillbaka avtalet.",
            )
        _end(found, version, AgreementEndKind.DECLINED, party, said, actor)
        _tell(found, "agreement_declined", actor, reason=said, **_named(version))
        tell_voided(found, version, said, actor)
    return found


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
    with _locked(agreement) as found:
        title = signing_role(found.application, party, actor)
        version = _version_to_sign(found, seen_hash)
        there = version.signatures.filter(party=party).first()
        if there is not None:
            return there
        _require_open(found, version)
        confirm_password(person=actor, password=password)
        return _add(
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
    with _locked(agreement) as found:
        _require_office(found.application, actor)
        version = _version_to_sign(found, seen_hash)
        _require_signs(found.application, party)
        there = version.signatures.filter(party=party).first()
        if there is not None:
            return there
        _require_open(found, version)
        return _add(
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


def start_effort(*, agreement: Agreement, started_on: date, actor: User) -> Agreement:
    """Let the effort run from a day, once all have signed; writes `application_start`.

    By the office. Started already on that day, nothing happens. The agreement is to be in place
    before the effort starts (preparatory works of FL): an earlier day is refused.
    """
    with _locked(agreement) as found:
        _require_office(found.application, actor)
        if found.started_on == started_on:
            return found
        if found.signed_at is None:
            raise NotPossible(
                "not_signed",
                "Insatsen kan starta när alla har skrivit under avtalet. Det ska finnas innan.",
            )
        if started_on < clock.stockholm(found.signed_at).date():
            raise DomainError(
                "before_agreement",
                "Startdagen kan inte vara före den dag då avtalet blev undertecknat av alla.",
                "started_on",
            )
        apply_transition(
            found.application, "start", actor=actor, payload={"started_on": str(started_on)}
        )
        found.started_on = started_on
        found.save(update_fields=["started_on"])
    return found


def signing_role(application: Application, party: ApplicationParty | None, actor: User) -> str:
    """As what the person signs for the party or the association today. Raises NotAllowed."""
    _require_signs(application, party)
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
    application = agreement.application
    names = [one.name for one in executing_parties(application) if one.pk not in signed]
    return names if None in signed else [application.association.name, *names]


# --- inside the transaction ---------------------------------------------------------------------


@contextmanager
def _locked(agreement: Agreement) -> Iterator[Agreement]:
    """The application is locked before its agreement, as everywhere."""
    with transaction.atomic():
        application = _locked_application(agreement.application)
        found = (
            Agreement.objects.select_for_update(of=("self",))
            .select_related("current")
            .get(pk=agreement.pk)
        )
        found.application = application
        yield found


def _locked_application(application: Application) -> Application:
    found: Application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("association", "case", "round__programme", "grant")
        .get(pk=application.pk)
    )
    return found


def _require_office(application: Application, actor: User) -> None:
    if not visitor_for(application.association, actor).has(*OFFICE):
        raise NotAllowed("not_office", "Avtalet tas fram av kansliet.")


def _require_signs(application: Application, party: ApplicationParty | None) -> None:
    if party is not None and party.pk not in {one.pk for one in executing_parties(application)}:
        raise NotPossible("does_not_sign", f"{party.name} skriver inte under avtalet.")


def _require_sendable(agreement: Agreement) -> None:
    application = agreement.application
    if application.state not in GRANTED:
        raise NotPossible(
            "wrong_state", f"Ansökan har läget ”{application.get_state_display()}”. Läs om sidan."
        )
    if needs_revision(application):
        raise NotPossible(
            "revision_missing",
            "Mindre beviljades än vad som söktes. Avtalet skickas när den reviderade budgeten är "
            "godkänd.",
        )
    for key in ("purpose", "roles", "reporting"):
        if not agreement.texts.get(key):
            raise NotPossible("clause_empty", f"Skriv något under ”{TEXTS[key]}” först.")


def _version_to_sign(agreement: Agreement, seen_hash: str) -> AgreementVersion:
    """The version that waits for signatures, if it is what was read."""
    version = agreement.current
    if version is None:
        raise NotPossible(
            "not_sent",
            "Avtalet väntar inte på underskrift. Kansliet hör av sig när en ny version finns.",
        )
    if version.content_hash != seen_hash:
        raise Conflict(
            "content_changed",
            "Det du läste är inte det avtal som gäller nu. Läs det igen; inget har ändrats.",
        )
    return version


def _require_open(agreement: Agreement, version: AgreementVersion) -> None:
    """Raises when nothing may be signed any more, or the content is broken or out of date."""
    if agreement.state != S.SENT:
        raise NotPossible("not_open", "Avtalet är redan undertecknat av alla.")
    if digest(version.content) != version.content_hash:
        raise NotPossible(
            "content_broken",
            "Avtalets innehåll stämmer inte med sin kontrollsumma. Skriv inte under; kontakta "
            "kansliet.",
        )
    require_agreement_current(version)


def _has_ended(agreement: Agreement, seen_hash: str) -> bool:
    """Whether the version that was seen has been taken back or declined already."""
    if agreement.current is not None:
        return False
    latest = agreement.versions.select_related("end").first()
    return latest is not None and latest.content_hash == seen_hash


def _end(
    agreement: Agreement,
    version: AgreementVersion,
    kind: AgreementEndKind,
    party: ApplicationParty | None,
    reason: str,
    actor: User,
) -> None:
    if agreement.state != S.SENT:
        raise NotPossible(
            "signed_by_all", "Avtalet är undertecknat av alla och ändras inte. Det kan avslutas."
        )
    AgreementEnd.objects.create(
        version=version, kind=kind, party=party, reason=reason, user=actor, ended_at=clock.now()
    )
    agreement.current, agreement.state = None, S.DRAFT
    agreement.revision += 1
    agreement.save(update_fields=["current", "state", "revision"])


def _add(agreement: Agreement, signature: AgreementSignature) -> AgreementSignature:
    version, actor = signature.version, signature.user
    signature.content_hash = version.content_hash
    signature.signed_at = clock.now()
    signature.save(force_insert=True)
    _tell(
        agreement,
        "agreement_signed",
        actor,
        party=signature.party_id,
        method=signature.method,
        **_named(version),
    )
    if not missing_parties(agreement, version):
        apply_transition(agreement.application, "agree", actor=actor, payload=_named(version))
        agreement.state, agreement.signed_at = S.SIGNED, clock.now()
        agreement.save(update_fields=["state", "signed_at"])
        promise_agreement(agreement, version, actor)
    return signature


def _reason(text: str, refusal: str) -> str:
    said = storable(text)
    if not said:
        raise DomainError("reason_missing", refusal, "reason")
    return said


def _named(version: AgreementVersion) -> dict[str, object]:
    return {"version": version.number, "content_hash": version.content_hash}


def _tell(agreement: Agreement, action: str, actor: User, **payload: object) -> None:
    application = agreement.application
    record_event(
        association=application.association,
        actor=actor,
        action=action,
        obj=agreement,
        case=application.case,
        payload=payload,
    )
