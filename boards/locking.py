"""One thing at a time: everything that happens at a meeting holds the meeting's row."""

from __future__ import annotations

from django.db.models import F

from boards.errors import MeetingRefusal
from boards.models import AgendaItem, Meeting, MeetingState
from finsam.errors import Conflict


def lock_meeting(meeting: Meeting) -> Meeting:
    """The meeting's row, locked until the transaction ends; pages that show it become stale."""
    Meeting.objects.filter(pk=meeting.pk).update(pulse=F("pulse") + 1)
    return (
        Meeting.objects.select_for_update(of=("self",))
        .select_related("body", "association", "chair__user", "case")
        .get(pk=meeting.pk)
    )


def require_ongoing(meeting: Meeting, why: str = "") -> Meeting:
    """The locked meeting; raises MeetingRefusal unless it is going on."""
    found = lock_meeting(meeting)
    if found.state == MeetingState.ADJOURNED:
        raise MeetingRefusal(
            "adjourned", "Mötet är ajournerat. Återuppta det först; sedan kan ärendena avgöras."
        )
    if found.state != MeetingState.ONGOING:
        said = why or "Det här görs medan mötet pågår."
        raise MeetingRefusal(
            "not_ongoing", f"{said} Mötet har läget ”{found.get_state_display()}”."
        )
    return found


def lock_item(item: AgendaItem) -> AgendaItem:
    """The item's row, locked; Conflict when its record has been struck and written anew."""
    found: AgendaItem = (
        AgendaItem.everything.select_for_update(of=("self",))
        .select_related(
            "application__round", "application__association", "application__case", "meeting__body"
        )
        .get(pk=item.pk)
    )
    if found.retracted_at is not None:
        raise Conflict(
            "item_corrected",
            f"Det som antecknats i ”{found.title}” har rättats, och ärendet står nu på nytt i "
            "listan. Inget har ändrats.",
        )
    return found
