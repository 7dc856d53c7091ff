"""Which meetings a visitor may see, and what pages read together."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from applications.models import Application
from boards.models import (
    AgendaItem,
    Attestation,
    BodyKind,
    DecisionMemo,
    ItemKind,
    Meeting,
    MeetingState,
    MemoState,
    Minutes,
    MinutesState,
    Paragraph,
    ParagraphAttestation,
    Recusal,
    Seat,
)
from finsam import clock
from finsam.people.access import Visitor
from finsam.people.models import RoleKind


class Recused(PermissionDenied):
    """Nothing of the item is shown to one who has declared a conflict of interest (KL 6:28–32)."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"Du har anmält jäv i ”{title}”. Därför ser du inte ärendets sidor och handlingar "
            "(6 kap. 28–32 §§ kommunallagen). Har det blivit fel, hör av dig till kansliet."
        )


SEES_ALL = (RoleKind.OFFICER, RoleKind.DIRECTOR, RoleKind.AUDITOR)


def meetings_visible_to(visitor: Visitor) -> QuerySet[Meeting]:
    """All for the office and the auditor; for others those called in bodies where they sit."""
    found = Meeting.objects.filter(association=visitor.association).select_related(
        "association", "body", "case", "chair__user", "secretary", "minutes"
    )
    if visitor.has(*SEES_ALL):
        return found
    seats = Seat.objects.held_on(clock.today()).filter(user=visitor.user)
    return found.filter(body__in=seats.values("body")).exclude(state=MeetingState.PLANNED)


