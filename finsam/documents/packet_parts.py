"""What a packet is made of: items with their documents and files, and what has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class PacketFile:
    """A file that goes along as it is: a budget in Excel."""

    name: str
    data: bytes
    content_type: str = "application/octet-stream"
    description: str = ""


@dataclass(frozen=True)
class PacketDocument:
    """A document or annex of an item. `is_tagged`: a PDF of the portal's own, taken as it is.

    One that is not `is_shown` keeps its place in the numbering while its pages stay out, so that
    "3:17" is the same page in the whole packet and in an extract of it. `marks` are headings
    within it that get a bookmark of their own: the name of the bookmark, the words of the heading.
    """

    title: str
    data: bytes
    name: str = ""
    is_tagged: bool = False
    origin: str = ""
    is_shown: bool = True
    marks: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class PacketPart:
    """An item of the agenda with its documents; without any it stands in the agenda alone.

    `withheld` says why nothing of the item but its line in the agenda is here.
    """

    number: str
    title: str
    kind: str = ""
    register_number: str = ""
    presenter: str = ""
    background: str = ""
    intro: str = ""
    clauses: Sequence[str] = ()
    documents: Sequence[PacketDocument] = ()
    files: Sequence[PacketFile] = ()
    withheld: str = ""

    @property
    def has_page(self) -> bool:
        return bool(self.documents or self.files or self.background) and not self.withheld

    @property
    def anchor(self) -> str:
        return f"punkt-{self.number}"


@dataclass(frozen=True)
class PacketChange:
    """What is new in one item since the version that the reader has; no number: the agenda."""

    number: str
    title: str
    text: str
