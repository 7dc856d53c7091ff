"""The example's money: base financing, two distributions beside each other, and claims paid."""

from __future__ import annotations

import io
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from applications.models import Application
from applications.payments import start_payment_request
from boards.demo import acts
from boards.demo.acts import Cast
from boards.demo.content import efforts
from boards.demo.settling import DEMO_PASSWORD
from budgets.allocations import propose_allocation, save_allocation
from budgets.base_claims import BaseClaim, claim_base_payment, register_base_payment
from budgets.base_financing import TeamShare, set_base_financing
from budgets.base_payments import approve_base_payment
from budgets.models import BaseFinancingShare, Frame, PaymentRequest
from budgets.payment_batches import make_batch, mark_paid
from budgets.payment_lines import lines_for
from budgets.payment_review import approve_request, check_request
from budgets.payment_settings import save_economy_settings
from budgets.payments import (
    Written,
    attest_request,
    save_request,
    send_for_attestation,
)
from budgets.sought import frame_rows
from budgets.split import split
from finsam import clock
from finsam.associations.models import Association
from finsam.documents.models import Upload
from finsam.documents.uploads import receive_upload
from finsam.people.models import Role, RoleKind, User

PROGRAMME = "blekinge-projekt-2021"
TEAMS = ("Karlskrona", "Ronneby", "Karlshamn", "Sölvesborg", "Olofström")
BASE_IN_ALL = 7_000_000
LEDGER = (("Konto", "Text", "Belopp"), (5010, "Lokalhyra", 24_500), (7010, "Löner", 212_380.5))


def receive_extracts(author: User) -> list[Upload]:
    """The account extracts of three claims, taken in outside transactions."""
    association = Association.objects.get(slug="blekinge")
    names = ("Huvudbok period 1.xlsx", "Huvudbok period 2.xlsx", "Huvudbok hela året.xlsx")
    return [receive_extract(association, author, name) for name in names]


def receive_extract(association: Association, author: User, name: str) -> Upload:
    """The account extract of a claim; its file is stored, so no transaction may be open."""
    return receive_upload(
        association=association,
        file=SimpleUploadedFile(name, _ledger(name)),
        purpose="account_extract",
        actor=author,
    )


def set_rules(cast: Cast) -> None:
    """What the association has decided about its money, as an example."""
    save_economy_settings(
        association=cast.association,
        move_percent=10,
        payer_account_type="bankgiro",
        payer_account="5402-9681",
        payer_bic="ESSESESS",
        levels=[(20_000_000, 20, None), (None, 15, None)],
        actor=cast.director,
    )


def set_base(cast: Cast, year: int) -> None:
    """7 000 000 kr over five teams by population, and in each team evenly over the authorities."""
    members = {member.name: member for member in cast.association.members.all()}
    towns = [next(name for name in members if name.startswith(team)) for team in TEAMS]
    state = [name for name in members if members[name].kind in ("insurance_agency", "region")]
    state += [name for name in members if members[name].kind == "employment_service"]
    shares = []
    weights = [members[town].population or 1 for town in towns]
    for team, town, amount in zip(TEAMS, towns, split(BASE_IN_ALL, weights), strict=True):
        present = [*state, town]
        parts = split(amount, [1] * len(present))
        shares += [
            TeamShare(members[name], team, part) for name, part in zip(present, parts, strict=True)
        ]
    set_base_financing(association=cast.association, year=year, shares=shares, actor=cast.director)


def pay_base(cast: Cast, year: int) -> None:
    """Three members have claimed the first half year: one approved, one checked, one just come."""
    shares = BaseFinancingShare.objects.select_related(
        "base__association", "member", "account", "paid_account"
    ).filter(base__association=cast.association, base__year=year)
    first, second = shares.order_by("pk")[:2]
    made = [
        register_base_payment(
            share=share,
            claim=BaseClaim(
                share.amount // 2,
                date(year, 1, 1),
                date(year, 6, 30),
                f"Faktura {number}",
                "bankgiro",
                "5402-9681",
            ),
            key=f"story-{number}",
            actor=cast.officer,
        )
        for number, share in ((2041, first), (2057, second))
    ]
    approve_base_payment(payment=made[0], actor=cast.director)
    _claim_own_base(cast, year)


