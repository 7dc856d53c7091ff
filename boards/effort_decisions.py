"""What the board decides on a granted effort: outcomes, wording, and what they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from applications.models import (
    ChangeKind,
    ChangeRequest,
    ChangeState,
    Termination,
    TerminationGround,
)
from applications.terminating import end_effort, keep_effort, undo_decision
from boards.errors import MeetingRefusal
from boards.models import AgendaItem, Outcome
from budgets.wording import frame_in_words
from finsam.people.models import User
from finsam.typography import date_long, kronor

ON_TERMINATIONS = (
    Outcome.TERMINATED,
    Outcome.REJECTED,
    Outcome.REFERRED_BACK,
    Outcome.TABLED,
)
ON_CHANGES = (Outcome.APPROVED, Outcome.REJECTED, Outcome.REFERRED_BACK, Outcome.TABLED)
GROUNDS: Mapping[str, str] = {
    TerminationGround.CONTRIBUTIONS: "ändrade medlemsbidrag",
    TerminationGround.BREACH: "att avtalet inte följs",
    TerminationGround.PARTIES_WISH: "parternas önskan",
    TerminationGround.OTHER: "de skäl som framgår av underlaget",
}


def outcomes_of(item: AgendaItem) -> tuple[Outcome, ...]:
    """What can be decided on the item's effort; the first is what the office proposes."""
    return ON_TERMINATIONS if item.termination is not None else ON_CHANGES


def effort_clauses(item: AgendaItem, outcome: Outcome | str, reason: str = "") -> list[str]:
    """The att-clauses of a decision on the item's effort, without their “att” and full stop."""
    said = reason.strip().rstrip(".")
    if item.termination is not None and outcome == Outcome.TERMINATED:
        return termination_clauses(item.termination)
    if item.change is not None and outcome == Outcome.APPROVED:
        return change_clauses(item.change)
    if outcome == Outcome.REJECTED:
        what = "förslaget" if item.termination is not None else "begäran"
        return [f"avslå {what} med hänvisning till {said or 'vad som framkom på mötet'}"]
    if outcome == Outcome.REFERRED_BACK:
        return [f"återremittera ärendet till kansliet för {said or 'fortsatt beredning'}"]
    return ["bordlägga ärendet"] if outcome == Outcome.TABLED else []


def change_clauses(change: ChangeRequest) -> list[str]:
    """What the board is asked to approve, and approves, of a change that the parties ask for."""
    title, wanted = change.application.title, change.wanted
    if change.kind == ChangeKind.TIME:
        new, was = (date_long(date.fromisoformat(wanted[key])) for key in ("ends_on", "was"))
        found = [f"godkänna att {title} pågår till och med {new} i stället för {was}"]
    elif change.kind == ChangeKind.PARTIES:
        found = []
        if wanted["joins"]:
            found.append(f"godkänna att {wanted['joins']['name']} går in som part i {title}")
        if wanted["leaves"]:
            found.append(f"godkänna att {wanted['leaves']['name']} lämnar {title}")
    elif change.kind == ChangeKind.SUMS:
        found = [f"godkänna ändrade budgetposter för {title} enligt begäran"]
        if wanted["total"] < wanted["before"]:
            lower = f"från {kronor(wanted['before'])} till {kronor(wanted['total'])}"
            found.append(f"sänka bidraget {lower}, och att det som inte är utbetalt återförs")
    else:
        found = [f"godkänna ändrade mål för {title} enligt begäran"]
    return [*found, "uppdra åt kansliet att ta fram ett tillägg till avtalet"]


def wanted_in_words(change: ChangeRequest) -> list[str]:
    """What is asked for, a line for each thing."""
    wanted = change.wanted
    if change.kind == ChangeKind.TIME:
        new, was = (date_long(date.fromisoformat(wanted[key])) for key in ("ends_on", "was"))
        return [f"Insatsens sista dag {new} i stället för {was}"]
    if change.kind == ChangeKind.PARTIES:
        found = [f"{wanted['joins']['name']} går in som part"] if wanted["joins"] else []
        return found + ([f"{wanted['leaves']['name']} lämnar"] if wanted["leaves"] else [])
    if change.kind == ChangeKind.GOALS:
        return [f"Målen: {wanted['text']}"]
    moved = [
        f"{row['label']}: {kronor(row['before'])} blir {kronor(row['amount'])}"
        for row in wanted["rows"]
        if row["before"] != row["amount"]
    ]
    if wanted["total"] < wanted["before"]:
        moved.append(f"Bidraget: {kronor(wanted['before'])} blir {kronor(wanted['total'])}")
    return moved


def termination_clauses(termination: Termination) -> list[str]:
    """What the board is asked to decide, and decides, when an effort is ended early."""
    application = termination.application
    frame = application.grant.frame if application.grant else None
    where = (
        "förbundets eget kapital"
        if frame is None or frame.closed_at
        else frame_in_words(frame.name)
    )
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
    possible = outcomes_of(item)
    if outcome not in possible:
        named = ", ".join(one.label.lower() for one in possible)
        raise MeetingRefusal("wrong_outcome", f"Välj ett av: {named}.", "outcome")
    withdrawn = item.change is not None and item.change.state == ChangeState.WITHDRAWN
    if withdrawn and outcome == Outcome.APPROVED:
        raise MeetingRefusal(
            "withdrawn", "Parterna har återkallat begäran. Avslå eller bordlägg ärendet."
        )


def take_effect(item: AgendaItem, outcome: Outcome, actor: User) -> None:
    """Do what the recorded decision says, in its transaction; put off, nothing changes.

    A change that is asked for is carried out when the minutes are attested.
    """
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
