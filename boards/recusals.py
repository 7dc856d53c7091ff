"""Conflicts of interest (jäv): declared, suggested, taken back; a substitute may step in."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import CharField, F, IntegerField, QuerySet, Value
from django.db.models.expressions import Combinable

from applications.models import Application, ApplicationParty, PartyMember, Signature
from boards.attendance import require_not_closed, room_of
from boards.errors import MeetingRefusal
from boards.locking import lock_item, lock_meeting
from boards.models import AgendaItem, ItemState, Meeting, Recusal, Seat
from boards.quorum import next_in_turn, require_may_sit, require_turn
from finsam import clock
from finsam.people.models import User
from finsam.registry.events import record_event

REASONS = ("undertecknade ansökan", "kontaktperson", "skriver i ansökan")


def declare_recusal(
    *,
    item: AgendaItem,
    seat: Seat,
    actor: User,
    reason: str = "",
    served_by: Seat | None = None,
) -> Recusal:
    """Note a conflict of interest in an item; a substitute of the same organisation may step in.

    The person then neither decides nor is present for the item (KL 6:28–32). Declared again in
    the same way nothing happens.
    """
    with transaction.atomic():
        meeting = lock_meeting(item.meeting)
        require_not_closed(meeting)
        item = lock_item(item)
        _require_open(item)
        if served_by is not None:
            _require_free(meeting, item, served_by, seat)
        wanted = {"reason": reason.strip()[:240], "served_by": served_by}
        earlier = Recusal.objects.filter(item=item, seat=seat, **wanted).first()
        if earlier is not None:
            return earlier
        recusal, created = Recusal.objects.update_or_create(
            item=item, seat=seat, defaults={**wanted, "declared_by": actor}
        )
        _record(recusal, item, actor, "recusal_declared" if created else "recusal_changed")
    return recusal


def declare_own_recusal(*, item: AgendaItem, actor: User, reason: str = "") -> Recusal:
    """Note the conflict of interest that somebody with a seat declares; it is duty (KL 6:28–32).

    What has been noted of it already stands, with its stand-in. Raises MeetingRefusal.
    """
    with transaction.atomic():
        meeting = lock_meeting(item.meeting)
        day = clock.stockholm(meeting.starts_at).date()
        seat = meeting.body.seats.held_on(day).filter(user=actor).order_by("pk").first()
        if seat is None:
            raise MeetingRefusal("no_seat", f"Du har ingen plats i {meeting.body.name.lower()}.")
        earlier = Recusal.objects.filter(item=item, seat=seat).first()
        if earlier is not None:
            return earlier
        return declare_recusal(item=item, seat=seat, actor=actor, reason=reason)


def withdraw_recusal(*, item: AgendaItem, seat: Seat, actor: User) -> None:
    """Take back a conflict of interest that was noted by mistake, before the item is settled.

    The event keeps that it was there. Taken back twice it is once.
    """
    with transaction.atomic():
        meeting = lock_meeting(item.meeting)
        require_not_closed(meeting)
        item = lock_item(item)
        _require_open(item)
        recusal = Recusal.objects.filter(item=item, seat=seat).first()
        if recusal is not None:
            _record(recusal, item, actor, "recusal_withdrawn")
            recusal.delete()


def next_stand_in(meeting: Meeting, item: AgendaItem, seat: Seat) -> Seat | None:
    """Who steps in for a recused seat: the first in the order who is there, free and not recused.

    A substitute who is recused leaves the seat that is filled to the next in the order.
    """
    recusals = list(item.recusals.all())
    stand_ins = {one.served_by_id for one in recusals if one.served_by_id}
    return next_in_turn(room_of(meeting), seat, {one.seat_id for one in recusals} | stand_ins)


def suggested_recusals(item: AgendaItem, seats: list[Seat]) -> dict[int, str]:
    """Why the office should ask somebody, by seat: signed, is contact or writes in the application.

    The system asks and never decides. To come from the same organisation is no conflict of
    interest by itself: every member of the board does.
    """
    if item.concerns is None:
        return {}
    why: dict[str, str] = {}
    for key, reason in _connected(item.concerns):
        why.setdefault(key, reason)
    found = {seat.pk: _reason(why, seat.user) for seat in seats}
    return {seat: reason for seat, reason in found.items() if reason}


def _connected(application: Application) -> list[tuple[str, str]]:
    """People in the application by address and by name, the weightiest reason first."""
    signed = Signature.objects.filter(version__application=application)
    contacts = ApplicationParty.objects.filter(application=application)
    writers = PartyMember.objects.filter(party__application=application)
    found = _people(signed, "user__email", F("signatory_name"), 0).union(
        _people(contacts, "contact_email", F("contact_name"), 1),
        _people(writers, "user__email", Value("", CharField()), 2),
        all=True,
    )
    rows = sorted(found, key=lambda row: row[0])
    keys = [(key.strip().casefold(), rank) for rank, *who in rows for key in who]
    return [(key, REASONS[rank]) for key, rank in keys if key]


def _people(rows: QuerySet[Any], email: str, name: Combinable, rank: int) -> QuerySet[Any, Any]:
    """Who they are, in the one shape that a union needs."""
    said = rows.order_by().annotate(_rank=Value(rank, IntegerField()), _email=F(email), _name=name)
    found: QuerySet[Any, Any] = said.values_list("_rank", "_email", "_name")
    return found


def _reason(why: dict[str, str], user: User) -> str:
    return why.get(user.email.casefold()) or why.get(user.name.casefold(), "")


def _record(recusal: Recusal, item: AgendaItem, actor: User, action: str) -> None:
    meeting = item.meeting
    record_event(
        association=meeting.association,
        actor=actor,
        action=action,
        obj=recusal,
        case=item.concerns.case if item.concerns else meeting.case,
        payload={
            "item": item.pk,
            "seat": recusal.seat_id,
            "served_by": recusal.served_by_id,
            "reason": recusal.reason,
        },
    )


def _require_open(item: AgendaItem) -> None:
    if item.state == ItemState.DONE:
        raise MeetingRefusal(
            "item_done",
            "Ärendet är redan avgjort. Jäv måste anmälas innan beslutet fattas; anteckna det "
            "som hänt i protokollet i stället.",
        )


def _require_free(meeting: Meeting, item: AgendaItem, served_by: Seat, seat: Seat) -> None:
    """The stand-in is of the same organisation, in turn, and serves for nobody else."""
    require_may_sit(meeting, served_by, seat, is_remote=False)
    busy = meeting.attendances.filter(left_at=None, seat=served_by, serves_for__isnull=False)
    others = item.recusals.exclude(seat=seat)
    taken = set(others.exclude(served_by=None).values_list("served_by_id", flat=True))
    if busy.exclude(serves_for=seat).exists() or served_by.pk in taken:
        raise MeetingRefusal(
            "substitute_serves",
            f"{served_by.user.name} tjänstgör redan för någon annan. Välj en annan ersättare.",
        )
    recused = {one.seat_id for one in others} | {seat.pk}
    if served_by.pk in recused:
        raise MeetingRefusal("substitute_recused", f"{served_by.user.name} har själv anmält jäv.")
    require_turn(room_of(meeting), served_by, seat, taken | recused)
