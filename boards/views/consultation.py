"""Consultation: what the office asks and reads, and what a group's member answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.freezing import latest_received
from applications.ideas import prompts_of, texts_of
from applications.models import Application, IdeaSketch
from applications.sending import application_key
from boards import consultation as service
from boards.documents_shown import shown
from boards.errors import MeetingRefusal
from boards.forms_consultation import AskForm, LastDayForm, StatementForm
from boards.models import Body, Consultation, Position, Seat
from boards.queries import is_recused_from
from boards.views.acts import act, act_with_form
from finsam import clock
from finsam.documents.documents import document_for
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.people.models import RoleKind
from finsam.ui import Link

ASKED = (RoleKind.CONSULTATION, RoleKind.COUNCIL)
READERS = (*OFFICE, RoleKind.AUDITOR)


@require_http_methods(["GET", "POST"])
@gate(*READERS)
def of_application(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """The consultation on an application: who has said what, and whom to ask."""
    _require_office_to_ask(request)
    found = get_object_or_404(
        Application.objects.received().select_related(
            "association", "case", "round__programme", "idea"
        ),
        association=request.association,
        public_id=public_id,
    )
    rule = found.round.setting("steps", "consultation", default={})
    return _page(request, found, Consultation.objects.about(found), rule.get("about", ""))


@require_http_methods(["GET", "POST"])
@gate(*READERS)
def of_idea(request: TenantRequest, idea: UUID) -> HttpResponse:
    """The same on an idea sketch that has been sent."""
    _require_office_to_ask(request)
    rows = IdeaSketch.objects.filter(association=request.association).sent()
    found = get_object_or_404(
        rows.select_related("association", "case", "programme", "member"), public_id=idea
    )
    steps = (found.programme.definition or {}).get("steps") or {}
    about = (steps.get("consultation") or {}).get("about", "")
    return _page(request, found, Consultation.objects.filter(idea=found), about)


@require_POST
@gate(*OFFICE)
def close(request: TenantRequest, consultation: int) -> HttpResponse:
    found = _of_office_or_404(request, consultation)
    return act(
        request,
        lambda: service.close_consultation(consultation=found, actor=request.visitor.person()),
        done="Samrådet är avslutat. Yttrandena följer med i beslutsunderlaget.",
        back=service.office_path(found.matter),
    )


@require_POST
@gate(*OFFICE)
def move(request: TenantRequest, consultation: int) -> HttpResponse:
    """Another last day for one of the consultations."""
    found = _of_office_or_404(request, consultation)
    form = LastDayForm(request.POST, prefix=f"move-{found.pk}")
    back = service.office_path(found.matter)

    def run() -> None:
        if not form.is_valid():
            raise MeetingRefusal("no_day", "Välj den nya sista dagen.")
        service.move_last_day(
            consultation=found, due_on=form.cleaned_data["due_on"], actor=request.visitor.person()
        )

    return act(request, run, done="Sista dagen är ändrad.", back=back)


@require_GET
@gate(*ASKED)
def home(request: TenantRequest) -> HttpResponse:
    """What waits for one's own statement, and what one has answered."""
    rows = asked_of(request)
    waiting = [(one, seat) for one, seat, said in rows if one.is_open and said is None]
    context = {
        "waiting": waiting,
        "answered": [(one, said) for one, _, said in rows if said is not None][:50],
        "missed": [one for one, _, said in rows if not one.is_open and said is None][:50],
        "next": min((one.due_on for one, _ in waiting), default=None),
        "today": clock.today(),
    }
    return render(request, "boards/consultation_home.html", context)


@require_http_methods(["GET", "POST"])
@gate(*ASKED)
def state(request: TenantRequest, consultation: int) -> HttpResponse:
    """Read what the statement is about, and give one's own."""
    found = (
        Consultation.objects.filter(association=request.association)
        .with_rows()
        .filter(pk=consultation)
        .first()
    )
    seat = _own_seat(request, found) if found else None
    if found is None or seat is None:
        raise Http404
    matter, case = found.matter, found.case
    recused = is_recused_from(request.visitor, case.pk if case else None)
    mine = next((said for said in found.standing if said.seat_id == seat.pk), None)
    start = {"position": mine.position, "text": mine.text} if mine else None
    form = StatementForm(request.POST or None, initial=start)

    def page() -> HttpResponse:
        context: dict[str, Any] = {
            "consultation": found,
            "form": form if found.is_open and not recused else None,
            "mine": mine,
            "recused": recused,
            "row": service.plain(found),
            "crumbs": [
                Link(
                    "Samråd", reverse("boards:consultation_home", args=[request.association.slug])
                ),
                Link(matter.title),
            ],
        }
        if not recused:
            context |= _to_read(request, matter)
        status = 422 if form.is_bound else 200
        return render(request, "boards/state.html", context, status=status)

    if request.method == "GET":
        return page()
    return act_with_form(
        request,
        form,
        lambda data: service.give_statement(
            consultation=found,
            seat=seat,
            position=Position(data["position"]),
            text=data["text"],
            actor=request.visitor.person(),
        ),
        done="Ditt yttrande är lämnat. Du kan ändra det tills kansliet avslutar samrådet.",
        back=reverse("boards:state", args=[request.association.slug, found.pk]),
        again=page,
    )


