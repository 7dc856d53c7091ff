"""What the public notice page shows of each announcement: the document, or what is masked of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from boards.announcements import Announcement
from boards.documents_shown import made_of
from boards.masked_minutes import hidden_paragraphs, sees_whole, which_are_masked
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
    why_masked: str = ""


def notices_shown(visitor: Visitor, rows: Sequence[Announcement]) -> list[NoticeShown]:
    """The announcements of a page with what the visitor may read; two questions for all."""
    documents = made_of([row.document_key for row in rows])
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
            shown.append(_masked(visitor, row, numbers, is_made=document is not None))
        elif document is None or is_hidden_by_mark(visitor, document):
            shown.append(NoticeShown(row))
        else:
            shown.append(NoticeShown(row, document))
    return shown


def _masked(
    visitor: Visitor, row: Announcement, numbers: set[int], *, is_made: bool
) -> NoticeShown:
    """Of a § alone nothing would be left; of whole minutes there is a copy once they are made."""
    association = visitor.association
    url = ""
    if row.paragraph is None and is_made:
        url = reverse("boards:masked_minutes", args=[association.slug, row.minutes.meeting_id])
    why = f"{which_are_masked(numbers)} {masked_notice(association)}"
    return NoticeShown(row, masked_url=url, why_masked=why)
