"""The wordings of decisions: att-clauses by outcome, as the programme's definition writes them."""

from __future__ import annotations

from collections.abc import Sequence

from applications.models import Application
from applications.report_plan import effort_period
from boards.models import Motion, Outcome, Seat
from budgets.models import Frame
from finsam.typography import NBSP, date_long, enumerate_words, kronor, number

USUAL: dict[str, tuple[str, ...]] = {
    Outcome.GRANTED: (
        "att bevilja {lead_party} {amount} kronor för {effort} under perioden {period}",
        "att finansieringen sker inom {frame}",
        "att uppdra åt kansliet att teckna överenskommelse",
    ),
    Outcome.PARTLY_GRANTED: (
        "att delvis bifalla ansökan och bevilja {lead_party} {amount} kronor för {effort}",
        "att medlen avser perioden {period}",
        "att finansieringen sker inom {frame}",
        "att uppdra åt kansliet att teckna överenskommelse",
    ),
    Outcome.REJECTED: ("att avslå ansökan med hänvisning till {reason}",),
    Outcome.REFERRED_BACK: ("att återremittera ärendet till kansliet för {reason}",),
    Outcome.TABLED: ("att bordlägga ärendet",),
}
UNSAID = {Outcome.REJECTED: "beslutsunderlaget", Outcome.REFERRED_BACK: "fortsatt beredning"}


def decision_clauses(
    *,
    application: Application,
    outcome: Outcome | str,
    amount: int | None,
    frame: Frame | None,
    reason: str = "",
    lead_party: str = "",
) -> list[str]:
    """The att-clauses, each without its “att” and without a full stop; `amount` in kronor.

    `lead_party` is the name of the leading party, from one who has read it already.
    """
    written = application.round.setting("documents", str(outcome), default=())
    clauses = written or USUAL[Outcome(outcome)]
    facts = {
        "lead_party": lead_party or application.parties.get(is_lead=True).name,
        "amount": number(amount or 0),
        "effort": application.title,
        "period": _period(application) if any("{period}" in one for one in clauses) else "",
        "frame": frame.name.lower()[:1] + frame.name[1:] if frame else "beslutad ram",
        "sources": _sources(frame) if any("{sources}" in one for one in clauses) else "",
        "reason": reason.strip().rstrip(".") or UNSAID.get(Outcome(outcome), ""),
    }
    return [_filled(clause, facts) for clause in clauses]


def _filled(clause: str, facts: dict[str, str]) -> str:
    text = clause.removeprefix("att ").strip().rstrip(".")
    for name, value in facts.items():
        text = text.replace(f"{{{name}}}", value)
    return text.replace(" kronor", f"{NBSP}kronor")


def _period(application: Application) -> str:
    period = effort_period(application)
    if period is None:
        return "enligt ansökan"
    return f"{date_long(period[0])}–{date_long(period[1])}"


def _sources(frame: Frame | None) -> str:
    """What the frame was drawn from, with its sums."""
    if frame is None:
        return "enligt budget"
    parts = [
        f"{kronor(source.amount)} ur {source.account.name.lower()}"
        for source in frame.sources.select_related("account")
    ]
    return enumerate_words(parts)


def propositions(motions: Sequence[Motion], chosen: Motion, leader: Seat | None) -> str:
    """The order of propositions in words, to change as it went (KL 5:66)."""
    who = leader.user.name if leader else "Ordföranden"
    against = [_put(one) for one in motions if one.pk != chosen.pk]
    if not against:
        return f"{who} ställer proposition på {_put(chosen)} och finner bifall."
    named = enumerate_words([_put(chosen), *against])
    return f"{who} ställer proposition på {named}, och finner bifall till {_put(chosen)}."


def _put(motion: Motion) -> str:
    amount = f" med {kronor(motion.amount)}" if motion.amount else ""
    kind = Outcome(motion.outcome).label.lower()
    return f"yrkandet från {motion.seat.user.name} om {kind}{amount}"
