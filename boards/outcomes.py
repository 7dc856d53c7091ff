"""What an item may end in: which outcomes, for which sum, from which source of funds."""

from __future__ import annotations

from collections.abc import Sequence

from boards.errors import MeetingRefusal
from boards.models import Outcome
from budgets.models import Frame

TRANSITION_OF: dict[str, str] = {
    Outcome.GRANTED: "grant",
    Outcome.PARTLY_GRANTED: "grant_partly",
    Outcome.REJECTED: "reject",
    Outcome.REFERRED_BACK: "refer_back",
    Outcome.TABLED: "table",
}
GRANTS = (Outcome.GRANTED, Outcome.PARTLY_GRANTED)
FREE_OUTCOMES = (
    Outcome.APPROVED,
    Outcome.REJECTED,
    Outcome.REFERRED_BACK,
    Outcome.TABLED,
    Outcome.NOTED,
)
FREE_CLAUSES: dict[str, str] = {
    Outcome.REJECTED: "avslå förslaget",
    Outcome.REFERRED_BACK: "återremittera ärendet till kansliet för fortsatt beredning",
    Outcome.TABLED: "bordlägga ärendet",
    Outcome.NOTED: "notera informationen",
}


def free_clauses(outcome: Outcome, reason: str) -> list[str]:
    """The att-clauses of an item without application: those written, one a line, or the usual."""
    usual = FREE_CLAUSES.get(outcome)
    lines = [line.strip().removeprefix("att ").rstrip(".,") for line in reason.splitlines()]
    return [line for line in lines if line] or ([usual] if usual else [])


def require_free_outcome(outcome: Outcome, clauses: Sequence[str]) -> None:
    """Raises MeetingRefusal when an item without application cannot end so."""
    if outcome not in FREE_OUTCOMES:
        raise MeetingRefusal("wrong_outcome", "Välj ett utfall som passar ärendet.", "outcome")
    if not clauses:
        raise MeetingRefusal("clauses_missing", "Skriv vad som beslutades.", "reason")


def require_outcome_on_application(outcome: Outcome) -> None:
    """Raises MeetingRefusal when the outcome leads an application nowhere."""
    if outcome not in TRANSITION_OF:
        raise MeetingRefusal(
            "wrong_outcome", "Välj bifall, delvis bifall, avslag, återremiss eller bordläggning."
        )


def require_source(amount: int | None, frame: Frame | None, association: int) -> None:
    """Raises MeetingRefusal when a grant has no sum, or no source of funds (KL 11:15).

    `amount` in whole kronor; the frame is one of the association with that id.
    """
    if amount is None or amount <= 0:
        raise MeetingRefusal(
            "amount_missing", "Skriv beloppet som beviljas, i hela kronor.", "amount"
        )
    if frame is None:
        raise MeetingRefusal(
            "source_missing",
            "Ange hur beslutet finansieras (11 kap. 15 § kommunallagen): välj ram.",
            "frame",
        )
    if frame.association_id != association:
        raise MeetingRefusal("wrong_frame", "Ramen hör inte till det här förbundet.", "frame")


def require_what_is_sought(outcome: Outcome, amount: int, requested: int) -> None:
    """Raises MeetingRefusal when the sum granted does not fit what is sought, in whole kronor."""
    if amount > requested:
        raise MeetingRefusal(
            "more_than_sought",
            "Beloppet är högre än det som söks. Bevilja högst det sökta beloppet.",
            "amount",
        )
    if outcome == Outcome.GRANTED and amount != requested:
        raise MeetingRefusal(
            "granted_is_whole",
            "Bifall betyder hela det sökta beloppet. Välj delvis bifall för ett lägre belopp.",
            "amount",
        )
    if outcome == Outcome.PARTLY_GRANTED and amount == requested:
        raise MeetingRefusal(
            "partly_is_less", "Beloppet är det sökta. Välj bifall i stället.", "amount"
        )
