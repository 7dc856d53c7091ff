"""Setting up the board, the council and the consultation groups, and who sits in them."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from boards import seats
from boards.composition import Composition, composition
from boards.forms_bodies import BodyForm, EndSeatForm, SeatForm
from boards.models import Body, BodyKind, Seat, SeatFunction
from boards.views.acts import act, act_with_form
from finsam import clock
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.people.models import RoleKind
from finsam.ui import Link, Status

READERS = (*OFFICE, RoleKind.ADMINISTRATOR, RoleKind.AUDITOR)
KEEPERS = (RoleKind.DIRECTOR, RoleKind.ADMINISTRATOR)


def body_url(body: Body) -> str:
    return reverse("boards:body", args=[body.association.slug, body.slug])


@require_http_methods(["GET", "POST"])
@gate(*READERS)
def bodies(request: TenantRequest) -> HttpResponse:
    """Every body with the check of its set-up; those who keep them set up new ones here."""
    may_change = request.visitor.has(*KEEPERS)
    if request.method == "POST" and not may_change:
        raise PermissionDenied("role")
    form = BodyForm(request.POST or None, association=request.association)

    def page() -> HttpResponse:
        found = request.association.bodies.select_related("association").order_by("pk")
        rows = [(body, composition(body, clock.today())) for body in found]
        context = {
            "rows": [(body, made, look(made)) for body, made in rows],
            "form": form if may_change else None,
        }
        status = 422 if form.is_bound else 200
        return render(request, "boards/bodies.html", context, status=status)

    if request.method == "GET":
        return page()
    return act_with_form(
        request,
        form,
        lambda data: seats.found_body(
            association=request.association,
            kind=BodyKind(data["kind"]),
            name=data["name"],
            municipality=data["municipality"],
            actor=request.visitor.person(),
        ),
        done="Organet är upplagt. Fyll det med ledamöter.",
        back=reverse("boards:bodies", args=[request.association.slug]),
        again=page,
    )


@require_GET
@gate(*READERS)
def body(request: TenantRequest, body: str) -> HttpResponse:
    """Who sits for whom and until when, and what is wrong with it."""
    found = _body_or_404(request, body)
    made = composition(found, clock.today())
    later = found.seats.filter(valid_from__gt=clock.today()).select_related("user", "member")
    earlier = found.seats.filter(valid_to__lt=clock.today()).select_related("user", "member")
    context = {
        "body": found,
        "made": made,
        "status": look(made),
        "groups": _groups(made),
        "later": later.order_by("valid_from", "pk"),
        "earlier": earlier.order_by("-valid_to", "pk")[:50],
        "may_change": request.visitor.has(*KEEPERS),
        "crumbs": _crumbs(request),
    }
    return render(request, "boards/body.html", context)


@require_POST
@gate(*KEEPERS)
def rename(request: TenantRequest, body: str) -> HttpResponse:
    found = _body_or_404(request, body)
    return act(
        request,
        lambda: seats.rename_body(
            body=found, name=request.POST.get("name", ""), actor=request.visitor.person()
        ),
        done="Namnet är ändrat.",
        back=body_url(found),
    )


@require_http_methods(["GET", "POST"])
@gate(*KEEPERS)
def give(request: TenantRequest, body: str) -> HttpResponse:
    """Give somebody a seat."""
    found = _body_or_404(request, body)
    start = {"member": request.GET.get("medlem"), "function": request.GET.get("uppdrag")}
    form = SeatForm(request.POST or None, body=found, initial=start)

    def page() -> HttpResponse:
        context = {"body": found, "form": form, "crumbs": [*_crumbs(request), _crumb(found)]}
        status = 422 if form.is_bound else 200
        return render(request, "boards/seat_form.html", context, status=status)

    if request.method == "GET":
        return page()
    return act_with_form(
        request,
        form,
        lambda data: seats.give_seat(
            body=found,
            person=seats.Person(data["name"], data["email"]),
            function=SeatFunction(data["function"]),
            member=data["member"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
            actor=request.visitor.person(),
        ),
        done="Platsen är tillsatt, och personen har fått ett mejl.",
        back=body_url(found),
        again=page,
    )


@require_http_methods(["GET", "POST"])
@gate(*KEEPERS)
def seat(request: TenantRequest, body: str, seat: int) -> HttpResponse:
    """End a seat with a day, move a substitute in the order, or take away a slip."""
    found = _body_or_404(request, body)
    chosen = found.seats.select_related("user", "member", "body__association").filter(pk=seat)
    row: Seat | None = chosen.first()
    if row is None:
        raise Http404
    actor, back = request.visitor.person(), body_url(found)
    do = request.POST.get("do")
    if do in ("up", "down"):
        return act(
            request,
            lambda: seats.move_substitute(seat=row, up=do == "up", actor=actor),
            done="",
            back=back,
        )
    if do == "remove":
        return act(
            request,
            lambda: seats.remove_seat(seat=row, actor=actor),
            done=f"Platsen för {row.user.name} är borttagen.",
            back=back,
        )
    form = EndSeatForm(request.POST or None, initial={"last_day": row.valid_to or clock.today()})

    def page() -> HttpResponse:
        crumbs = [*_crumbs(request), _crumb(found)]
        context = {"body": found, "seat": row, "form": form, "crumbs": crumbs}
        return render(request, "boards/seat.html", context, status=422 if form.is_bound else 200)

    if request.method == "GET":
        return page()
    return act_with_form(
        request,
        form,
        lambda data: seats.end_seat(seat=row, last_day=data["last_day"], actor=actor),
        done=f"Uppdraget för {row.user.name} har fått sin sista dag.",
        back=back,
        again=page,
    )


def look(made: Composition) -> Status:
    if made.faults:
        return Status(f"{len(made.faults)} att rätta", "danger")
    if made.notes:
        return Status("att tänka på", "warning")
    return Status("i ordning", "success")


def _groups(made: Composition) -> list[tuple[object, list[Seat], list[Seat]]]:
    """By member organisation, in the association's order; others last."""
    rows: list[tuple[object, list[Seat], list[Seat]]] = [
        (
            member,
            [seat for seat in made.ordinary if seat.member_id == member.pk],
            [seat for seat in made.substitutes if seat.member_id == member.pk],
        )
        for member in made.members
    ]
    known = {member.pk for member in made.members}
    ordinary = [seat for seat in made.ordinary if seat.member_id not in known]
    substitutes = [seat for seat in made.substitutes if seat.member_id not in known]
    return [*rows, (None, ordinary, substitutes)] if ordinary or substitutes else rows


def _body_or_404(request: TenantRequest, slug: str) -> Body:
    found = request.association.bodies.select_related("association").filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def _crumb(body: Body) -> Link:
    return Link(body.name, body_url(body))


def _crumbs(request: TenantRequest) -> list[Link]:
    url = reverse("boards:bodies", args=[request.association.slug])
    return [Link("Styrelse, råd och grupper", url)]