def meeting_or_404(visitor: Visitor, pk: int) -> Meeting:
    found = meetings_visible_to(visitor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def item_or_404(
    visitor: Visitor, meeting: int | None, pk: int, *, struck: bool = False
) -> AgendaItem:
    """An item of a meeting that the visitor may see; of any such meeting when none is named.

    With `struck` also one whose record has been struck: the room then says so to a stale page.
    """
    rows = AgendaItem.everything.all() if struck else AgendaItem.objects.all()
    if meeting is not None:
        rows = rows.filter(meeting=meeting)
    found = (
        rows.filter(meeting__in=meetings_visible_to(visitor), pk=pk)
        .select_related(
            "meeting__association", "meeting__body", "meeting__chair__user", "meeting__case"
        )
        .select_related(
            "application__case",
            "application__round__frame",
            "application__round__programme",
            "termination__application__case",
            "termination__application__grant__frame",
            "change__application__case",
            "change__application__grant__frame",
        )
        .select_related("application__association")
        .first()
    )
    if found is None:
        raise Http404
    return found


def seat_in(meeting: Meeting, pk: object) -> Seat:
    """A seat of the meeting's body."""
    found = meeting.body.seats.select_related("user", "member").filter(pk=whole_number(pk) or 0)
    seat: Seat | None = found.first()
    if seat is None:
        raise Http404
    return seat


def whole_number(text: object) -> int | None:
    """What an address or a form gave as a number; None when it is none."""
    said = str(text or "")
    return int(said) if said.isdecimal() and len(said) < 16 else None


def hidden_from(visitor: Visitor) -> Q:
    """Items of which nothing is shown to the visitor, who has declared a conflict of interest.

    Declared once in a case it holds for every item about it, at this meeting and others. The
    office works with all items, whoever its people are elsewhere.
    """
    if visitor.has(*SEES_ALL):
        return Q(pk__in=[])
    mine = Recusal.objects.filter(
        seat__user=visitor.user, item__meeting__association=visitor.association
    )
    about = (
        Q(agenda_items__recusals__in=mine)
        | Q(terminations__agenda_items__recusals__in=mine)
        | Q(change_requests__agenda_items__recusals__in=mine)
    )
    cases = Application.objects.filter(about).values("pk")
    return (
        Q(pk__in=mine.values("item"))
        | Q(application__in=cases)
        | Q(termination__application__in=cases)
        | Q(change__application__in=cases)
    )


def recused_items(visitor: Visitor, meeting: Meeting) -> frozenset[int]:
    """The items of a meeting that are hidden from the visitor."""
    hidden = AgendaItem.objects.filter(hidden_from(visitor), meeting=meeting)
    return frozenset(hidden.values_list("pk", flat=True))


def require_not_recused(visitor: Visitor, item: AgendaItem) -> None:
    """Refuse the pages of an item to one who has declared a conflict of interest in its case."""
    if item.pk in recused_items(visitor, item.meeting):
        raise Recused(item.title)


def may_read_at_meeting(visitor: Visitor, case_id: int | None) -> bool:
    """Whether the case is on a called meeting of a body where the visitor sits, without recusal."""
    if case_id is None or is_recused_from(visitor, case_id):
        return False
    about = (
        Q(application__case=case_id)
        | Q(termination__application__case=case_id)
        | Q(change__application__case=case_id)
    )
    return AgendaItem.objects.filter(about, meeting__in=meetings_visible_to(visitor)).exists()


def is_recused_from(visitor: Visitor, case_id: int | None) -> bool:
    """Whether the visitor has declared a conflict of interest in the case at any meeting."""
    return case_id is not None and is_recused_from_any(visitor, [case_id])


def is_recused_from_any(visitor: Visitor, cases: Collection[int]) -> bool:
    """The same of several cases at once."""
    return bool(recused_cases(visitor, cases))


def recused_cases(visitor: Visitor, cases: Collection[int]) -> frozenset[int]:
    """Those of the cases in which the visitor has declared a conflict of interest."""
    if not cases or visitor.has(*SEES_ALL):
        return frozenset()
    mine = Recusal.objects.filter(seat__user=visitor.user)
    found: set[int] = set()
    for about in ("application", "termination__application", "change__application"):
        field = f"item__{about}__case"
        found |= set(mine.filter(**{f"{field}__in": cases}).values_list(field, flat=True))
    return frozenset(found)


def minutes_to_attest(visitor: Visitor) -> QuerySet[Minutes]:
    """The minutes that wait for the visitor's own attestation of what they say now."""
    mine = Attestation.objects.filter(
        minutes=OuterRef("pk"), user=visitor.user, content_hash=OuterRef("content_hash")
    )
    found: QuerySet[Minutes] = Minutes.objects.filter(
        ~Exists(mine),
        state=MinutesState.WITH_ATTESTERS,
        meeting__association=visitor.association,
        meeting__attesters__seat__user=visitor.user,
    )
    return found.select_related("meeting__body").distinct()


def paragraphs_to_attest(visitor: Visitor) -> QuerySet[Paragraph]:
    """The single paragraphs that wait for the visitor's own attestation while a meeting goes on."""
    found: QuerySet[Paragraph] = Paragraph.objects.filter(
        content__isnull=False,
        minutes__meeting__association=visitor.association,
        attestations__in=ParagraphAttestation.objects.filter(
            seat__user=visitor.user, attested_at=None
        ),
    )
    return found.select_related("minutes__meeting__body").distinct()


def seats_of(visitor: Visitor, kind: BodyKind) -> QuerySet[Seat]:
    """The visitor's own seats today in bodies of a kind."""
    held: QuerySet[Seat] = Seat.objects.held_on(clock.today()).filter(
        user=visitor.user, body__association=visitor.association, body__kind=kind
    )
    return held.select_related("body", "member")


def final_memo(application: Application) -> DecisionMemo | None:
    """The latest finished memo, which goes into the packet."""
    return final_memos().filter(application=application).first()


def decision_items(meeting: Meeting) -> QuerySet[AgendaItem]:
    """The items of a meeting that decide on applications: each needs its memo."""
    found: QuerySet[AgendaItem] = meeting.items.filter(
        application__isnull=False, kind=ItemKind.DECISION
    )
    return found


def final_memos_of(items: Iterable[AgendaItem]) -> dict[int, DecisionMemo]:
    """The latest finished memo of each item's application, without its texts, by application."""
    cases = [item.application_id for item in items]
    found = final_memos().filter(application__in=cases).defer("texts", "snapshot")
    return {memo.application_id: memo for memo in reversed(found)}


def final_memos() -> QuerySet[DecisionMemo]:
    """The finished memos, the latest first."""
    return DecisionMemo.objects.filter(state=MemoState.FINAL).order_by("-number")
