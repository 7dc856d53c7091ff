"""The guard's answer: what the file is, whether it is taken, and the sentence for the sender."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from finsam.documents.guard import sentences
from finsam.documents.guard.kinds import KINDS, UNKNOWN_MEDIA_TYPE, Kind
from finsam.documents.guard.purposes import Purpose


class Decision(StrEnum):
    ACCEPT = "accept"
    ACCEPT_WARN = "accept_warn"
    ACCEPT_DATA = "accept_data"
    REJECT = "reject"


@dataclass(frozen=True)
class Remark:
    """Something in an accepted file that the sender and the office should know of."""

    code: str
    message: str


@dataclass(frozen=True)
class Verdict:
    """What the guard says of one file.

    `reason` is the code of the refusal or of the first warning, empty when there is none.
    `care` names what later steps must treat as plain data: text like formulas, markup, and so on.
    """

    kind: str
    verdict: Decision
    reason: str = ""
    message: str = ""
    warnings: tuple[Remark, ...] = ()
    care: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        return self.verdict != Decision.REJECT

    @property
    def media_type(self) -> str:
        """The type the file is stored and served as: ours, never the sender's."""
        known = KINDS.get(self.kind) if self.accepted else None
        return known.media_type if known else UNKNOWN_MEDIA_TYPE


def refusal(reason: str, *, purpose: Purpose, kind: Kind | None = None) -> Verdict:
    """A verdict that turns the file away, with the sentence that says what to do."""
    return Verdict(
        kind=kind.name if kind else "",
        verdict=Decision.REJECT,
        reason=reason,
        message=sentences.refusal(
            reason,
            kind=kind.in_words if kind else purpose.in_words,
            allowed=purpose.in_words,
            megabytes=purpose.megabytes,
        ),
    )


def acceptance(kind: Kind, *, warnings: Iterable[str] = (), care: Iterable[str] = ()) -> Verdict:
    """A verdict that takes the file in, with what is to be noted of it."""
    noted = tuple(Remark(code, sentences.WARNINGS[code]) for code in warnings)
    careful = tuple(care)
    if noted:
        decision = Decision.ACCEPT_WARN
    else:
        decision = Decision.ACCEPT_DATA if careful else Decision.ACCEPT
    return Verdict(
        kind=kind.name,
        verdict=decision,
        reason=noted[0].code if noted else "",
        message=noted[0].message if noted else "",
        warnings=noted,
        care=careful,
    )
