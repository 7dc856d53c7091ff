"""Bodies and who sits in them: set up, filled, ordered and ended, each from a day to a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Max, ProtectedError, Q, QuerySet
from django.utils.text import slugify

from boards.errors import MeetingRefusal
from boards.models import Body, BodyKind, Seat, SeatFunction
from finsam.associations.models import Association, Member
from finsam.messages.mail import send_mail
from finsam.people.models import Role, RoleKind, User
from finsam.registry.events import record_event
from finsam.typography import date_long

ROLE_OF = {
    BodyKind.BOARD: RoleKind.BOARD,
    BodyKind.COUNCIL: RoleKind.COUNCIL,
    BodyKind.CONSULTATION: RoleKind.CONSULTATION,
}


@dataclass(frozen=True)
class Person:
    """Who is to have a seat, as the office knows the person: an account is found or opened."""

    name: str
    email: str


def found_body(
    *,
    association: Association,
    kind: BodyKind,
    name: str,
    actor: User,
    municipality: Member | None = None,
) -> Body:
    """Set up a body; the same name again gives the one that is there.

    `municipality` is the one that a local consultation group belongs to. Raises MeetingRefusal
    for a second board: an association has one.
    """
    name = " ".join(name.split())[:120]
    if not name:
        raise MeetingRefusal("body_unnamed", "Skriv organets namn.", "name")
    with transaction.atomic():
        Association.objects.select_for_update().get(pk=association.pk)
        same = association.bodies.filter(kind=kind, name=name).first()
        if same is not None:
            return same
        if kind == BodyKind.BOARD and association.bodies.filter(kind=kind).exists():
            raise MeetingRefusal("one_board", "Förbundet har redan en styrelse.", "kind")
        body = Body.objects.create(
            association=association,
            kind=kind,
            name=name,
            slug=_free_slug(association, name),
            municipality=municipality if kind == BodyKind.CONSULTATION else None,
        )
        local = body.municipality.name if body.municipality else ""
        _record(body, body, actor, "body_founded", kind=kind, name=name, municipality=local)
    return body


def rename_body(*, body: Body, name: str, actor: User) -> Body:
    """Give a body another name; its address stays."""
    name = " ".join(name.split())[:120]
    if not name:
        raise MeetingRefusal("body_unnamed", "Skriv organets namn.", "name")
    with transaction.atomic():
        body = _locked(body)
        if body.name != name:
            before, body.name = body.name, name
            body.save(update_fields=["name"])
            _record(body, body, actor, "body_renamed", before=before, name=name)
    return body


def give_seat(
    *,
    body: Body,
    person: Person,
    function: SeatFunction,
    valid_from: date,
    actor: User,
    member: Member | None = None,
    valid_to: date | None = None,
) -> Seat:
    """Give somebody a seat from a day (to a day); a substitute comes last in the member's order.

    The person gets the role that opens the body's pages for the same time, and a mail. The same
    again gives the seat that is there. Raises MeetingRefusal when the days do not hold together,
    the person or the chair is taken then, or a board's seat names no member (FL 10 §).
    """
    with transaction.atomic():
        body = _locked(body)
        _require_term(valid_from, valid_to)
        _require_member(body, member)
        user = _account(person)
        same = body.seats.filter(
            user=user, member=member, function=function, valid_from=valid_from, valid_to=valid_to
        ).first()
        if same is not None:
            return same
        _require_untaken(body, user, function, valid_from, valid_to)
        seat = Seat.objects.create(
            body=body,
            member=member,
            user=user,
            function=function,
            order=_next_order(body, member, function),
            valid_from=valid_from,
            valid_to=valid_to,
        )
        _open_pages(seat)
        _record(body, seat, actor, "seat_given", **_facts(seat))
        _tell(seat)
    return seat


def end_seat(*, seat: Seat, last_day: date, actor: User) -> Seat:
    """Let a seat end with a day; the role that came with it ends too, unless another needs it."""
    with transaction.atomic():
        body = _locked(seat.body)
        seat = Seat.objects.select_related("body", "user", "member").get(pk=seat.pk)
        if seat.valid_to == last_day:
            return seat
        if last_day < seat.valid_from:
            raise MeetingRefusal(
                "ends_before_it_begins",
                f"Uppdraget börjar den {date_long(seat.valid_from)}. Välj en senare sista dag, "
                "eller ta bort platsen om den blev fel.",
                "last_day",
            )
        before = seat.valid_to
        if before is None or last_day < before:
            _close_pages(seat, last_day)
        else:
            _require_untaken(
                body, seat.user, seat.function, before + timedelta(days=1), last_day, but=seat
            )
        seat.valid_to = last_day
        seat.save(update_fields=["valid_to"])
        _open_pages(seat)
        _record(
            body,
            seat,
            actor,
            "seat_ended",
            before=before.isoformat() if before else None,
            last_day=last_day.isoformat(),
        )
    return seat


def remove_seat(*, seat: Seat, actor: User) -> None:
    """Take away a seat that was entered by mistake; refused once it has been used at a meeting."""
    with transaction.atomic():
        body = _locked(seat.body)
        found = Seat.objects.select_related("body", "user", "member").filter(pk=seat.pk).first()
        if found is None:
            return
        facts = _facts(found)
        try:
            with transaction.atomic():
                _record(body, found, actor, "seat_ended", removed=True, **facts)
                found.delete()
        except ProtectedError:
            raise MeetingRefusal(
                "seat_used",
                f"{found.user.name} har deltagit i möten på platsen. Avsluta uppdraget i stället, "
                "så står det kvar vem som satt när.",
            ) from None
        _close_pages(found, found.valid_from)


def move_substitute(*, seat: Seat, up: bool, actor: User) -> None:
    """Let a substitute change places with the next one of the same member (FL 12 §)."""
    with transaction.atomic():
        body = _locked(seat.body)
        rows = list(_line(body, seat.member, seat.function).order_by("order", "pk"))
        here = next((n for n, one in enumerate(rows) if one.pk == seat.pk), None)
        if here is None:
            return
        there = here - 1 if up else here + 1
        if not 0 <= there < len(rows):
            return
        rows[here], rows[there] = rows[there], rows[here]
        for order, one in enumerate(rows, start=1):
            Seat.objects.filter(pk=one.pk).update(order=order)
        _record(body, seat, actor, "seats_reordered", order=[one.pk for one in rows])


def _locked(body: Body) -> Body:
    return (
        Body.objects.select_for_update(of=("self",)).select_related("association").get(pk=body.pk)
    )


def _free_slug(association: Association, name: str) -> str:
    base = slugify(name)[:50] or "organ"
    taken = set(association.bodies.values_list("slug", flat=True))
    tries = [base, *(f"{base}-{number}" for number in range(2, len(taken) + 3))]
    return next(slug for slug in tries if slug not in taken)


def _require_term(valid_from: date, valid_to: date | None) -> None:
    if valid_to is not None and valid_to < valid_from:
        raise MeetingRefusal(
            "ends_before_it_begins", "Sista dagen ska ligga efter den första.", "valid_to"
        )


def _require_member(body: Body, member: Member | None) -> None:
    if member is None and body.kind == BodyKind.BOARD:
        raise MeetingRefusal(
            "member_missing",
            "Välj vilken medlem som utsett personen (10 § lagen om finansiell samordning).",
            "member",
        )
    if member is not None and member.association_id != body.association_id:
        raise MeetingRefusal("other_association", "Medlemmen hör till ett annat förbund.", "member")


def _account(person: Person) -> User:
    email, name = person.email.strip().lower(), " ".join(person.name.split())[:120]
    try:
        validate_email(email)
    except ValidationError:
        raise MeetingRefusal("bad_address", "Skriv en e-postadress.", "email") from None
    found = User.objects.filter(email=email).first()
    if found is not None:
        return found
    if not name:
        raise MeetingRefusal("name_missing", "Skriv personens namn.", "name")
    return User.objects.create_user(email, name=name)


def _overlapping(seats: QuerySet[Seat], first: date, last: date | None) -> QuerySet[Seat]:
    found = seats.filter(Q(valid_to=None) | Q(valid_to__gte=first))
    return found.filter(valid_from__lte=last) if last else found


def _require_untaken(
    body: Body,
    user: User,
    function: str,
    first: date,
    last: date | None,
    *,
    but: Seat | None = None,
) -> None:
    seats = body.seats.select_related("user").exclude(pk=but.pk if but else 0)
    clash = _overlapping(seats, first, last)
    if clash.filter(user=user).exists():
        raise MeetingRefusal(
            "has_a_seat",
            f"{user.name} har redan en plats i {body.name} då. Avsluta den först.",
            "email",
        )
    chair = clash.filter(function=SeatFunction.CHAIR).first()
    if function == SeatFunction.CHAIR and chair is not None:
        raise MeetingRefusal(
            "has_a_chair",
            f"{chair.user.name} är ordförande då. Avsluta det uppdraget först.",
            "function",
        )


def _line(body: Body, member: Member | None, function: str) -> QuerySet[Seat]:
    """Those who stand in one order: a member's substitutes, or the body's ordinary seats."""
    if function == SeatFunction.SUBSTITUTE:
        found: QuerySet[Seat] = body.seats.filter(function=function, member=member)
        return found
    rest: QuerySet[Seat] = body.seats.exclude(function=SeatFunction.SUBSTITUTE)
    return rest


def _next_order(body: Body, member: Member | None, function: str) -> int:
    last = _line(body, member, function).aggregate(last=Max("order"))["last"] or 0
    return int(last) + 1


def _roles(seat: Seat) -> list[RoleKind]:
    kind = ROLE_OF[BodyKind(seat.body.kind)]
    chairs = seat.function == SeatFunction.CHAIR and kind == RoleKind.BOARD
    return [kind, RoleKind.CHAIR] if chairs else [kind]


def _open_pages(seat: Seat) -> None:
    """The roles for the seat's time, unless one already covers it."""
    for kind in _roles(seat):
        held = Role.objects.filter(
            user=seat.user, association=seat.body.association, kind=kind, member=seat.member
        )
        covering = held.filter(valid_from__lte=seat.valid_from)
        wide = covering.filter(valid_to=None)
        if seat.valid_to is not None:
            wide = covering.filter(Q(valid_to=None) | Q(valid_to__gte=seat.valid_to))
        if wide.exists():
            continue
        Role.objects.update_or_create(
            user=seat.user,
            association=seat.body.association,
            kind=kind,
            member=seat.member,
            valid_from=seat.valid_from,
            defaults={"valid_to": seat.valid_to},
        )


