"""Where an application is, as its applicant may know it: the outcome only when it is public."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from applications.models import Application, ApplicationState
from finsam import clock
from finsam.registry.models import Event
from finsam.ui import Status, Step

S = ApplicationState
DECISIONS = {
    "application_grant", "application_grant_partly", "application_reject",
    "application_refer_back", "application_table", "application_terminate",
}  # fmt: skip
RESUMED = {"application_resume_agreed", "application_resume_running"}
LOOKS: dict[str, Status] = {
    S.DRAFT: Status("Utkast", "info"),
    S.SUBMITTED: Status("Inkommen", "success"),
    S.IN_REVIEW: Status("Granskas", "info"),
    S.RETURNED: Status("Komplettering begärd", "warning"),
    S.IN_PREPARATION: Status("Under beredning", "info"),
    S.TO_BOARD: Status("Till styrelsen", "info"),
    S.GRANTED: Status("Beviljad", "success"),
    S.PARTLY_GRANTED: Status("Delvis beviljad", "success"),
    S.REJECTED: Status("Avslag", "neutral"),
    S.TABLED: Status("Bordlagd", "warning"),
    S.AGREED: Status("Avtal tecknat", "success"),
    S.RUNNING: Status("Pågående", "success"),
    S.CLOSED: Status("Avslutad", "neutral"),
    S.WITHDRAWN: Status("Återkallad", "neutral"),
    S.DISMISSED: Status("Avskriven", "neutral"),
    S.TERMINATED: Status("Avslutad i förtid", "neutral"),
}
WAITING = Status("Beslut väntar på justering", "info")


@dataclass(frozen=True)
class Journey:
    """The moments of an application that its applicant may see."""

    application: Application
    moments: dict[str, datetime]
    is_hidden: bool

    @property
    def status(self) -> Status:
        """The state in a tag; a decision that is not public yet says that it waits."""
        return WAITING if self.is_hidden else LOOKS[self.application.state]

    @property
    def is_decided(self) -> bool:
        decided = (
            S.GRANTED, S.PARTLY_GRANTED, S.REJECTED, S.AGREED, S.RUNNING, S.CLOSED, S.TERMINATED,
        )  # fmt: skip
        return not self.is_hidden and self.application.state in decided


def journey_of(application: Application) -> Journey:
    """Read the application's own events: when each step was taken; one query, none for a draft."""
    if application.is_draft:
        return Journey(application, {}, is_hidden=False)
    rows = Event.objects.filter(
        association_id=application.association_id,
        object_type=application._meta.label_lower,
        object_id=str(application.pk),
    ).order_by("sequence")
    return _journey(application, rows.values_list("action", "at"))


def journeys_of(applications: Sequence[Application]) -> dict[int, Journey]:
    """The same for many applications of one association; one query in all."""
    by_id: dict[str, list[tuple[str, datetime]]] = {str(a.pk): [] for a in applications}
    if applications:
        rows = Event.objects.filter(
            association_id=applications[0].association_id,
            object_type=Application._meta.label_lower,
            object_id__in=list(by_id),
        ).order_by("sequence")
        for object_id, action, at in rows.values_list("object_id", "action", "at"):
            by_id[object_id].append((action, at))
    return {a.pk: _journey(a, by_id[str(a.pk)]) for a in applications}


def steps_of(journey: Journey) -> list[Step]:
    """The way with its dates: those done, the one now, and those to come from the round."""
    application = journey.application
    planned = {m.key: m.on for m in application.round.milestones.all()}
    council = application.round.setting("steps", "council", "use") != "absent"
    names = [
        ("submit", "Inlämnad", None),
        ("begin_review", "Kansliet granskar", None),
        ("prepare", f"{application.association.council_name} bereder", None),
        ("send_to_board", "Underlag till styrelsen", planned.get("documents_to_board")),
        ("outcome", "Styrelsens beslut", planned.get("board_decision")),
    ]
    if not council:
        names.pop(2)
    reached = _reached(journey, [key for key, _, _ in names])
    steps = []
    for at, (key, text, day) in enumerate(names):
        moment = journey.moments.get(key)
        done = at < reached or (key == "outcome" and journey.is_decided)
        state = "done" if done else "now" if at == reached else "coming"
        when: date | str = clock.stockholm(moment).date() if moment and done else day or ""
        note = "" if done or not day else "planerat"
        if key == "outcome" and journey.is_hidden:
            note = "väntar på justering"
        steps.append(Step(text, when, state, note))  # type: ignore[arg-type]
    return steps


def _journey(application: Application, rows: Any) -> Journey:
    moments: dict[str, datetime] = {}
    decided = published = -1
    for at, (action, moment) in enumerate(rows):
        if action in DECISIONS:
            decided = at
        elif action == "outcome_published":
            published = at
            moments["outcome"] = moment
        elif action == "termination_published":
            published = at
        elif action in RESUMED:
            decided = -1
        else:
            moments[action.removeprefix("application_")] = moment
    return Journey(application, moments, decided > published)


PLACES: dict[str, int] = {
    S.SUBMITTED: 1, S.IN_REVIEW: 1, S.RETURNED: 1, S.IN_PREPARATION: 2, S.TO_BOARD: 4,
}  # fmt: skip


def _reached(journey: Journey, keys: list[str]) -> int:
    """The number of the step that is under way now."""
    if journey.is_hidden:
        return len(keys) - 1
    if journey.application.state in (S.WITHDRAWN, S.DISMISSED):
        return max((at for at, key in enumerate(keys) if key in journey.moments), default=0) + 1
    place = PLACES.get(journey.application.state)
    if place is None:
        return len(keys) - 1
    return place if len(keys) == 5 or place < 2 else place - 1
