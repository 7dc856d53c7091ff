"""Payment files: made of approved requests, fetched, and marked when the bank has paid."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from budgets.base_payments import base_waiting_for_payment
from budgets.forms_payments import BatchForm, EconomyForm, PaidForm
from budgets.models import BasePayment, EquityLevel, PaymentBatch, PaymentRequest
from budgets.models.payments import READER_ROLES
from budgets.payment_batches import make_batch, mark_paid, waiting_for_payment
from budgets.payment_settings import economy_settings, save_economy_settings
from budgets.views.getting import OFFICE, status_of_refusal
from budgets.views.payments import page_of
from finsam.documents.filenames import content_disposition
from finsam.errors import DomainError
from finsam.people.access import TenantRequest, gate
from finsam.people.models import RoleKind
from finsam.typography import date_long
from finsam.ui import Cell, Column, Fact, Link, Status

A_PAGE = 50
FILES = {
    "xml": ("application/xml; charset=utf-8", "betalfil-{}.xml"),
    "csv": ("text/csv; charset=utf-8", "betalning-{}.csv"),
}


@gate(*READER_ROLES)
@require_http_methods(["GET", "POST"])
def batches(request: TenantRequest) -> HttpResponse:
    """The payment files, and the form that makes one of what is approved."""
    may_make = request.visitor.has(*OFFICE)
    waiting = waiting_for_payment(request.association)
    base_waiting = base_waiting_for_payment(request.association)
    form = BatchForm(
        request.POST or None,
        association=request.association,
        waiting=waiting,
        base_waiting=base_waiting,
    )
    status = 200
    if request.method == "POST":
        if not may_make:
            raise Http404
        answer = _make(request, form)
        if isinstance(answer, PaymentBatch):
            messages.success(request, f"{answer} är gjord. Hämta filen och lämna den till banken.")
            return redirect("budgets:batch", request.association.slug, answer.number)
        status = answer
    page = Paginator(
        PaymentBatch.objects.filter(association=request.association).defer("xml", "csv"), A_PAGE
    ).get_page(request.GET.get("sida"))
    context = {
        "form": form if may_make and (waiting or base_waiting or form.errors) else None,
        "page": page,
        "columns": [
            Column("Betalfil"),
            Column("Betalningsdag"),
            Column("Antal", numeric=True),
            Column("Belopp, kr", numeric=True),
            Column("Läge"),
        ],
        "rows": [_listed(request, each) for each in page.object_list],
        "crumbs": _crumbs(request, Link("Betalfiler")),
    }
    return render(request, "budgets/batches.html", context, status=status)


@gate(*READER_ROLES)
@require_http_methods(["GET", "POST"])
def batch(request: TenantRequest, number: int) -> HttpResponse:
    """One payment file: what is in it, the files, and the day when it was paid."""
    found = _batch_or_404(request, number)
    may_mark = request.visitor.has(*OFFICE)
    form = PaidForm(request.POST or None, initial={"paid_on": found.execute_on})
    status = 200
    if request.method == "POST":
        if not may_mark:
            raise Http404
        status = 422
        if form.is_valid():
            try:
                mark_paid(
                    batch=found,
                    paid_on=form.cleaned_data["paid_on"],
                    actor=request.visitor.person(),
                )
            except DomainError as refusal:
                form.add_refusal(refusal)
                status = status_of_refusal(refusal)
            else:
                messages.success(request, "Betalningen är noterad och medlemmarna har fått besked.")
                return redirect(request.path)
    rows = PaymentRequest.objects.with_rows().defer("content").filter(batch=found).order_by("pk")
    base = BasePayment.objects.with_share().filter(batch=found).order_by("pk")
    context = {
        "batch": found,
        "form": form if may_mark and found.paid_on is None else None,
        "status": _look(found),
        "facts": [
            Fact("Betalningsdag", date_long(found.execute_on)),
            Fact("Belopp", amount=found.amount),
            Fact("Antal betalningar", str(found.count)),
            Fact("Gjord av", found.created_by.name),
            Fact("Filens kontrollsumma (SHA-256)", found.sha256),
        ],
        "columns": [
            Column("Betalning"),
            Column("Insats eller team"),
            Column("Mottagare"),
            Column("Belopp, kr", numeric=True),
        ],
        "rows": [
            [
                Cell(each.title, url=page_of(each)),
                Cell(each.grant.name),
                Cell(each.member.name),
                Cell(amount=each.amount),
            ]
            for each in rows
        ]
        + [
            [
                Cell(each.title, url=each.get_absolute_url()),
                Cell(each.share.team),
                Cell(each.share.member.name),
                Cell(amount=each.amount),
            ]
            for each in base
        ],
        "crumbs": _crumbs(
            request,
            Link("Betalfiler", reverse("budgets:batches", args=[request.association.slug])),
            Link(str(found)),
        ),
    }
    return render(request, "budgets/batch.html", context, status=status)


@gate(*READER_ROLES)
@require_GET
def batch_file(request: TenantRequest, number: int, kind: str) -> HttpResponse:
    """The file as it was made, byte for byte."""
    if kind not in FILES:
        raise Http404
    found = _batch_or_404(request, number)
    media_type, name = FILES[kind]
    response = HttpResponse(getattr(found, kind).encode(), content_type=media_type)
    response["Content-Disposition"] = content_disposition(name.format(found.number), shown=False)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@gate(RoleKind.DIRECTOR, RoleKind.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def rules(request: TenantRequest) -> HttpResponse:
    """The association's own rules for its money: moves, equity, the account to pay from."""
    association = request.association
    form = EconomyForm(
        request.POST or None,
        kept=economy_settings(association),
        levels=list(EquityLevel.objects.filter(association=association)),
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            save_economy_settings(
                association=association,
                move_percent=said["move_percent"],
                payer_account_type=said["payer_account_type"],
                payer_account=said["payer_account"],
                payer_bic=said["payer_bic"],
                levels=form.levels,
                actor=request.visitor.person(),
            )
        except DomainError as refusal:
            form.add_refusal(refusal)
        else:
            messages.success(request, "Reglerna är sparade.")
            return redirect(request.path)
    context = {"form": form, "crumbs": _crumbs(request, Link("Ekonomins regler"))}
    return render(request, "budgets/rules.html", context, status=422 if form.errors else 200)


def _make(request: TenantRequest, form: BatchForm) -> PaymentBatch | int:
    """The file; or, when it is refused, the status to answer with."""
    if not form.is_valid():
        return 422
    try:
        return make_batch(
            association=request.association,
            requests=list(form.cleaned_data["requests"]),
            base_payments=list(form.cleaned_data["base_payments"]),
            execute_on=form.cleaned_data["execute_on"],
            key=form.cleaned_data["key"],
            actor=request.visitor.person(),
        )
    except DomainError as refusal:
        form.add_refusal(refusal)
        return status_of_refusal(refusal)


def _batch_or_404(request: TenantRequest, number: int) -> PaymentBatch:
    rows = PaymentBatch.objects.filter(association=request.association)
    return get_object_or_404(rows.select_related("created_by", "paid_by"), number=number)


def _look(found: PaymentBatch) -> Status:
    if found.paid_on:
        return Status(f"Utbetald {date_long(found.paid_on)}", "success")
    return Status("Hos banken", "info")


def _listed(request: TenantRequest, found: PaymentBatch) -> list[Cell]:
    url = reverse("budgets:batch", args=[request.association.slug, found.number])
    return [
        Cell(str(found), url=url),
        Cell(date_long(found.execute_on)),
        Cell(amount=found.count),
        Cell(amount=found.amount),
        Cell(status=_look(found)),
    ]


def _crumbs(request: TenantRequest, *more: Link) -> list[Link]:
    slug = request.association.slug
    return [
        Link("Ekonomi", reverse("budgets:year", args=[slug])),
        Link("Rekvisitioner", reverse("budgets:payment_requests", args=[slug])),
        *more,
    ]
