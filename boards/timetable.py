"""A meeting's deadlines from the one engine: what is due when, whose turn it is, what is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from boards import deadlines
from boards.models import BodyKind, Meeting, MeetingState, Minutes, MinutesState, Notice
from finsam import clock

OFFICE, DIRECTOR, ATTESTERS = "Kansliet", "Förbundschefen", "Justerarna"


@dataclass(frozen=True)
class Deadline:
    """Something that is due on a day; `whose` says whose turn it is until it is done."""

    key: str
    text: str
    on: date
    whose: str
    done: bool

    @property
    def is_late(self) -> bool:
        return not self.done and self.on < clock.today()


def with_deadlines(meetings: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """The meetings with all that their deadlines are read from, in a fixed number of queries."""
    return meetings.select_related("body", "association", "minutes").prefetch_related(
        "packets", "minutes__notices__notice_board"
    )


def deadlines_of(meeting: Meeting) -> list[Deadline]:
    """Every deadline before and after a meeting, by day; a council has only its own day."""
    day = clock.stockholm(meeting.starts_at).date()
    closed = meeting.state == MeetingState.CLOSED
    held = Deadline("meeting", "Möte", day, meeting.body.name, closed)
    if meeting.body.kind != BodyKind.BOARD:
        notice = deadlines.dispatch_day(day, meeting.association.dispatch_days)
        called = meeting.called_at is not None
        return [Deadline("notice", "Kallelse", notice, OFFICE, called), held]
    return [*_before(meeting, day), held, *_after(meeting, day)]


def next_deadline(found: Iterable[Deadline]) -> Deadline | None:
    """The first that is not done: it tells whose turn it is."""
    return next((one for one in found if not one.done), None)


def _is_dispatched(meeting: Meeting) -> bool:
    """Whether a packet has been sent; the overview reads it with the rows."""
    told: bool | None = getattr(meeting, "is_dispatched", None)
    if told is not None:
        return told
    return any(one.sent_at for one in meeting.packets.all())


def _before(meeting: Meeting, day: date) -> list[Deadline]:
    days = meeting.association.dispatch_days
    # When the meeting has begun nothing of what comes before it can be mended.
    sent = meeting.opened_at is not None or _is_dispatched(meeting)
    freeze = deadlines.material_freeze_day(day, days)
    dispatch = deadlines.dispatch_day(day, days)
    called = meeting.called_at is not None
    return [
        Deadline("freeze", "Materialstopp", freeze, DIRECTOR, sent),
        Deadline("notice", "Kallelse", dispatch, OFFICE, called),
        Deadline("dispatch", "Utskick av handlingar", dispatch, OFFICE, sent),
    ]


def _after(meeting: Meeting, day: date) -> list[Deadline]:
    minutes: Minutes | None = getattr(meeting, "minutes", None)
    attested = bool(minutes and minutes.attested_at)
    at_attesters = bool(minutes and minutes.state == MinutesState.WITH_ATTESTERS)
    whose = ATTESTERS if at_attesters else OFFICE
    due = deadlines.attestation_due(day)
    found = [Deadline("attestation", "Protokollet justerat", due, whose, attested)]
    if minutes is None or not attested:
        return found
    notices = [one for one in minutes.notices.all() if one.paragraph_id is None]
    return found + _announced(notices)


def _announced(notices: list[Notice]) -> list[Deadline]:
    """Posted on every board, appeal and legal force from the latest, taken down after that."""
    if not notices:
        return []
    postings = [one.posted_on for one in notices if one.posted_on]
    all_posted = len(postings) == len(notices)
    due = max(one.due_on for one in notices)
    found = [Deadline("posting", "Anslaget på alla anslagstavlor", due, OFFICE, all_posted)]
    if not all_posted:
        return found
    today, latest = clock.today(), max(postings)
    ends, force = deadlines.appeal_ends(latest), deadlines.legal_force_day(latest)
    removal = deadlines.removal_day(latest)
    removed = all(one.removed_on for one in notices)
    return [
        *found,
        Deadline("appeal", "Sista dag att överklaga", ends, "", today > ends),
        Deadline("legal_force", "Besluten har laga kraft", force, "", today >= force),
        Deadline("removal", "Anslagen tas ned", removal, OFFICE, removed),
    ]
