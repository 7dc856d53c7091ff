"""Planning a meeting: its agenda with the formal items, and calling it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from applications.intake import taken_up
from applications.models import Application, ApplicationState, ChangeRequest, Termination
from boards.delegation import collect_delegated
from boards.errors import MeetingRefusal
from boards.locking import lock_meeting
from boards.models import (
    AgendaItem,
    Body,
    BodyKind,
    Correction,
    ItemKind,
    ItemState,
    Meeting,
    MeetingMode,
    MeetingState,
)
from finsam import clock
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.typography import date_long

FORMAL_FIRST = (
    (ItemKind.OPENING, "Mötet öppnas"),
    (ItemKind.ATTESTERS, "Val av justerare"),
    (ItemKind.AGENDA, "Dagordningen fastställs"),
    (ItemKind.PREVIOUS_MINUTES, "Föregående protokoll"),
)
FORMAL_COUNCIL = ((ItemKind.OPENING, "Mötet öppnas"), (ItemKind.AGENDA, "Dagordningen fastställs"))
FORMAL_LAST = ((ItemKind.CLOSING, "Mötet avslutas"),)
READY_FOR = {
    BodyKind.COUNCIL: (ApplicationState.IN_PREPARATION,),
    BodyKind.BOARD: (ApplicationState.TO_BOARD, ApplicationState.TABLED),
}


def plan_meeting(
    *,
    body: Body,
    starts_at: datetime,
    place: str,
    actor: User,
    mode: MeetingMode = MeetingMode.IN_PERSON,
    ends_at: datetime | None = None,
    is_public: bool = False,
) -> Meeting:
    """Create a meeting with its formal items in place; planned twice it is one."""
    if starts_at <= clock.now():
        raise MeetingRefusal("in_the_past", "Välj en tid som inte har passerat.", "starts_at")
    with transaction.atomic():
        same = Meeting.objects.filter(body=body, starts_at=starts_at, place=place.strip())
        earlier = same.exclude(state=MeetingState.CANCELLED).first()
        if earlier is not None:
            return earlier
        meeting = Meeting.objects.create(
            association=body.association,
            body=body,
            starts_at=starts_at,
            ends_at=ends_at,
            place=place.strip(),
            mode=mode,
            is_public=is_public,
            secretary=actor,
        )
        first = FORMAL_FIRST if body.kind == BodyKind.BOARD else FORMAL_COUNCIL
        for position, (kind, title) in enumerate((*first, *FORMAL_LAST), start=1):
            AgendaItem.objects.create(meeting=meeting, position=position, kind=kind, title=title)
        _record(meeting, actor, "meeting_planned", starts_at=starts_at.isoformat(), place=place)
    collect_delegated(association=body.association, actor=actor)
    return meeting


def add_item(
    *,
    meeting: Meeting,
    title: str,
    actor: User,
    kind: ItemKind = ItemKind.DECISION,
    application: Application | None = None,
    presenter: str = "",
    presents_at: datetime | None = None,
    background: str = "",
    proposal: str = "",
    termination: Termination | None = None,
    change: ChangeRequest | None = None,
) -> AgendaItem:
    """Put an item on the agenda, before the closing; the same free item twice is one.

    Refused when the application is not ready for the body.
    """
    with transaction.atomic():
        meeting = lock_meeting(meeting)
        if meeting.state in (MeetingState.CLOSED, MeetingState.CANCELLED):
            raise MeetingRefusal(
                "meeting_closed",
                f"Mötet är {meeting.get_state_display().lower()} och tar inte fler ärenden.",
            )
        said = {
            "kind": kind,
            "title": title.strip() or (application.title if application else ""),
            "presenter": presenter,
            "presents_at": presents_at,
            "background": background,
            "proposal": proposal,
            "termination": termination,
            "change": change,
        }
        if application is not None:
            _require_ready(meeting, application)
        elif (same := meeting.items.filter(application=None, **said).first()) is not None:
            return same
        closing = meeting.items.filter(kind=ItemKind.CLOSING).first()
        last = meeting.items.aggregate(last=Max("position"))["last"] or 0
        position = closing.position if closing and closing.state != ItemState.DONE else last + 1
        if closing and position == closing.position:
            closing.position = last + 1
            closing.save(update_fields=["position"])
        item = AgendaItem.objects.create(
            meeting=meeting,
            position=position,
            application=application,
            **said,
        )
        _record(meeting, actor, "agenda_item_added", item=item.pk, title=item.title)
    return item


def remove_item(*, item: AgendaItem, actor: User) -> None:
    """Take an item off an agenda that has not been called; the event keeps that it was there."""
    with transaction.atomic():
        meeting = lock_meeting(item.meeting)
        if meeting.state != MeetingState.PLANNED:
            raise MeetingRefusal(
                "agenda_called",
                "Kallelsen är skickad, så ärendet står kvar på dagordningen. Bordlägg det på mötet "
                "i stället.",
            )
        if item.kind not in (ItemKind.DECISION, ItemKind.INFORMATION, ItemKind.REPORT):
            raise MeetingRefusal("formal_item", "De formella ärendena står alltid på dagordningen.")
        _record(meeting, actor, "agenda_item_removed", item=item.pk, title=item.title)
        Correction.objects.filter(item=item).delete()
        item.delete()
        _renumber(meeting)


def move_item(*, item: AgendaItem, up: bool, actor: User) -> None:
    """Let an item change places with its neighbour."""
    with transaction.atomic():
        meeting = lock_meeting(item.meeting)
        item.refresh_from_db()
        neighbours = meeting.items.filter(kind=item.kind, state=ItemState.WAITING)
        other = (
            neighbours.filter(position__lt=item.position).last()
            if up
            else neighbours.filter(position__gt=item.position).first()
        )
        if other is None or item.state != ItemState.WAITING:
            return
        mine, theirs = item.position, other.position
        AgendaItem.objects.filter(pk=item.pk).update(position=0)
        AgendaItem.objects.filter(pk=other.pk).update(position=mine)
        AgendaItem.objects.filter(pk=item.pk).update(position=theirs)
        _record(meeting, actor, "agenda_item_moved", item=item.pk, to=theirs)


def call_meeting(*, meeting: Meeting, actor: User) -> Meeting:
    """Mark the meeting as called; the notice and its mails are promised by the caller's step."""
    with transaction.atomic():
        meeting = lock_meeting(meeting)
        if meeting.state == MeetingState.CALLED:
            return meeting
        if meeting.state != MeetingState.PLANNED:
            raise MeetingRefusal("not_planned", "Bara ett planerat möte kan kallas.")
        meeting.state = MeetingState.CALLED
        meeting.called_at = clock.now()
        meeting.save(update_fields=["state", "called_at"])
        _record(meeting, actor, "meeting_called")
    return meeting