def asked_of(request: TenantRequest) -> list[tuple[Consultation, Seat, Any]]:
    """What the visitor's bodies are asked, the nearest last day first: with seat and own answer."""
    seats = {
        seat.body_id: seat
        for seat in Seat.objects.held_on(clock.today()).filter(
            user=request.visitor.user, body__association=request.association
        )
    }
    rows = Consultation.objects.filter(body__in=seats).with_rows().order_by("due_on", "pk")
    return [(one, seats[one.body_id], _said_by(one, seats[one.body_id])) for one in rows[:200]]


def _said_by(one: Consultation, seat: Seat) -> Any:
    return next((said for said in one.standing if said.seat_id == seat.pk), None)


def _own_seat(request: TenantRequest, found: Consultation) -> Seat | None:
    held = found.body.seats.held_on(clock.today()).filter(user=request.visitor.user)
    seat: Seat | None = held.order_by("pk").first()
    return seat


def _to_read(request: TenantRequest, matter: Application | IdeaSketch) -> dict[str, Any]:
    if isinstance(matter, IdeaSketch):
        texts = texts_of(matter)
        prompts = prompts_of(matter.programme)
        return {"texts": [(prompt.text, texts.get(prompt.key, "")) for prompt in prompts]}
    version = latest_received(matter)
    return {
        "version": version,
        "content": version.content if version else None,
        "document": shown(request.visitor, application_key(matter)),
    }


def _page(
    request: TenantRequest, matter: Application | IdeaSketch, rows: Any, about: str
) -> HttpResponse:
    bodies = service.bodies_to_ask(matter)
    asked = set(rows.open().values_list("body", flat=True))
    left = [body for body in bodies if body.pk not in asked]
    wanted = [body.pk for body in service.concerned(matter, left)]
    may_ask = request.visitor.is_office
    form = AskForm(request.POST or None, bodies=left, initial={"bodies": wanted})

    def page() -> HttpResponse:
        found = list(rows.with_rows())
        context = {
            "matter": matter,
            "is_idea": isinstance(matter, IdeaSketch),
            "matter_url": _matter_url(request, matter),
            "about": about,
            "rows": [(one, service.plain(one), _move_form(one)) for one in found],
            "waiting": [one for one in found if one.is_open],
            "form": form if may_ask and left else None,
            "bodies": bodies,
            "may_ask": may_ask,
            "document": document_for(service.statements_key(matter))
            if isinstance(matter, Application)
            else None,
            "crumbs": [Link(matter.title, _matter_url(request, matter)), Link("Samråd")],
        }
        status = 422 if form.is_bound else 200
        return render(request, "boards/consultations.html", context, status=status)

    if request.method == "GET":
        return page()
    return act_with_form(
        request,
        form,
        lambda data: service.ask_for_statements(
            matter=matter,
            bodies=_chosen(left, data["bodies"]),
            due_on=data["due_on"],
            question=data["question"],
            actor=request.visitor.person(),
        ),
        done="Grupperna är tillfrågade, och ledamöterna har fått mejl.",
        back=service.office_path(matter),
        again=page,
    )


def _require_office_to_ask(request: TenantRequest) -> None:
    """The auditor reads, and asks nobody; said before it is known whether the matter exists."""
    if request.method == "POST" and not request.visitor.is_office:
        raise PermissionDenied("role")


def _chosen(bodies: list[Body], keys: list[str]) -> list[Body]:
    return [body for body in bodies if str(body.pk) in keys]


def _move_form(one: Consultation) -> LastDayForm:
    return LastDayForm(initial={"due_on": one.due_on}, prefix=f"move-{one.pk}")


def _matter_url(request: TenantRequest, matter: Application | IdeaSketch) -> str:
    view = "office_idea" if isinstance(matter, IdeaSketch) else "office_application"
    return reverse(f"applications:{view}", args=[request.association.slug, matter.public_id])


def _of_office_or_404(request: TenantRequest, pk: int) -> Consultation:
    found: Consultation = get_object_or_404(
        Consultation.objects.select_related(
            "body", "application__association", "idea__association"
        ),
        association=request.association,
        pk=pk,
    )
    return found
