"""Payments of base financing: claimed, registered by one at the office, approved by another."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from budgets.amounts import read_kronor
from budgets.base_claims import claim_base_payment, register_base_payment
from budgets.base_financing import lowered_contributions, unsecured_words
from budgets.base_payments import STEPS, approve_base_payment, check_base_payment, stop_base_payment
from budgets.base_recoveries import (
    book_base_recovery,
    recoverable,
    register_base_recovery,
    remove_base_recovery,
)
from budgets.forms_payments import BasePaymentForm
from budgets.models import (
    BaseFinancing,
    BaseFinancingShare,
    BasePayment,
    BasePaymentState,
    RecoveryState,
)
from budgets.models.payments import MEMBER_ROLES, READER_ROLES
from budgets.payment_accounts import written
from budgets.views.getting import OFFICE, crumbs, status_of_refusal
from finsam.errors import DomainError
from finsam.people.access import TenantRequest, gate
from finsam.typography import date_long, moment_long
from finsam.ui import Cell, Column, Fact, Link, Status

A_PAGE = 50
RECOVERING = ("aterbetalning", "bokfor", "ta-bort")
LOOKS: dict[str, Status] = {
    BasePaymentState.CLAIMED: Status("Väntar på kansliet", "warning"),
    BasePaymentState.REGISTERED: Status("Väntar på godkännande", "warning"),
    BasePaymentState.APPROVED: Status("Godkänd", "success"),
    BasePaymentState.PAID: Status("Utbetald", "success"),
    BasePaymentState.STOPPED: Status("Stoppad", "neutral"),
}
SHARE_COLUMNS = [
    Column("Myndighet"),
    Column("Team"),
    Column("Avsatt, kr", numeric=True),
    Column("Utbetalt, kr", numeric=True),
    Column("Kvar, kr", numeric=True),
]
COLUMNS = [
    Column("Utbetalning"),
    Column("Mottagare"),
    Column("Period"),
    Column("Belopp, kr", numeric=True),
    Column("Läge"),
]


@gate(*READER_ROLES)
@require_http_methods(["GET", "POST"])
def payments(request: TenantRequest, year: int) -> HttpResponse:
    """A year's shares with what is paid of each, its payments, and the form for a new one."""
    base = get_object_or_404(
        BaseFinancing.objects.select_related("association"),
        association=request.association,
        year=year,
    )
    may_pay = request.visitor.has(*OFFICE)
    form = BasePaymentForm(request.POST or None, base=base)
    status = 200
    if request.method == "POST":
        if not may_pay:
            raise Http404
        answer = _register(request, form, register_base_payment)
        if isinstance(answer, BasePayment):
            messages.success(request, "Utbetalningen är registrerad. Någon annan godkänner den.")
            return redirect(answer.get_absolute_url())
        status = answer
    shares = base.shares.select_related(
        "member", "account__association", "paid_account__association"
    )
    made = BasePayment.objects.with_share().filter(
        association=request.association, share__base=base
    )
    page = Paginator(made, A_PAGE).get_page(request.GET.get("sida"))
    unsecured = unsecured_words(lowered_contributions(request.association, year))
    context = {
        "year": year,
        "unsecured": unsecured,
        "form": form if may_pay and not unsecured else None,
        "share_columns": SHARE_COLUMNS,
        "share_rows": [_share_row(share) for share in shares],
        "columns": COLUMNS,
        "rows": [_listed(each) for each in page.object_list],
        "page": page,
        "crumbs": _crumbs(request, year),
    }
    return render(request, "budgets/base_payments.html", context, status=status)


@gate(*MEMBER_ROLES)
@require_http_methods(["GET", "POST"])
def claims(request: TenantRequest, year: int) -> HttpResponse:
    """What a year's base financing holds for the person's members, and the form to claim it."""
    members = request.visitor.member_ids(*MEMBER_ROLES)
    base = get_object_or_404(
        BaseFinancing.objects.select_related("association"),
        association=request.association,
        year=year,
    )
    shares = list(
        base.shares.filter(member__in=members).select_related(
            "member", "account__association", "paid_account__association"
        )
    )
    if not shares:
        raise Http404
    form = BasePaymentForm(request.POST or None, base=base, members=members)
    status = 200
    if request.method == "POST":
        answer = _register(request, form, claim_base_payment)
        if isinstance(answer, BasePayment):
            messages.success(request, "Begäran är skickad. Kansliet kontrollerar och betalar ut.")
            return redirect(answer.get_absolute_url())
        status = answer
    made = BasePayment.objects.with_share().filter(share__in=shares)
    page = Paginator(made, A_PAGE).get_page(request.GET.get("sida"))
    unsecured = unsecured_words(lowered_contributions(request.association, year))
    context = {
        "year": year,
        "unsecured": unsecured,
        "form": None if unsecured else form,
        "share_columns": SHARE_COLUMNS,
        "share_rows": [_share_row(share) for share in shares],
        "columns": COLUMNS,
        "rows": [_listed(each) for each in page.object_list],
        "page": page,
        "crumbs": [_own_crumb(request), Link(f"Basfinansiering {year}")],
    }
    return render(request, "budgets/base_claims.html", context, status=status)


