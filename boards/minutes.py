"""Minutes: numbered when the meeting is closed, composed from its items, edited, and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from boards.errors import MeetingRefusal
from boards.figures import note_paragraph, require_minutes_current
from boards.locking import require_ongoing
from boards.minutes_content import minutes_content, paragraph_texts
from boards.models import (
    AttestationFunction,
    Attester,
    BodyKind,
    Meeting,
    MeetingState,
    Minutes,
    MinutesState,
    Paragraph,
)
from boards.numbering import number_settled
from boards.sitting import unfinished_items
from finsam import clock
from finsam.errors import Conflict
from finsam.people.models import User
from finsam.registry.canonical import digest
from finsam.registry.events import record_event
from finsam.typography import storable

EDITABLE = ("background", "motions", "proposition_order", "note", "sent_to")


def close_meeting(*, meeting: Meeting, actor: User) -> Minutes:
    """Close the meeting and give each settled item its §, without gaps, in the order taken.

    Refused, with their names, while items are left. Closing twice gives the same minutes.
    """
    with transaction.atomic():
        locked = Meeting.objects.select_for_update().get(pk=meeting.pk)
        if locked.state == MeetingState.CLOSED:
            return Minutes.objects.get(meeting=locked)
        locked = require_ongoing(meeting)
        _require_settled(locked)
        _require_none_waiting(locked)
        minutes = number_settled(locked, actor)
        refresh_unfixed(minutes)
        locked.state = MeetingState.CLOSED
        locked.closed_at = clock.now()
        locked.save(update_fields=["state", "closed_at"])
        record_event(
            association=locked.association,
            actor=actor,
            action="meeting_closed",
            obj=locked,
            case=locked.case,
            payload={"first": minutes.first_number, "last": minutes.last_number},
        )
    return minutes


def edit_paragraph(
    *, paragraph: Paragraph, texts: Mapping[str, str], expected_revision: int, actor: User
) -> Paragraph:
    """Change the texts of a paragraph by hand; composing anew never overwrites them.

    The decision itself is not edited: it stands as it was recorded. Raises Conflict when
    somebody else has saved in between.
    """
    with transaction.atomic():
        minutes = _require_draft(paragraph.minutes)
        paragraph = Paragraph.objects.select_for_update(of=("self",)).get(pk=paragraph.pk)
        said = {key: storable(text) for key, text in texts.items() if key in EDITABLE}
        merged = {**paragraph.texts, **said}
        # Who saves the paragraph has seen it: its sums are those of now.
        note_paragraph(paragraph)
        if merged == paragraph.texts:
            return paragraph
        if paragraph.is_fixed:
            raise MeetingRefusal(
                "paragraph_fixed",
                f"§\u00a0{paragraph.number} är omedelbart justerad eller väntar på det, och "
                "ändras inte. Det som behöver rättas skrivs som en ny paragraf.",
            )
        if paragraph.revision != expected_revision:
            raise Conflict(
                "paragraph_changed",
                "Någon annan har sparat paragrafen medan du skrev. Jämför texterna och spara igen.",
            )
        paragraph.texts, paragraph.is_edited = merged, True
        paragraph.revision += 1
        paragraph.save(update_fields=["texts", "is_edited", "revision"])
        record_event(
            association=minutes.meeting.association,
            actor=actor,
            action="paragraph_edited",
            obj=paragraph,
            case=minutes.meeting.case,
            payload={"number": paragraph.number, "fields": sorted(set(texts) & set(EDITABLE))},
        )
    return paragraph


def compose_anew(*, minutes: Minutes, actor: User) -> int:
    """Fill the paragraphs that nobody has edited from their items; gives how many changed."""
    with transaction.atomic():
        _require_draft(minutes)
        fresh = refresh_unfixed(minutes)
        record_event(
            association=minutes.meeting.association,
            actor=actor,
            action="minutes_composed",
            obj=minutes,
            case=minutes.meeting.case,
            payload={"changed": fresh},
        )
    return fresh


def send_to_attesters(*, minutes: Minutes, actor: User) -> Minutes:
    """Freeze the content under its hash and hand it to those who attest; sent twice it is once."""
    with transaction.atomic():
        state = Minutes.objects.select_for_update().values_list("state", flat=True)
        if state.get(pk=minutes.pk) == MinutesState.WITH_ATTESTERS:
            minutes.refresh_from_db()
            return minutes
        minutes = _require_draft(minutes)
        if minutes.meeting.state != MeetingState.CLOSED:
            raise MeetingRefusal(
                "meeting_not_closed", "Avsluta mötet först; sedan skickas protokollet."
            )
        if not minutes.meeting.attesters.filter(function=AttestationFunction.CHAIR).exists():
            raise MeetingRefusal(
                "no_attesters",
                "Mötet valde ingen justerare. Ange vem som justerar innan du skickar.",
            )
        require_minutes_current(minutes)
        content = minutes_content(minutes)
        minutes.content = content
        minutes.content_hash = digest(content)
        minutes.state = MinutesState.WITH_ATTESTERS
        minutes.sent_at = clock.now()
        minutes.save(update_fields=["content", "content_hash", "state", "sent_at"])
        record_event(
            association=minutes.meeting.association,
            actor=actor,
            action="minutes_sent_to_attesters",
            obj=minutes,
            case=minutes.meeting.case,
            payload={"content_hash": minutes.content_hash},
        )
    return minutes


def take_back_from_attesters(*, minutes: Minutes, actor: User) -> Minutes:
    """Make a draft again while nobody has attested, to mend something."""
    with transaction.atomic():
        minutes = Minutes.objects.select_for_update().get(pk=minutes.pk)
        valid = minutes.attestations.filter(content_hash=minutes.content_hash)
        if minutes.state == MinutesState.DRAFT:
            return minutes
        if minutes.state != MinutesState.WITH_ATTESTERS or valid.exists():
            raise MeetingRefusal(
                "already_attested",
                "Någon har redan justerat. Be en justerare skicka tillbaka protokollet, eller "
                "skriv rättelsen som en egen paragraf på nästa möte.",
            )
        minutes.state = MinutesState.DRAFT
        minutes.revision += 1
        minutes.save(update_fields=["state", "revision"])
        record_event(
            association=minutes.meeting.association,
            actor=actor,
            action="minutes_taken_back",
            obj=minutes,
            case=minutes.meeting.case,
        )
    return minutes


def _require_none_waiting(meeting: Meeting) -> None:
    """A paragraph that is being attested at once is attested, or taken back, before the end."""
    waiting = Paragraph.objects.filter(
        minutes__meeting=meeting, content__isnull=False, attested_at=None
    )
    numbers = ", ".join(str(number) for number in waiting.values_list("number", flat=True))
    if numbers:
        raise MeetingRefusal(
            "attestation_waits",
            f"§\u00a0{numbers} väntar på omedelbar justering. Låt dem som justerar göra klart, "
            "eller ta tillbaka paragrafen, innan mötet avslutas.",
        )


def _require_settled(meeting: Meeting) -> None:
    left = unfinished_items(meeting)
    if left:
        names = ", ".join(f"”{item.title}”" for item in left)
        raise MeetingRefusal(
            "items_left",
            f"Ärenden återstår: {names}. Avgör eller bordlägg dem innan mötet avslutas.",
        )
    if (
        meeting.body.kind == BodyKind.BOARD
        and not Attester.objects.filter(meeting=meeting).exists()
    ):
        raise MeetingRefusal("no_attesters", "Välj justerare innan mötet avslutas.")


def fresh_texts(paragraph: Paragraph) -> dict[str, Any]:
    """The paragraph's texts from its item as it is now, with what was written by hand kept."""
    texts = paragraph_texts(paragraph.item, paragraph.number)
    if paragraph.is_edited:
        texts |= {key: paragraph.texts[key] for key in EDITABLE if key in paragraph.texts}
    return texts


