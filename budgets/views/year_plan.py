"""Setting up a year: planning and booking contributions, dividing the year, setting a frame."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from budgets.base_financing import lowered_contributions, set_base_financing, unsecured_words
from budgets.contribution_keys import suggested
from budgets.contributions import PAYER_OF_KIND
from budgets.forms import DivideForm, FrameForm, PaymentForm, RefusableForm
from budgets.forms_year import BaseFinancingForm, ContributionsForm
from budgets.frames import set_frame
from budgets.models import (
    Account,
    AccountKind,
    BaseFinancing,
    Contribution,
    ContributionKey,
    Pool,
    PoolKind,
)
from budgets.views.getting import OFFICE, crumbs, status_of_refusal
from budgets.year import book_contribution, divide_year, plan_contributions, saved_of_year
from finsam.associations.models import Association, Member
from finsam.errors import DomainError
from finsam.people.access import TenantRequest, gate
from finsam.typography import kronor
from finsam.ui import Link


@gate(*OFFICE)
@require_http_methods(["GET", "POST"])
def contributions(request: TenantRequest, year: int) -> HttpResponse:
    """Plan what each member pays; with a sum and a key the amounts are computed first."""
    association = request.association
    members = paying_members(association)
    plan = Contribution.objects.filter(association=association, year=year)
    kept = ContributionKey.objects.filter(association=association, year=year)
    form = ContributionsForm(
        request.POST or None,
        members=members,
        planned={row.member_id: row.planned_amount for row in plan},
        bases=dict(kept.values_list("payer", "basis")),
    )
    computed = request.method == "POST" and request.POST.get("gor") == "rakna"
    if computed and form.is_valid():
        try:
            total = form.cleaned_data["total"] or sum(form.amounts.values())
            form.show(suggested(association, year, members, total, form.keys))
        except DomainError as refusal:
            form.add_refusal(refusal)

    def save() -> None:
        plan_contributions(
            association=association,
            year=year,
            amounts=form.amounts,
            keys=form.keys,
            actor=request.visitor.person(),
        )
        text = unsecured_words(lowered_contributions(association, year))
        if text:
            messages.warning(request, text)

    return _answer(
        request,
        form,
        None if computed else save,
        year=year,
        heading=f"Planera bidragen {year}",
        lead="Staten betalar hälften, regionen en fjärdedel och kommunerna tillsammans en "
        "fjärdedel (5 §). Hur kommunerna delar sin fjärdedel kommer ni överens om.",
        action="Spara planen",
        second="Räkna fram beloppen",
        done=f"Bidragen för {year} är planerade.",
    )


@gate(*OFFICE)
@require_http_methods(["GET", "POST"])
def base(request: TenantRequest, year: int) -> HttpResponse:
    """The base financing per member and consultation team."""
    association = request.association
    kept = BaseFinancing.objects.filter(association=association, year=year).first()
    lowered = lowered_contributions(association, year)
    form = BaseFinancingForm(
        request.POST or None,
        members=paying_members(association),
        shares=list(kept.shares.all()) if kept else [],
        asks_reason=bool(lowered),
    )
    if request.method == "POST" and form.is_valid():
        try:
            set_base_financing(
                association=association,
                year=year,
                shares=form.shares,
                reason=form.cleaned_data["reason"],
                actor=request.visitor.person(),
            )
        except DomainError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "Basfinansieringen är fastställd.")
            return redirect(_year_url(request, year))
    pool = Pool.objects.filter(
        association=association, year=year, kind=PoolKind.BASE_FINANCING
    ).first()
    context = {
        "form": form,
        "pool": pool,
        "unsecured": unsecured_words(lowered),
        "asks_reason": bool(lowered),
        "back": _year_url(request, year),
        "crumbs": crumbs(request, year, Link("Basfinansiering")),
    }
    return render(request, "budgets/base.html", context, status=422 if form.errors else 200)


def paying_members(association: Association) -> list[Member]:
    """The members that pay contributions, the municipalities' units not apart."""
    return list(
        association.members.filter(is_active=True, parent=None, kind__in=list(PAYER_OF_KIND))
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
    save: Callable[[], None] | None,
    *,
    year: int,
    heading: str,
    lead: str,
    action: str,
    done: str,
    second: str = "",
) -> HttpResponse:
    """Do what the form asks and go back to the year, or show the form with what was refused."""
    back, status = _year_url(request, year), 422 if form.errors else 200
    if save is not None and request.method == "POST" and form.is_valid():
        try:
            save()
        except DomainError as refusal:
            form.add_refusal(refusal)
            status = status_of_refusal(refusal)
        else:
            messages.success(request, done)
            return redirect(back)
    context = {
        "form": form,
        "heading": heading,
        "lead": lead,
        "action": action,
        "second": second,
        "back": back,
        "crumbs": crumbs(request, year, Link(heading)),
    }
    return render(request, "budgets/year_form.html", context, status=status)


def _year_url(request: TenantRequest, year: int) -> str:
    return reverse("budgets:year_of", args=[request.association.slug, year])
