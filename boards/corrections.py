"""Correcting what is attested: never in the old minutes, but as a new paragraph pointing back."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from boards.agenda import add_item
from boards.errors import MeetingRefusal
from boards.models import Correction, ItemKind, Meeting, MeetingState, Paragraph
from finsam import clock
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.typography import date_long, storable

TAKES_CORRECTIONS = (MeetingState.PLANNED, MeetingState.CALLED, MeetingState.ONGOING)


def meetings_for_correction(paragraph: Paragraph) -> QuerySet[Meeting]:
    """The same body's meetings to come, where the correction can be decided."""
    held = paragraph.minutes.meeting
    found: QuerySet[Meeting] = Meeting.objects.filter(
        body=held.body, state__in=TAKES_CORRECTIONS
    ).exclude(pk=held.pk)
    return found.select_related("body", "association").order_by("starts_at")


def propose_correction(
    *, paragraph: Paragraph, meeting: Meeting, text: str, actor: User
) -> Correction:
    """Put the correction of an attested paragraph on a later meeting's agenda.

    The old paragraph stays as it is and points forward once the new one is attested. Proposed
    again with the same words nothing happens. Raises MeetingRefusal.
    """
    said = storable(text)
    if not said:
        raise MeetingRefusal("correction_empty", "Skriv hur det ska stå i stället.", "text")
    with transaction.atomic():
        paragraph = Paragraph.objects.select_related("minutes__meeting__body").get(pk=paragraph.pk)
        held = paragraph.minutes.meeting
        if not paragraph.is_frozen:
            raise MeetingRefusal(
                "not_attested", "Paragrafen är inte justerad än: ändra den i protokollet."
            )
        if meeting.body_id != held.body_id or meeting.state not in TAKES_CORRECTIONS:
            raise MeetingRefusal(
                "wrong_meeting", "Välj ett kommande möte i samma organ.", "meeting"
            )
        day = date_long(clock.stockholm(held.starts_at).date())
        item = add_item(
            meeting=meeting,
            kind=ItemKind.DECISION,
            title=f"Rättelse av §\u00a0{paragraph.number}, {day}",
            background=f"I protokollet från {held.body.name} {day} behöver §\u00a0"
            f"{paragraph.number}, {paragraph.heading}, rättas. Det justerade protokollet ändras "
            "inte; rättelsen görs genom den här paragrafen.",
            proposal=said,
            actor=actor,
        )
        correction, created = Correction.objects.get_or_create(
            item=item,
            defaults={"paragraph": paragraph, "created_by": actor, "created_at": clock.now()},
        )
        if created:
            record_event(
                association=meeting.association,
                actor=actor,
                action="correction_proposed",
                obj=correction,
                case=held.case,
                payload={"paragraph": paragraph.number, "item": item.pk, "text": said},
            )
    return correction


def with_corrections() -> QuerySet[Correction]:
    """Corrections with the paragraph that makes them, if there is one yet."""
    found: QuerySet[Correction] = Correction.objects.select_related(
        "item__meeting__body", "item__meeting__association", "item__paragraph"
    )
    return found.order_by("created_at", "pk")
