"""The example's reports: what the parties write in them, and the office's word."""

from __future__ import annotations

import re
from typing import Any

from applications.models import Report
from applications.programme_definition.values import ReportAnswer
from applications.report_dates import DueReport
from applications.report_measures import Measure, measures_of
from applications.report_saving import mark_of, save_part
from applications.reporting import (
    accept_report,
    begin_report,
    missing_by_part,
    submit_report,
)
from boards.demo import acts
from boards.demo.acts import Cast

SAID = {
    "activities": "Enskilda samtal, gruppträffar två gånger i veckan och praktik hos elva "
    "arbetsgivare. Alla parter har varit med i planeringen varje månad.",
    "system_results": "Parterna har en gemensam väg in, och en rutin för vem som kallar till möte.",
    "shared_ideas": "Två av idéerna prövas nu i alla kommuner: det gemensamma första mötet och "
    "mentorn på arbetsplatsen.",
    "deviations": "Starten blev tre veckor sen, eftersom en av tjänsterna tillsattes i februari.",
    "lessons": "Tidiga möten med alla parter sparar tid. Praktik behöver följas upp varje vecka.",
    "implementation": "Arbetssättet går över i kommunens arbetsmarknadsenhet. Enhetschefen tar "
    "över från årsskiftet, och regionen håller kvar sin handledning.",
    "in_operation": "Den gemensamma vägen in finns kvar hos kommunen. Regionen har handledningen "
    "kvar i sin ordinarie verksamhet.",
    "not_in_operation": "Gruppträffarna på kvällstid blev inte kvar; för få kunde komma då.",
    "changed_since": "Fler får en samlad planering redan vid det första mötet.",
    "staff_division": "Ja, som i budgeten.",
    "knowledge": "Det som vi har sett av behoven tas upp i parternas chefsgrupp varje kvartal.",
    "mutual_knowledge": "Vem som beslutar om vad, och hur lång tid det tar.",
    "proposals": "En gemensam kartläggning i stället för tre.",
    "cooperation": "Personalen sitter tillsammans två dagar i veckan och planerar gemensamt.",
    "resources": "Deltagarna möter färre handläggare, och väntan mellan insatser är kortare.",
    "effect": "Fler är tillbaka i skola eller arbete än året före, enligt enkät och register.",
    "cost_outcome": "Placeringarna har blivit färre; övriga kostnader är oförändrade.",
    "return": "Återföringen har följt planen.",
    "participants_view": "De flesta säger att de har blivit lyssnade på och vet vad som händer "
    "sedan.",
}
PEOPLE = {"women": 33, "men": 31, "other": 2}


def hand_in(cast: Cast, key: str, owed: DueReport) -> Report:
    """The author writes the report of an effort and hands it in for the lead party."""
    application, author = acts.fresh(cast, key), cast.people[cast.content.effort(key).author]
    definition = owed.definition
    report = begin_report(
        application=application, key=definition.key, occurrence=owed.occurrence, actor=author
    )
    answers: dict[str, Any] = {
        one.key: {ReportAnswer.NUMBER: 12, ReportAnswer.CONFIRM: True}.get(
            one.answer, SAID.get(one.key, "")
        )
        for one in definition.questions
    }
    written = {
        "answers": answers,
        "outcomes": {one.key: _outcome(one) for one in measures_of(application)},
        "participants": PEOPLE,
    }
    for part in missing_by_part(report):
        report = save_part(
            report=report,
            part=part,
            values=written[part],
            seen=mark_of(report, part),
            actor=author,
        )
    return submit_report(report=report, actor=author)


def accept(cast: Cast, report: Report) -> Report:
    return accept_report(report=report, seen_hash=report.sha256, actor=cast.officer)


def _outcome(measure: Measure) -> int:
    """A little under the target, where the target is a number."""
    found = re.search(r"\d+", measure.target)
    return max(int(found[0]) - 2, 0) if found else 12
