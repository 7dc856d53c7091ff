"""The register of delegated decisions: written here, and reported to the board by itself."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from boards import delegation
from boards.forms_delegation import DelegatedForm
from boards.models import DelegateFunction
from boards.views.acts import act_with_form
from finsam.people.access import OFFICE, TenantRequest, gate
from finsam.people.models import RoleKind

WRITERS = (*OFFICE, RoleKind.CHAIR)
READERS = (*WRITERS, RoleKind.BOARD, RoleKind.AUDITOR)


@require_GET
@gate(*READERS)
def delegated(request: TenantRequest) -> HttpResponse:
    """All delegated decisions, the latest first, and where the board was told of each."""
    rows = request.association.delegated_decisions.select_related(
        "decided_by", "case", "item__meeting__body"
    )
    context = {
        "page": Paginator(rows, 50).get_page(request.GET.get("sida")),
        "left": delegation.unreported(request.association).count(),
        "may_write": request.visitor.has(*WRITERS),
    }
    return render(request, "boards/delegated.html", context)


@require_http_methods(["GET", "POST"])
@gate(*WRITERS)
def write(request: TenantRequest) -> HttpResponse:
    """Register a decision taken on the board's behalf."""
    form = DelegatedForm(request.POST or None, association=request.association)
    back = reverse("boards:delegated", args=[request.association.slug])

    def page() -> HttpResponse:
        context = {"form": form, "back": back}
        status = 422 if form.is_bound else 200
        return render(request, "boards/delegated_form.html", context, status=status)

    if request.method == "GET":
        return page()
    return act_with_form(
        request,
        form,
        lambda data: delegation.record_delegated_decision(
            association=request.association,
            decided_by=data["decided_by"],
            function=DelegateFunction(data["function"]),
            decided_on=data["decided_on"],
            subject=data["subject"],
            text=data["text"],
            basis=data["basis"],
            actor=request.visitor.person(),
        ),
        done="Beslutet är registrerat och anmäls på styrelsens nästa möte.",
        back=back,
        again=page,
    )
