"""The page where the office gives a round its frame: one that there is, or a new one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from applications.models import Round
from applications.round_frames import draw_on_frame, frames_to_choose, open_frame, year_of
from budgets.forms import FrameForm
from budgets.models import Account, AccountKind
from finsam.errors import DomainError
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.ui import Link


@gate(*OFFICE)
@require_http_methods(["GET", "POST"])
def round_frame(request: TenantRequest, slug: str) -> HttpResponse:
    """What the round draws on; without a frame, those to choose among and a form for a new one."""
    rounds = Round.objects.select_related("association", "programme", "frame__association")
    found = get_object_or_404(rounds, association=request.association, slug=slug)
    choices = frames_to_choose(found) if found.frame_id is None else []
    opening = request.method == "POST" and request.POST.get("gor") == "ny"
    form = _form(request, found, opening=opening)
    refused = ""
    if request.method == "POST":
        try:
            if not opening:
                chosen = [one for one in choices if str(one.pk) == request.POST.get("ram")]
                if chosen:
                    draw_on_frame(round_=found, frame=chosen[0], actor=request.visitor.person())
                elif found.frame_id is None:
                    refused = "Välj en av ramarna."
                elif str(found.frame_id) != request.POST.get("ram"):
                    refused = "Omgången har redan en ram. Läs om sidan."
            elif form.is_valid():
                open_frame(
                    round_=found,
                    name=form.cleaned_data["name"].strip(),
                    sources=form.sources,
                    lots=form.lots,
                    is_example_plan=form.cleaned_data["is_example_plan"],
                    actor=request.visitor.person(),
                )
        except DomainError as refusal:
            if opening:
                form.add_refusal(refusal)
            else:
                refused = refusal.message
        if not refused and not form.errors:
            messages.success(request, "Omgången har fått sin ram.")
            return redirect(request.path)
    year = year_of(found)
    context = {
        "round": found,
        "frame": found.frame,
        "choices": choices,
        "form": form,
        "refused": [(refused, "")] if refused else [],
        "year": year,
        "crumbs": [
            Link("Ekonomi", reverse("budgets:year_of", args=[request.association.slug, year])),
            Link(f"Ram för {found.name}"),
        ],
    }
    return render(
        request, "applications/office/round_frame.html", context,
        status=422 if refused or form.errors else 200,
    )  # fmt: skip


def _form(request: TenantRequest, found: Round, *, opening: bool) -> FrameForm:
    accounts = Account.objects.filter(
        association=request.association, kind__in=[AccountKind.POOL, AccountKind.EQUITY]
    )
    mine = [each for each in accounts if each.year in {None, year_of(found)}]
    members = list(request.association.members.filter(kind="municipality", is_active=True))
    return FrameForm(
        request.POST if opening else None,
        sources=mine,
        members=members,
        initial={"name": f"Ram {found.name}"},
    )
