"""Whether a body is set up as the law says: what is wrong, each with its section."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from boards.models import Body, BodyKind, Seat, SeatFunction
from finsam.associations.models import AssociationKind, Member, PartyKind
from finsam.people.models import Role
from finsam.typography import date_long, enumerate_words

FL_10 = "10 § lagen om finansiell samordning"
FL_12 = "12 § lagen om finansiell samordning"
SOON = timedelta(days=60)


@dataclass(frozen=True)
class Finding:
    """One thing about a body: a fault to mend, with the section not met, or worth knowing."""

    code: str
    text: str
    section: str = ""
    is_fault: bool = True


@dataclass(frozen=True)
class Composition:
    """A body on one day: its seats by member organisation, and what is wrong."""

    day: date
    seats: tuple[Seat, ...]
    members: tuple[Member, ...]
    findings: tuple[Finding, ...]

    @property
    def ordinary(self) -> list[Seat]:
        return [seat for seat in self.seats if not seat.is_substitute]

    @property
    def substitutes(self) -> list[Seat]:
        return [seat for seat in self.seats if seat.is_substitute]

    @property
    def faults(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_fault]

    @property
    def notes(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.is_fault]


def composition(body: Body, day: date) -> Composition:
    """The body's seats on a day and the check of them, in four queries at most."""
    seats = tuple(body.seats.held_on(day).select_related("user", "member").order_by("order", "pk"))
    members = tuple(
        body.association.members.filter(parent=None, is_active=True)
        .exclude(kind=PartyKind.EXTERNAL)
        .order_by("position", "name")
    )
    if body.kind == BodyKind.BOARD:
        found = check_board(seats, members, by_law=_under_the_act(body))
    else:
        found = check_group(seats)
    found += _ending(seats, day) + _shut_out(body, seats, day)
    return Composition(day, seats, members, tuple(found))


def check_board(
    seats: Sequence[Seat], members: Sequence[Member], *, by_law: bool = True
) -> list[Finding]:
    """A board against the act: every member a member and a substitute, in equal numbers (FL 10 §).

    `by_law` is False for a fund that is no coordination association: the act says nothing of it.
    """
    found = [*_per_member(seats, members)] if by_law else []
    return [*found, *_leaders(seats), *_order(seats)]


def check_group(seats: Sequence[Seat]) -> list[Finding]:
    """A council or consultation group decides nothing, so only its own order is looked at."""
    if not seats:
        return [Finding("empty", "Ingen har en plats än.", is_fault=False)]
    leads = [seat for seat in seats if seat.function == SeatFunction.CHAIR]
    text = "Ingen är ordförande eller sammankallande."
    return [] if leads else [Finding("nobody_leads", text, is_fault=False)]


def _per_member(seats: Sequence[Seat], members: Sequence[Member]) -> list[Finding]:
    ordinary = Counter(seat.member_id for seat in seats if not seat.is_substitute)
    substitutes = Counter(seat.member_id for seat in seats if seat.is_substitute)
    found = []
    for member in members:
        have, spare = ordinary[member.pk], substitutes[member.pk]
        if not have:
            found.append(Finding("no_member", f"{member} saknar ledamot.", FL_10))
        if not spare:
            found.append(Finding("no_substitute", f"{member} saknar ersättare.", FL_10))
        if have and spare and have != spare:
            text = f"{member} har {have} ledamöter och {spare} ersättare; de ska vara lika många."
            found.append(Finding("unequal", text, FL_10))
    known = {member.pk for member in members}
    for seat in seats:
        if seat.member_id not in known:
            text = f"{seat.user.shown_name} sitter inte för någon av förbundets medlemmar."
            found.append(Finding("not_a_member", text, FL_10))
    return found


def _leaders(seats: Sequence[Seat]) -> list[Finding]:
    chairs = [seat for seat in seats if seat.function == SeatFunction.CHAIR]
    vice = [seat for seat in seats if seat.function == SeatFunction.VICE_CHAIR]
    found = []
    if not chairs:
        found.append(Finding("no_chair", "Styrelsen saknar ordförande."))
    if len(chairs) > 1:
        names = enumerate_words([seat.user.shown_name for seat in chairs])
        found.append(Finding("many_chairs", f"Flera är ordförande: {names}."))
    if not vice:
        found.append(Finding("no_vice_chair", "Styrelsen saknar vice ordförande."))
    return found


def _order(seats: Sequence[Seat]) -> list[Finding]:
    """Substitutes serve in the order decided, so two may not stand at the same place."""
    lines: dict[int | None, list[Seat]] = defaultdict(list)
    for seat in seats:
        if seat.is_substitute:
            lines[seat.member_id].append(seat)
    found = []
    for line in lines.values():
        if len({seat.order for seat in line}) < len(line):
            text = f"Ersättarna för {line[0].member} står inte i en bestämd ordning."
            found.append(Finding("no_order", text, FL_12))
    return found


def _ending(seats: Sequence[Seat], day: date) -> list[Finding]:
    return [
        Finding(
            "ends_soon",
            f"Uppdraget för {seat.user.shown_name} ({seat.member or seat.get_function_display()}) "
            f"slutar den {date_long(seat.valid_to)}.",
            is_fault=False,
        )
        for seat in seats
        if seat.valid_to is not None and seat.valid_to <= day + SOON
    ]


def _shut_out(body: Body, seats: Sequence[Seat], day: date) -> list[Finding]:
    """Who has a seat and yet no role that lets the person read what is sent to the body."""
    let_in = set(
        Role.objects.held_on(day)
        .filter(association=body.association_id, user__in=[seat.user_id for seat in seats])
        .filter(kind__in=_opening(body))
        .values_list("user_id", flat=True)
    )
    return [
        Finding("shut_out", f"{seat.user.shown_name} har ingen roll som öppnar handlingarna.")
        for seat in seats
        if seat.user_id not in let_in
    ]


def _opening(body: Body) -> list[str]:
    return {"board": ["board", "chair"], "council": ["council"]}.get(body.kind, ["consultation"])


def _under_the_act(body: Body) -> bool:
    return body.association.kind == AssociationKind.COORDINATION
