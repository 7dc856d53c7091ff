"""The decision letter about a granted effort: what was decided, what remains, by when."""

from __future__ import annotations

from typing import Any

from applications.models import ChangeRequest
from boards.models import AgendaItem, Outcome
from finsam.typography import date_long, kronor

KEPT: dict[str, str] = {
    Outcome.REJECTED: "Insatsen och avtalet fortsätter som förut.",
    Outcome.REFERRED_BACK: "Insatsen fortsätter som förut. Kansliet hör av sig om det som ska "
    "beredas vidare.",
    Outcome.TABLED: "Insatsen fortsätter som förut. Ärendet tas upp på ett kommande möte.",
}


def effort_letter(item: AgendaItem, body: str) -> dict[str, Any]:
    """The letter's own parts: heading, first words, facts after who decided, what happens next."""
    application, termination = item.treated_application, item.termination
    outcome = item.decision.get_outcome_display().lower()
    if item.change is not None:
        return _change_letter(item.change, item, body)
    heading = f"Beslut om förtida avslut av {application.title}"
    ingress = (
        f"{body} har behandlat frågan om att avsluta insatsen i förtid. Utfallet är {outcome}."
    )
    facts = [("Insats", f"{application.title}, {application.registered_case.number}")]
    if termination is None or item.decision.outcome != Outcome.TERMINATED:
        next_steps = KEPT.get(item.decision.outcome, KEPT[Outcome.TABLED])
        return {
            "heading": heading, "ingress": ingress, "facts": facts, "next_steps": next_steps
        }  # fmt: skip
    grant = application.grant
    money = (
        [
            ("Beviljat belopp", kronor(grant.amount)),
            ("Utbetalt", kronor(grant.paid)),
            ("Återstår", kronor(grant.unpaid)),
        ]
        if grant
        else []
    )
    facts += [
        ("Grund", termination.get_ground_display()),
        ("Upphör från och med", date_long(termination.stops_on)),
        ("Slutrekvisition senast", date_long(termination.claims_until)),
        *money,
    ]
    return {
        "heading": heading,
        "ingress": ingress,
        "facts": facts,
        "next_steps": f"Rekvirera kostnader till och med {date_long(termination.last_day)} i "
        f"portalen, och lämna slutrekvisitionen senast {date_long(termination.claims_until)}. Det "
        "som inte har rekvirerats då återförs till förbundet. Slutrapporten lämnas som avtalat, "
        f"räknat från insatsens nya sista dag. Skälen: {termination.reason}",
    }


def _change_letter(change: ChangeRequest, item: AgendaItem, body: str) -> dict[str, Any]:
    approved = item.decision.outcome == Outcome.APPROVED
    application = item.treated_application
    return {
        "heading": f"Beslut om ändring av {application.title}",
        "ingress": f"{body} har behandlat er {str(change)[:1].lower()}{str(change)[1:]}. Utfallet "
        f"är {item.decision.get_outcome_display().lower()}.",
        "facts": [("Insats", f"{application.title}, {application.registered_case.number}")],
        "next_steps": "Ändringen gäller från det att protokollet justerades. Kansliet tar fram ett "
        "tillägg till avtalet, som parterna skriver under."
        if approved
        else KEPT.get(item.decision.outcome, KEPT[Outcome.TABLED]),
    }
