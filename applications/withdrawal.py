"""Withdrawing an application before it has been decided."""

from __future__ import annotations

from django.db import transaction

from applications.models import Application, ApplicationState
from applications.parties import check_speaks_for
from applications.sending import tell_office, tell_people
from applications.transitions import apply_transition
from finsam.people.models import User
from finsam.registry.models import Direction
from finsam.registry.register import register_record


def withdraw_application(*, application: Application, reason: str, actor: User) -> Application:
    """Withdraw a received application; it stays on record. Registers the withdrawal.

    Only who speaks for the lead party may. Withdrawn twice, it happens once. Raises NotAllowed,
    NotPossible after the decision.
    """
    with transaction.atomic():
        locked: Application = (
            Application.objects.select_for_update(of=("self",))
            .select_related("association", "case")
            .get(pk=application.pk)
        )
        lead = locked.parties.select_related("application__association").get(is_lead=True)
        check_speaks_for(lead, actor, "återkalla ansökan")
        if locked.state == ApplicationState.WITHDRAWN:
            return locked
        text = " ".join(reason.split())[:1000]
        withdrawn = apply_transition(locked, "withdraw", actor=actor, payload={"reason": text})
        case = withdrawn.registered_case
        register_record(
            case=case,
            direction=Direction.IN,
            subject=f"Återkallelse av ansökan: {withdrawn.title}"[:250],
            correspondent=lead.name,
            actor=actor,
        )
        context = {"number": case.number, "who": actor.get_full_name(), "reason": text}
        subject = f"Återkallad {case.number}: {withdrawn.title}"
        template = "mail/application_withdrawn.txt"
        key = f"withdrawn:{withdrawn.pk}"
        tell_people(
            withdrawn,
            event_key=key,
            subject=subject,
            template=template,
            context=context,
            also=actor,
        )
        tell_office(
            withdrawn,
            event_key=f"{key}:office",
            subject=subject,
            template=template,
            context=context,
        )
    return withdrawn