def _require_ready(meeting: Meeting, application: Application) -> None:
    ready = READY_FOR.get(BodyKind(meeting.body.kind), ())
    if application.association_id != meeting.association_id or application.state not in ready:
        wanted = " eller ".join(f"”{state.label}”" for state in ready)
        raise MeetingRefusal(
            "application_not_ready",
            f"”{application.title}” har läget ”{application.get_state_display()}”. Till "
            f"{meeting.body.name} går ansökningar med läget {wanted}.",
        )
    _require_in_time(meeting, application)
    if meeting.items.filter(application=application).exists():
        raise MeetingRefusal("already_there", f"”{application.title}” står redan på dagordningen.")


def _require_in_time(meeting: Meeting, application: Application) -> None:
    """In a round tied to meetings what came after a last day waits for the next one's meeting."""
    if meeting.body.kind != BodyKind.BOARD:
        return
    found = taken_up(application)
    day = clock.stockholm(meeting.starts_at).date()
    if found is not None and day < found.last_day:
        raise MeetingRefusal(
            "waits_for_next",
            f"”{application.title}” kom in efter den föregående sista dagen och tas upp efter den "
            f"{date_long(found.last_day)}. Sätt upp den på ett möte därefter.",
        )


def _renumber(meeting: Meeting) -> None:
    for position, item in enumerate(meeting.items.order_by("position"), start=1):
        if item.position != position:
            item.position = position
            item.save(update_fields=["position"])


def _record(meeting: Meeting, actor: User, action: str, **payload: object) -> None:
    record_event(
        association=meeting.association,
        actor=actor,
        action=action,
        obj=meeting,
        case=meeting.case,
        payload=payload,
    )
