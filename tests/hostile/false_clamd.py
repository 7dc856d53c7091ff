"""A server that listens where clamd should and misbehaves in one chosen way."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answer = Callable[[socket.socket], None]


def says(text: bytes) -> Answer:
    """Hears the whole file, then answers these bytes."""

    def answer(connection: socket.socket) -> None:
        _hear(connection)
        connection.sendall(text)

    return answer


def hangs_up(connection: socket.socket) -> None:
    """Closes before it has heard anything."""


def stays_silent(connection: socket.socket) -> None:
    _hear(connection)
    time.sleep(3)


def drips(connection: socket.socket) -> None:
    """Never quite finishes its answer, so that no single wait is long."""
    _hear(connection)
    for _ in range(40):
        connection.sendall(b"s")
        time.sleep(0.1)


@contextmanager
def false_clamd(answer: Answer) -> Iterator[str]:
    """The server's address, while it runs."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        thread = threading.Thread(target=_serve, args=(server, answer), daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
    thread.join(timeout=10)


def _serve(server: socket.socket, answer: Answer) -> None:
    try:
        connection, _ = server.accept()
    except OSError:
        return
    with connection:
        try:
            answer(connection)
        except OSError:
            return


def _hear(connection: socket.socket) -> None:
    command = _exactly(connection, len(b"zINSTREAM\0"))
    assert command == b"zINSTREAM\0"
    while length := struct.unpack("!L", _exactly(connection, 4))[0]:
        _exactly(connection, length)


def _exactly(connection: socket.socket, length: int) -> bytes:
    heard = b""
    while len(heard) < length:
        more = connection.recv(length - len(heard))
        if not more:
            raise ConnectionError
        heard += more
    return heard
