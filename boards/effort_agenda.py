"""Putting a matter of a granted effort on the board's agenda: once, and on one meeting alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import QuerySet

from applications.models import Application, ChangeRequest, Termination
from boards.agenda import add_item
from boards.effort_memos import promise_effort_memos
from boards.errors import MeetingRefusal
from boards.models import AgendaItem, BodyKind, Meeting, MeetingState
from finsam.associations.models import Association
from finsam.people.models import User

Matter = TypeVar("Matter", ChangeRequest, Termination)
TAKES_ITEMS = (MeetingState.PLANNED, MeetingState.CALLED, MeetingState.ONGOING)


def meetings_for_efforts(association: Association) -> QuerySet[Meeting]:
    """The board's meetings to come, or going on, on whose agenda such a matter can be put."""
    found: QuerySet[Meeting] = Meeting.objects.filter(
        association=association, body__kind=BodyKind.BOARD, state__in=TAKES_ITEMS
    )
    return found.select_related("body", "association").order_by("starts_at")


def locked_matter(matter: Matter) -> Matter:
    """The matter read anew, with its effort locked until the caller's transaction ends."""
    Application.objects.select_for_update().values_list("pk").get(pk=matter.application_id)
    rows = type(matter).objects.select_related(
        "application__association", "application__case", "application__grant__frame"
    )
    found: Matter = rows.get(pk=matter.pk)
    return found


def put_once(
    *,
    meeting: Meeting,
    matter: ChangeRequest | Termination,
    there: AgendaItem | None,
    what: str,
    title: str,
    background: str,
    clauses: Sequence[str],
    actor: User,
) -> AgendaItem:
    """Put the matter on the agenda and promise its memo, in the caller's transaction.

    The meeting is locked. `there` is where it stands already: on this meeting it is given back,
    on another it is refused, with `what` in the sentence. Raises MeetingRefusal.
    """
    if meeting.body.kind != BodyKind.BOARD or meeting.state not in TAKES_ITEMS:
        raise MeetingRefusal("wrong_meeting", "Välj ett av styrelsens kommande möten.", "meeting")
    if there is not None:
        if there.meeting_id == meeting.pk:
            return there
        raise MeetingRefusal(
            "on_agenda_already", f"{what} står redan på dagordningen för {there.meeting}."
        )
    item = add_item(
        meeting=meeting,
        title=title[:240],
        background=background,
        proposal=proposal_of(clauses),
        termination=matter if isinstance(matter, Termination) else None,
        change=matter if isinstance(matter, ChangeRequest) else None,
        actor=actor,
    )
    promise_effort_memos([item], actor)
    return item


def proposal_of(clauses: Sequence[str]) -> str:
    """The att-clauses as the agenda writes them, a line each."""
    return "\n".join(f"att {one}" for one in clauses)
