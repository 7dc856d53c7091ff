"""Reading the markup inside an Office file piece by piece, following and building nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from xml.parsers import expat

from finsam.documents.guard import limits

Attributes = dict[str, str]


class RefusedError(Exception):
    """What was just read settles that the file is refused."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Listener:
    """Hears of elements by their local name; a kind of file listens for what matters to it.

    `starts` and `ends` are the tables: local name of an element, and what to do there. Text is
    gathered from `gather()` to the end of that element.
    """

    def __init__(self) -> None:
        self.starts: dict[str, Callable[[Attributes], None]] = {}
        self.ends: dict[str, Callable[[str], None]] = {}
        self.gathered: list[str] | None = None

    def gather(self, _: Attributes) -> None:
        self.gathered = []

    def part_ends(self) -> None:
        """The part has been read to its end."""


def read_markup(pieces: Iterable[bytes], listener: Listener) -> None:
    """Let the listener hear one part. Raises RefusedError for markup that is not taken."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    reading = _Reading(listener)
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as fault:  # the latter two: odd encodings
        raise RefusedError("xml_invalid") from fault
    listener.part_ends()


def _refuse_doctype(*_: object) -> None:
    raise RefusedError("xml_dtd")


class _Reading:
    """One part being read: how deep we are, and what the listener is told."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.starts, self.ends = listener.starts, listener.ends
        self.depth = 0

    def start(self, name: str, attributes: Attributes) -> None:
        self.depth += 1
        if self.depth > limits.XML_DEPTH:
            raise RefusedError("xml_invalid")
        heard = self.starts.get(name.rpartition(":")[2])
        if heard:
            heard(attributes)

    def end(self, name: str) -> None:
        self.depth -= 1
        heard = self.ends.get(name.rpartition(":")[2])
        if heard:
            text = "".join(self.listener.gathered or ())
            self.listener.gathered = None
            heard(text)

    def text(self, text: str) -> None:
        if self.listener.gathered is not None:
            self.listener.gathered.append(text)
