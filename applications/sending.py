"""What follows an application's steps: its documents, and mails to its people and the office."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from applications.models import Application, ApplicationVersion
from finsam import clock
from finsam.documents.documents import promise_document
from finsam.messages.mail import send_mail
from finsam.people.access import OFFICE
from finsam.people.models import Role, User
from finsam.registry.models import Record


def application_key(application: Application) -> str:
    """The document key of an application as it was received."""
    return f"application:{application.public_id}"


def receipt_key(application: Application) -> str:
    return f"receipt:{application.public_id}"


def promise_application_documents(
    application: Application, version: ApplicationVersion, record: Record, actor: User
) -> None:
    """Promise the PDF of what was received, and the receipt for it."""
    about = {
        "public_id": str(application.public_id),
        "number": application.registered_case.number,
        "record": record.number,
        "version": version.number,
        "received_at": (application.submitted_at or clock.now()).isoformat(),
        "content_hash": version.content_hash,
        "sender": actor.get_full_name(),
        "signatures": signatures_over(application, version),
    }
    promise_document(
        association=application.association,
        kind="application",
        key=application_key(application),
        title=f"Ansökan: {application.title}",
        source={"about": about, "content": version.content},
        case=application.case,
        requested_by=actor,
        record=record,
    )
    promise_document(
        association=application.association,
        kind="receipt",
        key=receipt_key(application),
        title=f"Kvittens: {application.title}",
        source={"about": about, "content": _short(version.content)},
        case=application.case,
        requested_by=actor,
    )


def signatures_over(application: Application, version: ApplicationVersion) -> list[dict[str, str]]:
    """The signatures over exactly this content, as plain values for a document."""
    from applications.models import Signature

    rows = Signature.objects.filter(
        version__application=application, content_hash=version.content_hash
    )
    return [
        {
            "name": signature.signatory_name,
            "role": signature.signatory_title,
            "organisation": signature.party.name,
            "at": signature.signed_at.isoformat(),
            "method": signature.get_method_display(),
        }
        for signature in rows.select_related("party")
    ]


def people_of(application: Application) -> list[User]:
    """Those who write in the application, each once."""
    return list(
        User.objects.filter(
            pk__in=application.parties.values("people__user"), is_active=True
        ).order_by("pk")
    )


def office_of(application: Application) -> list[User]:
    """Officers and director of today, each once."""
    held = Role.objects.held_on(clock.today()).filter(
        association=application.association, kind__in=OFFICE
    )
    return list(User.objects.filter(pk__in=held.values("user"), is_active=True).order_by("pk"))


def tell_people(
    application: Application,
    *,
    event_key: str,
    subject: str,
    template: str,
    context: Mapping[str, Any],
    also: User | None = None,
) -> None:
    """A mail to each of the application's people."""
    people = {user.pk: user for user in people_of(application)}
    if also is not None:
        people[also.pk] = also
    for user in people.values():
        send_mail(
            association=application.association,
            to=user,
            event_key=event_key,
            subject=subject,
            template=template,
            context={
                "title": application.title,
                "path": application.get_absolute_url(),
                **context,
            },
            case=application.case,
        )


def tell_office(
    application: Application,
    *,
    event_key: str,
    subject: str,
    template: str,
    context: Mapping[str, Any],
) -> None:
    """A mail to each of the office's people."""
    path = reverse(
        "applications:office_application",
        args=[application.association.slug, application.public_id],
    )
    for user in office_of(application):
        send_mail(
            association=application.association,
            to=user,
            event_key=event_key,
            subject=subject,
            template=template,
            context={"title": application.title, "path": path, **context},
            case=application.case,
        )


def _short(content: Mapping[str, Any]) -> dict[str, Any]:
    """What a receipt repeats of the content."""
    keys = ("title", "association", "programme", "round", "parties", "annexes", "requested_amount")
    return {key: content[key] for key in keys}
