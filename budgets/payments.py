"""Claiming granted money, on the member's side: written, attested by its manager, and sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from budgets.frames import release_grant
from budgets.models import Grant, GrantLine, PaymentRequest, PaymentRow, PaymentState
from budgets.payment_accounts import read_account, written
from budgets.payment_lines import Claim, claim_of, lines_for, room_left, rows_as_json
from budgets.payment_mails import tell_member, tell_office, tell_signatories
from budgets.payment_settings import move_percent_of
from budgets.payment_states import apply_step, check_may, locked
from finsam import clock
from finsam.associations.models import Member
from finsam.documents.documents import promise_document
from finsam.documents.models import Upload
from finsam.errors import Conflict, DomainError, NotPossible
from finsam.people.models import User
from finsam.people.password_again import confirm_password
from finsam.registry.canonical import canonical, digest
from finsam.registry.events import locked_head, record_event
from finsam.registry.models import Case, Direction
from finsam.registry.register import register_record
from finsam.typography import date_long, enumerate_words, kronor

ENDED = (PaymentState.APPROVED, PaymentState.PAID, PaymentState.WITHDRAWN)
WRITABLE = (PaymentState.DRAFT, PaymentState.RETURNED)


@dataclass(frozen=True)
class Written:
    """What the member has written in a request; `ore` is öre by the budget line's id."""

    period_from: date
    period_to: date
    is_final: bool
    account_type: str
    account_number: str
    explanation: str
    ore: Mapping[int, int]


def start_request(
    *,
    grant: Grant,
    member: Member,
    covers_all: bool,
    period_from: date,
    period_to: date,
    is_final: bool,
    key: str,
    case: Case | None,
    actor: User,
) -> PaymentRequest:
    """Begin a request for a period, once for each `key`; writes `payment_started`.

    The account is that of the member's last one. The same key with another period is a Conflict.
    Raises NotPossible when the grant is closed or the member has another one under way.
    """
    said = (member.pk, period_from, period_to, is_final)
    _check_period(period_from, period_to)
    with transaction.atomic():
        locked_head(grant.association)
        grant = Grant.objects.select_related("association", "frame").get(pk=grant.pk)
        earlier = PaymentRequest.objects.filter(grant=grant, key=key).first()
        if earlier is not None:
            return _same(earlier, said)
        _check_open(grant, member)
        _check_in_time(grant, period_to)
        last = PaymentRequest.objects.filter(grant=grant, member=member).exclude(account_number="")
        known = last.order_by("-number").first()
        highest = grant.payment_requests.aggregate(highest=Max("number"))["highest"]
        request = PaymentRequest(
            association=grant.association,
            grant=grant,
            member=member,
            covers_all=covers_all,
            number=(highest or 0) + 1,
            key=key,
            period_from=period_from,
            period_to=period_to,
            is_final=is_final,
            account_type=known.account_type if known else "",
            account_number=known.account_number if known else "",
            case=case,
            created_by=actor,
        )
        check_may(request, "send", actor)
        request.save()
        record_event(
            association=grant.association,
            actor=actor,
            action="payment_started",
            obj=request,
            payload={"grant": grant.pk, "number": request.number, "is_final": is_final},
        )
    return request


def save_request(
    *,
    request: PaymentRequest,
    said: Written,
    expected_revision: int,
    actor: User,
    extract: Upload | None = None,
) -> PaymentRequest:
    """Keep what the member has written; the same again changes nothing; writes `payment_saved`.

    Raises Conflict when somebody saved other figures in between, DomainError for an account that
    cannot be one.
    """
    _check_period(said.period_from, said.period_to)
    number = said.account_number.strip()
    account = read_account(said.account_type, number) if number else ""
    with transaction.atomic():
        request = locked(request)
        check_may(request, "send", actor)
        changes: dict[str, Any] = {
            "period_from": said.period_from,
            "period_to": said.period_to,
            "is_final": said.is_final,
            "account_type": said.account_type if account else "",
            "account_number": account,
            "explanation": said.explanation.strip(),
            "extract": _chosen_extract(request, extract),
        }
        lines = lines_for(request)
        ore = {line.pk: said.ore.get(line.pk, 0) for line in lines}
        kept = dict(request.rows.values_list("line_id", "ore"))
        is_same = all(getattr(request, name) == value for name, value in changes.items())
        if is_same and {**dict.fromkeys(ore, 0), **kept} == ore:
            return request
        if request.state not in WRITABLE:
            raise NotPossible("not_writable", "Rekvisitionen är skickad och ändras inte längre.")
        if request.revision != expected_revision:
            raise Conflict(
                "request_changed",
                "Någon annan har sparat rekvisitionen i mellantiden. Läs om sidan, se vad som "
                "står där och skriv in ditt igen.",
            )
        _write_rows(request, lines, ore)
        for name, value in changes.items():
            setattr(request, name, value)
        request.revision += 1
        request.content, request.content_hash = {}, ""
        request.amount = claim_of(request).amount
        written_fields = ["revision", "content", "content_hash", "amount", *changes]
        request.save(update_fields=written_fields)
        _tell(request, "payment_saved", actor)
    return request


