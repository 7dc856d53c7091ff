"""The office's side of the agreement: prepared, written, sent, taken back; then the start."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from applications.locking import locked_effort
from applications.models import (
    Application,
    ApplicationState,
)
from applications.report_plan import effort_period
from applications.returning import lacks_return_plan
from applications.revising import needs_revision
from applications.transitions import EFFORT, apply_transition
from boards.addenda import addendum_content
from boards.agreement_content import (
    TEXTS,
    agreement_content,
    decided_paragraph,
    first_texts,
    texts_of,
)
from boards.agreement_papers import ask_for_signatures, promise_agreement, tell_voided
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
from boards.figures import note_agreement
from boards.models import (
    Agreement,
    AgreementEndKind,
    AgreementState,
    AgreementVersion,
)
from finsam import clock
from finsam.errors import Conflict, DomainError, NotPossible
from finsam.people.models import User
from finsam.registry.canonical import digest
from finsam.typography import date_long, storable

S = AgreementState
GRANTED = (ApplicationState.GRANTED, ApplicationState.PARTLY_GRANTED)


def prepare_agreement(*, application: Application, actor: User) -> Agreement:
    """Begin the agreement of a granted application; begun already, it is given back.

    By the office. Writes `agreement_prepared`. Raises NotPossible until the minutes are attested.
    """
    with transaction.atomic():
        application = locked_effort(application)
        require_office(application, actor)
        found = Agreement.objects.filter(application=application, change=None).first()
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
        tell(made, "agreement_prepared", actor)
    return made


def edit_agreement(
    *, agreement: Agreement, texts: Mapping[str, str], expected_revision: int, actor: User
) -> Agreement:
    """Write the free clauses of a draft; the same again changes nothing. Writes `agreement_edited`.

    Sums, parties and period come from the decision and have no place here. Raises NotPossible
    once it is sent (take it back first) and Conflict when somebody saved in between.
    """
    keys = texts_of(agreement)
    said = {key: storable(texts.get(key, agreement.texts.get(key, ""))) for key in keys}
    with locked_agreement(agreement) as found:
        require_office(found.application, actor)
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
        tell(found, "agreement_edited", actor, texts=said)
    return found


def send_agreement(*, agreement: Agreement, actor: User) -> AgreementVersion:
    """Freeze the content as the next version and ask all for their signatures.

    By the office; sent already, that version is given back. Writes `agreement_sent`, promises the
    document and a mail to each signatory. Raises NotPossible when a revised budget is missing or a
    clause is empty.
    """
    with locked_agreement(agreement) as found:
        require_office(found.application, actor)
        if found.current is not None:
            return found.current
        _require_sendable(found)
        content = content_of(found)
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
        tell(found, "agreement_sent", actor, **named(version))
        promise_agreement(found, version, actor)
        ask_for_signatures(found, version)
    return version


def content_of(agreement: Agreement) -> dict[str, Any]:
    """What would be frozen now. Raises NotPossible when no decision stands behind it."""
    if agreement.change is not None:
        return addendum_content(agreement)
    return agreement_content(agreement)


def take_back_agreement(
    *, agreement: Agreement, seen_hash: str, reason: str, actor: User
) -> Agreement:
    """Take a version back to change it: signatures on it are void, and those who signed are told.

    By the office. Writes `agreement_taken_back`. Taken back already, nothing happens.
    """
    said = given_reason(reason, "Skriv varför avtalet tas tillbaka. Parterna läser det.")
    with locked_agreement(agreement) as found:
        require_office(found.application, actor)
        if has_ended(found, seen_hash):
            return found
        version = version_to_sign(found, seen_hash)
        end_version(found, version, AgreementEndKind.CHANGED, None, said, actor)
        tell(found, "agreement_taken_back", actor, reason=said, **named(version))
        tell_voided(found, version, said, actor)
    return found


def start_effort(
    *, agreement: Agreement, started_on: date, actor: User, although_unsigned: bool = False
) -> Agreement:
    """Let the effort run from a day, once all have signed; writes `application_start`.

    By the office. Started already on that day, nothing happens. A day after the agreed period is
    refused. The agreement is to be in place before the effort starts (preparatory works of FL): an
    earlier day is taken only when it is said that it was so, and stays as a warning.
    """
    with locked_agreement(agreement) as found:
        require_office(found.application, actor)
        if found.started_on == started_on:
            return found
        if found.signed_at is None or found.change is not None:
            raise NotPossible(
                "not_signed",
                "Insatsen kan starta när alla har skrivit under avtalet. Det ska finnas innan.",
            )
        _require_start_in_period(found, started_on)
        signed_on = clock.stockholm(found.signed_at).date()
        is_early = started_on < signed_on
        if is_early and not although_unsigned:
            raise DomainError(
                "before_agreement",
                f"Alla hade skrivit under avtalet först {date_long(signed_on)}. Avtalet ska finnas "
                "innan insatsen börjar. Började den ändå tidigare, kryssa i det och spara igen.",
                "started_on",
            )
        said: dict[str, object] = {"started_on": str(started_on)}
        if is_early:
            said["signed_on"] = str(signed_on)
        apply_transition(found.application, "start", actor=actor, payload=said)
        found.started_on = started_on
        found.save(update_fields=["started_on"])
    return found


def _require_start_in_period(agreement: Agreement, started_on: date) -> None:
    """Raises DomainError for a day after the last one that the agreement covers."""
    period = effort_period(agreement.application)
    if period is not None and started_on > period[1]:
        raise DomainError(
            "after_period",
            f"Insatsens period är slut {date_long(period[1])}. Välj en dag till och med den, "
            "eller ändra perioden först (Ändringar).",
            "started_on",
        )


def _require_sendable(agreement: Agreement) -> None:
    application = agreement.application
    if agreement.change is not None:
        if application.state not in EFFORT:
            raise NotPossible("effort_ended", "Insatsen pågår inte längre. Inget tillägg behövs.")
        return
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
    if lacks_return_plan(application):
        raise NotPossible(
            "return_plan_missing",
            "Återföringsplanen är inte fastställd. Fastställ den under Återföring i ärendet; den "
            "blir en del av avtalet.",
        )
    for key in ("purpose", "roles", "reporting"):
        if not agreement.texts.get(key):
            raise NotPossible("clause_empty", f"Skriv något under ”{TEXTS[key]}” först.")
