"""Payment requests: the member's form, the office's check and approval, and what is behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from budgets.amounts import read_kronor
from budgets.forms_payments import RequestForm
from budgets.models import PaymentRecovery, PaymentRequest, PaymentState
from budgets.models.payments import MEMBER_ROLES, READER_ROLES
from budgets.payment_review import (
    approve_request,
    check_request,
    return_request,
    stop_request,
)
from budgets.payment_states import may
from budgets.payments import (
    WRITABLE,
    attest_request,
    save_request,
    send_for_attestation,
    take_back,
    withdraw_request,
)
from budgets.recoveries import book_recovery, demand_recovery, drop_recovery
from budgets.views.getting import status_of_refusal
from budgets.views.payment_page import LOOKS, page_context
from finsam.documents.downloads import serve_file
from finsam.documents.uploads import receive_upload
from finsam.errors import DomainError
from finsam.fields import DayField
from finsam.people.access import TenantRequest, gate
from finsam.people.kept_text import forget_kept, keeps_text, take_kept
from finsam.people.models import User
from finsam.typography import date_long
from finsam.ui import Cell, Column, Link

A_PAGE = 50
PARTIES = (*READER_ROLES, *MEMBER_ROLES)
SHOWN = {"vantar": ("submitted", "checked"), "godkanda": ("approved",), "utbetalda": ("paid",)}
TABS = {"": "Alla", "vantar": "Väntar", "godkanda": "Godkända", "utbetalda": "Utbetalda"}


@gate(*PARTIES)
@require_GET
def payment_requests(request: TenantRequest) -> HttpResponse:
    """The requests that the visitor may see, newest first."""
    shown = request.GET.get("visa", "")
    found = PaymentRequest.objects.visible_to(request.visitor).with_rows()
    if shown in SHOWN:
        found = found.filter(state__in=SHOWN[shown])
    grant = request.GET.get("bidrag", "")
    if grant.isascii() and grant.isdigit() and len(grant) < 12:
        found = found.filter(grant=int(grant))
    page = Paginator(found.defer("content"), A_PAGE).get_page(request.GET.get("sida"))
    here = reverse("budgets:payment_requests", args=[request.association.slug])
    context = {
        "page": page,
        "columns": [
            Column("Rekvisition"),
            Column("Insats"),
            Column("Medlem"),
            Column("Period"),
            Column("Belopp, kr", numeric=True),
            Column("Läge"),
        ],
        "rows": [_listed(each) for each in page.object_list],
        "tabs": [
            Link(text, f"{here}?visa={key}" if key else here, key == shown)
            for key, text in TABS.items()
        ],
        "is_reader": request.visitor.has(*READER_ROLES),
        "crumbs": _crumbs(request),
    }
    return render(request, "budgets/payment_requests.html", context)


@keeps_text
@gate(*PARTIES)
@require_http_methods(["GET", "POST"])
def payment_request(request: TenantRequest, payment: UUID) -> HttpResponse:
    """One request: the form while the member writes, else what was sent and what can be done."""
    found = request_or_404(request, payment)
    user = request.visitor.person()
    form = kept = None
    if may(found, "send", request.visitor):
        kept = take_kept(request) if request.method == "GET" else None
        typed = kept.dict() if kept else None
        form = RequestForm(request.POST or None, request.FILES or None, request=found, typed=typed)
    if request.method == "POST":
        if form is None:
            raise PermissionDenied("role")
        saved = _save(found, form, user) if form.is_valid() else None
        if saved is not None:
            forget_kept(request)
            return _saved(request, saved)
    context = page_context(
        request,
        found,
        form=form if found.state in WRITABLE else None,
        refusal=form.refusal if form else None,
    )
    context["has_kept"] = kept is not None
    return render(request, "budgets/payment_request.html", context, status=_form_status(form))


@gate(*PARTIES)
@require_POST
def payment_step(request: TenantRequest, payment: UUID, step: str) -> HttpResponse:
    """Take the request a step on; refused, the page says why."""
    found = request_or_404(request, payment)
    if step not in ACTS:
        raise Http404
    act, done = ACTS[step]
    try:
        act(request, found, request.visitor.person())
    except DomainError as refusal:
        fresh = request_or_404(request, payment)
        context = page_context(request, fresh, refusal=refusal, typed=request.POST.dict())
        return render(
            request, "budgets/payment_request.html", context, status=status_of_refusal(refusal)
        )
    messages.success(request, done)
    if step == "ta-bort":
        return redirect("budgets:payment_requests", request.association.slug)
    return redirect(page_of(found))


@gate(*PARTIES)
@require_GET
def extract(request: TenantRequest, payment: UUID) -> HttpResponseBase:
    """The account extract exactly as it was sent."""
    found = request_or_404(request, payment)
    if found.extract is None:
        raise Http404
    return serve_file(request, found.extract.file)


def request_or_404(request: TenantRequest, payment: UUID) -> PaymentRequest:
    rows = PaymentRequest.objects.visible_to(request.visitor).with_rows()
    found: PaymentRequest = get_object_or_404(rows, public_id=payment)
    return found


def page_of(found: PaymentRequest) -> str:
    return reverse("budgets:payment_request", args=[found.association.slug, found.public_id])


def _save(found: PaymentRequest, form: RequestForm, user: User) -> PaymentRequest | None:
    """Keep what is written; None, with the reason in the form, when it is refused."""
    try:
        file = form.cleaned_data["extract"]
        upload = (
            receive_upload(
                association=found.association, file=file, purpose="account_extract", actor=user
            )
            if file
            else None
        )
        saved = save_request(
            request=found,
            said=form.written,
            expected_revision=form.cleaned_data["revision"],
            actor=user,
            extract=upload,
        )
        if form.data.get("gor") == "attest":
            saved = send_for_attestation(request=saved, actor=user)
    except DomainError as refusal:
        field = refusal.field if refusal.field in form.fields else None
        form.add_error("extract" if refusal.field == "file" else field, refusal.message)
        form.refusal = refusal
        return None
    return saved


def _saved(request: TenantRequest, saved: PaymentRequest) -> HttpResponse:
    sent = saved.state == PaymentState.READY
    text = "Den som attesterar har fått ett mejl." if sent else "Rekvisitionen är sparad."
    messages.success(request, text)
    return redirect(page_of(saved))


def _form_status(form: RequestForm | None) -> int:
    if form is None or not form.errors:
        return 200
    return status_of_refusal(form.refusal) if form.refusal else 422


def _listed(found: PaymentRequest) -> list[Cell]:
    return [
        Cell(found.title, url=page_of(found)),
        Cell(found.grant.name),
        Cell(found.member.name),
        Cell(f"{date_long(found.period_from)}–{date_long(found.period_to)}"),
        Cell(amount=found.amount),
        Cell(status=LOOKS[PaymentState(found.state)]),
    ]


def _crumbs(request: TenantRequest) -> list[Link]:
    slug = request.association.slug
    if request.visitor.has(*READER_ROLES):
        return [Link("Ekonomi", reverse("budgets:year", args=[slug])), Link("Rekvisitioner")]
    return [Link("Rekvisitioner")]


# --- what can be done, by the word in the address ----------------------------------------------

Act = Callable[[TenantRequest, PaymentRequest, User], Any]


def _attest(request: TenantRequest, found: PaymentRequest, user: User) -> None:
    attest_request(
        request=found,
        password=request.POST.get("password", ""),
        seen_hash=request.POST.get("sett", ""),
        actor=user,
    )


def _take_back(_request: TenantRequest, found: PaymentRequest, user: User) -> None:
    take_back(request=found, actor=user)


def _withdraw(_request: TenantRequest, found: PaymentRequest, user: User) -> None:
    withdraw_request(request=found, actor=user)


def _return(request: TenantRequest, found: PaymentRequest, user: User) -> None:
    message = request.POST.get("message", "")[:2000]
    return_request(request=found, message=message, actor=user)


def _check(request: TenantRequest, found: PaymentRequest, user: User) -> None:
    check_request(
        request=found,
        seen_hash=request.POST.get("sett", ""),
        move_reason=request.POST.get("move_reason", "")[:2000],
        actor=user,
    )


def _approve(request: TenantRequest, found: PaymentRequest, user: User) -> None:
    approve_request(request=found, seen_hash=request.POST.get("sett", ""), actor=user)


def _stop(request: TenantRequest, found: PaymentRequest, user: User) -> None:
    stop_request(request=found, message=request.POST.get("message", "")[:2000], actor=user)


def _demand(request: TenantRequest, found: PaymentRequest, user: User) -> None:
    demand_recovery(
        request=found,
        amount=read_kronor(request.POST.get("amount", "")),
        reason=request.POST.get("reason", "")[:2000],
        due_on=_day(request.POST.get("due_on", "")),
        key=request.POST.get("key", "")[:40],
        actor=user,
    )


def _day(said: str) -> date:
    try:
        day: date = DayField().clean(said)
    except ValidationError as refusal:
        raise DomainError("day", "Välj dagen då pengarna ska vara tillbaka.", "due_on") from refusal
    return day


def _book(request: TenantRequest, found: PaymentRequest, user: User) -> None:
    book_recovery(recovery=_recovery(request, found), actor=user)


def _drop(request: TenantRequest, found: PaymentRequest, user: User) -> None:
    drop_recovery(recovery=_recovery(request, found), actor=user)


def _recovery(request: TenantRequest, found: PaymentRequest) -> PaymentRecovery:
    said = request.POST.get("recovery", "")
    pk = int(said) if said.isascii() and said.isdigit() and len(said) < 12 else 0
    return get_object_or_404(found.recoveries.all(), pk=pk)


ACTS: dict[str, tuple[Act, str]] = {
    "attestera": (_attest, "Rekvisitionen är attesterad och skickad till kansliet."),
    "andra": (_take_back, "Rekvisitionen går att ändra igen."),
    "ta-bort": (_withdraw, "Rekvisitionen är borttagen."),
    "skicka-ater": (_return, "Rekvisitionen är skickad åter till medlemmen."),
    "kontrollera": (_check, "Rekvisitionen är kontrollerad. Någon annan godkänner den."),
    "godkann": (_approve, "Rekvisitionen är godkänd. Pengarna är avsatta för utbetalning."),
    "stoppa": (_stop, "Utbetalningen är stoppad och rekvisitionen skickad åter."),
    "aterkrav": (_demand, "Pengarna är återkrävda. Medlemmen har fått ett mejl."),
    "aterkrav-tillbaka": (_drop, "Återkravet är återtaget."),
    "aterbetalning": (_book, "Återbetalningen är bokförd."),
}
