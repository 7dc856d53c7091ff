"""A small mail server for the tests: keeps what it gets, and refuses whom it is told to."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks just enough SMTP."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int = 0, refused: str = "") -> None:
        super().__init__(("127.0.0.1", port), _Conversation)
        self.refused = refused
        self.received: list[tuple[str, bytes]] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        recipient = ""
        self.say("220 test")
        while line := self.rfile.readline().decode().strip():
            word = line[:4].upper()
            if word == "RCPT":
                recipient = line.partition("<")[2].partition(">")[0]
                gone = recipient == self.server.refused
                self.say("550 no such person" if gone else "250 ok")
            elif word == "DATA":
                self.say("354 go on")
                self.server.received.append((recipient, self.message()))
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def message(self) -> bytes:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)

    def say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


@contextmanager
def mail_server(port: int = 0, refused: str = "") -> Iterator[MailServer]:
    """The server on a port of its own (or the given one), in a thread, until the block ends."""
    with MailServer(port, refused) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