def _close_pages(seat: Seat, last_day: date) -> None:
    """End the seat's roles, where no other seat of the person still needs them."""
    others = Seat.objects.filter(
        user=seat.user, body__association=seat.body.association, body__kind=seat.body.kind
    ).exclude(pk=seat.pk)
    still = _overlapping(others, last_day + timedelta(days=1), None)
    for kind in _roles(seat):
        if kind == RoleKind.CHAIR:
            needed = still.filter(function=SeatFunction.CHAIR).exists()
        else:
            needed = still.filter(member=seat.member).exists()
        if needed:
            continue
        Role.objects.filter(
            user=seat.user,
            association=seat.body.association,
            kind=kind,
            member=seat.member,
            valid_from__lte=last_day,
        ).filter(Q(valid_to=None) | Q(valid_to__gt=last_day)).update(valid_to=last_day)


def _tell(seat: Seat) -> None:
    send_mail(
        association=seat.body.association,
        to=seat.user,
        event_key=f"seat-{seat.pk}",
        subject=f"Du har fått en plats i {seat.body.name}",
        template="mail/seat_given.txt",
        context={
            "body": seat.body.name,
            "function": seat.get_function_display().lower(),
            "member": str(seat.member or ""),
            "valid_from": date_long(seat.valid_from),
            "valid_to": date_long(seat.valid_to) if seat.valid_to else "",
            "is_new": not seat.user.has_usable_password(),
            "email": seat.user.email,
            "path": f"/{seat.body.association.slug}/",
        },
    )


def _facts(seat: Seat) -> dict[str, object]:
    return {
        "user": seat.user_id,
        "name": seat.user.name,
        "member": seat.member.name if seat.member else None,
        "function": seat.function,
        "order": seat.order,
        "valid_from": seat.valid_from.isoformat(),
        "valid_to": seat.valid_to.isoformat() if seat.valid_to else None,
    }


def _record(body: Body, obj: Body | Seat, actor: User, action: str, **payload: object) -> None:
    record_event(
        association=body.association,
        actor=actor,
        action=action,
        obj=obj,
        payload={"body": body.pk, **payload},
    )
