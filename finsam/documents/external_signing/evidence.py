"""Signed evidence: a JWS of the signing service's over who signed which hash in which order.

The key is the service's own (SIGNING_CERTIFICATE); what a callback or an answer says counts for
nothing without evidence that this key has sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings

from finsam import clock
from finsam.errors import DomainError

if TYPE_CHECKING:
    from finsam.documents.models import SigningOrder

ALGORITHMS = ["ES256", "ES384", "PS256", "RS256", "EdDSA"]
CLOCKS_DIFFER = timedelta(minutes=5)
MEDIA_TYPE = "application/jose"


class EvidenceRefused(DomainError):
    """Evidence that proves something else, or nothing."""


@dataclass(frozen=True)
class SignedBy:
    """Who signed, as the evidence says, and when."""

    name: str
    signed_at: datetime


def check_evidence(order: SigningOrder, evidence: bytes) -> SignedBy:
    """Who signed exactly this order's content. Raises EvidenceRefused for all else."""
    said = _claims(evidence)
    if said.get("order") != str(order.reference):
        raise EvidenceRefused("other_order", "Beviset hör till en annan beställning.")
    if said.get("content_hash") != order.content_hash:
        raise EvidenceRefused("other_content", "Beviset gäller ett annat innehåll.")
    name = " ".join(str(said.get("name", "")).split())[:120]
    asked = set(order.user.get_full_name().casefold().split())
    if not name or not asked <= set(name.casefold().split()):
        raise EvidenceRefused(
            "other_person",
            f"Beviset är utställt på {name or 'ingen'}, men {order.user.get_full_name()} skulle "
            "skriva under.",
        )
    return SignedBy(name, _moment(order, said.get("signed_at")))


def evidence_fault(order: SigningOrder, evidence: bytes) -> str:
    """Why kept evidence no longer proves the order; nothing when it does, or no key is at hand."""
    if not settings.SIGNING_CERTIFICATE:
        return ""
    try:
        check_evidence(order, evidence)
    except EvidenceRefused as refusal:
        return refusal.message
    return ""


def _moment(order: SigningOrder, said: object) -> datetime:
    first, last = order.begun_at - CLOCKS_DIFFER, (order.ended_at or clock.now()) + CLOCKS_DIFFER
    try:
        moment = datetime.fromisoformat(str(said))
        if first <= moment <= last:
            return moment
    except (ValueError, TypeError):
        pass  # no moment at all, or one without a time zone
    raise EvidenceRefused("other_moment", "Bevisets tidpunkt stämmer inte med beställningen.")


def _claims(evidence: bytes) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(evidence, key=_key(), algorithms=ALGORITHMS)
    except (jwt.PyJWTError, ValueError) as fault:
        raise EvidenceRefused(
            "not_sealed", "Beviset bär inte underskriftstjänstens försegling."
        ) from fault
    return claims


def _key() -> Any:
    """The service's public key, from its certificate or bare. Raises OSError, ValueError."""
    data = Path(settings.SIGNING_CERTIFICATE).read_bytes()
    if b"BEGIN CERTIFICATE" in data:
        return x509.load_pem_x509_certificate(data).public_key()
    return load_pem_public_key(data)
