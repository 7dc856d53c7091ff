"""What every step on an agreement shares: its row held, what was read, the reason, the event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from applications.locking import locked_effort
from applications.models import Application, ApplicationParty
from boards.models import (
    Agreement,
    AgreementEnd,
    AgreementEndKind,
    AgreementState,
    AgreementVersion,
)
from finsam import clock
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.people.access import OFFICE, visitor_for
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.typography import storable


@contextmanager
def locked_agreement(agreement: Agreement) -> Iterator[Agreement]:
    """The application is locked before its agreement, as everywhere."""
    with transaction.atomic():
        application = locked_effort(agreement.application)
        found = (
            Agreement.objects.select_for_update(of=("self",))
            .select_related("current", "change", "item")
            .get(pk=agreement.pk)
        )
        found.application = application
        yield found


def require_office(application: Application, actor: User) -> None:
    """Raises NotAllowed for whoever is not at the association's office."""
    if not visitor_for(application.association, actor).has(*OFFICE):
        raise NotAllowed("not_office", "Avtalet tas fram av kansliet.")


def version_to_sign(agreement: Agreement, seen_hash: str) -> AgreementVersion:
    """The version that waits for signatures. Raises NotPossible, or Conflict for another one."""
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


def has_ended(agreement: Agreement, seen_hash: str) -> bool:
    """Whether the version that was seen has been taken back or declined already."""
    if agreement.current is not None:
        return False
    latest = agreement.versions.select_related("end").first()
    return latest is not None and latest.content_hash == seen_hash


def end_version(
    agreement: Agreement,
    version: AgreementVersion,
    kind: AgreementEndKind,
    party: ApplicationParty | None,
    reason: str,
    actor: User,
) -> None:
    """Void the version and its signatures: the agreement is a draft again. The caller tells it.

    Raises NotPossible when all have signed.
    """
    if agreement.state != AgreementState.SENT:
        raise NotPossible(
            "signed_by_all", "Avtalet är undertecknat av alla och ändras inte. Det kan avslutas."
        )
    AgreementEnd.objects.create(
        version=version, kind=kind, party=party, reason=reason, user=actor, ended_at=clock.now()
    )
    agreement.current, agreement.state = None, AgreementState.DRAFT
    agreement.revision += 1
    agreement.save(update_fields=["current", "state", "revision"])


def given_reason(text: str, refusal: str) -> str:
    """The reason as it is stored. Raises DomainError with the refusal when it is empty."""
    said = storable(text)
    if not said:
        raise DomainError("reason_missing", refusal, "reason")
    return said


def named(version: AgreementVersion) -> dict[str, object]:
    """How events name a version."""
    return {"version": version.number, "content_hash": version.content_hash}


def tell(agreement: Agreement, action: str, actor: User, **payload: object) -> None:
    """Record what happened to the agreement, in its case."""
    application = agreement.application
    record_event(
        association=application.association,
        actor=actor,
        action=action,
        obj=agreement,
        case=application.case,
        payload=payload,
    )
