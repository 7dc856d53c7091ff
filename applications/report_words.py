"""How a report's counts and outcomes are told; a small count of persons is hidden from most."""

from __future__ import annotations

from applications.report_measures import Measure

PEOPLE = {"women": "Kvinnor", "men": "Män", "other": "Annat eller vill inte uppge"}
FEWEST_SHOWN = 5


def count_shown(count: int | None, *, exact: bool) -> str:
    """A count of persons; `exact` for those who write or judge the report."""
    if count is None:
        return "–"
    return str(count) if exact or not 0 < count < FEWEST_SHOWN else f"färre än {FEWEST_SHOWN}"


def outcome_shown(measure: Measure, outcome: int | None) -> str:
    if outcome is None:
        return "–"
    return f"{outcome} procent" if measure.is_percent else str(outcome)
