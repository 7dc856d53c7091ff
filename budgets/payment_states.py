"""The life of a payment request as data: one table, and one function that applies it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from budgets.models import PaymentRequest
from budgets.models import PaymentState as S
from budgets.models.payments import MEMBER_ROLES
from finsam.errors import NotAllowed, NotPossible
from finsam.people.access import OFFICE, Visitor, visitor_for
from finsam.people.models import RoleKind as R
from finsam.people.models import User
from finsam.registry.events import record_event


@dataclass(frozen=True)
class Step:
    """From which states, by which action, to which state, and who may do it.

    The roles of a member (applicant, signatory) must be held for the member that claims.
    """

    action: str
    sources: tuple[S, ...]
    target: S
    roles: tuple[R, ...]
    label: str


STEPS: tuple[Step, ...] = (
    Step("send", (S.DRAFT, S.RETURNED), S.READY, MEMBER_ROLES, "Begär attest"),
    Step("take_back", (S.READY,), S.DRAFT, MEMBER_ROLES, "Ändra igen"),
    Step("attest", (S.READY,), S.SUBMITTED, (R.SIGNATORY,), "Attestera och skicka"),
    Step("withdraw", (S.DRAFT, S.READY, S.RETURNED), S.WITHDRAWN, MEMBER_ROLES, "Ta bort"),
    Step("return", (S.SUBMITTED, S.CHECKED), S.RETURNED, OFFICE, "Skicka åter"),
    Step("check", (S.SUBMITTED,), S.CHECKED, OFFICE, "Kontrollera"),
    Step("approve", (S.CHECKED,), S.APPROVED, OFFICE, "Godkänn"),
    Step("stop", (S.APPROVED,), S.RETURNED, OFFICE, "Stoppa utbetalningen"),
    Step("pay", (S.APPROVED,), S.PAID, OFFICE, "Utbetald"),
)
# Nobody but the member sees in the list of events what happens on its own desk.
PRIVATE = frozenset({"send", "take_back", "withdraw"})
BY_ACTION: dict[str, Step] = {step.action: step for step in STEPS}


def locked(request: PaymentRequest) -> PaymentRequest:
    """The row, locked until the transaction ends, with what belongs to it as it is then.

    Locked first and read after: beside a row that was waited for, PostgreSQL gives what its
    joins found before the wait.
    """
    PaymentRequest.objects.select_for_update().values_list("pk").get(pk=request.pk)
    found: PaymentRequest = PaymentRequest.objects.select_related(
        "association",
        "member",
        "grant__account",
        "grant__paid_account",
        "grant__frame",
        "case",
        "extract__file",
    ).get(pk=request.pk)
    return found


def may(request: PaymentRequest, action: str, visitor: Visitor) -> bool:
    """Whether the visitor may do the action, whatever state the request is in."""
    roles = BY_ACTION[action].roles
    if set(roles) <= set(MEMBER_ROLES):
        return request.member_id in visitor.member_ids(*roles)
    return visitor.has(*roles)


def apply_step(
    request: PaymentRequest,
    action: str,
    *,
    actor: User,
    payload: Mapping[str, Any] | None = None,
    **changes: Any,
) -> PaymentRequest:
    """Take a locked request to its next state and write `payment_<action>`.

    `changes` are further fields of the same update. Raises NotPossible in a wrong state,
    NotAllowed without the role.
    """
    step = BY_ACTION[action]
    check_may(request, action, actor)
    if request.state not in step.sources:
        raise NotPossible(
            "wrong_state",
            f"”{step.label}” går inte nu: {request.title.lower()} har läget "
            f"”{request.get_state_display()}”. Läs om sidan för att se vad som gäller.",
        )
    with transaction.atomic():
        before = request.state
        request.state = step.target
        request.revision += 1
        for name, value in changes.items():
            setattr(request, name, value)
        request.save(update_fields=["state", "revision", *changes])
        record_event(
            association=request.association,
            actor=actor,
            action=f"payment_{action}",
            obj=request,
            case=None if action in PRIVATE else request.case,
            payload={
                "number": request.number,
                "from": before,
                "to": step.target,
                "amount": request.amount,
                **(payload or {}),
            },
        )
    return request


def check_may(request: PaymentRequest, action: str, actor: User) -> None:
    """Raises NotAllowed, naming the role, unless the person may do the action."""
    if may(request, action, visitor_for(request.association, actor)):
        return
    step = BY_ACTION[action]
    names = ", ".join(kind.label.lower() for kind in step.roles)
    whose = f" för {request.member.name}" if set(step.roles) <= set(MEMBER_ROLES) else ""
    raise NotAllowed(
        "role_missing", f"”{step.label}” får göras av: {names}{whose}. Be den som har rollen."
    )
