"""Putting a meeting's documents together into one PDF to be read, searched and listened to."""

from __future__ import annotations

import io
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pikepdf
from django.template.loader import render_to_string

from finsam.documents.annexes import prepare_annex
from finsam.documents.pdf import render_pdf
from finsam.documents.pdf_claims import written_with_true_claims
from finsam.documents.pdf_merge import ANCHOR, Section, embed_files, join_tagged
from finsam.documents.pdf_stamps import Stamp, stamp_pages
from finsam.documents.render_cache import remembered

Progress = Callable[[int, str], None]


@dataclass(frozen=True)
class PacketFile:
    """A file that goes along as it is: a budget in Excel."""

    name: str
    data: bytes
    content_type: str = "application/octet-stream"
    description: str = ""


@dataclass(frozen=True)
class PacketDocument:
    """A document or annex of an item. `is_tagged`: a PDF of the portal's own, taken as it is."""

    title: str
    data: bytes
    name: str = ""
    is_tagged: bool = False
    origin: str = ""


@dataclass(frozen=True)
class PacketPart:
    """An item of the agenda with its documents; without any it stands in the agenda alone."""

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

    @property
    def has_page(self) -> bool:
        return bool(self.documents or self.files or self.background)

    @property
    def anchor(self) -> str:
        return f"punkt-{self.number}"


@dataclass(frozen=True)
class _Leaf:
    """A prepared document with what the packet says of it."""

    document: PacketDocument
    pdf: bytes
    pages: int
    anchor: str


@dataclass
class _Item:
    part: PacketPart
    leaves: list[_Leaf] = field(default_factory=list)
    files: list[PacketFile] = field(default_factory=list)
    own_pages: int = 0
    first_page: int = 0
    leaf_pages: list[int] = field(default_factory=list)


def assemble_packet(
    parts: Sequence[PacketPart],
    *,
    source: Mapping[str, Any],
    facts: Sequence[tuple[str, Any]] = (),
    ingress: str = "",
    changes: Sequence[str] = (),
    report: Progress | None = None,
) -> bytes:
    """One PDF of cover, agenda and every item with its documents, each on a new page.

    `source` holds document, association and look as a builder gets them; `facts` stand on the
    cover, `changes` on a page of their own. Links lead from the agenda to items and back,
    bookmarks have two levels, item number and running page number stand in the margin, files are
    embedded. The file says that it is PDF/UA-1 and PDF/A-3 only if the validator agrees.
    """
    tell = report or (lambda percent, text: None)
    created = datetime.fromisoformat(source["document"]["made_at"])
    items = [_prepared(part, source, created) for part in parts]
    tell(40, "Sätter ihop paketet.")
    facts = [*facts, ("Version", source["document"]["version"])]
    cover, agenda = _front(items, source, {"facts": facts, "ingress": ingress, "changes": changes})
    sections = [
        Section(source["document"]["title"], cover, anchor="omslag"),
        Section("Dagordning", agenda, anchor="dagordning"),
    ]
    for item in items:
        sections += _sections(item, source)
    pdf = join_tagged(sections)
    tell(60, "Numrerar sidorna.")
    with pdf:
        stamp_pages(pdf, _stamps(items, source, len(pdf.pages)), colour=source["look"]["colour"])
        embed_files(pdf, _unique_names([file for item in items for file in item.files]))
        _label_pages(pdf)
        tell(70, "Kontrollerar paketet.")
        return written_with_true_claims(
            pdf,
            title=source["document"]["title"],
            language="sv",
            author=source["association"]["name"],
            created=created,
        )


def _prepared(part: PacketPart, source: Mapping[str, Any], created: datetime) -> _Item:
    item = _Item(part, files=list(part.files))
    for number, document in enumerate(part.documents, 1):
        data = document.data
        if not document.is_tagged:
            annex = prepare_annex(
                data=data,
                name=document.name,
                title=document.title,
                origin=f"Punkt {part.number} · {document.origin or 'bilaga'}",
                look=source["look"],
                created=created,
            )
            data = annex.pdf
            if annex.embed_original:
                item.files.append(_as_file(document))
        anchor = f"{part.anchor}-{number}"
        item.leaves.append(_Leaf(document, data, _page_count(data), anchor))
    if part.has_page:
        item.own_pages = _page_count(_item_page(item, source))
    return item


