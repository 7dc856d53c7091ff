"""The council member's pages: coming meetings, and assessing a case before one."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from applications.freezing import latest_received
from applications.sending import application_key
from boards import council
from boards.consultation import statements_of
from boards.documents_shown import made_of
from boards.forms import AssessmentForm
from boards.models import AgendaItem, BodyKind, Meeting
from boards.queries import item_or_404, seats_of
from boards.views.acts import act
from boards.views.consultation import asked_of
from finsam import clock
from finsam.people.access import TenantRequest, gate
from finsam.people.models import RoleKind


@require_GET
@gate(RoleKind.COUNCIL)
def home(request: TenantRequest) -> HttpResponse:
    """The next meeting and what to assess before it."""
    bodies = seats_of(request.visitor, BodyKind.COUNCIL).values("body")
    meetings = Meeting.objects.filter(association=request.association, body__in=bodies)
    coming = list(
        meetings.filter(state__in=["called", "ongoing"])
        .select_related("body")
        .order_by("starts_at")
    )
    user = request.visitor.person()
    items = list(
        AgendaItem.objects.filter(meeting__in=coming, application__isnull=False)
        .select_related("meeting__body", "application__case")
        .order_by("meeting__starts_at", "position")
    )
    assessed = set(
        AgendaItem.objects.filter(
            assessments__seat__user=user, pk__in=[i.pk for i in items]
        ).values_list("pk", flat=True)
    )
    recused = set(
        AgendaItem.objects.filter(
            recusals__seat__user=user, pk__in=[i.pk for i in items]
        ).values_list("pk", flat=True)
    )
    context = {
        "coming": coming,
        "items": [(item, item.pk in assessed, item.pk in recused) for item in items],
        "left": sum(1 for item in items if item.pk not in assessed | recused),
        "asked": [one for one, _, said in asked_of(request) if one.is_open and said is None],
        "past": meetings.filter(state="closed").select_related("body")[:10],
    }
    return render(request, "boards/council_home.html", context)


@require_http_methods(["GET", "POST"])
@gate(RoleKind.COUNCIL)
def assess(request: TenantRequest, item: int) -> HttpResponse:
    """Read the case and write one's own view, or find where to declare a conflict of interest."""
    found = item_or_404(request.visitor, None, item)
    seat = seats_of(request.visitor, BodyKind.COUNCIL).filter(body=found.meeting.body_id).first()
    if seat is None or found.application is None:
        raise Http404
    user = request.visitor.person()
    back = reverse("boards:council_home", args=[request.association.slug])
    criteria = list(found.application.round.criteria)
    form = AssessmentForm(request.POST or None, criteria=criteria, initial=_initial(found, seat.pk))
    if request.method == "POST" and form.is_valid():
        return act(
            request,
            lambda: council.save_assessment(item=found, seat=seat, views=form.views(), actor=user),
            done="Din bedömning är sparad.",
            back=back,
        )
    recused = found.recusals.filter(seat=seat).exists()
    context = {"item": found, "form": form, "recused": recused, "today": clock.today()}
    if not recused:
        version = latest_received(found.application)
        # A seat at the meeting and no conflict of interest is the rule of the document too.
        key = application_key(found.application)
        document = made_of([key]).get(key)
        context |= {"version": version, "application": found.application, "document": document}
        context["statements"] = statements_of(found.application)
    return render(request, "boards/assess.html", context)


def _initial(item: AgendaItem, seat: int) -> dict[str, str]:
    found = {}
    for row in item.assessments.filter(seat=seat):
        found[f"verdict-{row.criterion_id}"] = row.verdict
        found[f"text-{row.criterion_id}"] = row.text
    return found
