"""What the board decides on a granted effort: outcomes, wording, and what they lead to."""

from __future__ import annotations

from collections.abc import Mapping

from applications.models import Termination, TerminationGround
from applications.terminating import end_effort, keep_effort, undo_decision
from boards.errors import MeetingRefusal
from boards.models import AgendaItem, Outcome
from finsam.people.models import User
from finsam.typography import date_long

ON_TERMINATIONS = (
    Outcome.TERMINATED,
    Outcome.REJECTED,
    Outcome.REFERRED_BACK,
    Outcome.TABLED,
)
GROUNDS: Mapping[str, str] = {
    TerminationGround.CONTRIBUTIONS: "ändrade medlemsbidrag",
    TerminationGround.BREACH: "att avtalet inte följs",
    TerminationGround.PARTIES_WISH: "parternas önskan",
    TerminationGround.OTHER: "de skäl som framgår av underlaget",
}


def effort_clauses(item: AgendaItem, outcome: Outcome | str, reason: str = "") -> list[str]:
    """The att-clauses of a decision on the item's effort, without their “att” and full stop."""
    termination, said = item.termination, reason.strip().rstrip(".")
    if termination is None:
        return []
    if outcome == Outcome.TERMINATED:
        return termination_clauses(termination)
    if outcome == Outcome.REJECTED:
        return [f"avslå förslaget med hänvisning till {said or 'vad som framkom på mötet'}"]
    if outcome == Outcome.REFERRED_BACK:
        return [f"återremittera ärendet till kansliet för {said or 'fortsatt beredning'}"]
    return ["bordlägga ärendet"] if outcome == Outcome.TABLED else []


def termination_clauses(termination: Termination) -> list[str]:
    """What the board is asked to decide, and decides, when an effort is ended early."""
    application = termination.application
    frame = application.grant.frame if application.grant else None
    where = "förbundets eget kapital" if frame is None or frame.closed_at else frame.name
    costs = (
        f"kostnader till och med {date_long(termination.last_day)} får rekvireras till och med "
        f"{date_long(termination.claims_until)}"
    )
    end = (
        f"i förtid avsluta finansieringen av {application.title} från och med "
        f"{date_long(termination.stops_on)} på grund av {GROUNDS[termination.ground]}"
    )
    unused = f"ej nyttjade medel återförs till {where}"
    return [end, costs, unused, "uppdra åt kansliet att underrätta parterna"]


def require_effort_outcome(item: AgendaItem, outcome: Outcome) -> None:
    """Raises MeetingRefusal unless the outcome is one of those that the item can have."""
    if outcome not in ON_TERMINATIONS:
        raise MeetingRefusal(
            "wrong_outcome",
            "Välj förtida avslut, avslag, återremiss eller bordläggning.",
            "outcome",
        )


def take_effect(item: AgendaItem, outcome: Outcome, actor: User) -> None:
    """Do what the recorded decision says, in its transaction; put off, nothing changes."""
    if item.termination is None:
        return
    if outcome == Outcome.TERMINATED:
        end_effort(termination=item.termination, actor=actor, item=item.pk)
    elif outcome == Outcome.REJECTED:
        keep_effort(termination=item.termination, actor=actor)


def take_back_effect(item: AgendaItem, outcome: str, actor: User) -> None:
    """Undo what a wrongly recorded decision led to, before the meeting ends."""
    if item.termination is not None and outcome in (Outcome.TERMINATED, Outcome.REJECTED):
        undo_decision(termination=item.termination, actor=actor, item=item.pk)
