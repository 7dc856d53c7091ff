"""What people write in the memo of a change or an early termination, heading by heading.

A heading that nobody has written under says what the portal knows, and goes on doing so when that
changes. What somebody has written stands until it is emptied again.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from boards.errors import MeetingRefusal
from boards.locking import lock_meeting
from boards.models import AgendaItem, EffortMemo, ItemState, Meeting, MeetingState
from finsam import clock
from finsam.errors import Conflict, NotAllowed
from finsam.people.access import OFFICE, visitor_for
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.registry.models import Direction
from finsam.registry.register import register_record
from finsam.typography import storable

HEADINGS: tuple[tuple[str, str], ...] = (
    ("matter", "Ärendet"),
    ("assessment", "Bedömning"),
    ("economy", "Ekonomi och tid"),
    ("follow_up", "Uppföljning"),
    ("sent_to", "Beslutet skickas till"),
)


def usual_texts(item: AgendaItem) -> dict[str, str]:
    """What stands under each heading until somebody writes there."""
    return {
        "matter": item.background,
        "assessment": "",
        "economy": "",
        "follow_up": _follow_up(item),
        "sent_to": "Parterna i insatsen.",
    }


def texts_of(item: AgendaItem, written: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the memo says under each heading: as written by hand, else as usual.

    `written` is what is written by hand, from one who has read it already.
    """
    return {**usual_texts(item), **(written_by_hand(item) if written is None else written)}


def written_by_hand(item: AgendaItem) -> dict[str, str]:
    """The texts that somebody has written, by heading."""
    found = EffortMemo.objects.filter(item=item).values_list("texts", flat=True).first()
    return dict(found or {})


def save_effort_memo(
    *, item: AgendaItem, texts: Mapping[str, str], expected_revision: int, actor: User
) -> EffortMemo:
    """Save what the office has written; writes `effort_memo_saved`. Nothing is made anew here.

    A text that is emptied, or is as the portal writes it, is no longer written by hand. The same
    content again changes nothing. Raises NotAllowed, MeetingRefusal when the meeting has begun,
    Conflict when somebody else has saved in between.
    """
    with transaction.atomic():
        meeting = lock_meeting(item.meeting)
        require_writer(meeting, actor)
        item.meeting = meeting
        memo, _ = EffortMemo.objects.get_or_create(item=item)
        usual = {key: storable(text) for key, text in usual_texts(item).items()}
        said = {key: storable(texts.get(key, "")) for key, _ in HEADINGS}
        by_hand = {key: text for key, text in said.items() if text and text != usual[key]}
        if by_hand == memo.texts:
            return memo
        require_writable(item)
        if memo.revision != expected_revision:
            raise Conflict(
                "memo_changed",
                "Någon annan har sparat tjänsteskrivelsen medan du skrev. Jämför texterna och "
                "spara igen.",
            )
        memo.texts, memo.updated_at = by_hand, clock.now()
        memo.revision += 1
        memo.save(update_fields=["texts", "revision", "updated_at"])
        record_event(
            association=meeting.association,
            actor=actor,
            action="effort_memo_saved",
            obj=memo,
            case=item.treated_application.case,
            payload={"item": item.pk, "revision": memo.revision},
        )
    return memo


def may_be_written(item: AgendaItem) -> bool:
    """Until the meeting begins, when the board has what it decides on."""
    open_ = (MeetingState.PLANNED, MeetingState.CALLED)
    return item.state != ItemState.DONE and item.meeting.state in open_


def require_writable(item: AgendaItem) -> None:
    """Raises MeetingRefusal once the meeting has begun: neither written nor made anew then."""
    if not may_be_written(item):
        raise MeetingRefusal(
            "meeting_begun",
            "Mötet har börjat eller är avslutat, så tjänsteskrivelsen ändras inte längre. "
            "Ett tillägg görs muntligt på mötet och antecknas i protokollet.",
        )


def require_writer(meeting: Meeting, actor: User) -> None:
    """Raises NotAllowed for whoever is not at the association's office."""
    if not visitor_for(meeting.association, actor).has(*OFFICE):
        raise NotAllowed("not_office", "Tjänsteskrivelsen skrivs av kansliet.")


def register_effort_memo(item: AgendaItem, actor: User) -> EffortMemo:
    """Enter the memo in the register of the effort's case (OSL 5:1): once, however often sent.

    In the caller's transaction, which holds the meeting.
    """
    memo: EffortMemo
    memo, _ = EffortMemo.objects.get_or_create(item=item)
    if memo.record is None:
        memo.record = register_record(
            case=item.treated_application.registered_case,
            direction=Direction.DRAWN_UP,
            subject=f"Tjänsteskrivelse: {item.title}",
            actor=actor,
        )
        memo.save(update_fields=["record"])
    return memo


def _follow_up(item: AgendaItem) -> str:
    if item.termination_id is not None:
        return (
            "Slutrapporten lämnas som avtalat, räknat från insatsens nya sista dag. Det som inte "
            "har rekvirerats i tid återförs, och kansliet redovisar det för styrelsen."
        )
    return (
        "Ändringen gäller från det att protokollet justeras. Parterna skriver under ett "
        "tilläggsavtal, och rapporterna följer den nya planen."
    )
