"""The life of an application as data: one table of transitions and one function that applies it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from applications.models import Application
from applications.models import ApplicationState as S
from finsam import clock
from finsam.errors import NotAllowed, NotPossible
from finsam.people.access import OFFICE, visitor_for
from finsam.people.models import RoleKind as R
from finsam.people.models import User
from finsam.registry.events import record_event

APPLICANT = (R.APPLICANT, R.SIGNATORY)
DECIDING = (*OFFICE, R.CHAIR)
AGREEING = (*DECIDING, R.SIGNATORY)


@dataclass(frozen=True)
class Transition:
    """From which states, by which action, to which state, and who may do it."""

    action: str
    sources: tuple[S, ...]
    target: S
    roles: tuple[R, ...]
    label: str


BEFORE_DECISION = (S.SUBMITTED, S.IN_REVIEW, S.RETURNED, S.IN_PREPARATION, S.TO_BOARD, S.TABLED)
AT_BOARD = (S.TO_BOARD, S.TABLED)
DECIDED = (S.GRANTED, S.PARTLY_GRANTED, S.REJECTED, S.IN_PREPARATION, S.TABLED)
EFFORT = (S.AGREED, S.RUNNING)

TRANSITIONS: tuple[Transition, ...] = (
    Transition("submit", (S.DRAFT,), S.SUBMITTED, APPLICANT, "Lämna in"),
    Transition("begin_review", (S.SUBMITTED,), S.IN_REVIEW, OFFICE, "Börja granska"),
    Transition("request_supplement", (S.IN_REVIEW,), S.RETURNED, OFFICE, "Begär komplettering"),
    Transition("supplement", (S.RETURNED,), S.IN_REVIEW, APPLICANT, "Lämna komplettering"),
    Transition("resume_review", (S.RETURNED,), S.IN_REVIEW, OFFICE, "Granska utan komplettering"),
    Transition("prepare", (S.IN_REVIEW,), S.IN_PREPARATION, OFFICE, "Till beredning"),
    Transition("send_to_board", (S.IN_PREPARATION,), S.TO_BOARD, (R.DIRECTOR,), "Till styrelsen"),
    Transition("grant", AT_BOARD, S.GRANTED, DECIDING, "Bifall"),
    Transition("grant_partly", AT_BOARD, S.PARTLY_GRANTED, DECIDING, "Delvis bifall"),
    Transition("reject", AT_BOARD, S.REJECTED, DECIDING, "Avslag"),
    Transition("refer_back", AT_BOARD, S.IN_PREPARATION, DECIDING, "Återremiss"),
    Transition("table", AT_BOARD, S.TABLED, DECIDING, "Bordläggning"),
    Transition("retract_decision", DECIDED, S.TO_BOARD, OFFICE, "Rätta antecknat beslut"),
    Transition("agree", (S.GRANTED, S.PARTLY_GRANTED), S.AGREED, AGREEING, "Avtal tecknat"),
    Transition("start", (S.AGREED,), S.RUNNING, OFFICE, "Insatsen startar"),
    Transition("close", (S.RUNNING,), S.CLOSED, OFFICE, "Avsluta"),
    Transition("withdraw", BEFORE_DECISION, S.WITHDRAWN, APPLICANT, "Återkalla"),
    Transition("dismiss", BEFORE_DECISION, S.DISMISSED, OFFICE, "Avskriv"),
    Transition("terminate", EFFORT, S.TERMINATED, DECIDING, "Avsluta i förtid"),
    Transition("resume_agreed", (S.TERMINATED,), S.AGREED, OFFICE, "Rätta antecknat avslut"),
    Transition("resume_running", (S.TERMINATED,), S.RUNNING, OFFICE, "Rätta antecknat avslut"),
)
BY_ACTION: dict[str, Transition] = {transition.action: transition for transition in TRANSITIONS}


def possible_actions(state: str) -> list[Transition]:
    """The transitions that leave a state."""
    return [transition for transition in TRANSITIONS if state in transition.sources]


def require_possible(application: Application, action: str) -> None:
    """Raises NotPossible when the application's state does not let the action be taken now."""
    _check_state(application, BY_ACTION[action])


def apply_transition(
    application: Application,
    action: str,
    *,
    actor: User,
    payload: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Application:
    """Lock the application, check state and role, write the new state and the event.

    `changes` are further fields to write in the same update (for example submitted_at).
    Whose application it is, and the guard of the act itself, is checked by the capability
    that calls. Raises NotPossible in a wrong state and NotAllowed without the role.
    """
    transition = BY_ACTION[action]
    with transaction.atomic():
        locked = Application.objects.select_for_update().get(pk=application.pk)
        _check_state(locked, transition)
        _check_role(locked, transition, actor)
        before = locked.state
        locked.state = transition.target
        locked.revision += 1
        locked.updated_at = clock.now()
        for field, value in changes.items():
            setattr(locked, field, value)
        locked.save(update_fields=["state", "revision", "updated_at", *changes])
        record_event(
            association=locked.association,
            actor=actor,
            action=f"application_{action}",
            obj=locked,
            case=locked.case,
            payload={"from": before, "to": transition.target, **(payload or {})},
        )
    return locked


def _check_state(application: Application, transition: Transition) -> None:
    if application.state not in transition.sources:
        raise NotPossible(
            "wrong_state",
            f"”{transition.label}” går inte nu: ansökan ”{application.title}” har läget "
            f"”{application.get_state_display()}”. Läs om sidan för att se vad som gäller.",
        )


def _check_role(application: Application, transition: Transition, actor: User) -> None:
    if not visitor_for(application.association, actor).has(*transition.roles):
        names = ", ".join(kind.label.lower() for kind in transition.roles)
        raise NotAllowed(
            "role_missing",
            f"”{transition.label}” får göras av: {names}. Be den som har rollen, "
            "eller be administratören om rollen.",
        )
