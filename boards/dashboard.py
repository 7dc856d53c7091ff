"""What waits for the office, and how each round stands against its frame."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from applications.models import (
    Milestone,
)
from boards.case_tasks import case_tasks, day_of
from boards.effort_tasks import effort_tasks
from boards.meeting_tasks import meeting_tasks, meetings_under_way
from boards.models import (
    BodyKind,
    Meeting,
)
from boards.money_tasks import money_tasks
from boards.rounds_shown import rounds_under_way
from finsam import clock
from finsam.associations.models import Association
from finsam.ui import Task


def dashboard(association: Association) -> dict[str, Any]:
    """Everything on the overview, in a fixed number of queries."""
    meetings = meetings_under_way(association)
    rounds = rounds_under_way(association)
    tasks = sorted(
        [
            *case_tasks(association, rounds),
            *effort_tasks(association),
            *money_tasks(association),
            *meeting_tasks(association, meetings),
        ],
        key=lambda task: task.when or date.max,
    )
    return {
        "tasks": tasks,
        "rounds": rounds,
        "dates": _coming_dates(association, meetings),
        "now": clock.now(),
    }


def _coming_dates(association: Association, meetings: list[Meeting]) -> list[Task]:
    """Milestones and meetings of the coming weeks, in order."""
    today = clock.today()
    milestones = Milestone.objects.filter(
        round__association=association, on__gte=today, on__lte=today + timedelta(days=120)
    ).select_related("round")
    coming = [
        one
        for one in meetings
        if one.starts_at >= clock.now() and one.body.kind in (BodyKind.BOARD, BodyKind.COUNCIL)
    ]
    rows = [
        Task(one.title, "", None, one.round.name, one.on) for one in milestones.order_by("on")[:8]
    ]
    rows += [
        Task(
            one.body.name,
            reverse("boards:meeting", args=[association.slug, one.pk]),
            None,
            "",
            day_of(one.starts_at),
        )
        for one in coming[:5]
    ]
    return sorted(rows, key=lambda row: row.when or date.max)[:9]
