"""The payment requests of an application, on the applicant's side."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from applications.models import Application, ApplicationParty
from applications.models import ApplicationState as S
from applications.once import new_key
from applications.payments import (
    CLAIMING,
    claiming_parties,
    has_payments,
    members_left_to_claim,
    start_payment_request,
)
from applications.revising import needs_revision
from applications.views.getting import crumbs, own_application
from budgets.forms import RefusableForm
from budgets.models import Grant, PaymentRequest, PaymentState
from budgets.payment_lines import room_left
from budgets.views.getting import status_of_refusal
from budgets.views.payment_page import LOOKS
from budgets.views.payments import page_of
from finsam.errors import DomainError
from finsam.fields import DayField
from finsam.people.access import TenantRequest, gate
from finsam.typography import date_long, kronor
from finsam.ui import Stat, Task


class StartForm(RefusableForm):
    """Which party claims, and for which period."""

    party = forms.ModelChoiceField(
        label="Part", queryset=ApplicationParty.objects.none(), empty_label=None
    )
    period_from = DayField(label="Från och med")
    period_to = DayField(label="Till och med")
    is_final = forms.BooleanField(label="Det här är slutrekvisitionen", required=False)
    key = forms.CharField(widget=forms.HiddenInput, max_length=80)

    def __init__(self, *args: Any, parties: list[ApplicationParty], **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"key": new_key()}, **kwargs})
        choice = self.fields["party"]
        choice.queryset = ApplicationParty.objects.filter(pk__in=[one.pk for one in parties])  # type: ignore[attr-defined]
        if len(parties) == 1:
            choice.initial = parties[0].pk
            choice.widget = forms.HiddenInput()


@gate(account=True)
@require_http_methods(["GET", "POST"])
def payments(request: TenantRequest, application: UUID) -> HttpResponse:
    """What has been claimed of the grant, and the form that begins another request."""
    found = own_application(request, application)
    if not has_payments(found):
        raise Http404
    grant = Grant.objects.select_related("account", "paid_account", "frame").get(application=found)
    parties = claiming_parties(found, request.visitor)
    needs = needs_revision(found)
    may_claim = grant.is_claimable and found.state in CLAIMING
    form = StartForm(request.POST or None, parties=parties)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        answer = _start(request, found, form)
        if isinstance(answer, PaymentRequest):
            return redirect(page_of(answer))
        status = answer
    context = {
        "application": found,
        "grant": grant,
        "form": form if parties and may_claim and not needs else None,
        "waits_for_agreement": found.state in (S.GRANTED, S.PARTLY_GRANTED) and not needs,
        "needs_revision": needs,
        "last_day": grant.claims_until
        if may_claim and {one.member_id for one in parties} & members_left_to_claim(found)
        else None,
        "stats": _stats(grant),
        "tasks": _tasks(request, grant),
        "crumbs": crumbs(found, "Rekvisitioner"),
    }
    return render(request, "applications/applicant/payments.html", context, status=status)


def _start(
    request: TenantRequest, application: Application, form: StartForm
) -> PaymentRequest | int:
    """The request; or, when it is refused, the status to answer with."""
    said = form.cleaned_data
    try:
        return start_payment_request(
            application=application,
            party=said["party"],
            period_from=said["period_from"],
            period_to=said["period_to"],
            is_final=said["is_final"],
            key=said["key"],
            actor=request.visitor.person(),
        )
    except DomainError as refusal:
        form.add_refusal(refusal)
        return status_of_refusal(refusal)


def _stats(grant: Grant) -> list[Stat]:
    return [
        Stat("Beviljat", kronor(grant.amount)),
        Stat("Utbetalt och godkänt", kronor(grant.paid)),
        Stat("Kan rekvireras", kronor(room_left(grant))),
    ]


def _tasks(request: TenantRequest, grant: Grant) -> list[Task]:
    rows = PaymentRequest.objects.visible_to(request.visitor).with_rows().filter(grant=grant)
    return [
        Task(
            f"{each.title}, {kronor(each.amount)}",
            page_of(each),
            LOOKS[PaymentState(each.state)],
            f"{each.member.name} · {date_long(each.period_from)}–{date_long(each.period_to)}",
        )
        for each in rows.defer("content").order_by("number")
    ]
