"""What is missing before a round can be opened: one list, the same before every round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from applications.models import Round, TemplateState
from finsam import clock
from finsam.typography import date_long


@dataclass(frozen=True)
class Ready:
    """One thing that has to be in place, whether it is, and what to do when it is not."""

    text: str
    is_done: bool
    todo: str = ""


def readiness_of(round_: Round) -> list[Ready]:
    """Everything to have in place for a round, in the order in which it is seen to."""
    opens = date_long(clock.stockholm(round_.opens_at))
    entry: dict[str, Any] = next(
        (one for one in round_.definition.get("rounds", ()) if one.get("slug") == round_.slug), {}
    )
    template = round_.template
    invitations = len(round_.invitations.all())
    milestones = list(round_.milestones.all())
    found = [
        Ready(
            "Mallen är fastställd",
            template is not None and template.state == TemplateState.FINAL,
            f"Fastställ mallen innan omgången öppnar {opens}.",
        ),
        Ready(
            "Ramen är satt",
            round_.frame_id is not None or not entry.get("frame"),
            "Fördela årets pengar; då sätts ramen. Den kan också sättas härifrån.",
        ),
        Ready(
            "Hållpunkter finns",
            bool(milestones) or round_.closes_at is None,
            "Lägg in omgångens dagar, minst sista dagen.",
        ),
        Ready(
            "Sista dagen ligger efter öppningen",
            round_.closes_at is None or round_.closes_at > round_.opens_at,
            "Rätta sista dagen.",
        ),
        Ready("Tiden för insatsen är satt", bool(round_.years), "Skriv vilka år som kan sökas."),
    ]
    if round_.invited_only:
        found.append(Ready("Någon är inbjuden", invitations > 0, "Bjud in dem som får söka."))
    return found
