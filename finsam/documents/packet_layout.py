"""Where each page of a packet stands: its running number and its lasting reference ("3:17")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from finsam.documents.packet_parts import PacketDocument, PacketFile, PacketPart
from finsam.documents.pdf_merge import Bound
from finsam.documents.pdf_stamps import Stamp


@dataclass
class Leaf:
    """A prepared document with what the packet says of it.

    `reference` is its first page within the item, which no change in other items moves; `page`
    the running number, 0 while the pages are left out.
    """

    document: PacketDocument
    pages: int
    anchor: str
    reference: str = ""
    page: int = 0
    offset: int = 0


@dataclass
class Item:
    """An item with its own first pages and its leaves, all of them bound together."""

    part: PacketPart
    leaves: list[Leaf] = field(default_factory=list)
    files: list[PacketFile] = field(default_factory=list)
    bound: Bound | None = None
    pages: int = 0
    first_page: int = 0

    @property
    def reference(self) -> str:
        return f"{self.part.number}:1"


@dataclass(frozen=True)
class Run:
    """Pages that follow each other under one label: item 3 from its page 5 on."""

    start: int
    length: int
    number: str
    offset: int


def refer(item: Item) -> None:
    """Give each document its reference within the item."""
    offset = item.pages
    for leaf in item.leaves:
        leaf.offset, leaf.reference = offset, f"{item.part.number}:{offset + 1}"
        offset += leaf.pages


def number_pages(items: Sequence[Item], front_pages: int) -> int:
    """Give every item and document that is shown its running number; returns the last one."""
    page = front_pages + 1
    for item in items:
        item.first_page = page if item.part.has_page else 0
        page += item.pages
        for leaf in item.leaves:
            leaf.page = page if leaf.document.is_shown else 0
            page += leaf.pages if leaf.document.is_shown else 0
    return page - 1


def label_pages(pdf: pikepdf.Pdf, items: Sequence[Item]) -> None:
    """Let readers of the file show and find pages by their reference; the front by i, ii, iii."""
    entries: list[object] = [0, Dictionary(S=Name.r, St=1)]
    for run in _runs(items):
        label = Dictionary(S=Name.D, P=String(f"{run.number}:"), St=run.offset + 1)
        entries += [run.start - 1, label]
    pdf.Root.PageLabels = Dictionary(Nums=Array(entries))


def stamps_for(items: Sequence[Item], title: str, total: int) -> list[Stamp]:
    """The foot of every page, and the tab of every item's."""
    places: dict[int, tuple[str, str, int]] = {}
    position = {item.part.number: at for at, item in enumerate(_with_page(items))}
    for run in _runs(items):
        for step in range(run.length):
            reference = f"{run.number}:{run.offset + step + 1}"
            places[run.start + step] = (reference, run.number, position[run.number])
    stamps = []
    for page in range(1, total + 1):
        reference, number, place = places.get(page, ("", "", 0))
        words = [reference, title, f"sida {page} av {total}"]
        stamps.append(Stamp(" · ".join(filter(None, words)), number, place))
    return stamps


def _with_page(items: Sequence[Item]) -> list[Item]:
    return [item for item in items if item.part.has_page]


def _runs(items: Sequence[Item]) -> list[Run]:
    runs = []
    for item in _with_page(items):
        runs.append(Run(item.first_page, item.pages, item.part.number, 0))
        runs += [
            Run(leaf.page, leaf.pages, item.part.number, leaf.offset)
            for leaf in item.leaves
            if leaf.page
        ]
    return runs
