"""What the page of a payment request shows, to the member, the office and the auditor."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from budgets.forms_payments import RequestForm
from budgets.models import DemandState, PaymentRequest, PaymentState
from budgets.models.payments import READER_ROLES
from budgets.payment_accounts import written
from budgets.payment_lines import Claim, claim_of, room_left
from budgets.payment_review import recoveries_of
from budgets.payment_settings import move_percent_of
from budgets.payment_states import BY_ACTION, may
from budgets.recoveries import asked_back, left_to_recover
from finsam.documents.documents import document_for, job_for
from finsam.errors import DomainError
from finsam.people.access import TenantRequest, Visitor
from finsam.typography import date_long, enumerate_words, moment_long
from finsam.ui import Bar, BarPart, Fact, Link, Status, Step, bar

LOOKS: dict[PaymentState, Status] = {
    PaymentState.DRAFT: Status("Utkast", "info"),
    PaymentState.READY: Status("Väntar på attest", "warning"),
    PaymentState.SUBMITTED: Status("Inkommen", "info"),
    PaymentState.CHECKED: Status("Kontrollerad", "info"),
    PaymentState.APPROVED: Status("Godkänd", "success"),
    PaymentState.PAID: Status("Utbetald", "success"),
    PaymentState.RETURNED: Status("Åter till medlemmen", "warning"),
    PaymentState.WITHDRAWN: Status("Borttagen", "neutral"),
}
WAY = (
    ("Ifylld", ("draft", "returned")),
    ("Attesterad av medlemmen", ("ready",)),
    ("Kontrollerad av kansliet", ("submitted",)),
    ("Godkänd av en annan person", ("checked",)),
    ("Utbetald", ("approved",)),
)


def page_context(
    request: TenantRequest,
    found: PaymentRequest,
    *,
    form: RequestForm | None = None,
    refusal: DomainError | None = None,
    typed: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Everything the page shows, in a fixed number of queries."""
    claim = claim_of(found)
    percent = move_percent_of(found.association)
    moved = claim.moved(percent)
    is_reader = request.visitor.has(*READER_ROLES)
    key = f"payment:{found.public_id}"
    possible, asked = _possible(found, request.visitor), asked_back(found)
    return {
        "found": found,
        "form": form,
        "claim": claim,
        "lines": form.lines(claim) if form else [],
        "moved": enumerate_words([row.label for row in moved]),
        "move_percent": percent or 0,
        "status": LOOKS[PaymentState(found.state)],
        "next": _next(found, request.visitor),
        "may": possible,
        "step_back": "stoppa" if found.state == PaymentState.APPROVED else "skicka-ater",
        "steps": _steps(found),
        "facts": _facts(found),
        "bar": _bar(found, claim),
        "room": room_left(found.grant, found),
        "new_account": _other_account(found) if is_reader else "",
        "document": document_for(key),
        "job": job_for(key),
        "recoveries": list(recoveries_of(found)),
        "demands": [one for one in asked if one.state == DemandState.DEMANDED],
        "recoverable": left_to_recover(found, asked) if possible["recover"] else 0,
        "me": request.visitor.person().pk,
        "recovery_key": (typed or {}).get("key") or uuid.uuid4().hex,
        "refusal": refusal,
        "refused": [(refusal.message, "")] if refusal else [],
        "typed": typed or {},
        "is_reader": is_reader,
        "crumbs": _crumbs(request, found, is_reader=is_reader),
    }


def _possible(found: PaymentRequest, visitor: Visitor) -> dict[str, bool]:
    """The actions that the person may take now, in the state that the request is in."""
    possible = {
        name: found.state in step.sources and may(found, name, visitor)
        for name, step in BY_ACTION.items()
    }
    possible["approve"] = possible["approve"] and found.checked_by_id != visitor.person().pk
    possible["stop"] = possible["stop"] and found.batch_id is None and not found.is_final
    possible["recover"] = found.state == PaymentState.PAID and may(found, "pay", visitor)
    return possible


