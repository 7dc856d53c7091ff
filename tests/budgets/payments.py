"""A grant with its budget lines, and payment requests at every step, for tests."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile

from budgets.content import BudgetContent, CostEntry, CostKind, StaffEntry
from budgets.frames import reserve_grant
from budgets.models import Frame, Grant, PaymentBatch, PaymentRequest
from budgets.payment_batches import make_batch
from budgets.payment_lines import lines_for, plan_lines
from budgets.payment_review import approve_request, check_request
from budgets.payment_settings import save_economy_settings
from budgets.payments import (
    Written,
    attest_request,
    save_request,
    send_for_attestation,
    start_request,
)
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.documents.models import Upload
from finsam.documents.uploads import receive_upload
from finsam.people.models import User
from finsam.registry.register import open_case

PASSWORD = "ett långt lösenord"
BANKGIRO = "5402-9681"
CONTENT = BudgetContent(
    (
        StaffEntry(
            1, party="Ekby kommun", role="Coach", year=2024, percent=Decimal(50),
            months=Decimal(12), salary=36_000, overhead=Decimal(40),
        ),
        StaffEntry(
            2, party="Region Sjö", role="Terapeut", year=2024, percent=Decimal(25),
            months=Decimal(12), salary=40_000, overhead=Decimal(40),
        ),
    ),
    (CostEntry(1, kind=CostKind.PREMISES, party="Ekby kommun", year=2024, amount=29_600),),
)  # fmt: skip
COST = 302_400 + 168_000 + 29_600


def make_grant(frame: Frame, actor: User | None, *, amount: int = COST, key: str = "one") -> Grant:
    """A grant laid out on three lines: two parties' staff, and premises."""
    grant = reserve_grant(frame=frame, amount=amount, key=key, actor=actor, name="Vägen vidare")
    plan_lines(grant=grant, content=CONTENT, actor=actor)
    return grant


def make_extract(grant: Grant, actor: User) -> Upload:
    from tests.factories import png

    file: SimpleUploadedFile = png("huvudbok.png")
    return receive_upload(
        association=grant.association, file=file, purpose="account_extract", actor=actor
    )


def make_draft(
    grant: Grant,
    member: Member,
    actor: User,
    *,
    key: str = "first",
    is_final: bool = False,
    covers_all: bool = True,
) -> PaymentRequest:
    case = open_case(association=grant.association, title="Vägen vidare", actor=actor)
    return start_request(
        grant=grant,
        member=member,
        covers_all=covers_all,
        period_from=date(2024, 1, 1),
        period_to=date(2024, 4, 30),
        is_final=is_final,
        key=key,
        case=case,
        actor=actor,
    )


def written(request: PaymentRequest, *kronor: int, explanation: str = "") -> Written:
    """Amounts in whole kronor for the lines in their order."""
    lines = lines_for(request)
    return Written(
        request.period_from,
        request.period_to,
        request.is_final,
        "bankgiro",
        BANKGIRO,
        explanation,
        {
            line.pk: 100 * amount
            for line, amount in itertools.zip_longest(lines, kronor, fillvalue=0)
        },
    )


def make_ready(
    request: PaymentRequest, actor: User, *kronor: int, explanation: str = ""
) -> PaymentRequest:
    """Filled in, with its extract, and sent for attestation."""
    saved = save_request(
        request=request,
        said=written(request, *kronor, explanation=explanation),
        expected_revision=request.revision,
        actor=actor,
        extract=make_extract(request.grant, actor),
    )
    return send_for_attestation(request=saved, actor=actor)


def make_sent(
    request: PaymentRequest, actor: User, signatory: User, *kronor: int, explanation: str = ""
) -> PaymentRequest:
    ready = make_ready(request, actor, *kronor, explanation=explanation)
    return attest_request(
        request=ready, password=PASSWORD, seen_hash=ready.content_hash, actor=signatory
    )


def make_approved(request: PaymentRequest, checker: User, approver: User) -> PaymentRequest:
    checked = check_request(
        request=request, seen_hash=request.content_hash, move_reason="Godtas.", actor=checker
    )
    return approve_request(request=checked, seen_hash=checked.content_hash, actor=approver)


def set_economy(association: Association, actor: User, *, move_percent: int | None = None) -> None:
    save_economy_settings(
        association=association,
        move_percent=move_percent,
        payer_account_type="iban",
        payer_account="SE45 5000 0000 0583 9825 7466",
        payer_bic="ESSESESS",
        levels=[],
        actor=actor,
    )


def batch_of(association: Association, requests: list[PaymentRequest], actor: User) -> PaymentBatch:
    set_economy(association, actor)
    return make_batch(
        association=association,
        requests=requests,
        execute_on=clock.today(),
        key="batch",
        actor=actor,
    )