def send_for_attestation(*, request: PaymentRequest, actor: User) -> PaymentRequest:
    """Freeze the request and ask the member's managers to attest it; sent twice it is once.

    Raises NotPossible, saying what is missing or what is left of the grant.
    """
    with transaction.atomic():
        request = locked(request)
        if request.state == PaymentState.READY:
            return request
        claim = claim_of(_unfrozen(request))
        check_claim(request, claim)
        content = _content(request, claim)
        request = apply_step(
            request,
            "send",
            actor=actor,
            amount=claim.amount,
            content=content,
            content_hash=digest(content),
        )
        tell_signatories(request)
    return request


def take_back(*, request: PaymentRequest, actor: User) -> PaymentRequest:
    """Open the request for changes again, before it has been attested."""
    with transaction.atomic():
        request = locked(request)
        if request.state == PaymentState.DRAFT:
            return request
        return apply_step(request, "take_back", actor=actor, content={}, content_hash="")


def withdraw_request(*, request: PaymentRequest, actor: User) -> PaymentRequest:
    """Put away a request that is not with the office; it stays on record.

    Where the final request has closed the grant already, what was kept for it is released as
    soon as no other request waits for it.
    """
    with transaction.atomic():
        request = locked(request)
        if request.state == PaymentState.WITHDRAWN:
            return request
        request = apply_step(request, "withdraw", actor=actor)
        others = request.grant.payment_requests.exclude(state__in=ENDED)
        if request.grant.closed_at is not None and not others.exists():
            release_grant(grant=request.grant, key=f"payment-{request.pk}-withdrawn", actor=actor)
        return request


def attest_request(
    *, request: PaymentRequest, password: str, seen_hash: str, actor: User
) -> PaymentRequest:
    """Attest the frozen content as the member's manager, which sends it to the office.

    Registers it as received and promises it as a document. Attested twice it is sent once.
    Raises Conflict when the content is no longer what was seen, or what others have claimed in
    between has changed what is left.
    """
    with transaction.atomic():
        request = locked(request)
        if request.attested_by_id == actor.pk and request.content_hash == seen_hash:
            return request
        check_may(request, "attest", actor)
        confirm_password(person=actor, password=password)
        claim = claim_of(_unfrozen(request))
        check_claim(request, claim)
        if digest(_content(request, claim)) != seen_hash or request.content_hash != seen_hash:
            raise Conflict(
                "changed_since_seen",
                "Rekvisitionen, eller det som redan är rekvirerat på bidraget, har ändrats sedan "
                "du läste den. Ta tillbaka den, kontrollera siffrorna och begär attest på nytt.",
            )
        request = apply_step(
            request,
            "attest",
            actor=actor,
            payload={"content_hash": seen_hash},
            attested_by=actor,
            attested_at=clock.now(),
            returned_message="",
        )
        _receive(request, actor)
    return request


def check_claim(request: PaymentRequest, claim: Claim) -> None:
    """Raises NotPossible unless the request can be sent: all told, in time, within the grant."""
    _check_in_time(request.grant, request.period_to, was_sent=bool(request.returned_message))
    if not request.account_number:
        raise NotPossible("account_missing", "Skriv vart pengarna ska betalas.", "account_number")
    if request.extract is None:
        raise NotPossible(
            "extract_missing", "Bifoga utdraget ur redovisningen för perioden.", "extract"
        )
    if not claim.amount and not request.is_final:
        raise NotPossible("nothing_claimed", "Skriv ett belopp på minst en budgetpost.")
    moved = claim.moved(move_percent_of(request.association))
    if moved and not request.explanation.strip():
        names = enumerate_words([row.label for row in moved])
        raise NotPossible(
            "explanation_missing",
            f"Mer än vad som är överenskommet har gått åt på: {names}. Förklara varför, så tar "
            "kansliet ställning till flytten.",
            "explanation",
        )
    room = room_left(request.grant, request)
    if claim.amount > room:
        raise NotPossible(
            "over_grant",
            f"Rekvisitionen är {kronor(claim.amount)}, men av bidraget återstår {kronor(room)}. "
            f"Sänk den med {kronor(claim.amount - room)}.",
        )


