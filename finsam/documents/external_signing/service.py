"""What the portal asks of a signing service, and which one the installation has chosen.

An adapter is a class with the methods of `SigningService`, named by SIGNING_SERVICE. None is
chosen by default: then people sign with their password or on paper, as ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

ADAPTERS = {"rest": "finsam.documents.external_signing.rest.RestSigningService"}


class OrderState(StrEnum):
    """What the service says of an order."""

    WAITING = "waiting"
    SIGNED = "signed"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass(frozen=True)
class PlacedOrder:
    """What one person is asked to sign: the hash of the content, and until when."""

    reference: UUID
    title: str
    content_hash: str
    signatory_name: str
    signatory_email: str
    expires_at: datetime
    return_address: str
    callback_address: str


@dataclass(frozen=True)
class Answer:
    """Where an order stands; while it waits, the address at which the person signs."""

    state: OrderState
    sign_address: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Call:
    """A callback whose sender is proved: which order it is about, and the mark of the event."""

    reference: UUID
    event: str


class ServiceDown(Exception):
    """The service did not give a usable answer now; asked again later it may."""


class ForgedCall(Exception):
    """A callback that the service did not send, or sent too long ago."""


class SigningService(Protocol):
    """Every method may raise ServiceDown; none is called inside a transaction."""

    def place(self, order: PlacedOrder) -> Answer:
        """Create the order, or give back the one that has this reference."""

    def ask(self, reference: UUID) -> Answer:
        """Where the order stands."""

    def evidence(self, reference: UUID) -> bytes:
        """The proof of a signed order, as the service sealed it."""

    def hear(self, body: bytes, headers: Mapping[str, str]) -> Call:
        """What a callback says. Raises ForgedCall unless the service itself sent it lately."""


def signing_service() -> SigningService | None:
    """The installation's service, or None where people sign with password and on paper only."""
    chosen: str = settings.SIGNING_SERVICE
    if not chosen:
        return None
    service: SigningService = import_string(ADAPTERS.get(chosen, chosen))()
    return service


def has_signing_service() -> bool:
    return bool(settings.SIGNING_SERVICE)
