"""A signature is over the exact content: when that changes the signatures no longer hold."""

from __future__ import annotations

from applications.models import Application, ApplicationState, SectionKind
from finsam.messages.mail import send_mail
from finsam.people.models import User
from finsam.registry.events import record_event


def void_signatures(
    *, application: Application, actor: User, reason: str, what_happened: str = "har ändrat den"
) -> bool:
    """Let no frozen version wait for signatures any more, and tell those who had signed it.

    Writes the event `signatures_voided` and promises the mails, which say what the actor did
    (`what_happened`) and the reason. The signatures themselves stay
    on record, with the version that they are over. Nothing happens when nothing was frozen, or
    when a completion was asked for that does not concern the signatures. Inside the caller's
    transaction, with the application locked.
    """
    version = application.signing_version
    if version is None or not _concerns_signatures(application):
        return False
    signatures = list(version.signatures.select_related("user"))
    application.signing_version = None
    application.save(update_fields=["signing_version"])
    record_event(
        association=application.association,
        actor=actor,
        action="signatures_voided",
        obj=application,
        case=application.case,
        payload={"version": version.number, "signatures": len(signatures)},
    )
    for signature in signatures:
        send_mail(
            association=application.association,
            to=signature.user,
            event_key=f"signature_voided:{signature.pk}",
            subject=f"Underskriften gäller inte längre: {application.title}",
            template="mail/signature_voided.txt",
            context={
                "title": application.title,
                "reason": reason,
                "who": actor.get_full_name(),
                "what_happened": what_happened,
                "path": application.get_absolute_url(),
            },
            case=application.case,
        )
    return True


def _concerns_signatures(application: Application) -> bool:
    """In a draft always; in a completion only when new signatures are part of what was asked."""
    if application.state == ApplicationState.DRAFT:
        return True
    asked = application.supplements.filter(answered_at=None, sections__kind=SectionKind.SIGNATURES)
    return application.state == ApplicationState.RETURNED and asked.exists()
