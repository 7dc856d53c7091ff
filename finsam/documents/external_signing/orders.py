"""Orders at the signing service: begun for a person, ended by what the service proves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from finsam import clock
from finsam.associations.models import Association
from finsam.documents.external_signing.evidence import MEDIA_TYPE, SignedBy
from finsam.documents.external_signing.paper import promise_evidence
from finsam.documents.external_signing.service import has_signing_service
from finsam.documents.models import SigningOrder
from finsam.documents.models.signing import SigningState
from finsam.documents.storage import StoredBytes, record_file
from finsam.errors import DomainError, NotPossible
from finsam.jobs.models import Job, JobState
from finsam.jobs.promise import promise
from finsam.messages.mail import send_mail
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.registry.models import Case

JOB_KIND = "signing_order"
# How long a person has to sign at the service, and how long its silence is borne after that.
HOLDS = timedelta(days=7)
SILENCE = timedelta(days=2)
# Between the looks at an order that nobody calls back about; the last is repeated.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30, 60))
SENTENCES: dict[str, str] = {
    SigningState.DECLINED: "Du avböjde hos underskriftstjänsten. Vill du skriva under ändå går det "
    "att börja om.",
    SigningState.EXPIRED: "Ingen underskrift kom från underskriftstjänsten i tid. Börja om, eller "
    "skriv under på ett annat sätt.",
    SigningState.REFUSED: "Underskriftstjänstens bevis godtogs inte, så underskriften gäller inte. "
    "Börja om, eller skriv under på ett annat sätt.",
    SigningState.VOID: "Underskriften kom fram men gäller inte.",
}


@dataclass(frozen=True)
class Subject:
    """What an upper floor does with its kind of orders."""

    accept: Callable[[SigningOrder, SignedBy], None]
    page: Callable[[SigningOrder], str]


@dataclass(frozen=True)
class Ending:
    """How an order ended at the service; signed only together with checked evidence."""

    state: SigningState
    reason: str = ""
    signed_by: SignedBy | None = None
    evidence: StoredBytes | None = None


_subjects: dict[str, Subject] = {}


def sign_externally(kind: str, subject: Subject) -> None:
    """Register what a kind of orders is about; `accept` refuses with a DomainError."""
    _subjects[kind] = subject


def page_of(order: SigningOrder) -> str:
    """The page of the portal where the person follows the order."""
    return _subjects[order.kind].page(order)


def begin_order(
    *,
    association: Association,
    case: Case | None,
    kind: str,
    subject: int,
    party: int,
    title: str,
    content_hash: str,
    actor: User,
) -> SigningOrder:
    """Order a signature of the person, in the caller's transaction with the subject locked.

    The caller has checked that the person may sign. A live order is given back, so pressing twice
    orders once. Writes `signing_ordered` and promises the talk with the service. Raises
    NotPossible where the installation has no service.
    """
    if not has_signing_service():
        raise NotPossible(
            "no_signing_service",
            "Portalen är inte kopplad till någon underskriftstjänst. Skriv under med lösenord "
            "eller på papper.",
        )
    about = {"kind": kind, "subject": subject, "party": party, "user": actor}
    live: SigningOrder | None = SigningOrder.objects.live().filter(**about).first()
    if live is not None:
        return live
    now = clock.now()
    order: SigningOrder = SigningOrder.objects.create(
        association=association,
        case=case,
        title=title[:250],
        content_hash=content_hash,
        begun_at=now,
        expires_at=now + HOLDS,
        **about,
    )
    _tell(order, "signing_ordered", content_hash=content_hash, party=party)
    promise_look(order, "0", follows=True)
    return order


def promise_look(order: SigningOrder, mark: str, *, follows: bool, pause: bool = False) -> Job:
    """Promise to ask the service about the order; the same mark promises it once.

    `follows` asks again and again until the order has ended.
    """
    wait = PAUSES[min(order.looks, len(PAUSES)) - 1] if pause else None
    return promise(
        association=order.association,
        kind=JOB_KIND,
        key=f"{JOB_KIND}:{order.pk}:{mark}",
        arguments={"order": order.pk, "follows": follows},
        subject="Underskrift hos underskriftstjänsten",
        not_before=clock.now() + wait if wait else None,
        requested_by=order.user,
    )


def ask_now(order: SigningOrder) -> Job | None:
    """The person asks for the answer without waiting for the next look; at once twice is once."""
    if not order.is_live:
        return None
    asked = Job.objects.filter(key__startswith=f"{JOB_KIND}:{order.pk}:asked:")
    under_way = asked.filter(state__in=(JobState.WAITING, JobState.RUNNING)).first()
    return under_way or promise_look(order, f"asked:{clock.now().isoformat()}", follows=False)


def latest_orders(kind: str, subject: int, user: User) -> dict[int, SigningOrder]:
    """The person's latest order of the subject for each party."""
    found = SigningOrder.objects.filter(kind=kind, subject=subject, user=user)
    return {order.party: order for order in reversed(found)}


