"""What is announced to everyone: attested minutes, and paragraphs attested by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, IntegerField, QuerySet, Value

from boards.minutes_content import paragraph_interval
from boards.models import Minutes, MinutesState, Notice, Paragraph
from boards.notices import legal_force_of
from finsam.associations.models import Association


@dataclass(frozen=True)
class Announcement:
    """One attestation that is announced, with where it was posted and when."""

    minutes: Minutes
    paragraph: Paragraph | None
    numbers: str
    attested_at: datetime | None
    notices: Sequence[Notice]

    @property
    def document_key(self) -> str:
        return f"paragraph:{self.paragraph.pk}" if self.paragraph else f"minutes:{self.minutes.pk}"

    @property
    def proof_key(self) -> str:
        return f"notice_proof:{self.document_key}"

    @property
    def legal_force(self) -> date | None:
        return legal_force_of(self.notices)


def announcements(association: Association) -> QuerySet[Any, Any]:
    """Rows of (minutes, paragraph or 0, moment), newest first, to be read a page at a time."""
    whole = Minutes.objects.filter(meeting__association=association, state=MinutesState.ATTESTED)
    single = Paragraph.objects.filter(
        minutes__meeting__association=association, attested_at__isnull=False
    ).order_by()
    rows = whole.values_list("pk", Value(0, output_field=IntegerField()), "attested_at")
    return rows.union(single.values_list("minutes_id", F("pk"), "attested_at"), all=True).order_by(
        "-attested_at"
    )


def announced(rows: Iterable[tuple[int, int, datetime]]) -> list[Announcement]:
    """The announcements of a page, read together."""
    wanted = list(rows)
    minutes = {
        one.pk: one
        for one in Minutes.objects.filter(pk__in=[row[0] for row in wanted])
        .select_related("meeting__body", "meeting__association")
        .prefetch_related("notices__notice_board", "paragraphs")
    }
    found = []
    for minutes_id, paragraph_id, _moment in wanted:
        one = minutes[minutes_id]
        paragraphs = list(one.paragraphs.all())
        single = next((row for row in paragraphs if row.pk == paragraph_id), None)
        said = [single] if single else paragraphs
        found.append(
            Announcement(
                minutes=one,
                paragraph=single,
                numbers=paragraph_interval([row.number for row in said]),
                attested_at=single.attested_at if single else one.attested_at,
                notices=[
                    notice
                    for notice in one.notices.all()
                    if notice.paragraph_id == (single.pk if single else None)
                ],
            )
        )
    return found


def announcement_of(minutes: Minutes, paragraph: Paragraph | None = None) -> Announcement:
    """The announcement of the minutes, or of one paragraph of them."""
    moment = paragraph.attested_at if paragraph else minutes.attested_at
    pk = paragraph.pk if paragraph else 0
    (found,) = announced([(minutes.pk, pk, moment or minutes.created_at)])
    return found


def announcements_in(minutes: Minutes) -> list[Announcement]:
    """Those of one meeting: its single paragraphs in their order, then the whole."""
    single = minutes.paragraphs.filter(attested_at__isnull=False).order_by("number")
    rows = [(minutes.pk, one.pk, one.attested_at or minutes.created_at) for one in single]
    if minutes.state == MinutesState.ATTESTED:
        rows.append((minutes.pk, 0, minutes.attested_at or minutes.created_at))
    return announced(rows)