def _receive(request: PaymentRequest, actor: User) -> None:
    """Register a sent request and promise its document and mails."""
    subject = f"{request.title} för {request.grant.name}, {_period(request)}"
    record = None
    if request.case is not None:
        record = register_record(
            case=request.case,
            direction=Direction.IN,
            subject=subject[:250],
            correspondent=request.member.name,
            actor=actor,
        )
    promise_document(
        association=request.association,
        kind="payment_request",
        key=f"payment:{request.public_id}",
        title=f"{request.title}: {request.grant.name}",
        source={
            "content": request.content,
            "content_hash": request.content_hash,
            "attested_by": actor.get_full_name(),
            "attested_title": actor.title,
            "attested_at": (request.attested_at or clock.now()).isoformat(),
        },
        case=request.case,
        requested_by=actor,
        record=record,
    )
    tell_office(request)
    tell_member(request, "received")


def _content(request: PaymentRequest, claim: Claim) -> dict[str, Any]:
    """All that is attested, as plain values."""
    extract = request.extract.file if request.extract else None
    return canonical(  # type: ignore[no-any-return]
        {
            "title": request.title,
            "grant": request.grant.name,
            "granted": request.grant.amount,
            "frame": request.grant.frame.name,
            "number": request.number,
            "is_final": request.is_final,
            "member": request.member.name,
            "organisation_number": request.member.organisation_number,
            "period": _period(request),
            "account": f"{request.get_account_type_display()} "
            f"{written(request.account_type, request.account_number)}",
            "amount": claim.amount,
            "explanation": request.explanation,
            "extract": {"name": extract.name, "sha256": extract.sha256} if extract else None,
            "rows": rows_as_json(claim.rows),
        }
    )


def _unfrozen(request: PaymentRequest) -> PaymentRequest:
    """A copy to compute the claim of as things stand now."""
    return PaymentRequest(
        pk=request.pk,
        grant=request.grant,
        member=request.member,
        covers_all=request.covers_all,
    )


def _period(request: PaymentRequest) -> str:
    return f"{date_long(request.period_from)}–{date_long(request.period_to)}"


def _write_rows(request: PaymentRequest, lines: list[GrantLine], ore: Mapping[int, int]) -> None:
    PaymentRow.objects.bulk_create(
        [PaymentRow(request=request, line=line, ore=ore[line.pk]) for line in lines],
        update_conflicts=True,
        unique_fields=["request", "line"],
        update_fields=["ore"],
    )


def _chosen_extract(request: PaymentRequest, sent: Upload | None) -> Upload | None:
    """The file that was sent, unless it is the one that is there already."""
    kept: Upload | None = request.extract
    if sent is None or (kept is not None and kept.file.sha256 == sent.file.sha256):
        return kept
    return sent


def _same(earlier: PaymentRequest, said: tuple[object, ...]) -> PaymentRequest:
    there = (earlier.member_id, earlier.period_from, earlier.period_to, earlier.is_final)
    if there != said:
        raise Conflict(
            "reused_key",
            f"{earlier.title} har redan påbörjats från det här formuläret, med andra uppgifter. "
            "Öppna sidan på nytt.",
        )
    return earlier


def _check_period(first: date, last: date) -> None:
    if last < first:
        raise DomainError(
            "period_backwards", "Perioden slutar innan den börjar. Rätta dagarna.", "period_to"
        )


def _check_in_time(grant: Grant, period_to: date, *, was_sent: bool = False) -> None:
    """Of a grant that has been ended early: costs before the stop, claimed by the last day.

    What came in time and was sent back for mending may come again after it.
    """
    if grant.stops_on is not None and period_to >= grant.stops_on:
        raise NotPossible(
            "after_stop",
            f"Finansieringen upphör från och med {date_long(grant.stops_on)}. Rekvirera kostnader "
            "till och med dagen före.",
            "period_to",
        )
    last = grant.claims_until
    if last is not None and clock.today() > last and not was_sent:
        raise NotPossible(
            "claims_ended",
            f"Sista dag att rekvirera var {date_long(last)}. Hör av dig till kansliet.",
        )


def _check_open(grant: Grant, member: Member) -> None:
    if grant.closed_at is not None:
        raise NotPossible(
            "grant_closed", f"{grant.name} är slutredovisad. Hör av dig till kansliet."
        )
    if not grant.lines.exists():
        raise NotPossible("no_lines", "Bidraget har inga budgetposter att rekvirera mot.")
    under_way = grant.payment_requests.filter(
        member=member, state__in=[*WRITABLE, PaymentState.READY]
    ).first()
    if under_way is not None:
        raise NotPossible(
            "under_way",
            f"{under_way.title} är påbörjad och inte skickad. Fortsätt på den eller ta bort den.",
        )


def _tell(request: PaymentRequest, action: str, actor: User) -> None:
    record_event(
        association=request.association,
        actor=actor,
        action=action,
        obj=request,
        payload={"number": request.number, "revision": request.revision},
    )