@gate(*READER_ROLES, *MEMBER_ROLES)
@require_http_methods(["GET", "POST"])
def payment(request: TenantRequest, base_payment: int) -> HttpResponse:
    """One payment: what was claimed, whose turn it is, and the second pair of eyes."""
    found = _payment_or_404(request, base_payment)
    refusal = None
    if request.method == "POST":
        if not (_may(request, found, "stopped") or request.visitor.has(*OFFICE)):
            raise Http404
        try:
            done = _act(request, found)
        except DomainError as error:
            refusal, found = error, _payment_or_404(request, base_payment)
        else:
            messages.success(request, done)
            return redirect(found.get_absolute_url())
    is_own = found.claimed_by_id == request.visitor.person().pk
    context = {
        "payment": found,
        "is_member": not request.visitor.has(*READER_ROLES),
        "status": LOOKS[found.state],
        "may_check": _may(request, found, "registered") and not is_own,
        "may_approve": not is_own
        and _may(request, found, "approved")
        and found.registered_by_id != request.visitor.person().pk,
        "may_stop": _may(request, found, "stopped") and found.batch_id is None,
        "whose": "Er tur" if request.visitor.is_office else "Kansliets tur",
        "facts": _facts(found),
        "refused": [(refusal.message, "")] if refusal else [],
        "reason": request.POST.get("reason", ""),
        **_recoveries(request, found),
        "crumbs": _crumbs_of(request, found),
    }
    return render(
        request,
        "budgets/base_payment.html",
        context,
        status=status_of_refusal(refusal) if refusal else 200,
    )


def _register(
    request: TenantRequest, form: BasePaymentForm, note: Callable[..., BasePayment]
) -> BasePayment | int:
    """The payment; or, when it is refused, the status to answer with."""
    if not form.is_valid():
        return 422
    try:
        return note(
            share=form.cleaned_data["share"],
            claim=form.claim,
            key=form.cleaned_data["key"],
            actor=request.visitor.person(),
        )
    except DomainError as refusal:
        form.add_refusal(refusal)
        return status_of_refusal(refusal)


def _act(request: TenantRequest, found: BasePayment) -> str:
    user = request.visitor.person()
    if request.POST.get("gor") == "kontrollera":
        check_base_payment(payment=found, actor=user)
        return "Begäran är kontrollerad. Någon annan godkänner den."
    if request.POST.get("gor") == "godkann":
        approve_base_payment(payment=found, actor=user)
        return "Utbetalningen är godkänd. Den kan nu läggas i en betalfil."
    if request.POST.get("gor") in RECOVERING:
        return _recover(request, found)
    stop_base_payment(payment=found, reason=request.POST.get("reason", "")[:2000], actor=user)
    return "Utbetalningen är stoppad."


def _recover(request: TenantRequest, found: BasePayment) -> str:
    """Note money that has come back; or book, or remove, what was noted."""
    user = request.visitor.person()
    if request.POST["gor"] == "aterbetalning":
        register_base_recovery(
            payment=found,
            amount=read_kronor(request.POST.get("amount", "")),
            reason=request.POST.get("recovery_reason", "")[:2000],
            key=request.POST.get("key", "")[:80],
            actor=user,
        )
        return "Återbetalningen är registrerad. Någon annan bokför den."
    number = request.POST.get("aterbetalning", "")
    waiting = found.recoveries.filter(pk=number if number.isdecimal() else 0).first()
    if waiting is None:
        raise Http404
    if request.POST["gor"] == "bokfor":
        book_base_recovery(recovery=waiting, actor=user)
        return "Återbetalningen är bokförd."
    remove_base_recovery(recovery=waiting, actor=user)
    return "Återbetalningen är borttagen."


