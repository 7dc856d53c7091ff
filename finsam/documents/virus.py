"""Asking the virus scanner (clamd). Only its clear word counts as clean; silence never does."""

from __future__ import annotations

import logging
import re
import socket
import struct
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from finsam.documents.models.files import VirusState

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 15.0
PIECE = 64 * 1024
LONGEST_ANSWER = 4096
DEFAULT_PORT = 3310
CLEAN = b"stream: OK"
FOUND = re.compile(rb"stream: (?P<name>[ -~]{1,200}) FOUND")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class VirusCheck:
    """What the scanner said; `name` is the virus's name where one was found."""

    state: VirusState
    name: str = ""


NOT_CHECKED = VirusCheck(VirusState.NOT_CHECKED)


def check_for_virus(data: bytes) -> VirusCheck:
    """The scanner's word on the bytes; NOT_CHECKED when there is no scanner or no clear word."""
    address = scanner_address()
    if not address:
        return NOT_CHECKED
    try:
        answer = _ask(address, data)
    except OSError as fault:
        logger.warning("virus scanner did not answer: %s", type(fault).__name__)
        return NOT_CHECKED
    return _understood(answer)


def scanner_address() -> str:
    """`unix:///path` or `tcp://host:port`, empty when the installation has no scanner."""
    address: str = getattr(settings, "CLAMD_ADDRESS", "")
    return address


def _understood(answer: bytes) -> VirusCheck:
    if answer == CLEAN:
        return VirusCheck(VirusState.CLEAN)
    found = FOUND.fullmatch(answer)
    if found:
        return VirusCheck(VirusState.VIRUS, found["name"].decode())
    logger.warning("virus scanner gave no clear answer: %r", answer[:100])
    return NOT_CHECKED


def _ask(address: str, data: bytes) -> bytes:
    """Send the bytes and read the answer, all before one deadline. Raises OSError."""
    deadline = time.monotonic() + ANSWER_SECONDS
    with _connected(address) as connection:
        _send(connection, b"zINSTREAM\0", deadline)
        view = memoryview(data)
        for at in range(0, len(view), PIECE):
            piece = view[at : at + PIECE]
            _send(connection, struct.pack("!L", len(piece)) + piece, deadline)
        _send(connection, struct.pack("!L", 0), deadline)
        return _answer(connection, deadline)


def _connected(address: str) -> socket.socket:
    parts = urlsplit(address)
    if parts.scheme == "tcp":
        place = (parts.hostname or "127.0.0.1", parts.port or DEFAULT_PORT)
        return socket.create_connection(place, timeout=CONNECT_SECONDS)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(CONNECT_SECONDS)
    try:
        connection.connect(parts.path)
    except OSError:
        connection.close()
        raise
    return connection


def _send(connection: socket.socket, data: bytes, deadline: float) -> None:
    connection.settimeout(_left(deadline))
    connection.sendall(data)


def _answer(connection: socket.socket, deadline: float) -> bytes:
    """What the scanner says up to its closing NUL; without that the answer is not whole."""
    said = b""
    while not said.endswith(b"\0") and len(said) < LONGEST_ANSWER:
        connection.settimeout(_left(deadline))
        more = connection.recv(LONGEST_ANSWER)
        if not more:
            raise ConnectionError("The answer broke off.")
        said += more
    return said.removesuffix(b"\0")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("The scanner took too long.")
    return left
