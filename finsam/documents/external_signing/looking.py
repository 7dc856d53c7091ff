"""The talk with the signing service: an order placed or asked about, its evidence fetched."""

from __future__ import annotations

from functools import partial

from django.conf import settings
from django.urls import reverse

from finsam.documents.external_signing.evidence import EvidenceRefused, check_evidence
from finsam.documents.external_signing.orders import (
    JOB_KIND,
    Ending,
    note_waiting,
    page_of,
    settle,
)
from finsam.documents.external_signing.service import (
    Answer,
    OrderState,
    PlacedOrder,
    ServiceDown,
    SigningService,
    signing_service,
)
from finsam.documents.models import SigningOrder
from finsam.documents.models.signing import SigningState
from finsam.documents.storage import put_bytes
from finsam.jobs.handlers import Finish, Report, handler
from finsam.jobs.models import Job

UNREACHABLE = (
    "Underskriftstjänsten går inte att nå just nu. Portalen försöker igen. Du kan vänta, eller "
    "skriva under med lösenord eller på papper."
)


@handler(JOB_KIND, title="Underskrift hos underskriftstjänsten")
def look(job: Job, report: Report) -> Finish:
    """Ask the service, outside any transaction; what it says is written in the last one."""
    follows = bool(job.arguments["follows"])
    orders = SigningOrder.objects.select_related("association", "user")
    order = orders.get(pk=job.arguments["order"])
    if not order.is_live:
        return lambda: None
    report(10, "Frågar underskriftstjänsten.")
    unreachable = partial(
        note_waiting, order, sign_address="", trouble=UNREACHABLE, follows=follows
    )
    try:
        service = signing_service()
        if service is None:
            return unreachable
        answer = _asked(service, order)
        if answer.state == OrderState.SIGNED:
            return partial(settle, order, _proved(service, order))
    except ServiceDown:
        return unreachable
    if answer.state == OrderState.WAITING:
        return partial(
            note_waiting, order, sign_address=answer.sign_address, trouble="", follows=follows
        )
    return partial(settle, order, Ending(SigningState(answer.state), answer.reason))


def _asked(service: SigningService, order: SigningOrder) -> Answer:
    if order.state == SigningState.PLACED:
        return service.ask(order.reference)
    return service.place(
        PlacedOrder(
            reference=order.reference,
            title=order.title,
            content_hash=order.content_hash,
            signatory_name=order.user.get_full_name(),
            signatory_email=order.user.email,
            expires_at=order.expires_at,
            return_address=settings.SITE_URL + page_of(order),
            callback_address=settings.SITE_URL + reverse("documents:signing_call"),
        )
    )


def _proved(service: SigningService, order: SigningOrder) -> Ending:
    """The order signed, with its evidence put away; refused when that proves something else."""
    evidence = service.evidence(order.reference)
    try:
        signed_by = check_evidence(order, evidence)
    except EvidenceRefused as refusal:
        return Ending(SigningState.REFUSED, refusal.message)
    stored = put_bytes(association=order.association, data=evidence)
    return Ending(SigningState.SIGNED, "", signed_by, stored)
