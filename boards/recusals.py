"""Conflicts of interest (jäv): declared, suggested, taken back; a substitute may step in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import CharField, F, IntegerField, QuerySet, Value
from django.db.models.expressions import Combinable

from applications.models import Application, ApplicationParty, PartyMember, Signature
from boards.attendance import require_not_closed, room_of
from boards.errors import MeetingRefusal
from boards.locking import lock_item, lock_meeting
from boards.models import AgendaItem, ItemState, Meeting, Recusal, Seat
from boards.quorum import next_in_turn, require_free, require_may_sit
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
            require_may_sit(meeting, served_by, seat, is_remote=False)
            others = list(item.recusals.exclude(seat=seat))
            require_free(room_of(meeting), served_by, seat, others)
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
    why = weightiest(_connected(item.concerns))
    found = {seat.pk: reason_to_ask(why, seat.user) for seat in seats}
    return {seat: reason for seat, reason in found.items() if reason}


def weightiest(people: Iterable[tuple[int, str, str]]) -> dict[str, str]:
    """The weightiest reason to ask, by address and by name: `people` are rank, address, name."""
    why: dict[str, str] = {}
    for rank, *who in sorted(people):
        for key in who:
            why.setdefault(key.strip().casefold(), REASONS[rank])
    why.pop("", None)
    return why


def reason_to_ask(why: Mapping[str, str], user: User) -> str:
    """Why somebody is asked, known by the address before the name; "" when not."""
    return why.get(user.email.casefold()) or why.get(user.name.casefold(), "")


def _connected(application: Application) -> list[tuple[int, str, str]]:
    """People in the application: the rank of the reason, address and name."""
    signed = Signature.objects.filter(version__application=application)
    contacts = ApplicationParty.objects.filter(application=application)
    writers = PartyMember.objects.filter(party__application=application)
    found = _people(signed, "user__email", F("signatory_name"), 0).union(
        _people(contacts, "contact_email", F("contact_name"), 1),
        _people(writers, "user__email", Value("", CharField()), 2),
    )
    return list(found)


def _people(rows: QuerySet[Any], email: str, name: Combinable, rank: int) -> QuerySet[Any, Any]:
    """Who they are, in the one shape that a union needs."""
    said = rows.order_by().annotate(_rank=Value(rank, IntegerField()), _email=F(email), _name=name)
    found: QuerySet[Any, Any] = said.values_list("_rank", "_email", "_name")
    return found


def _record(recusal: Recusal, item: AgendaItem, actor: User, action: str) -> None:
    record_event(
        association=item.meeting.association,
        actor=actor,
        action=action,
        obj=recusal,
        case=item.told_in,
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
