"""Writing the chain of events: one append-only row per change of state and per signature."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db import models, transaction

from finsam import clock
from finsam.associations.models import Association
from finsam.people.models import Role, RoleKind, User
from finsam.registry.canonical import canonical, digest
from finsam.registry.models import Case, ChainHead, Event
from finsam.registry.request_id import current_request_id

SALT = "finsam.registry.ChainHead"


def record_event(
    *,
    association: Association,
    actor: User | None,
    action: str,
    obj: models.Model,
    case: Case | None = None,
    payload: Mapping[str, Any] | None = None,
) -> Event:
    """Append one event to the association's chain, in the caller's transaction.

    The head of the chain stays locked until that transaction ends: take your other row locks
    before. Raises RuntimeError outside a transaction, where a rollback could not take it back.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An event is written in the transaction of the change that it tells of.")
    head = locked_head(association)
    facts = canonical(payload or {})
    event = Event(
        association=association,
        sequence=head.sequence + 1,
        at=clock.now(),
        actor=actor,
        actor_name=actor.get_full_name() if actor else "",
        actor_roles=_roles_of(actor, association),
        action=action,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        case=case,
        payload=facts,
        payload_digest=digest(facts),
        request_id=current_request_id(),
        previous_hash=head.hash,
    )
    event.hash = event_hash(event)
    event.save(force_insert=True)
    head.sequence, head.hash = event.sequence, event.hash
    head.signature = sign_head(head)
    head.save(update_fields=["sequence", "hash", "signature"])
    return event


def locked_head(association: Association) -> ChainHead:
    """The chain's head, locked until the transaction ends; made when the chain is empty."""
    heads = ChainHead.objects.select_for_update().filter(association=association)
    head = heads.first()
    if head is None:
        ChainHead.objects.bulk_create([ChainHead(association=association)], ignore_conflicts=True)
        head = heads.get()
    return head


def event_hash(event: Event) -> str:
    """The hash that chains an event to the one before: over every column but the id."""
    return digest(
        {
            "association": event.association_id,
            "sequence": event.sequence,
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": event.actor_id,
            "actor_name": event.actor_name,
            "actor_roles": event.actor_roles,
            "action": event.action,
            "object_type": event.object_type,
            "object_id": event.object_id,
            "case": event.case_id,
            "payload_digest": event.payload_digest,
            "request_id": event.request_id,
            "previous_hash": event.previous_hash,
        }
    )


def sign_head(head: ChainHead) -> str:
    """A signature with the installation's secret: who cuts the chain cannot make a new end."""
    return Signer(salt=SALT).signature(_head_text(head))


def head_is_signed(head: ChainHead) -> bool:
    """Whether the head carries our signature, by this secret or one it has replaced."""
    try:
        Signer(salt=SALT, sep=":").unsign(f"{_head_text(head)}:{head.signature}")
    except BadSignature:
        return False
    return True


def _head_text(head: ChainHead) -> str:
    return f"{head.association_id}/{head.sequence}/{head.hash}"


def _roles_of(actor: User | None, association: Association) -> str:
    if actor is None:
        return ""
    held = Role.objects.held_on(clock.today()).filter(association=association, user=actor)
    kinds = sorted(set(held.order_by().values_list("kind", flat=True)))
    return ", ".join(RoleKind(kind).label for kind in kinds)[:200]