def _claim_own_base(cast: Cast, year: int) -> None:
    """A municipality claims its own share in the portal; the office has not checked it yet."""
    share = BaseFinancingShare.objects.select_related(
        "base__association", "member", "account", "paid_account"
    ).filter(base__association=cast.association, base__year=year, member__slug="karlskrona")[0]
    role = Role.objects.select_related("user").filter(
        association=cast.association, member=share.member, kind=RoleKind.APPLICANT
    )
    claim_base_payment(
        share=share,
        claim=BaseClaim(
            share.amount // 2,
            date(year, 1, 1),
            date(year, 6, 30),
            "Konsultationsteamet, första halvåret",
            "bankgiro",
            "5402-9681",
        ),
        key="story-claimed",
        actor=role[0].user,
    )


def try_two_distributions(cast: Cast) -> None:
    """The plan, and the same share of what is sought for all, kept to be compared."""
    frame = Frame.objects.select_related("account", "association").get(pk=cast.round.frame_id or 0)
    rows = frame_rows(frame)
    sought = [row.sought for row in rows]
    plan = {row.key: row.plan or 0 for row in rows}
    same = split(min(frame.amount, sum(sought)), sought)
    save_allocation(
        frame=frame,
        rows=rows,
        amounts=plan,
        name="A: enligt planen",
        note="Fördelningen efter invånare, som den planerades.",
        actor=cast.director,
    )
    other = save_allocation(
        frame=frame,
        rows=rows,
        amounts=dict(zip((row.key for row in rows), same, strict=True)),
        name="B: samma andel av det sökta",
        note="Alla får lika stor del av det de söker, inom ramen.",
        actor=cast.director,
    )
    propose_allocation(allocation=other, actor=cast.director)


def claim(
    cast: Cast,
    key: str,
    period: tuple[date, date],
    share: int,
    extract: Upload,
    *,
    is_final: bool = False,
) -> PaymentRequest:
    """A period claimed, `share` per cent of each line; written, attested and sent."""
    first, last = period
    application = acts.fresh(cast, key)
    author = cast.people[cast.content.effort(key).author]
    lead = application.parties.select_related("member").get(is_lead=True)
    request = start_payment_request(
        application=application,
        party=lead,
        period_from=first,
        period_to=last,
        is_final=is_final,
        key=f"story-{first}",
        actor=author,
    )
    ore = {line.pk: line.amount * share for line in lines_for(request)}
    saved = save_request(
        request=request,
        said=Written(
            request.period_from, request.period_to, is_final, "bankgiro", "5402-9681", "", ore
        ),
        expected_revision=request.revision,
        actor=author,
        extract=extract,
    )
    ready = send_for_attestation(request=saved, actor=author)
    return attest_request(
        request=ready,
        password=DEMO_PASSWORD,
        seen_hash=ready.content_hash,
        actor=_manager(application),
    )


def pay(cast: Cast, request: PaymentRequest) -> None:
    """Checked by one, approved by another, in a file to the bank, and paid."""
    seen = request.content_hash
    checked = check_request(request=request, seen_hash=seen, actor=cast.officer)
    approved = approve_request(request=checked, seen_hash=seen, actor=cast.director)
    batch = make_batch(
        association=cast.association,
        requests=[approved],
        execute_on=clock.today(),
        key=f"story-{request.pk}",
        actor=cast.officer,
    )
    mark_paid(batch=batch, paid_on=clock.today(), actor=cast.officer)


def _manager(application: Application) -> User:
    lead = application.parties.get(is_lead=True)
    role = Role.objects.filter(
        association=application.association, kind=RoleKind.SIGNATORY, member=lead.member
    ).first()
    if role is None:
        raise LookupError(f"Ingen firmatecknare för {lead.name}.")
    return role.user


def author_of_claims() -> str:
    return efforts(PROGRAMME).efforts[0].author


def _ledger(name: str) -> bytes:
    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = name.removesuffix(".xlsx")
    for row in LEDGER:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
