"""Open votes by name: counted, complete, and won by the decision that is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from boards.errors import MeetingRefusal
from boards.models import Seat, VoteChoice
from boards.quorum import Presence


@dataclass(frozen=True)
class Count:
    """The result of an open vote by name."""

    yes: int
    no: int
    abstain: int
    chair: VoteChoice | None

    @property
    def is_tie(self) -> bool:
        return self.yes == self.no

    @property
    def passed(self) -> bool:
        """Simple majority; the chair's own vote settles a tie (KL 4:25, 6:33)."""
        return self.chair == VoteChoice.YES if self.is_tie else self.yes > self.no


def count_votes(votes: Mapping[int, VoteChoice], chair_id: int | None) -> Count:
    """Count votes keyed by the voter's seat."""
    choices = list(votes.values())
    return Count(
        choices.count(VoteChoice.YES),
        choices.count(VoteChoice.NO),
        choices.count(VoteChoice.ABSTAIN),
        votes.get(chair_id) if chair_id is not None else None,
    )


def require_all_voted(votes: Mapping[int, VoteChoice], present: Presence) -> None:
    """Raises MeetingRefusal when not exactly those who serve have a vote each (KL 5:53–56)."""
    serving = {one.seat.pk for one in present.serving}
    if not set(votes) <= serving:
        raise MeetingRefusal("voter_not_serving", "Bara de som tjänstgör i ärendet får rösta.")
    if set(votes) != serving:
        names = ", ".join(one.seat.user.name for one in present.serving if one.seat.pk not in votes)
        raise MeetingRefusal(
            "votes_missing", f"Anteckna ja, nej eller avstår för alla. Det saknas för: {names}."
        )


def require_won(count: Count, leader: Seat | None) -> None:
    """Raises MeetingRefusal unless the decision that is recorded won (KL 4:25, 6:33)."""
    name = leader.user.name if leader else "ordföranden"
    if count.is_tie and count.chair not in (VoteChoice.YES, VoteChoice.NO):
        raise MeetingRefusal(
            "tie_unsettled",
            f"Det är lika många ja som nej, {count.yes} mot {count.no}. Den som leder ärendet "
            f"({name}) avgör med sin röst: anteckna ja eller nej.",
        )
    if not count.passed:
        won = (
            f"Lika röstetal, {count.yes} mot {count.no}, och {name} röstade nej"
            if count.is_tie
            else f"Nej-sidan vann med {count.no} mot {count.yes}"
        )
        raise MeetingRefusal(
            "vote_lost",
            f"{won}. Registrera i stället det beslut som vann, med rösterna ställda mot det.",
        )
