"""Where changes stand and who has the ball: for the parties, the office and the overview."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.urls import reverse

from applications.changing import delegation_of
from applications.models import Application, ChangeKind, ChangeRequest, ChangeState
from boards.changes import DECIDED
from boards.effort_decisions import wanted_in_words
from boards.models import AgendaItem, Agreement, AgreementState, MeetingState, Outcome
from finsam import clock
from finsam.typography import date_long, enumerate_words
from finsam.ui import Status, Task

CHANGE_DAYS = 14
S = ChangeState
LOOKS: dict[str, Status] = {
    S.SUBMITTED: Status("Väntar på beslut", "warning"),
    S.APPROVED: Status("Godkänd", "success"),
    S.REFUSED: Status("Avslagen", "neutral"),
    S.WITHDRAWN: Status("Återkallad", "neutral"),
}


@dataclass(frozen=True)
class Row:
    """One change as it is shown: what is wanted, where it is, and whose turn it is."""

    change: ChangeRequest
    status: Status
    lines: list[str]
    whose: str
    waits_for: str
    due: date | None
    item: AgendaItem | None
    may_be_decided_here: bool
    addendum: Agreement | None = None


def rows_of(application: Application) -> list[Row]:
    """All changes of an effort, the latest first; in a fixed number of queries."""
    delegated = delegation_of(application.association).kinds
    found = with_items().filter(application=application).select_related("decided_by", "addendum")
    return [_row(application, one, delegated) for one in found]


def with_items() -> QuerySet[ChangeRequest]:
    """Changes with where the board has them."""
    items = AgendaItem.objects.select_related("meeting__body", "decision")
    found: QuerySet[ChangeRequest] = ChangeRequest.objects.prefetch_related(
        Prefetch("agenda_items", items.order_by("-pk"), to_attr="at_board")
    )
    return found


def _row(application: Application, change: ChangeRequest, delegated: Collection[str]) -> Row:
    item = _item_under_way(change.at_board)  # type: ignore[attr-defined]
    is_open = change.state == S.SUBMITTED
    whose, waits_for = _turn(application, item) if is_open else ("", "")
    return Row(
        change,
        LOOKS[change.state],
        wanted_in_words(change),
        whose,
        waits_for,
        _due(change, item) if is_open else None,
        item if is_open else None,
        is_open and item is None and change.kind in delegated,
        getattr(change, "addendum", None),
    )


def _item_under_way(items: Sequence[AgendaItem]) -> AgendaItem | None:
    for item in items:
        decision = getattr(item, "decision", None)
        put_off = decision is not None and decision.outcome not in DECIDED
        if not put_off and item.meeting.state != MeetingState.CANCELLED:
            return item
    return None


def _turn(application: Application, item: AgendaItem | None) -> tuple[str, str]:
    association = application.association
    if item is None:
        return f"{association.office_name.capitalize()}s tur", "Kansliet tar ställning."
    if getattr(item, "decision", None) is not None:
        return "Justerarnas tur", "Styrelsen har behandlat den. Beslutet väntar på justering."
    return f"{association.board_name}s tur", f"Tas upp på {item.meeting}."


def _due(change: ChangeRequest, item: AgendaItem | None) -> date:
    if item is not None:
        return clock.stockholm(item.meeting.starts_at).date()
    return clock.stockholm(change.submitted_at).date() + timedelta(days=CHANGE_DAYS)


def changed_since_signing(application: Application, signed_at: object) -> str:
    """Which approved changes the signed agreement does not say; empty where it says all."""
    if signed_at is None:
        return ""
    kinds = application.change_requests.filter(state=S.APPROVED, decided_at__gt=signed_at)
    kinds = kinds.exclude(addendum__state=AgreementState.SIGNED)
    names = [ChangeKind(kind).label.lower() for kind in kinds.values_list("kind", flat=True)]
    return enumerate_words(sorted(set(names)))


def changes_to_take_up() -> QuerySet[ChangeRequest]:
    """Changes that nobody has taken up: not decided, and under way to no meeting."""
    put_off = (Outcome.REFERRED_BACK, Outcome.TABLED)
    under_way = (
        AgendaItem.objects.filter(change=OuterRef("pk"))
        .exclude(meeting__state=MeetingState.CANCELLED)
        .exclude(decision__outcome__in=put_off)
    )
    return ChangeRequest.objects.filter(~Exists(under_way), state=S.SUBMITTED)


def change_task(application: Application, kind: str, came_on: date) -> Task:
    """For the overview: the change of an effort that has waited longest."""
    note = f"{ChangeKind(kind).label}, inkom {date_long(came_on)}"
    url = page_of(application, office=True)
    text = f"Ta ställning till ändring: {application.title}"
    return Task(text, url, None, note, came_on + timedelta(days=CHANGE_DAYS))


def page_of(application: Application, *, office: bool = False) -> str:
    name = "boards:office_changes" if office else "boards:changes"
    return reverse(name, args=[application.association.slug, application.public_id])
