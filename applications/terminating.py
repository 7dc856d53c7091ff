"""Ending a granted effort early: proposed, decided, told, and what is left released."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import transaction

from applications.locking import locked_effort
from applications.models import (
    Application,
    ApplicationState,
    Termination,
    TerminationGround,
    TerminationState,
)
from applications.report_plan import plan_reports
from applications.transitions import EFFORT, apply_transition
from budgets.models import Grant, PaymentRequest, PaymentState
from budgets.models.payments import AT_OFFICE
from budgets.payment_review import close_grant
from finsam import clock
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.people.access import OFFICE, visitor_for
from finsam.people.models import User
from finsam.registry.events import locked_head, record_event
from finsam.registry.models import Direction
from finsam.registry.register import register_record
from finsam.typography import date_long, enumerate_words, kronor, storable

S = TerminationState
RESUME = {
    ApplicationState.AGREED: "resume_agreed",
    ApplicationState.RUNNING: "resume_running",
}


def propose_termination(
    *,
    application: Application,
    ground: TerminationGround,
    reason: str,
    stops_on: date,
    claims_until: date,
    actor: User,
) -> Termination:
    """Propose to the board that an agreed or running effort be ended; writes
    `termination_proposed`.

    `stops_on` is the first day without financing. A favourable decision is changed only on a
    ground that is named and motivated. Proposed again in the same words it is there once.
    """
    said = _said(ground, reason, stops_on, claims_until)
    with transaction.atomic():
        application = locked_effort(application)
        _require_office(application, actor)
        live = application.terminations.filter(state__in=[S.PROPOSED, S.DECIDED]).first()
        if live is not None:
            if all(getattr(live, name) == value for name, value in said.items()):
                return live
            raise NotPossible(
                "proposed_already", "Ett förtida avslut är redan föreslaget. Läs om sidan."
            )
        if application.state not in EFFORT or not application.is_outcome_public:
            raise NotPossible(
                "no_effort",
                "Ett avtal som är undertecknat, eller en insats som är igång, kan avslutas i "
                f"förtid. Ansökan har läget ”{application.get_state_display()}”.",
            )
        made = Termination.objects.create(
            application=application, proposed_at=clock.now(), proposed_by=actor, **said
        )
        _tell(made, "termination_proposed", actor)
    return made


def revise_termination(
    *,
    termination: Termination,
    ground: TerminationGround,
    reason: str,
    stops_on: date,
    claims_until: date,
    expected_revision: int,
    actor: User,
) -> Termination:
    """Change a proposal that the board has not decided on; the same again changes nothing.

    Writes `termination_revised`. Raises Conflict when somebody saved in between.
    """
    said = _said(ground, reason, stops_on, claims_until)
    with _locked(termination) as found:
        _require_office(found.application, actor)
        if all(getattr(found, name) == value for name, value in said.items()):
            return found
        _require_proposed(found)
        if found.revision != expected_revision:
            raise Conflict(
                "termination_changed",
                "Någon annan har ändrat förslaget i mellantiden. Läs vad som står och skriv in "
                "ditt igen.",
            )
        for name, value in said.items():
            setattr(found, name, value)
        found.revision += 1
        found.save(update_fields=["revision", *said])
        _tell(found, "termination_revised", actor)
    return found


def drop_termination(*, termination: Termination, actor: User) -> Termination:
    """Take back a proposal before the board has decided; writes `termination_dropped`."""
    with _locked(termination) as found:
        _require_office(found.application, actor)
        if found.state == S.DROPPED:
            return found
        _require_proposed(found)
        found.state = S.DROPPED
        found.save(update_fields=["state"])
        _tell(found, "termination_dropped", actor)
    return found


# --- what follows from the board's decision, in the transaction that records it -------------------


def end_effort(*, termination: Termination, actor: User, item: int) -> None:
    """The board has decided to end it: the application is terminated; `item` of its agenda.

    Nothing is told and no claim is cut off until the minutes are attested.
    """
    with _locked(termination) as found:
        _require_proposed(found)
        if found.stops_on < clock.today():
            raise NotPossible(
                "stop_has_passed",
                f"Finansieringen kan inte upphöra bakåt i tiden, {date_long(found.stops_on)}. "
                "Ändra dagen i förslaget först.",
            )
        found.state_before, found.state = found.application.state, S.DECIDED
        found.save(update_fields=["state_before", "state"])
        apply_transition(
            found.application, "terminate", actor=actor, payload={"item": item, **_dates(found)}
        )


def keep_effort(*, termination: Termination, actor: User) -> None:
    """The board has refused the proposal: the effort goes on; writes `termination_refused`."""
    with _locked(termination) as found:
        _require_proposed(found)
        found.state = S.REFUSED
        found.save(update_fields=["state"])
        _tell(found, "termination_refused", actor)


def undo_decision(*, termination: Termination, actor: User, item: int) -> None:
    """A decision on it was recorded wrongly: it is a proposal again, and the effort as it was."""
    with _locked(termination) as found:
        if found.state == S.DECIDED:
            action = RESUME[ApplicationState(found.state_before)]
            apply_transition(found.application, action, actor=actor, payload={"item": item})
        found.state, found.state_before = S.PROPOSED, ""
        found.save(update_fields=["state", "state_before"])


def let_termination_be_known(*, termination: Termination, actor: User) -> None:
    """The minutes are attested: the stop and the last day to claim hold from now.

    Writes `termination_published`; the row can be changed no more.
    """
    with _locked(termination) as found:
        if found.state != S.DECIDED or found.public_at is not None:
            return
        application = found.application
        locked_head(application.association)
        Grant.objects.filter(pk=application.grant_id or 0).update(
            stops_on=found.stops_on, claims_until=found.claims_until
        )
        application.effort_ends_on = found.last_day
        application.save(update_fields=["effort_ends_on"])
        plan_reports(application)
        found.public_at = clock.now()
        found.save(update_fields=["public_at"])
        record_event(
            association=application.association,
            actor=actor,
            action="termination_published",
            obj=application,
            case=application.case,
            payload=_dates(found),
        )


# --- what was not claimed -------------------------------------------------------------------------


def release_unused(*, termination: Termination, seen_amount: int, actor: User) -> Grant:
    """After the last day to claim: what is not claimed goes back to the frame, or to equity.

    `seen_amount` in kronor is what the office read that it releases. Writes `unused_released`,
    and closes the grant; released already, nothing happens. Raises NotPossible while claims can
    still come or wait, Conflict when the sum is another.
    """
    with _locked(termination) as found:
        application = found.application
        _require_office(application, actor)
        locked_head(application.association)
        grant = Grant.objects.select_related("account", "frame").get(pk=application.grant_id or 0)
        if grant.closed_at is not None:
            return grant
        _require_releasable(found, grant)
        if grant.unpaid != seen_amount:
            raise Conflict(
                "amount_changed",
                f"Det som återstår är {kronor(grant.unpaid)}, inte {kronor(seen_amount)} som när "
                "sidan öppnades. Läs siffrorna på nytt.",
            )
        event = record_event(
            association=application.association,
            actor=actor,
            action="unused_released",
            obj=found,
            case=application.case,
            payload={"amount": seen_amount, "grant": grant.pk},
        )
        register_record(
            case=application.registered_case,
            direction=Direction.DRAWN_UP,
            subject=f"Återföring av medel som inte rekvirerats, {kronor(seen_amount)}",
            actor=actor,
        )
        return close_grant(
            grant=grant, key=f"termination-{found.pk}-released", actor=actor, event=event
        )


def _require_releasable(termination: Termination, grant: Grant) -> None:
    if termination.public_at is None:
        raise NotPossible("not_told", "Beslutet är inte justerat. Vänta tills parterna vet.")
    if clock.today() <= termination.claims_until:
        raise NotPossible(
            "still_claimable",
            f"Parterna kan rekvirera till och med {date_long(termination.claims_until)}.",
        )
    waiting = at_office(grant)
    if waiting:
        raise NotPossible(
            "claims_wait",
            f"Rekvisition {enumerate_words([str(one.number) for one in waiting])} väntar på "
            "kansliet. Godkänn eller skicka åter den först.",
        )


def at_office(grant: Grant) -> list[PaymentRequest]:
    """The requests that the office has to check or approve before anything is released."""
    return list(PaymentRequest.objects.filter(grant=grant, state__in=AT_OFFICE).order_by("number"))


def sent_back(grant: Grant) -> list[PaymentRequest]:
    """The requests that were sent back for mending and have not come again."""
    returned = PaymentRequest.objects.filter(grant=grant, state=PaymentState.RETURNED)
    return list(returned.order_by("number"))


def termination_of(application: Application) -> Termination | None:
    """The one that is proposed or decided, if there is one."""
    found: Termination | None = application.terminations.filter(
        state__in=[S.PROPOSED, S.DECIDED]
    ).first()
    return found


# --- inside the transaction -----------------------------------------------------------------------


def _said(
    ground: TerminationGround, reason: str, stops_on: date, claims_until: date
) -> dict[str, Any]:
    text = storable(reason)
    if not text:
        raise DomainError(
            "reason_missing",
            "Motivera avslutet. Ett beslut till någons fördel ändras bara på en grund som framgår.",
            "reason",
        )
    if claims_until < stops_on:
        raise DomainError(
            "claims_too_early",
            "Sista dag för slutrekvisition ska vara samma dag eller efter att finansieringen "
            "upphör.",
            "claims_until",
        )
    return {
        "ground": TerminationGround(ground),
        "reason": text,
        "stops_on": stops_on,
        "claims_until": claims_until,
    }


@contextmanager
def _locked(termination: Termination) -> Iterator[Termination]:
    """The application is locked before what belongs to it, as everywhere."""
    with transaction.atomic():
        application = locked_effort(termination.application)
        found = Termination.objects.select_for_update(of=("self",)).get(pk=termination.pk)
        found.application = application
        yield found


def _require_office(application: Application, actor: User) -> None:
    if not visitor_for(application.association, actor).has(*OFFICE):
        raise NotAllowed("not_office", "Förtida avslut föreslås av kansliet.")


def _require_proposed(termination: Termination) -> None:
    if termination.state != S.PROPOSED:
        raise NotPossible(
            "not_proposed",
            f"Förslaget har läget ”{termination.get_state_display()}” och ändras inte. Läs om "
            "sidan.",
        )


def _dates(termination: Termination) -> dict[str, str]:
    return {
        "stops_on": termination.stops_on.isoformat(),
        "claims_until": termination.claims_until.isoformat(),
    }


def _tell(termination: Termination, action: str, actor: User) -> None:
    record_event(
        association=termination.application.association,
        actor=actor,
        action=action,
        obj=termination,
        case=termination.application.case,
        payload={"ground": termination.ground, **_dates(termination)},
    )
