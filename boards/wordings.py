"""The wordings of decisions: att-clauses by outcome, as the minutes, memos and letters say them."""

from __future__ import annotations

from applications.models import Application
from boards.models import Outcome
from budgets.models import Frame
from finsam.typography import NBSP, date_long, number


def decision_clauses(
    *,
    application: Application,
    outcome: Outcome | str,
    amount: int | None,
    frame: Frame | None,
    reason: str = "",
) -> list[str]:
    """The att-clauses, each without its “att” and without a full stop."""
    why = reason.strip().rstrip(".")
    if outcome in (Outcome.GRANTED, Outcome.PARTLY_GRANTED):
        lead = application.parties.get(is_lead=True)
        granted = f"bevilja {lead.name} {number(amount or 0)}{NBSP}kronor för insatsen {application.title}"
        clauses = [granted + _period(application)]
        if frame is not None:
            clauses.append(f"finansieringen sker inom ramen {frame.name}")
        title = application.association.director_title
        clauses.append(f"uppdra åt {title}en att teckna överenskommelse")
        return clauses
    if outcome == Outcome.REJECTED:
        return [f"avslå ansökan med hänvisning till {why or 'beslutsunderlaget'}"]
    if outcome == Outcome.REFERRED_BACK:
        return [
            f"återremittera ärendet till {application.association.office_name} för {why or 'fortsatt beredning'}"
        ]
    return ["bordlägga ärendet till nästa sammanträde"]


def _period(application: Application) -> str:
    first, last = application.round.period_from, application.round.period_to
    if first is None or last is None:
        return ""
    return f" under perioden {date_long(first)}–{date_long(last)}"
