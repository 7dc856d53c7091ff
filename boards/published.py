"""Tells the public pages which decisions are published and which meetings are coming."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from applications.models import ApplicationParty
from applications.public_information import (
    ComingMeeting,
    PublishedDecision,
    provide_decisions,
    provide_meetings,
)
from boards.masked_minutes import Hidden, hidden_paragraphs
from boards.models import (
    BodyKind,
    ItemKind,
    Meeting,
    MeetingState,
    Outcome,
    Paragraph,
)
from finsam import clock
from finsam.associations.models import Association
from finsam.documents.models import Document

TAKES_UP_APPLICATIONS = (BodyKind.BOARD, BodyKind.COUNCIL)
WITHHELD = "Beslut i ett sekretessmarkerat ärende"
AHEAD = (MeetingState.PLANNED, MeetingState.CALLED)


class Decisions:
    """The decisions of attested minutes, newest first, read a page at a time."""

    def __init__(self, association: Association) -> None:
        self.association = association
        self.rows = _paragraphs(association)

    def count(self) -> int:
        return self.rows.count()

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, part: slice) -> Sequence[PublishedDecision]:
        rows = list(self.rows[part])
        keys = {_key(row) for row in rows}
        documents = Document.objects.filter(association=self.association, key__in=keys)
        documents = documents.exclude(record__secrecy_section__gt="")
        documents = documents.select_related("association").order_by("version")
        places = {document.key: document.get_absolute_url() for document in documents}
        for one in hidden_paragraphs(
            self.association, minutes__in={row.minutes_id for row in rows}
        ):
            places |= _to_masked_copy(self.association, one, rows)
        return [_decision(row, places.get(_key(row), "")) for row in rows]


@provide_decisions
def decisions_of(association: Association) -> Decisions:
    return Decisions(association)


@provide_meetings
def meetings_of(association: Association, limit: int) -> list[ComingMeeting]:
    """Meetings of board and council to come, each with its last day for material."""
    rows = Meeting.objects.filter(
        association=association,
        state__in=AHEAD,
        body__kind__in=TAKES_UP_APPLICATIONS,
        starts_at__gte=clock.now(),
    )
    days = _material_days(association)
    found = []
    for meeting in rows.select_related("body").order_by("starts_at")[:limit]:
        day = clock.stockholm(meeting.starts_at).date()
        before = days.get(meeting.body.kind, 0)
        last = day - timedelta(days=before) if before else None
        found.append(ComingMeeting(day, meeting.body.name, last))
    return found


def _paragraphs(association: Association) -> QuerySet[Paragraph]:
    leading = ApplicationParty.objects.filter(is_lead=True)
    return (
        Paragraph.objects.filter(
            minutes__meeting__association=association,
            minutes__meeting__body__kind=BodyKind.BOARD,
            is_frozen=True,
            item__kind=ItemKind.DECISION,
            item__decision__isnull=False,
        )
        .select_related("minutes__meeting", "item__decision", "item__application__case")
        .prefetch_related(
            Prefetch("item__application__parties", queryset=leading, to_attr="leading")
        )
        .order_by("-minutes__meeting__starts_at", "-number")
    )


def _to_masked_copy(
    association: Association, hidden: Hidden, rows: Sequence[Paragraph]
) -> dict[str, str]:
    """Where decisions are read of minutes that hold a hidden §, and of that § itself: nowhere."""
    places = {f"paragraph:{hidden.paragraph}": ""}
    for row in rows:
        key = f"minutes:{hidden.minutes}"
        if _key(row) == key:
            meeting = row.minutes.meeting_id
            places[key] = reverse("boards:masked_minutes", args=[association.slug, meeting])
    return places


def _key(row: Paragraph) -> str:
    """The document where the decision is read: its own, when it was attested by itself."""
    return f"paragraph:{row.pk}" if row.attested_at else f"minutes:{row.minutes_id}"


def _decision(row: Paragraph, url: str) -> PublishedDecision:
    """What the public may read; of a case marked as secret only that a decision was made."""
    application, decision = row.item.application, row.item.decision
    if application and application.case and application.case.secrecy_section:
        return PublishedDecision(
            decided_on=clock.stockholm(row.minutes.meeting.starts_at).date(),
            number=f"§\u00a0{row.number}",
            heading=WITHHELD,
            outcome="–",
        )
    leading = application.leading if application else []  # type: ignore[attr-defined]
    return PublishedDecision(
        decided_on=clock.stockholm(row.minutes.meeting.starts_at).date(),
        number=f"§\u00a0{row.number}",
        heading=row.heading,
        outcome=Outcome(decision.outcome).label,
        amount=decision.amount,
        recipient=leading[0].name if leading else "",
        url=url,
    )


def _material_days(association: Association) -> dict[str, int]:
    """How long before a meeting material must be in: the longest that a programme asks for."""
    days: dict[str, int] = {}
    for programme in association.programmes.all():
        steps = programme.definition.get("steps", {})
        for kind, step in ((BodyKind.COUNCIL, "council"), (BodyKind.BOARD, "board")):
            asked = int((steps.get(step) or {}).get("material_days", 0))
            days[kind] = max(days.get(kind, 0), asked)
    return days
