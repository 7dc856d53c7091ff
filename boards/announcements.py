"""What is announced to everyone: attested minutes, and paragraphs attested by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, IntegerField, Prefetch, QuerySet, Value

from boards.corrections import with_corrections
from boards.deadlines import legal_force_day
from boards.minutes_content import paragraph_interval
from boards.models import Minutes, MinutesState, Notice, Paragraph
from finsam import clock
from finsam.associations.models import Association
from finsam.documents.documents import promise_document
from finsam.people.models import User
from finsam.typography import date_long


def legal_force_of(notices: Sequence[Notice]) -> date | None:
    """The day of legal force, from the latest posting; None until all of them are up."""
    days = [notice.posted_on for notice in notices if notice.posted_on]
    return legal_force_day(max(days)) if notices and len(days) == len(notices) else None


@dataclass(frozen=True)
class Announcement:
    """One attestation that is announced, with where it was posted and when."""

    minutes: Minutes
    paragraph: Paragraph | None
    numbers: str
    attested_at: datetime | None
    notices: Sequence[Notice]
    corrected: Sequence[tuple[int, Paragraph]] = ()

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


def whole_minutes() -> tuple[Prefetch[Any], ...]:
    """What is read together of minutes: paragraphs with what corrects them, and postings."""
    paragraphs = Paragraph.objects.select_related("item__correction__paragraph__minutes__meeting")
    return (
        Prefetch("notices", Notice.objects.select_related("notice_board", "recorded_by")),
        Prefetch("paragraphs", paragraphs),
        Prefetch("paragraphs__corrections", with_corrections()),
    )


def announced(rows: Iterable[tuple[int, int, datetime]]) -> list[Announcement]:
    """The announcements of a page, read together."""
    wanted = list(rows)
    minutes = {
        one.pk: one
        for one in Minutes.objects.filter(pk__in=[row[0] for row in wanted])
        .select_related("meeting__body", "meeting__association", "meeting__case")
        .prefetch_related(*whole_minutes())
    }
    return [
        _announcement(minutes[minutes_id], paragraph_id) for minutes_id, paragraph_id, _ in wanted
    ]


def _announcement(one: Minutes, paragraph_id: int) -> Announcement:
    """Of minutes read with `whole_minutes`: one paragraph, or all of them when that is 0."""
    paragraphs = list(one.paragraphs.all())
    single = next((row for row in paragraphs if row.pk == paragraph_id), None)
    said = [single] if single else paragraphs
    return Announcement(
        minutes=one,
        paragraph=single,
        numbers=paragraph_interval([row.number for row in said]),
        corrected=[
            (row.number, correction.item.paragraph)
            for row in said
            for correction in row.corrections.all()
            if hasattr(correction.item, "paragraph") and correction.item.paragraph.is_frozen
        ],
        attested_at=single.attested_at if single else one.attested_at,
        notices=[
            notice
            for notice in one.notices.all()
            if notice.paragraph_id == (single.pk if single else None)
        ],
    )


def announcement_of(minutes: Minutes, paragraph: Paragraph | None = None) -> Announcement:
    """The announcement of the minutes, or of one paragraph of them."""
    moment = paragraph.attested_at if paragraph else minutes.attested_at
    pk = paragraph.pk if paragraph else 0
    (found,) = announced([(minutes.pk, pk, moment or minutes.created_at)])
    return found


def announcements_in(minutes: Minutes) -> list[Announcement]:
    """Those of one meeting: its single paragraphs in their order, then the whole.

    Of minutes read with `whole_minutes`.
    """
    attested = [one for one in minutes.paragraphs.all() if one.attested_at is not None]
    single = [one.pk for one in sorted(attested, key=lambda one: one.number)]
    whole = [0] if minutes.state == MinutesState.ATTESTED else []
    return [_announcement(minutes, pk) for pk in [*single, *whole]]


def proof_source(found: Announcement) -> dict[str, Any]:
    """The proof of posting: one line a notice board, with who noted it."""
    meeting = found.minutes.meeting
    return {
        "body": meeting.body.name,
        "meeting_day": date_long(clock.stockholm(meeting.starts_at).date()),
        "numbers": found.numbers,
        "attested_at": found.attested_at.isoformat() if found.attested_at else "",
        "columns": [
            {"text": "Anslagstavla", "width": 34},
            {"text": "Uppsatt"},
            {"text": "Tas ned tidigast"},
            {"text": "Nedtaget"},
        ],
        "rows": [
            [
                notice.notice_board.name,
                date_long(notice.posted_on) if notice.posted_on else "",
                date_long(notice.remove_after + timedelta(days=1)) if notice.remove_after else "",
                date_long(notice.removed_on) if notice.removed_on else "",
            ]
            for notice in found.notices
        ],
        "legal_force": found.legal_force.isoformat() if found.legal_force else "",
        "kept_at": meeting.association.office_name,
        "signed_by": sorted({n.recorded_by.name for n in found.notices if n.recorded_by}),
    }


def promise_proof(notice: Notice, actor: User) -> None:
    """Promise the proof of posting anew after a posting or a removal was noted."""
    found = announcement_of(notice.minutes, notice.paragraph)
    meeting = found.minutes.meeting
    promise_document(
        association=meeting.association,
        kind="notice_proof",
        key=found.proof_key,
        title=f"Bevis om anslag {found.numbers} {meeting.body.name}",
        source=proof_source(found),
        case=meeting.case,
        requested_by=actor,
    )