def _as_file(document: PacketDocument) -> PacketFile:
    kind = mimetypes.guess_type(document.name)[0] or "application/octet-stream"
    return PacketFile(document.name, document.data, kind, document.title)


def _front(
    items: list[_Item], source: Mapping[str, Any], about: Mapping[str, Any]
) -> tuple[bytes, bytes]:
    """Cover and agenda. Written again until they fill the pages they were counted for."""
    title = source["document"]["title"]
    cover = agenda = b""
    counted = (1, 1)
    for _ in range(5):
        total = _number(items, sum(counted))
        facts = [*about["facts"], ("Omfattning", f"{total} sidor")]
        cover = _rendered(
            "documents/packet/cover.html",
            source,
            **{**about, "facts": facts, "title": title},
        )
        agenda = _rendered(
            "documents/packet/agenda.html",
            source,
            title=f"Dagordning {title}",
            items=items,
            anchor=ANCHOR,
        )
        found = (_page_count(cover), _page_count(agenda))
        if found == counted:
            break
        counted = found
    return cover, agenda


def _number(items: list[_Item], front_pages: int) -> int:
    """Give every item and document its page; returns the number of pages in all."""
    page = front_pages + 1
    for item in items:
        item.first_page = page if item.part.has_page else 0
        page += item.own_pages
        item.leaf_pages = []
        for leaf in item.leaves:
            item.leaf_pages.append(page)
            page += leaf.pages
    return page - 1


def _sections(item: _Item, source: Mapping[str, Any]) -> list[Section]:
    if not item.part.has_page:
        return []
    title = f"{item.part.number} {item.part.title}"
    return [
        Section(title, _item_page(item, source), 1, item.part.anchor),
        *(Section(leaf.document.title, leaf.pdf, 2, leaf.anchor) for leaf in item.leaves),
    ]


def _item_page(item: _Item, source: Mapping[str, Any]) -> bytes:
    """The item's first page: what is proposed, and which documents follow on which pages."""
    pages = item.leaf_pages or [0] * len(item.leaves)
    return _rendered(
        "documents/packet/item.html",
        source,
        title=f"{item.part.number} {item.part.title}",
        part=item.part,
        leaves=list(zip(item.leaves, pages, strict=True)),
        files=item.files,
        anchor=ANCHOR,
    )


def _rendered(template: str, source: Mapping[str, Any], **context: Any) -> bytes:
    html = render_to_string(template, {**source, **context})
    title, created = context["title"], datetime.fromisoformat(source["document"]["made_at"])
    return remembered(
        "page",
        [html, title, created.isoformat()],
        lambda: render_pdf(html, title=title, created=created),
    )


def _stamps(items: list[_Item], source: Mapping[str, Any], total: int) -> list[Stamp]:
    title = source["document"]["title"]
    tabs: dict[int, tuple[str, int]] = {}
    with_page = [item for item in items if item.part.has_page]
    for position, item in enumerate(with_page):
        length = item.own_pages + sum(leaf.pages for leaf in item.leaves)
        for page in range(item.first_page, item.first_page + length):
            tabs[page] = (item.part.number, position)
    stamps = []
    for page in range(1, total + 1):
        number, position = tabs.get(page, ("", 0))
        stamps.append(Stamp(f"{title} · sida {page} av {total}", number, position))
    return stamps


def _unique_names(files: Sequence[PacketFile]) -> list[tuple[str, bytes, str, str]]:
    """Two budgets may bear the same name; in the packet each has one of its own."""
    taken: dict[str, bytes] = {}
    named = []
    for file in files:
        name, count = file.name, 1
        while name in taken and taken[name] != file.data:
            count += 1
            stem, dot, ending = file.name.rpartition(".")
            name = f"{stem} ({count}){dot}{ending}" if dot else f"{file.name} ({count})"
        if name not in taken:
            taken[name] = file.data
            named.append((name, file.data, file.content_type, file.description or name))
    return named


def _label_pages(pdf: pikepdf.Pdf) -> None:
    pdf.Root.PageLabels = pikepdf.Dictionary(
        Nums=pikepdf.Array([0, pikepdf.Dictionary(S=pikepdf.Name.D, St=1)])
    )


def _page_count(data: bytes) -> int:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return len(pdf.pages)