def _recoveries(request: TenantRequest, found: BasePayment) -> dict[str, object]:
    """What has come back of a payment, and what the person may do about it."""
    is_office = request.visitor.has(*OFFICE)
    made = [
        one
        for one in found.recoveries.select_related("registered_by", "booked_by")
        if one.state != RecoveryState.STOPPED
    ]
    waiting = next((one for one in made if one.state == RecoveryState.REGISTERED), None)
    left = recoverable(found) if found.state == BasePaymentState.PAID else 0
    return {
        "recoveries": [one for one in made if one.state == RecoveryState.BOOKED],
        "waiting": waiting if is_office else None,
        "may_book": waiting is not None
        and is_office
        and waiting.registered_by_id != request.visitor.person().pk,
        "may_recover": is_office and waiting is None and left > 0,
        "recoverable": left,
        "recovery_key": request.POST.get("key") or uuid.uuid4().hex,
        "typed": {name: request.POST.get(name, "") for name in ("amount", "recovery_reason")},
    }


def _may(request: TenantRequest, found: BasePayment, action: str) -> bool:
    """Whether it is the person's to do now: the office's, or to stop what one's member claimed."""
    if found.state not in STEPS[action][0]:
        return False
    if request.visitor.has(*OFFICE):
        return True
    is_members = found.share.member_id in request.visitor.member_ids(*MEMBER_ROLES)
    return action == "stopped" and found.state == BasePaymentState.CLAIMED and is_members


def _payment_or_404(request: TenantRequest, pk: int) -> BasePayment:
    """A payment of the association; for a member's people one of their own."""
    rows = BasePayment.objects.with_share().filter(association=request.association)
    if not request.visitor.has(*READER_ROLES):
        rows = rows.filter(share__member__in=request.visitor.member_ids(*MEMBER_ROLES))
    found: BasePayment = get_object_or_404(rows, pk=pk)
    return found


def _facts(found: BasePayment) -> list[Fact]:
    account = written(found.account_type, found.account_number)
    facts = [
        Fact("Belopp", amount=found.amount),
        Fact("Mottagare", found.share.member.name),
        Fact("Team", found.share.team),
        Fact("Period", _period(found)),
        Fact("Medlemmens referens", found.reference),
        Fact("Betalas till", f"{found.get_account_type_display()} {account}"),
    ]
    if found.claimed_by:
        facts.append(Fact("Begärd", f"{found.claimed_by.name}, {moment_long(found.created_at)}"))
    if found.registered_by and found.registered_at:
        who = f"{found.registered_by.name}, {moment_long(found.registered_at)}"
        facts.append(Fact("Kontrollerad" if found.claimed_by else "Registrerad", who))
    if found.approved_by and found.approved_at:
        facts.append(Fact("Godkänd", f"{found.approved_by.name}, {moment_long(found.approved_at)}"))
    if found.batch:
        facts.append(Fact("Betalfil", str(found.batch)))
    if found.stopped_by and found.stopped_at:
        facts.append(Fact("Stoppad", f"{found.stopped_by.name}, {moment_long(found.stopped_at)}"))
        facts.append(Fact("Varför", found.stop_reason))
    return facts


def _share_row(share: BaseFinancingShare) -> list[Cell]:
    return [
        Cell(share.member.name),
        Cell(share.team),
        Cell(amount=share.amount),
        Cell(amount=share.paid),
        Cell(amount=share.unpaid),
    ]


def _listed(found: BasePayment) -> list[Cell]:
    return [
        Cell(f"Utbetalning {found.number}, {found.share.team}", url=found.get_absolute_url()),
        Cell(found.share.member.name),
        Cell(_period(found)),
        Cell(amount=found.amount),
        Cell(status=LOOKS[found.state]),
    ]


def _period(found: BasePayment) -> str:
    return f"{date_long(found.period_from)}–{date_long(found.period_to)}"


def _crumbs_of(request: TenantRequest, found: BasePayment) -> list[Link]:
    year = found.share.base.year
    if request.visitor.has(*READER_ROLES):
        return [*_crumbs(request, year, leads=True), Link(found.title)]
    url = reverse("budgets:base_claims", args=[request.association.slug, year])
    return [_own_crumb(request), Link(f"Basfinansiering {year}", url), Link(found.title)]


def _own_crumb(request: TenantRequest) -> Link:
    return Link("Mina ansökningar", reverse("applications:mine", args=[request.association.slug]))


def _crumbs(request: TenantRequest, year: int, *, leads: bool = False) -> list[Link]:
    url = reverse("budgets:base_payments", args=[request.association.slug, year]) if leads else ""
    return crumbs(request, year, Link("Utbetalningar av basfinansiering", url))
