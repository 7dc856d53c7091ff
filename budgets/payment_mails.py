"""The mails that a payment request's steps send, to the member's people and to the office."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from budgets.models import PaymentRequest
from finsam import clock
from finsam.messages.mail import send_mail
from finsam.people.access import OFFICE
from finsam.people.models import Role, RoleKind, User
from finsam.typography import date_long, kronor

SUBJECTS = {
    "received": "Rekvisitionen är inskickad",
    "returned": "Rekvisitionen behöver rättas",
    "approved": "Rekvisitionen är godkänd",
    "paid": "Pengarna är utbetalda",
    "demanded": "Pengar ska betalas tillbaka",
    "recovered": "Återbetalning bokförd",
}


def tell_signatories(request: PaymentRequest) -> None:
    """Ask the member's managers to attest."""
    roles = Role.objects.held_on(clock.today()).filter(
        association=request.association, kind=RoleKind.SIGNATORY, member=request.member
    )
    _send(request, "attest", "Väntar på din attest", _users(roles.values_list("user", flat=True)))


def tell_office(request: PaymentRequest) -> None:
    """A request has come in."""
    held = Role.objects.held_on(clock.today()).filter(
        association=request.association, kind__in=OFFICE
    )
    people = _users(held.values_list("user", flat=True))
    _send(request, "arrived", "Ny rekvisition", people)


def tell_member(
    request: PaymentRequest,
    what: str,
    *,
    amount: int | None = None,
    message: str = "",
    turn: str = "",
) -> None:
    """Tell who wrote and who attested what has become of their request.

    Once for each revision of it, or for each `turn` of what can happen to one several times.
    """
    people = _users([request.created_by_id, request.attested_by_id])
    _send(request, what, SUBJECTS[what], people, amount=amount, message=message, turn=turn)


def _users(pks: Iterable[int | None]) -> list[User]:
    return list(User.objects.filter(pk__in=[pk for pk in pks if pk], is_active=True).order_by("pk"))


def _send(
    request: PaymentRequest,
    what: str,
    subject: str,
    people: list[User],
    *,
    amount: int | None = None,
    message: str = "",
    turn: str = "",
) -> None:
    path = reverse("budgets:payment_request", args=[request.association.slug, request.public_id])
    for user in people:
        send_mail(
            association=request.association,
            to=user,
            event_key=f"payment-{what}:{request.pk}:{turn or request.revision}",
            subject=f"{subject}: {request.grant.name}",
            template="mail/payment.txt",
            context={
                "what": what,
                "title": request.title,
                "grant": request.grant.name,
                "member": request.member.name,
                "amount": kronor(request.amount if amount is None else amount),
                "message": message or request.returned_message,
                "paid_on": date_long(request.batch.paid_on)
                if request.batch and request.batch.paid_on
                else "",
                "path": path,
            },
            case=request.case,
        )
