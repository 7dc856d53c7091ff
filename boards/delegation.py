"""Delegated decisions: registered when taken, and reported to the board by themselves (FL 10 §)."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Max, QuerySet

from boards.errors import MeetingRefusal
from boards.locking import lock_meeting
from boards.models import (
    AgendaItem,
    BodyKind,
    DelegatedDecision,
    DelegateFunction,
    ItemKind,
    ItemState,
    Meeting,
    MeetingState,
)
from finsam import clock
from finsam.associations.models import Association
from finsam.people.access import visitor_for
from finsam.people.models import RoleKind, User
from finsam.registry.events import locked_head, record_event
from finsam.registry.models import Direction
from finsam.registry.register import open_case, register_record
from finsam.typography import date_long

TITLE = "Delegationsbeslut"
ROLE_OF = {DelegateFunction.DIRECTOR: RoleKind.DIRECTOR, DelegateFunction.CHAIR: RoleKind.CHAIR}


def record_delegated_decision(
    *,
    association: Association,
    decided_by: User,
    function: DelegateFunction,
    decided_on: date,
    subject: str,
    text: str,
    basis: str,
    actor: User,
) -> DelegatedDecision:
    """Register a decision taken on the board's behalf; it gets its number, case and record.

    It is put on the agenda of the next meeting of the board by itself. The same again gives the
    one that is there. Raises MeetingRefusal when something is unsaid, when the day has not been,
    or when the person does not hold the function.
    """
    said = {"subject": subject.strip()[:240], "text": text.strip(), "basis": basis.strip()[:120]}
    with transaction.atomic():
        locked_head(association)
        facts = {"decided_by": decided_by, "function": function, "decided_on": decided_on, **said}
        same = association.delegated_decisions.filter(**facts).first()
        if same is not None:
            return same
        _require_possible(association, decided_by, function, decided_on, said)
        year = decided_on.year
        rows = association.delegated_decisions.filter(year=year)
        case = open_case(association=association, title=said["subject"], actor=actor)
        decision = DelegatedDecision.objects.create(
            association=association,
            year=year,
            number=(rows.aggregate(last=Max("number"))["last"] or 0) + 1,
            case=case,
            recorded_by=actor,
            recorded_at=clock.now(),
            **facts,
        )
        register_record(
            case=case,
            direction=Direction.DRAWN_UP,
            subject=f"Delegationsbeslut D {year}:{decision.number}",
            actor=actor,
        )
        record_event(
            association=association,
            actor=actor,
            action="delegated_decision_recorded",
            obj=decision,
            case=case,
            payload={"number": decision.number, "function": function, **said},
        )
    collect_delegated(association=association, actor=actor)
    decision.refresh_from_db()
    return decision


def hold_next_agenda(association: Association) -> None:
    """Lock the board's next meeting before a case, as its own decisions do, in a transaction."""
    meeting = _next_meeting(association)
    if meeting is not None:
        lock_meeting(meeting)


def collect_delegated(*, association: Association, actor: User) -> AgendaItem | None:
    """Put what the board has not been told of on its next agenda; gives the item, when there is.

    What stood on the agenda of a meeting that was cancelled goes to the next one.
    """
    with transaction.atomic():
        meeting = _next_meeting(association)
        if meeting is None:
            return None
        meeting = lock_meeting(meeting)
        left = unreported(association).exclude(item__meeting=meeting)
        if not left.exists():
            return None
        item = _item_of(meeting)
        numbers = list(left.order_by("year", "number").values_list("year", "number"))
        left.update(item=item)
        record_event(
            association=association,
            actor=actor,
            action="delegated_decisions_collected",
            obj=item,
            case=meeting.case,
            payload={"numbers": [f"{year}:{number}" for year, number in numbers]},
        )
    return item


def unreported(association: Association) -> QuerySet[DelegatedDecision]:
    """The decisions that no meeting of the board has been told of."""
    told = DelegatedDecision.objects.filter(
        association=association, item__state=ItemState.DONE, item__retracted_at=None
    )
    return DelegatedDecision.objects.filter(association=association).exclude(pk__in=told)


def report(item: AgendaItem) -> str:
    """What the board is told: one line a decision, for the item's background in the minutes."""
    rows = item.delegated_decisions.select_related("decided_by").order_by("year", "number")
    return "\n".join(
        f"D {one.year}:{one.number}, {date_long(one.decided_on)}, {one.decided_by.name} "
        f"({one.get_function_display().lower()}, {one.basis}): {one.subject}. {one.text}"
        for one in rows
    )


def _next_meeting(association: Association) -> Meeting | None:
    coming = Meeting.objects.filter(
        association=association,
        body__kind=BodyKind.BOARD,
        state__in=[MeetingState.PLANNED, MeetingState.CALLED],
    )
    return coming.order_by("starts_at", "pk").first()


def _item_of(meeting: Meeting) -> AgendaItem:
    """The meeting's item for the report: made after the formal ones when it is not there."""
    found = meeting.items.filter(kind=ItemKind.DELEGATION, state=ItemState.WAITING).first()
    if found is not None:
        return found
    closing = meeting.items.filter(kind=ItemKind.CLOSING, state=ItemState.WAITING).first()
    last = meeting.items.aggregate(last=Max("position"))["last"] or 0
    position = closing.position if closing else last + 1
    if closing:
        closing.position = last + 1
        closing.save(update_fields=["position"])
    return meeting.items.create(kind=ItemKind.DELEGATION, title=TITLE, position=position)


def _require_possible(
    association: Association,
    decided_by: User,
    function: DelegateFunction,
    decided_on: date,
    said: dict[str, str],
) -> None:
    for field, text in said.items():
        if not text:
            raise MeetingRefusal("unsaid", "Fyll i fältet.", field)
    if decided_on > clock.today():
        raise MeetingRefusal("day_ahead", "Dagen har inte varit än.", "decided_on")
    if not visitor_for(association, decided_by).has(ROLE_OF[function]):
        raise MeetingRefusal(
            "not_delegate",
            f"{decided_by.name} är inte {function.label.lower()} i förbundet.",
            "decided_by",
        )
