"""Submission: one act that checks everything again, registers, freezes and sends the receipt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from applications.completeness import overview_of
from applications.drafting import lock_for_writing
from applications.external_signing import promise_evidence_of
from applications.freezing import content_hash, content_of, make_version
from applications.intake import deadline_of
from applications.models import (
    Application,
    ApplicationState,
    ApplicationVersion,
    VersionPurpose,
)
from applications.once import once
from applications.parties import check_speaks_for, check_spoken_for
from applications.sending import promise_application_documents, tell_office, tell_people
from applications.signing import signing_state
from applications.time_plan import what_plan_blocks
from applications.transitions import apply_transition
from budgets.editing import freeze_budget, lock_budget
from finsam import clock, typography
from finsam.errors import Conflict, DomainError, NotPossible
from finsam.people.access import Visitor
from finsam.people.models import User
from finsam.registry.models import Direction
from finsam.registry.register import open_case, register_record

RULE = "Ansökan räknas som inkommen när portalen har tagit emot hela den, enligt portalens klocka."


def submit_application(
    *,
    application: Application,
    actor: User,
    key: str,
    seen_hash: str,
    received_at: datetime | None = None,
) -> ApplicationVersion:
    """Hand the application in: case, record, frozen version, state, receipt; all or nothing.

    `received_at` is when the whole request had come (the moment of receipt, to which the last
    second of the round is compared in UTC), `seen_hash` the content that the sender confirmed.
    The same key and content again give the same version; other content raises ReusedKey. Raises
    NotAllowed, NotPossible (too early, late, incomplete, unsigned, sent), Conflict (changed).
    """
    moment = received_at or clock.now()
    return once(
        ApplicationVersion,
        association=application.association,
        action="submit",
        key=key,
        actor=actor,
        content={"application": str(application.public_id), "content": seen_hash},
        act=lambda: _submit(application, actor, seen_hash, moment),
    )


def check_in_time(application: Application, received_at: datetime) -> None:
    """Raises NotPossible before the round opens and after the application's last second."""
    round = application.round  # noqa: A001
    if round.is_open(received_at):
        return
    came = exact(received_at)
    closes = deadline_of(application)
    last_second = closes.replace(microsecond=0) if closes else None
    if last_second and round.opens_at <= received_at.replace(microsecond=0) <= last_second:
        return
    if closes is None or received_at < round.opens_at:
        raise NotPossible(
            "too_early",
            f"Omgången öppnar {typography.moment_long(round.opens_at)}. Försöket kom {came}. "
            "Ansökan är sparad; lämna in den då.",
        )
    raise NotPossible(
        "too_late",
        f"Sista tid var {exact(closes)}. Ansökan kom in i sin helhet {came} och kan "
        "inte tas emot i den här omgången. Den finns kvar som utkast. Skriv till kansliet om du "
        "har frågor.",
    )


def exact(moment: datetime) -> str:
    """1 september 2023 kl. 23.59.59: with the second, where the second decides."""
    local = clock.stockholm(moment)
    return f"{typography.date_long(local.date())} kl.{typography.NBSP}{local:%H.%M.%S}"


def what_blocks(application: Application, visitor: Visitor, moment: datetime) -> list[str]:
    """Every reason why the application cannot be submitted by the person now; empty when it can."""
    found = []
    lead = next(party for party in application.parties.all() if party.is_lead)
    checks: tuple[tuple[Callable[..., None], tuple[object, ...]], ...] = (
        (check_spoken_for, (lead, visitor, "lämna in ansökan")),
        (check_in_time, (application, moment)),
        (_check_plan, (application,)),
        (_check_signed, (application,)),
    )
    for check, arguments in checks:
        try:
            check(*arguments)
        except DomainError as error:
            found.append(error.message)
    return found


def _submit(
    application: Application, actor: User, seen_hash: str, received_at: datetime
) -> ApplicationVersion:
    locked = lock_for_submission(application, actor)
    check_speaks_for(locked.parties.get(is_lead=True), actor, "lämna in ansökan")
    check_in_time(locked, received_at)
    _check_plan(locked)
    overview = overview_of(locked)
    if overview.faults:
        raise NotPossible("incomplete", f"Ansökan är inte komplett: {overview.faults[0].text}")
    _check_signed(locked)
    content = content_of(locked)
    mark = content_hash(content)
    if locked.signing_version is None or locked.signing_version.content_hash != mark:
        raise Conflict(
            "changed_after_signing",
            "Ansökan har ändrats sedan den skrevs under. Begär underskrifterna på nytt.",
        )
    if seen_hash != mark:
        raise Conflict(
            "changed_since_seen",
            "Ansökan har ändrats sedan du öppnade sidan. Läs igenom den och lämna in på nytt.",
        )
    return _receive(locked, actor, content, received_at)


def lock_for_submission(application: Application, actor: User) -> Application:
    """The application, locked; what has been handed in already is refused with where it is."""
    state = Application.objects.select_for_update().values_list("state", flat=True)
    if state.get(pk=application.pk) != ApplicationState.DRAFT:
        raise NotPossible(
            "already_submitted", "Ansökan är redan inlämnad. Kvittensen finns på ansökans sida."
        )
    return lock_for_writing(application, actor)


def _check_plan(application: Application) -> None:
    """Raises NotPossible while the agreed check-points are not ticked by both sides."""
    reason = what_plan_blocks(application)
    if reason:
        raise NotPossible("time_plan", reason)


def _check_signed(application: Application) -> None:
    state = signing_state(application)
    if not state.is_complete:
        raise NotPossible("not_signed", f"Ansökan är inte underskriven. {state.note}")


def _receive(
    application: Application, actor: User, content: dict[str, object], received_at: datetime
) -> ApplicationVersion:
    """Write all that the receipt of an application means, in the caller's transaction."""
    lead = application.parties.get(is_lead=True)
    version = make_version(application, dict(content), VersionPurpose.SUBMISSION, actor)
    freeze_budget(budget=application.budget, actor=actor)
    lock_budget(budget=application.budget, actor=actor)
    title = f"Ansökan om medel: {application.title}"[:250]
    case = open_case(association=application.association, title=title, actor=actor)
    record = register_record(
        case=case,
        direction=Direction.IN,
        subject=f"Ansökan om medel, {application.round.name}: {application.title}"[:250],
        correspondent=lead.name,
        actor=actor,
    )
    received = apply_transition(
        application,
        "submit",
        actor=actor,
        payload={
            "version": version.number,
            "content_hash": version.content_hash,
            "received_at": received_at.isoformat(),
            "number": case.number,
        },
        case=case,
        submitted_at=received_at,
    )
    promise_application_documents(received, version, record, actor)
    promise_evidence_of(received.signing_version, received)
    tell_people(
        received,
        event_key=f"submitted:{received.pk}",
        subject=f"Kvittens {case.number}: {received.title}",
        template="mail/application_received.txt",
        context={
            "number": case.number,
            "received": exact(received_at),
            "amount": typography.kronor(version.requested_amount),
            "who": actor.get_full_name(),
        },
        also=actor,
    )
    tell_office(
        received,
        event_key=f"submitted:{received.pk}:office",
        subject=f"Ny ansökan {case.number}: {received.title}",
        template="mail/application_arrived.txt",
        context={
            "number": case.number,
            "received": exact(received_at),
            "party": lead.name,
            "amount": typography.kronor(version.requested_amount),
        },
    )
    return version
