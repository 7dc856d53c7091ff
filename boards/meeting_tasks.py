"""What the overview asks of the office for meetings: deadlines, minutes and notices."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from boards.case_tasks import day_of
from boards.deadlines import attestation_due
from boards.models import (
    Meeting,
    MeetingPacket,
    MeetingState,
    MinutesState,
    Notice,
)
from boards.rounds_shown import NOT_HELD
from boards.timetable import deadlines_of, next_deadline
from finsam import clock
from finsam.associations.models import Association
from finsam.typography import moment_long, plural
from finsam.ui import Task

WAITS = {
    "freeze": "Få underlagen klara till",
    "notice": "Skicka kallelse till",
    "dispatch": "Skicka handlingar till",
}


def meetings_under_way(association: Association) -> list[Meeting]:
    """The meetings to come or going on, and those held whose minutes are not attested."""
    open_minutes = [MinutesState.DRAFT, MinutesState.WITH_ATTESTERS]
    held = Q(state=MeetingState.CLOSED, minutes__state__in=open_minutes)
    sent = MeetingPacket.objects.filter(meeting=OuterRef("pk")).exclude(sent_at=None)
    found = Meeting.objects.filter(Q(state__in=NOT_HELD) | held, association=association)
    return list(
        found.select_related("body", "association", "minutes")
        .annotate(is_dispatched=Exists(sent))
        .order_by("starts_at")[:40]
    )


def meeting_tasks(association: Association, meetings: list[Meeting]) -> list[Task]:
    """All of them, with the meetings under way already read; one question."""
    return [
        *_meetings(association, meetings),
        *_minutes(association, meetings),
        *_notices(association),
    ]


def _meetings(association: Association, meetings: list[Meeting]) -> list[Task]:
    """Each coming meeting with the first of its deadlines that is not met."""
    tasks = []
    for one in [one for one in meetings if one.state in NOT_HELD][:10]:
        due = next_deadline(deadlines_of(one))
        text, when = WAITS.get(due.key if due else "", "Förbered mötet i"), due.on if due else None
        if one.state in (MeetingState.ONGOING, MeetingState.ADJOURNED):
            text, when = "Mötet pågår:", day_of(one.starts_at)
        url = reverse("boards:meeting", args=[association.slug, one.pk])
        tasks.append(Task(f"{text} {one.body.name}", url, None, moment_long(one.starts_at), when))
    return tasks


def _minutes(association: Association, meetings: list[Meeting]) -> list[Task]:
    tasks = []
    for one in [one for one in meetings if one.state == MeetingState.CLOSED][:10]:
        url = reverse("boards:minutes", args=[association.slug, one.pk])
        at_attesters = one.minutes.state == MinutesState.WITH_ATTESTERS
        note = "Hos justerarna" if at_attesters else "Utkast"
        text = f"Få protokollet justerat: {one.body.name}"
        tasks.append(Task(text, url, None, note, attestation_due(day_of(one.starts_at))))
    return tasks


def _notices(association: Association) -> list[Task]:
    """To be posted by the second day, and to be taken down when the time for appeal is over.

    What is to be done with one announcement is one line, however many the notice boards are.
    """
    open_ones = Notice.objects.filter(minutes__meeting__association=association, removed_on=None)
    due = Q(posted_on=None) | Q(remove_after__lt=clock.today())
    together: dict[tuple[int, int | None, bool], list[Notice]] = defaultdict(list)
    for one in open_ones.filter(due).select_related("notice_board", "minutes")[:100]:
        is_over = one.remove_after is not None
        together[one.minutes.meeting_id, one.paragraph_id, is_over].append(one)
    return [
        _notice(association, meeting, is_over, ones)
        for (meeting, _, is_over), ones in together.items()
    ][:10]


def _notice(association: Association, meeting: int, is_over: bool, ones: list[Notice]) -> Task:
    url = reverse("boards:minutes", args=[association.slug, meeting])
    where = f" hos {ones[0].notice_board.name}"
    if len(ones) > 1:
        where = f" på {plural(len(ones), 'anslagstavla', 'anslagstavlor')}"
    if is_over:
        when = min(one.remove_after for one in ones if one.remove_after) + timedelta(days=1)
        return Task(f"Ta ned anslaget{where}", url, None, "Överklagandetiden är slut", when)
    note = "Justeringen ska tillkännages senast andra dagen efter"
    return Task(f"Anteckna anslag{where}", url, None, note, min(one.due_on for one in ones))
