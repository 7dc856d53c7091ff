"""The targets that a report answers with outcomes: the association's, and the application's own."""

from __future__ import annotations

from dataclasses import dataclass

from applications.freezing import latest_received
from applications.models import Application, QuestionType


@dataclass(frozen=True)
class Measure:
    """An indicator with its target in words ("90 procent")."""

    key: str
    text: str
    indicator: str
    target: str
    is_percent: bool = False


def measures_of(application: Application) -> list[Measure]:
    """What is measured: goals of the programme, then those that the application set itself."""
    goals = application.round.setting("goals", default=[])
    found = {
        goal["key"]: Measure(
            goal["key"],
            goal["text"],
            goal["indicator"],
            f"{goal['target']} {goal['unit']}",
            goal["unit"] == "procent",
        )
        for goal in goals
        if goal["measured_in_reports"]
    }
    for at, row in enumerate(_own_goals(application), start=1):
        found[f"own-{at}"] = Measure(f"own-{at}", row["text"], row["indicator"], row["target"])
    return list(found.values())


def _own_goals(application: Application) -> list[dict[str, str]]:
    """The goals that the parties set in the application, beside the association's."""
    version = latest_received(application)
    return [
        row
        for section in (version.content["sections"] if version else ())
        for question in section["questions"]
        if question["type"] == QuestionType.GOALS
        for row in question["value"] or ()
        if not row["goal"] and row["text"]
    ]
