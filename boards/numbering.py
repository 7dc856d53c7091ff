"""The numbers of paragraphs: each body its own row, by the year or running on, without gaps."""

from __future__ import annotations

from django.db.models import F

from boards.figures import note_paragraph
from boards.minutes_content import paragraph_texts
from boards.models import AgendaItem, ItemState, Meeting, Minutes, Paragraph, ParagraphCounter
from finsam import clock
from finsam.associations.models import ParagraphNumbering
from finsam.people.models import User
from finsam.registry.register import open_case


def number_settled(meeting: Meeting, actor: User) -> Minutes:
    """Give each settled item that has none its §, in the order taken; the meeting is locked.

    Called when a paragraph is attested at once, and for what is left at closing: so numbers
    follow the order taken, and every number of the body is used once.
    """
    items = list(
        AgendaItem.objects.filter(meeting=meeting, state=ItemState.DONE, paragraph=None)
        .select_related("application")
        .order_by("taken_order")
    )
    _open_case(meeting, actor)
    minutes = Minutes.objects.filter(meeting=meeting).first()
    if minutes is not None and not items:
        return minutes
    year, first = take_numbers(meeting, len(items))
    last = first + len(items) - 1
    if minutes is None:
        minutes = Minutes.objects.create(
            meeting=meeting, year=year, first_number=first, last_number=last
        )
    else:
        minutes.last_number = last
        minutes.save(update_fields=["last_number"])
    Paragraph.objects.bulk_create(
        Paragraph(
            minutes=minutes,
            item=item,
            number=first + step,
            heading=item.title,
            texts=paragraph_texts(item, first + step),
        )
        for step, item in enumerate(items)
    )
    for paragraph in minutes.paragraphs.filter(item__in=items).select_related("item__meeting"):
        note_paragraph(paragraph)
    return minutes


def _open_case(meeting: Meeting, actor: User) -> None:
    if meeting.case is None:
        meeting.case = open_case(
            association=meeting.association,
            title=f"Protokoll {meeting.body.name} {clock.stockholm(meeting.starts_at):%Y-%m-%d}",
            actor=actor,
        )
        meeting.save(update_fields=["case"])


def take_numbers(meeting: Meeting, count: int) -> tuple[int, int]:
    """Reserve `count` numbers in a row; gives the meeting's year and the first of them.

    The counter's row is locked until the transaction ends, so that meetings at the same time
    take theirs one after the other, and what is rolled back is taken anew.
    """
    yearly = meeting.association.paragraph_numbering == ParagraphNumbering.YEARLY
    year = clock.stockholm(meeting.starts_at).year
    its = {"body": meeting.body, "year": year if yearly else 0}
    ParagraphCounter.objects.bulk_create([ParagraphCounter(**its)], ignore_conflicts=True)
    counters = ParagraphCounter.objects.filter(**its)
    counters.update(last=F("last") + count)
    return year, counters.values_list("last", flat=True).get() - count + 1
