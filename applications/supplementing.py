"""Answering a request for completion: only what was asked for can be changed, and is sent anew."""

from __future__ import annotations

from datetime import datetime

from applications.completeness import Fault, Overview, overview_of
from applications.freezing import content_of, make_version
from applications.models import (
    Application,
    ApplicationState,
    ApplicationVersion,
    SectionKind,
    SupplementRequest,
    VersionPurpose,
)
from applications.once import once
from applications.parties import check_speaks_for
from applications.queries import is_on_applicants_side
from applications.sending import promise_application_documents, tell_office, tell_people
from applications.signing import signing_state
from applications.transitions import apply_transition
from budgets.editing import freeze_budget, lock_budget
from finsam import clock
from finsam.errors import NotAllowed, NotPossible
from finsam.people.access import visitor_for
from finsam.people.models import User
from finsam.registry.models import Direction
from finsam.registry.register import register_record


def open_request(application: Application) -> SupplementRequest | None:
    """The request for completion that waits for an answer."""
    return (
        application.supplements.filter(answered_at=None)
        .select_related("base_version", "requested_by")
        .prefetch_related("sections")
        .first()
    )


def asks_for(request: SupplementRequest, kind: SectionKind) -> bool:
    return any(section.kind == kind for section in request.sections.all())


def supplement_faults(
    application: Application, request: SupplementRequest, overview: Overview | None = None
) -> list[Fault]:
    """What is still missing in the sections that were asked for.

    `overview` is given by one who has read it already.
    """
    asked = {section.pk for section in request.sections.all()}
    overview = overview or overview_of(application)
    found = [
        fault
        for status in overview.writing
        if status.section.pk in asked
        for fault in status.faults
    ]
    if asks_for(request, SectionKind.SIGNATURES):
        state = signing_state(application)
        if not state.is_complete:
            found.append(Fault(f"Underskrifter: {state.note}"))
    return found


def answer_supplement(
    *,
    application: Application,
    actor: User,
    key: str,
    message: str = "",
    received_at: datetime | None = None,
) -> ApplicationVersion:
    """Send the completion: a new version, a record, the state; writes `application_supplement`.

    A completion after its last day is still received, and its moment is told. The signatures
    stay over the version that they were given on, unless new ones were asked for. The same key
    again gives the same version. Raises NotAllowed, NotPossible.
    """
    moment = received_at or clock.now()
    return once(
        ApplicationVersion,
        association=application.association,
        action="supplement",
        key=key,
        actor=actor,
        content={"application": str(application.public_id)},
        act=lambda: _answer(application, actor, message, moment),
    )


def _answer(
    application: Application, actor: User, message: str, received_at: datetime
) -> ApplicationVersion:
    locked = _locked(application, actor)
    request = open_request(locked)
    if locked.state != ApplicationState.RETURNED or request is None:
        raise NotPossible("nothing_asked", "Ingen komplettering väntar på svar just nu.")
    lead = locked.parties.get(is_lead=True)
    check_speaks_for(lead, actor, "lämna kompletteringen")
    if faults := supplement_faults(locked, request):
        raise NotPossible("incomplete", f"Kompletteringen är inte klar: {faults[0].text}")
    version = make_version(locked, content_of(locked), VersionPurpose.SUPPLEMENT, actor)
    freeze_budget(budget=locked.budget, actor=actor)
    lock_budget(budget=locked.budget, actor=actor)
    request.answered_at, request.answer_version = clock.now(), version
    request.save(update_fields=["answered_at", "answer_version"])
    case = locked.registered_case
    record = register_record(
        case=case,
        direction=Direction.IN,
        subject=f"Komplettering av ansökan: {locked.title}"[:250],
        correspondent=lead.name,
        actor=actor,
    )
    text = message.strip()[:2000]
    received = apply_transition(
        locked,
        "supplement",
        actor=actor,
        payload={
            "version": version.number,
            "content_hash": version.content_hash,
            "received_at": received_at.isoformat(),
            "message": text,
        },
    )
    promise_application_documents(received, version, record, actor)
    context = {"number": case.number, "who": actor.get_full_name(), "message": text}
    subject = f"Komplettering {case.number}: {received.title}"
    key = f"supplement:{version.pk}"
    template = "mail/supplement_received.txt"
    tell_people(
        received, event_key=key, subject=subject, template=template, context=context, also=actor
    )
    tell_office(
        received, event_key=f"{key}:office", subject=subject, template=template, context=context
    )
    return version


def _locked(application: Application, actor: User) -> Application:
    locked: Application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("association", "round__programme", "template", "budget", "case", "lot")
        .prefetch_related("parties__people")
        .get(pk=application.pk)
    )
    if not is_on_applicants_side(visitor_for(locked.association, actor), locked):
        raise NotAllowed("not_a_party", "Bara den som skriver för en av parterna kan svara.")
    return locked
