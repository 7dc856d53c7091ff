"""Mail promised as rows: one per recipient and event, sent by a job.

A mail is sent once, with one exception that no system without the mail server's help can close:
if the worker dies in the instant between the server's yes and our commit, the next try sends it
again. Both then carry the same Message-ID, by which mail programs recognise a double.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from email.utils import formataddr, parseaddr
from smtplib import SMTPRecipientsRefused
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.db import transaction
from django.template import Context, Template
from django.template.loader import get_template

from finsam import clock
from finsam.associations.models import Association
from finsam.errors import DomainError
from finsam.jobs.promise import promise
from finsam.messages.models import Message
from finsam.people.models import User
from finsam.registry.canonical import canonical
from finsam.registry.models import Case

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def send_mail(
    *,
    association: Association,
    to: User | str,
    event_key: str,
    subject: str,
    template: str,
    context: Mapping[str, Any],
    calendar: bytes | None = None,
    case: Case | None = None,
) -> Message:
    """Promise one mail; the same event and recipient give back the mail that already is.

    The text is made from `template` now and kept. `path` in the context becomes a link into the
    portal. Raises DomainError `bad_address`.
    """
    recipient = to if isinstance(to, User) else None
    address = _checked_address(to.email if isinstance(to, User) else to)
    message = Message(
        association=association,
        recipient=recipient,
        address=address,
        event_key=event_key,
        subject=one_line(subject)[:200],
        body=_body(association, recipient, template, context),
        calendar=calendar,
        case=case,
    )
    with transaction.atomic():
        Message.objects.bulk_create([message], ignore_conflicts=True)
        kept: Message = Message.objects.get(
            association=association, address=address, event_key=event_key
        )
        if kept.job_id is None:
            job = promise(
                association=association,
                kind="mail",
                key=f"mail:{kept.pk}",
                arguments={"message": kept.pk},
                subject=f"Till {address}"[:200],
                requested_by=recipient,
            )
            Message.objects.filter(pk=kept.pk).update(job=job)
            kept.job = job
    return kept


def deliver(message: Message) -> None:
    """Hand a mail to the mail server, now.

    Raises DomainError `address_refused` when the server will never take it, and whatever the
    server's absence raises otherwise, so that the job tries again.
    """
    try:
        email_for(message).send(fail_silently=False)
    except SMTPRecipientsRefused as error:
        if all(code >= 500 for code, _ in error.recipients.values()):
            raise DomainError(
                "address_refused",
                f"Adressen {message.address} tas inte emot av e-postservern. "
                "Rätta adressen under Personer och försök igen.",
            ) from error
        raise


def mark_sent(message: Message) -> None:
    """Note that the mail server has taken the mail."""
    Message.objects.filter(pk=message.pk, sent_at=None).update(sent_at=clock.now())


def mark_message_read(*, message: Message) -> None:
    """Note when its recipient first read the mail in the portal."""
    Message.objects.filter(pk=message.pk, read_at=None).update(read_at=clock.now())


def email_for(message: Message) -> EmailMultiAlternatives:
    """The mail with its headers: from the association's name, answers to its office."""
    association = message.association
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.body,
        from_email=formataddr((one_line(association.name), sender)),
        to=[message.address],
        reply_to=[association.email],
        headers={"Message-ID": _message_id(message), "Auto-Submitted": "auto-generated"},
    )
    if message.calendar:
        invitation = bytes(message.calendar).decode()
        method = "CANCEL" if "METHOD:CANCEL" in invitation else "REQUEST"
        mail.attach_alternative(invitation, f"text/calendar; method={method}")
        mail.attach("kallelse.ics", invitation, "text/calendar")
    return mail


def one_line(text: str) -> str:
    """The text without line breaks and other signs that have no place in a header."""
    return " ".join(_CONTROL.sub(" ", text).split())


def _checked_address(address: str) -> str:
    address = address.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise DomainError(
            "bad_address", "E-postadressen ser inte rätt ut. Kontrollera den.", "email"
        ) from error
    return address


def _body(
    association: Association, recipient: User | None, template: str, context: Mapping[str, Any]
) -> str:
    """Plain text, so nothing is escaped; what no database or mail can hold is left out."""
    path = context.get("path", "")
    found: Template = get_template(template).template  # type: ignore[attr-defined]
    text = found.render(
        Context(
            {
                **context,
                "association": association,
                "recipient_name": one_line(recipient.get_short_name()) if recipient else "",
                "link": f"{settings.SITE_URL}{path}" if path else "",
            },
            autoescape=False,
        )
    )
    text = canonical(text.replace("\r\n", "\n").replace("\x00", ""))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _message_id(message: Message) -> str:
    """The same at each try, so that a double is recognised."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    mark = hashlib.sha256(f"{message.event_key}/{message.address}".encode()).hexdigest()[:16]
    return f"<{message.pk}.{mark}@{host}>"
