"""What the public notice page shows of each announcement: the document, or what is masked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from boards.announcements import Announcement
from boards.documents_shown import made_of
from boards.masked_minutes import copy_key, covers, hidden_paragraphs, sees_whole, which_are_masked
from finsam.documents.kinds import is_hidden_by_mark
from finsam.documents.models import Document
from finsam.documents.release.appeals import masked_notice
from finsam.people.access import Visitor


@dataclass(frozen=True)
class NoticeShown:
    """An announcement with its document, or with the way to a masked copy and why it is masked."""

    row: Announcement
    document: Document | None = None
    masked_url: str = ""
    is_made: bool = False
    why_masked: str = ""


def notices_shown(visitor: Visitor, rows: Sequence[Announcement]) -> list[NoticeShown]:
    """The announcements of a page with what the visitor may read; two questions for all."""
    keys = [row.document_key for row in rows]
    documents = made_of([*keys, *(copy_key(key) for key in keys)])
    hidden: dict[int, set[int]] = {}
    if rows and not sees_whole(visitor):
        for one in hidden_paragraphs(
            visitor.association, minutes__in=[row.minutes.pk for row in rows]
        ):
            hidden.setdefault(one.minutes, set()).add(one.number)
    shown = []
    for row in rows:
        numbers = hidden.get(row.minutes.pk, set())
        if row.paragraph:
            numbers = numbers & {row.paragraph.number}
        document = documents.get(row.document_key)
        if numbers:
            shown.append(_masked(visitor, row, numbers, documents.get(copy_key(row.document_key))))
        elif document is None or is_hidden_by_mark(visitor, document):
            shown.append(NoticeShown(row))
        else:
            shown.append(NoticeShown(row, document))
    return shown


def _masked(
    visitor: Visitor, row: Announcement, numbers: set[int], copy: Document | None
) -> NoticeShown:
    """The masked copy that is made and covers all that is hidden now, or where one waits for it."""
    association = visitor.association
    if copy and covers(copy, numbers) and not is_hidden_by_mark(visitor, copy):
        url, is_made = copy.get_absolute_url(), True
    else:
        meeting = row.minutes.meeting_id
        url = reverse("boards:masked_minutes", args=[association.slug, meeting])
        url += f"?paragraf={row.paragraph.number}" if row.paragraph else ""
        is_made = False
    why = f"{which_are_masked(numbers)} {masked_notice(association)}"
    return NoticeShown(row, masked_url=url, is_made=is_made, why_masked=why)
