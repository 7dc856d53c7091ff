"""Setting up a year: planning and booking contributions, dividing the year, setting a frame."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from budgets.contributions import PAYER_OF_KIND
from budgets.forms import ContributionsForm, DivideForm, FrameForm, PaymentForm, RefusableForm
from budgets.frames import set_frame
from budgets.models import Account, AccountKind, Contribution, Pool
from budgets.views.getting import OFFICE, crumbs
from budgets.year import book_contribution, divide_year, plan_contributions, saved_of_year
from finsam.errors import DomainError
from finsam.people.access import TenantRequest, gate
from finsam.typography import kronor
from finsam.ui import Link


@gate(*OFFICE)
@require_http_methods(["GET", "POST"])
def contributions(request: TenantRequest, year: int) -> HttpResponse:
    members = list(
        request.association.members.filter(
            is_active=True, parent=None, kind__in=list(PAYER_OF_KIND)
        )
    )
    plan = Contribution.objects.filter(association=request.association, year=year)
    form = ContributionsForm(
        request.POST or None,
        members=members,
        planned={row.member_id: row.planned_amount for row in plan},
    )

    def save() -> None:
        plan_contributions(
            association=request.association,
            year=year,
            amounts=form.amounts,
            actor=request.visitor.person(),
        )

    return _answer(
        request,
        form,
        save,
        year=year,
        heading=f"Planera bidragen {year}",
        lead="Staten betalar hälften, regionen en fjärdedel och kommunerna tillsammans en "
        "fjärdedel (5 §). Hur kommunerna delar sin fjärdedel kommer ni överens om.",
        action="Spara planen",
        done=f"Bidragen för {year} är planerade.",
    )


@gate(*OFFICE)
@require_http_methods(["GET", "POST"])
def payment(request: TenantRequest, year: int) -> HttpResponse:
    planned = Contribution.objects.filter(association=request.association, year=year)
    form = PaymentForm(
        request.POST or None, contributions=planned.select_related("member", "source")
    )

    def save() -> None:
        data = form.cleaned_data
        book_contribution(
            contribution=data["contribution"],
            amount=data["amount"],
            key=f"payment-{data['key']}",
            actor=request.visitor.person(),
        )

    return _answer(
        request,
        form,
        save,
        year=year,
        heading="Bokför inbetalning",
        lead="Det som en medlem har betalat in till förbundet. Ett misstag rättas med en ny "
        "överföring.",
        action="Bokför",
        done="Inbetalningen är bokförd.",
    )


@gate(*OFFICE)
@require_http_methods(["GET", "POST"])
def divide(request: TenantRequest, year: int) -> HttpResponse:
    pools = Pool.objects.filter(association=request.association, year=year)
    saved = saved_of_year(request.association, year)
    form = DivideForm(request.POST or None, initial=DivideForm.initial_of(pools, saved))
    left = (
        Account.objects.filter(association=request.association, kind=AccountKind.YEAR, year=year)
        .values_list("balance", flat=True)
        .first()
    )

    def save() -> None:
        divide_year(
            association=request.association,
            year=year,
            pools=form.pools,
            to_equity=form.saved,
            actor=request.visitor.person(),
        )

    return _answer(
        request,
        form,
        save,
        year=year,
        heading=f"Fördela {year} års pengar",
        lead=f"{kronor(left or 0)} av det inbetalda är inte fördelat. Skriv hur mycket varje pott "
        "ska ha sammanlagt.",
        action="Fördela",
        done="Året är fördelat.",
    )


@gate(*OFFICE)
@require_http_methods(["GET", "POST"])
def new_frame(request: TenantRequest, year: int) -> HttpResponse:
    sources = Account.objects.filter(
        association=request.association, kind__in=[AccountKind.POOL, AccountKind.EQUITY]
    )
    mine = [each for each in sources if each.year in {None, year}]
    members = list(request.association.members.filter(kind="municipality", is_active=True))
    form = FrameForm(request.POST or None, sources=mine, members=members)

    def save() -> None:
        set_frame(
            association=request.association,
            name=form.cleaned_data["name"].strip(),
            year=year,
            sources=form.sources,
            lots=form.lots,
            is_example_plan=form.cleaned_data["is_example_plan"],
            actor=request.visitor.person(),
        )

    return _answer(
        request,
        form,
        save,
        year=year,
        heading=f"Ny ram {year}",
        lead="Ramen är summan av det den tas ur. Det beviljade kan aldrig bli mer än ramen.",
        action="Fastställ ramen",
        done="Ramen är fastställd.",
    )


def _answer(
    request: TenantRequest,
    form: RefusableForm,
    save: Callable[[], None],
    *,
    year: int,
    heading: str,
    lead: str,
    action: str,
    done: str,
) -> HttpResponse:
    """Do what the form asks and go back to the year, or show the form with what was refused."""
    back = reverse("budgets:year_of", args=[request.association.slug, year])
    if request.method == "POST" and form.is_valid():
        try:
            save()
        except DomainError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, done)
            return redirect(back)
    context = {
        "form": form,
        "heading": heading,
        "lead": lead,
        "action": action,
        "back": back,
        "crumbs": crumbs(request, year, Link(heading)),
    }
    return render(request, "budgets/year_form.html", context, status=422 if form.errors else 200)