def _next(found: PaymentRequest, visitor: Visitor) -> dict[str, str]:
    """What is to be done now, and whose turn it is."""
    mine = may(found, "send", visitor)
    office = may(found, "check", visitor)
    turn = {True: "Er tur", False: f"{found.member.name}s tur"}
    at_office = {True: "Er tur", False: "Kansliets tur"}
    words = {
        "draft": ("Fyll i perioden och begär attest", turn[mine]),
        "returned": ("Rätta det som kansliet skriver om", turn[mine]),
        "ready": ("Attesteras av medlemmens chef", turn[mine]),
        "submitted": ("Kontrolleras av kansliet", at_office[office]),
        "checked": ("Godkänns av en annan person på kansliet", at_office[office]),
        "approved": (
            "Ligger i en betalfil hos banken" if found.batch_id else "Ska med i nästa betalfil",
            at_office[office],
        ),
        "paid": ("Pengarna är utbetalda", ""),
        "withdrawn": ("Rekvisitionen är borttagen", ""),
    }
    heading, whose = words[found.state]
    if found.state == PaymentState.READY and mine:
        if may(found, "attest", visitor):
            heading = "Läs och attestera"
        else:
            whose = "Er chefs tur"
    if found.state == PaymentState.CHECKED and found.checked_by_id == visitor.person().pk:
        whose = "En kollegas tur"
    return {"heading": heading, "whose": whose}


def _steps(found: PaymentRequest) -> list[Step]:
    notes = [
        ("", found.created_by.name),
        (found.attested_at, found.attested_by.name if found.attested_by else ""),
        (found.checked_at, found.checked_by.name if found.checked_by else ""),
        (found.approved_at, found.approved_by.name if found.approved_by else ""),
        (found.batch.paid_on if found.batch else None, ""),
    ]
    now = next((at for at, (_, states) in enumerate(WAY) if found.state in states), len(WAY))
    return [
        Step(
            text,
            when or "" if at < now else "",
            "done" if at < now else "now" if at == now else "coming",
            who if at < now else "",
        )
        for at, ((text, _), (when, who)) in enumerate(zip(WAY, notes, strict=True))
    ]


def _facts(found: PaymentRequest) -> list[Fact]:
    account = written(found.account_type, found.account_number)
    case = found.case
    facts = [
        Fact("Period", f"{date_long(found.period_from)}–{date_long(found.period_to)}"),
        Fact("Mottagare", found.member.name),
        Fact("Betalas till", f"{found.get_account_type_display()} {account}" if account else "–"),
        Fact("Ram", found.grant.frame.name),
        Fact("Diarienummer", case.number if case else "–"),
    ]
    if found.attested_at and found.attested_by:
        who = f"{found.attested_by.name}, {moment_long(found.attested_at)}"
        facts.append(Fact("Attesterad av", who))
    return facts


def _bar(found: PaymentRequest, claim: Claim) -> Bar:
    """The grant: paid before, this request, and what is left."""
    now = 0 if found.state in ("approved", "paid", "withdrawn") else claim.amount
    left = max(found.grant.unpaid - now, 0)
    parts = [
        BarPart("Utbetalt och godkänt", found.grant.paid),
        BarPart("Den här rekvisitionen", now, "second"),
        BarPart("Kvar av bidraget", left, "rest"),
    ]
    told = ", ".join(f"{part.text.lower()} {part.amount} kronor" for part in parts)
    return bar(parts, label=f"Bidraget: {told}.", total=found.grant.amount)


def _other_account(found: PaymentRequest) -> str:
    """The account that the member was paid to before, when this is another one."""
    last = (
        PaymentRequest.objects.filter(
            association=found.association_id, member=found.member_id, state=PaymentState.PAID
        )
        .exclude(pk=found.pk)
        .order_by("-approved_at")
        .first()
    )
    if last is None or not found.account_number:
        return ""
    if (last.account_type, last.account_number) == (found.account_type, found.account_number):
        return ""
    return f"{last.get_account_type_display()} {written(last.account_type, last.account_number)}"


def _crumbs(request: TenantRequest, found: PaymentRequest, *, is_reader: bool) -> list[Link]:
    slug = request.association.slug
    way = [Link("Ekonomi", reverse("budgets:year", args=[slug]))] if is_reader else []
    return [
        *way,
        Link("Rekvisitioner", reverse("budgets:payment_requests", args=[slug])),
        Link(found.title),
    ]
