"""The adapter that speaks plain JSON over HTTPS with a signing service or what stands before it.

PUT  {address}/orders/{reference}           creates the order; the same again gives the same
GET  {address}/orders/{reference}           {"state", "sign_address", "reason"}
GET  {address}/orders/{reference}/evidence  the signed evidence
POST {portal}/signering/svar/               {"order", "event"}, signed with the shared secret

Only addresses below SIGNING_ADDRESS are asked; redirects are not followed, nothing that an
answer names is fetched, and time and size of each answer are bounded.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import re
import secrets
import socket
import ssl
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from django.conf import settings

from finsam import clock
from finsam.documents.external_signing.service import (
    Answer,
    Call,
    ForgedCall,
    OrderState,
    PlacedOrder,
    ServiceDown,
)

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 8.0
MOST_ANSWER = 16 * 1024
MOST_EVIDENCE = 256 * 1024
MOST_CALL = 4 * 1024
CALL_HOLDS_SECONDS = 300
SIGNATURE = "X-Signing-Signature"
_signature = re.compile(r"t=(?P<at>\d{1,12}),v1=(?P<mark>[0-9a-f]{64})")
_event = re.compile(r"[\w.:-]{1,60}")
NEAR = {"127.0.0.1", "localhost", "::1"}


class RestSigningService:
    """The service at SIGNING_ADDRESS, asked with SIGNING_KEY."""

    def __init__(self) -> None:
        self.address = urlsplit(settings.SIGNING_ADDRESS.rstrip("/"))
        if not is_safe(self.address):
            raise ServiceDown("SIGNING_ADDRESS ska vara en https-adress.")

    def place(self, order: PlacedOrder) -> Answer:
        """Create the order; a PUT, so that a lost answer is asked for again without harm."""
        said = {
            "title": order.title,
            "content_hash": order.content_hash,
            "hash_algorithm": "SHA-256",
            "signatories": [{"name": order.signatory_name, "email": order.signatory_email}],
            "expires_at": order.expires_at.isoformat(),
            "return_address": order.return_address,
            "callback_address": order.callback_address,
        }
        return self._understood(self._call("PUT", _path(order.reference), json.dumps(said)))

    def ask(self, reference: UUID) -> Answer:
        """Where the order stands."""
        return self._understood(self._call("GET", _path(reference)))

    def evidence(self, reference: UUID) -> bytes:
        """The evidence as the service sealed it, at most MOST_EVIDENCE bytes."""
        return self._call("GET", f"{_path(reference)}/evidence", most=MOST_EVIDENCE)

    def hear(self, body: bytes, headers: Mapping[str, str]) -> Call:
        """What a callback says, once its signature and its age are right."""
        found = _signature.fullmatch(headers.get(SIGNATURE, ""))
        if found is None or len(body) > MOST_CALL:
            raise ForgedCall
        expected = call_signature(settings.SIGNING_SECRET, int(found["at"]), body)
        if not secrets.compare_digest(expected, found["mark"]):
            raise ForgedCall
        if abs(clock.now().timestamp() - int(found["at"])) > CALL_HOLDS_SECONDS:
            raise ForgedCall
        try:
            said = json.loads(body)
            reference, event = UUID(said["order"]), str(said["event"])
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise ForgedCall from fault
        if not _event.fullmatch(event):
            raise ForgedCall
        return Call(reference, event)

    def _understood(self, data: bytes) -> Answer:
        try:
            said = json.loads(data)
            state = OrderState(said["state"])
            address, reason = str(said.get("sign_address", "")), str(said.get("reason", ""))
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise ServiceDown("Underskriftstjänstens svar gick inte att läsa.") from fault
        if state == OrderState.WAITING and not self._is_theirs(address):
            raise ServiceDown("Underskriftstjänsten gav ingen adress som går att lita på.")
        return Answer(state, address[:500], " ".join(reason.split())[:500])

    def _is_theirs(self, address: str) -> bool:
        """Whether a person may be sent there: the service's own host, by HTTPS."""
        try:
            parts = urlsplit(address)
            hosts = {self.address.hostname, *settings.SIGNING_HOSTS}
            return len(address) <= 500 and is_safe(parts) and parts.hostname in hosts
        except ValueError:
            return False

    def _call(self, method: str, path: str, body: str = "", *, most: int = MOST_ANSWER) -> bytes:
        headers = {
            "Authorization": f"Bearer {settings.SIGNING_KEY}",
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
        }
        connection = _connection(self.address)
        try:
            connection.connect()
            with _at_most(ANSWER_SECONDS, connection):
                connection.request(method, self.address.path + path, body.encode(), headers)
                response = connection.getresponse()
                data = response.read(most + 1)
                is_whole = response.isclosed() or not response.length
        except (OSError, http.client.HTTPException) as fault:
            raise ServiceDown("Underskriftstjänsten svarade inte.") from fault
        finally:
            connection.close()
        if response.status not in (200, 201):
            raise ServiceDown(f"Underskriftstjänsten svarade med fel {response.status}.")
        if len(data) > most or not is_whole:
            raise ServiceDown("Underskriftstjänstens svar var för stort eller avbrutet.")
        return data


def call_signature(secret: str, at: int, body: bytes) -> str:
    """What a callback is signed with: HMAC-SHA256 over its moment (seconds UTC) and its body."""
    return hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()


def is_safe(address: SplitResult) -> bool:
    """HTTPS, or plain HTTP on the portal's own machine; never with a name before the host."""
    if "@" in address.netloc or not address.hostname:
        return False
    return address.scheme == "https" or (address.scheme == "http" and address.hostname in NEAR)


def _path(reference: UUID) -> str:
    return f"/orders/{reference}"


def _connection(address: SplitResult) -> http.client.HTTPConnection:
    host = str(address.hostname)
    if address.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(
            host, address.port, timeout=CONNECT_SECONDS, context=context
        )
    return http.client.HTTPConnection(host, address.port, timeout=CONNECT_SECONDS)


class _at_most:  # noqa: N801 - it reads as a word of the with-statement
    """End the talk after so many seconds, however slowly the other side drips."""

    def __init__(self, seconds: float, connection: Any) -> None:
        connection.sock.settimeout(seconds)
        self.timer = threading.Timer(seconds, _hang_up, [connection.sock])

    def __enter__(self) -> None:
        self.timer.start()

    def __exit__(self, *_: object) -> None:
        self.timer.cancel()


def _hang_up(talk: socket.socket) -> None:
    try:
        talk.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it had ended already