def note_waiting(order: SigningOrder, *, sign_address: str, trouble: str, follows: bool) -> None:
    """Keep where the person signs, or why the service could not be reached, and look again.

    Inside the job's last transaction. An order whose time and patience are out ends as expired.
    """
    locked = _locked(order)
    if locked is None:
        return
    if clock.now() > locked.expires_at + (SILENCE if trouble else timedelta(0)):
        _end(locked, Ending(SigningState.EXPIRED))
        return
    if sign_address:
        locked.state, locked.sign_address = SigningState.PLACED, sign_address
    locked.trouble = trouble[:200]
    locked.looks += follows
    locked.save(update_fields=["state", "sign_address", "trouble", "looks"])
    if follows:
        promise_look(locked, str(locked.looks), follows=True, pause=True)


def settle(order: SigningOrder, ending: Ending) -> None:
    """End the order by what the service proved: once, whoever asks or calls at the same time.

    A signature that the subject no longer takes (it has changed, the person's role has ended,
    the party has signed) makes the order void, and the person is told why. Inside the job's last
    transaction.
    """
    locked = _locked(order)
    if locked is None:
        return
    if ending.state == SigningState.SIGNED and ending.signed_by and ending.evidence:
        locked.signatory_name = ending.signed_by.name
        locked.evidence = record_file(
            association=locked.association,
            stored=ending.evidence,
            name=f"underskriftsbevis-{locked.reference}.jws",
            content_type=MEDIA_TYPE,
        )
        locked.save(update_fields=["signatory_name", "evidence"])
        try:
            with transaction.atomic():
                _subjects[locked.kind].accept(locked, ending.signed_by)
        except DomainError as refusal:
            ending = Ending(SigningState.VOID, refusal.message)
    _end(locked, ending)


def _locked(order: SigningOrder) -> SigningOrder | None:
    """The order's row, locked; None when it has ended already."""
    rows = SigningOrder.objects.select_for_update(of=("self",))
    found: SigningOrder = rows.select_related("association", "case", "user").get(pk=order.pk)
    return found if found.is_live else None


def _end(order: SigningOrder, ending: Ending) -> None:
    order.state, order.ended_at = ending.state, clock.now()
    order.reason, order.trouble = ending.reason, ""
    order.save(update_fields=["state", "ended_at", "reason", "trouble"])
    file = order.evidence
    _tell(
        order,
        f"signing_{ending.state}",
        reason=ending.reason,
        content_hash=order.content_hash,
        sha256=file.sha256 if file else "",
    )
    if order.state == SigningState.SIGNED:
        if order.case is not None:
            promise_evidence(order, order.case)
        return
    send_mail(
        association=order.association,
        to=order.user,
        event_key=f"signing_ended:{order.pk}",
        subject=f"Din underskrift gäller inte: {order.title}",
        template="mail/signing_ended.txt",
        context={
            "title": order.title,
            "sentence": SENTENCES[order.state],
            "reason": order.reason,
            "path": page_of(order),
        },
        case=order.case,
    )


def _tell(order: SigningOrder, action: str, **payload: object) -> None:
    record_event(
        association=order.association,
        actor=order.user,
        action=action,
        obj=order,
        case=order.case,
        payload={"reference": str(order.reference), **payload},
    )
