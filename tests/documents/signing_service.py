"""A faithful fake of a signing service: a real HTTP server that behaves well, or badly as told.

It keeps orders by reference, lets a person sign or decline, seals evidence with a key of its own
and calls back with a signed call.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from finsam.documents.external_signing.rest import SIGNATURE, call_signature

KEY, SECRET = "portalens-nyckel", "hemligheten-för-anrop"
SEAL, OTHER_SEAL = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))


@dataclass
class Order:
    """What the portal asked for, and what the person has done since."""

    said: dict[str, Any]
    state: str = "waiting"
    reason: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    seal: ec.EllipticCurvePrivateKey = SEAL


class SigningServer(ThreadingHTTPServer):
    """The service; `fault` makes it misbehave: down, garbage, redirect, huge, slow, elsewhere."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.orders: dict[str, Order] = {}
        self.asked: list[str] = []
        self.fault = ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def sign(self, reference: object, *, seal: Any = SEAL, **changes: object) -> None:
        """The person signs; `changes` and `seal` make evidence that proves something else."""
        order = self.orders[str(reference)]
        order.state, order.seal = "signed", seal
        order.claims = {
            "order": str(reference),
            "content_hash": order.said["content_hash"],
            "name": order.said["signatories"][0]["name"],
            "signed_at": datetime.now(UTC).isoformat(),
            **changes,
        }

    def decline(self, reference: object, reason: str) -> None:
        order = self.orders[str(reference)]
        order.state, order.reason = "declined", reason

    def expire(self, reference: object) -> None:
        self.orders[str(reference)].state = "expired"

    def evidence(self, reference: object) -> bytes:
        order = self.orders[str(reference)]
        return jwt.encode(order.claims, order.seal, algorithm="ES256").encode()


def call(
    reference: object, event: str = "e1", *, secret: str = SECRET, at: int | None = None
) -> dict[str, Any]:
    """The callback as arguments of a test client's post: its body and its signature."""
    body = json.dumps({"order": str(reference), "event": event}).encode()
    moment = int(time.time()) if at is None else at
    mark = call_signature(secret, moment, body)
    return {
        "data": body,
        "content_type": "application/json",
        "headers": {SIGNATURE: f"t={moment},v1={mark}"},
    }


class _Talk(BaseHTTPRequestHandler):
    server: SigningServer

    def do_PUT(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(lambda name: self.server.orders.setdefault(name, Order(said)))

    def do_GET(self) -> None:
        self._answer(lambda name: self.server.orders[name])

    def _answer(self, find: Any) -> None:
        server, path = self.server, self.path
        server.asked.append(f"{self.command} {path}")
        if self.headers["Authorization"] != f"Bearer {KEY}":
            return self._send(401, b"{}")
        if server.fault in FAULTS:
            FAULTS[server.fault](self)
            return None
        _, _, _, name, *rest = path.split("/")
        order = find(name)
        if rest:
            return self._send(200, server.evidence(name))
        host = "https://phishing.example" if server.fault == "elsewhere" else server.address
        said = {"state": order.state, "reason": order.reason}
        said |= {"sign_address": f"{host}/sign/{name}"} if order.state == "waiting" else {}
        return self._send(200, json.dumps(said).encode())

    def _send(self, status: int, data: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        try:
            self.wfile.write(data)
        except OSError:
            return

    def _drip(self) -> None:
        """Says a letter now and then, so that no single wait is long."""
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(b"{")
                time.sleep(0.02)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        """Says nothing of itself."""


FAULTS: dict[str, Any] = {
    "down": lambda talk: talk._send(503, b""),
    "garbage": lambda talk: talk._send(200, b"<html>"),
    "redirect": lambda talk: talk._send(302, b"", Location=f"{talk.server.address}/inside"),
    "huge": lambda talk: talk._send(200, b" " * 1_000_000),
    "slow": _Talk._drip,
}


def public_key(seal: ec.EllipticCurvePrivateKey) -> bytes:
    """The open half of a seal, as SIGNING_CERTIFICATE wants it."""
    return seal.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@contextmanager
def signing_server(folder: Path, settings: Any) -> Iterator[SigningServer]:
    """The service on a port of its own, chosen by the portal's settings, until the block ends."""
    certificate = folder / "signing.pem"
    certificate.write_bytes(public_key(SEAL))
    with SigningServer() as server:
        settings.SIGNING_SERVICE = "rest"
        settings.SIGNING_ADDRESS = server.address
        settings.SIGNING_KEY, settings.SIGNING_SECRET = KEY, SECRET
        settings.SIGNING_CERTIFICATE = str(certificate)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