def refresh_unfixed(minutes: Minutes) -> int:
    """Bring the paragraphs whose text is not fixed up to date; gives how many changed.

    What somebody wrote by hand stays; what follows from the meeting (votes, reservations,
    conflicts of interest, the decision) is taken anew there too.
    """
    fresh = 0
    rows = minutes.paragraphs.filter(content__isnull=True).select_related(
        "item__application", "item__decision", "item__meeting__body"
    )
    for paragraph in rows:
        if not paragraph.is_edited:
            note_paragraph(paragraph)
        texts = fresh_texts(paragraph)
        if texts != paragraph.texts:
            paragraph.texts = texts
            paragraph.revision += 1
            paragraph.save(update_fields=["texts", "revision"])
            fresh += 1
    return fresh


def _require_draft(minutes: Minutes) -> Minutes:
    found = (
        Minutes.objects.select_for_update(of=("self",))
        .select_related(
            "meeting__association", "meeting__body", "meeting__case", "meeting__chair__user"
        )
        .get(pk=minutes.pk)
    )
    if found.state != MinutesState.DRAFT:
        raise MeetingRefusal(
            "minutes_not_draft",
            f"Protokollet har läget ”{found.get_state_display()}” och ändras inte. Det som "
            "behöver rättas skrivs som en ny paragraf.",
        )
    return found


def frozen_content(minutes: Minutes) -> dict[str, Any]:
    """The content as attested or sent; composed from the paragraphs while it is a draft."""
    return (
        minutes.content
        if minutes.content and minutes.state != MinutesState.DRAFT
        else minutes_content(minutes)
    )
