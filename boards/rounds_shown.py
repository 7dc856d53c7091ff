"""The rounds under way on the overview: whose turn it is, and the sums against the frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.urls import reverse

from applications.looks import APPLICATION
from applications.models import (
    Application,
    ApplicationParty,
    ApplicationState,
    ApplicationVersion,
    Report,
    ReportState,
    Round,
    SupplementRequest,
    Termination,
    VersionPurpose,
)
from applications.queries import without_step
from boards.models import AgendaItem, BodyKind, ItemState, MeetingState, Recommendation
from budgets.models import Frame
from budgets.models.frames import granted_of
from finsam import clock
from finsam.associations.models import Association
from finsam.typography import date_long, kronor
from finsam.ui import Bar, BarPart, Status, bar

FINISHED = (ApplicationState.WITHDRAWN, ApplicationState.DISMISSED, ApplicationState.CLOSED)
NOT_HELD = (
    MeetingState.PLANNED,
    MeetingState.CALLED,
    MeetingState.ONGOING,
    MeetingState.ADJOURNED,
)
WHOSE_TURN: dict[str, str] = {
    ApplicationState.SUBMITTED: "Kansliet",
    ApplicationState.IN_REVIEW: "Kansliet",
    ApplicationState.RETURNED: "Sökande",
    ApplicationState.GRANTED: "Justering och avtal",
    ApplicationState.PARTLY_GRANTED: "Justering och avtal",
    ApplicationState.AGREED: "Kansliet",
    ApplicationState.RUNNING: "Parterna",
    ApplicationState.TERMINATED: "Parterna",
}


@dataclass(frozen=True)
class RoundRow:
    application: Application
    requested: int
    status: Status
    whose_turn: str
    url: str
    known: str = ""
    """The person and the day of the next step, as far as they are known."""


@dataclass(frozen=True)
class RoundView:
    """A round with its applications and, when it has one, its frame."""

    round: Round
    rows: list[RoundRow]
    requested: int
    frame: Frame | None
    drawn: Bar | None

    @property
    def over(self) -> int:
        return max(self.requested - (self.frame.amount if self.frame else self.requested), 0)


def rounds_under_way(association: Association) -> list[RoundView]:
    """The rounds that have applications under way, the nearest closing first; two questions."""
    received = Application.objects.exclude(state=ApplicationState.DRAFT).exclude(state__in=FINISHED)
    versions = ApplicationVersion.objects.filter(
        application=OuterRef("pk"),
        purpose__in=[VersionPurpose.SUBMISSION, VersionPurpose.SUPPLEMENT],
    ).order_by("-number")
    handed_in = Report.objects.filter(application=OuterRef("pk"), state=ReportState.SUBMITTED)
    recommended = Exists(Recommendation.objects.filter(application=OuterRef("pk")))
    is_prepared = Q(recommended) | without_step("council")
    shown = (
        received.select_related("lot", "grant", "case")
        .annotate(
            has_report_to_read=Exists(handed_in),
            is_prepared=ExpressionWrapper(is_prepared, BooleanField()),
            sought=Coalesce(Subquery(versions.values("requested_amount")[:1]), 0),
            **_known_of_next_step(),
        )
        .order_by("title")[:50]
    )
    rounds = (
        Round.objects.filter(association=association)
        .filter(Exists(received.filter(round=OuterRef("pk"))))
        .select_related("frame__account", "frame__association", "programme")
        .annotate(granted=granted_of("frame"))
        .prefetch_related(Prefetch("applications", shown, to_attr="under_way"))
        .order_by("-closes_at")[:3]
    )
    return [_round_view(association, one) for one in rounds]


def _whose_turn(association: Association, application: Any) -> str:
    """Who has the ball, by the name that the association uses itself."""
    if application.state == ApplicationState.IN_PREPARATION and not application.is_prepared:
        return association.council_name
    if application.state in (ApplicationState.TO_BOARD, ApplicationState.TABLED):
        return association.board_name
    if application.state == ApplicationState.IN_PREPARATION or application.has_report_to_read:
        return "Kansliet"
    return WHOSE_TURN.get(application.state, "")


def _known_of_next_step() -> dict[str, Subquery]:
    """Who completes and by when, the meeting that takes it up, the last day to claim."""
    own = {"application": OuterRef("pk")}
    waits = AgendaItem.objects.filter(**own, meeting__state__in=NOT_HELD).exclude(
        state=ItemState.DONE
    )
    first = waits.order_by("meeting__starts_at").values("meeting__starts_at")
    asked = SupplementRequest.objects.filter(**own, answered_at=None)
    ended = Termination.objects.filter(**own, public_at__isnull=False)
    lead = ApplicationParty.objects.filter(**own, is_lead=True)
    return {
        "board_meets": Subquery(first.filter(meeting__body__kind=BodyKind.BOARD)[:1]),
        "council_meets": Subquery(first.filter(meeting__body__kind=BodyKind.COUNCIL)[:1]),
        "answer_by": Subquery(asked.values("last_day")[:1]),
        "claims_until": Subquery(ended.values("claims_until")[:1]),
        "lead_contact": Subquery(lead.values("contact_name")[:1]),
    }


def _known(application: Any) -> str:
    """Nadja Berg, senast 12 december 2026; möte 12 december 2026"""
    state = application.state
    if state == ApplicationState.RETURNED and application.answer_by:
        last = f"senast {date_long(application.answer_by)}"
        return f"{application.lead_contact}, {last}" if application.lead_contact else last
    meets = None
    if state in (ApplicationState.TO_BOARD, ApplicationState.TABLED):
        meets = application.board_meets
    elif state == ApplicationState.IN_PREPARATION and not application.is_prepared:
        meets = application.council_meets
    if meets is not None:
        return f"möte {date_long(clock.stockholm(meets).date())}"
    until = application.claims_until
    if state == ApplicationState.TERMINATED and until and until >= clock.today():
        return f"slutrekvisition senast {date_long(until)}"
    return ""


def _round_view(association: Association, round_: Any) -> RoundView:
    rows = [
        RoundRow(
            one,
            one.sought,
            APPLICATION[one.state],
            _whose_turn(association, one),
            office_url(association, one),
            _known(one),
        )
        for one in round_.under_way
    ]
    requested = sum(row.requested for row in rows)
    frame = round_.frame
    drawn = _bar(requested, frame, round_.granted) if frame else None
    return RoundView(round_, rows, requested, frame, drawn)


def _bar(requested: int, frame: Frame, granted: int) -> Bar:
    parts = [BarPart("Beviljat", granted)] if granted else []
    open_sum = max(min(requested, frame.amount) - granted, 0)
    parts.append(BarPart("Sökt inom ramen", open_sum, "second" if granted else "association"))
    if requested > frame.amount:
        parts.append(BarPart("Sökt över ramen", requested - frame.amount, "over"))
    label = f"Sökt {kronor(requested)} av ramen {kronor(frame.amount)}, beviljat {kronor(granted)}."
    return bar(parts, label=label, total=frame.amount)


def office_url(association: Association, application: Application) -> str:
    return reverse(
        "applications:office_application", args=[association.slug, application.public_id]
    )
