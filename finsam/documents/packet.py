"""Putting a meeting's documents together into one PDF to be read, searched and listened to."""

from __future__ import annotations

import io
import mimetypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pikepdf
from django.template.loader import render_to_string

from finsam.documents.annexes import prepare_annex
from finsam.documents.packet_layout import (
    Item,
    Leaf,
    label_pages,
    number_pages,
    refer,
    stamps_for,
)
from finsam.documents.packet_parts import (
    PacketChange,
    PacketDocument,
    PacketFile,
    PacketPart,
)
from finsam.documents.pdf import render_section
from finsam.documents.pdf_claims import written_with_true_claims
from finsam.documents.pdf_merge import ANCHOR, Section, embed_files, join_tagged
from finsam.documents.pdf_stamps import stamp_pages
from finsam.documents.render_cache import remembered

__all__ = ["PacketChange", "PacketDocument", "PacketFile", "PacketPart", "assemble_packet"]

Progress = Callable[[int, str], None]
# One reads strangers' files in their own processes while the other has its pages rendered.
AT_ONCE = 2
PREPARED = 70


@dataclass(frozen=True)
class _About:
    """What the front says of the whole."""

    facts: Sequence[tuple[str, Any]]
    ingress: str
    changes: Sequence[PacketChange]
    since: int


def assemble_packet(
    parts: Sequence[PacketPart],
    *,
    source: Mapping[str, Any],
    facts: Sequence[tuple[str, Any]] = (),
    ingress: str = "",
    changes: Sequence[PacketChange] = (),
    since: int = 0,
    report: Progress | None = None,
) -> bytes:
    """One PDF of cover, agenda and every item with its documents, each on a new page.

    `source` holds document, association and look as a builder gets them; `facts` stand on the
    cover, `changes` since version `since` on a page of their own. Links lead from the agenda to
    items and back, bookmarks have two levels, every page bears its running number and within an
    item a reference ("3:17") that no change in other items moves. Files are embedded. `report` is
    told item by item how far it is. The file says that it is PDF/UA-1 and PDF/A-3 only if the
    validator agrees.
    """
    tell = report or (lambda percent, text: None)
    items = list(_prepared_all(parts, source, tell))
    tell(PREPARED, "Sätter ihop paketet.")
    facts = [*facts, ("Version", source["document"]["version"])]
    front = _front(items, source, _About(facts, ingress, changes, since))
    sections = [*front, *(section for item in items for section in _sections(item))]
    title = source["document"]["title"]
    with join_tagged(sections) as pdf:
        tell(PREPARED + 10, "Numrerar sidorna.")
        total = len(pdf.pages)
        stamp_pages(pdf, stamps_for(items, title, total), colour=source["look"]["colour"])
        embed_files(pdf, _unique_names([file for item in items for file in item.files]))
        label_pages(pdf, items)
        tell(PREPARED + 15, "Kontrollerar paketet.")
        return written_with_true_claims(
            pdf,
            title=title,
            language="sv",
            author=source["association"]["name"],
            created=datetime.fromisoformat(source["document"]["made_at"]),
        )


def _prepared_all(
    parts: Sequence[PacketPart], source: Mapping[str, Any], tell: Progress
) -> Iterator[Item]:
    """The items in order, two at a time in the making."""
    with ThreadPoolExecutor(AT_ONCE) as workers:
        made = workers.map(lambda part: _prepared(part, source), parts)
        for count, item in enumerate(made, 1):
            tell(
                5 + (PREPARED - 5) * count // len(parts),
                f"Ärende {count} av {len(parts)} är klart: {item.part.title}",
            )
            yield item


def _prepared(part: PacketPart, source: Mapping[str, Any]) -> Item:
    item = Item(part)
    if not part.has_page:
        return item
    item.files = list(part.files)
    for number, document in enumerate(part.documents, 1):
        pdf = document.data
        if not document.is_tagged:
            annex = prepare_annex(
                data=document.data,
                name=document.name,
                title=document.title,
                origin=document.origin or "bilaga",
                look=source["look"],
            )
            pdf = annex.pdf
            if annex.embed_original and document.is_shown:
                item.files.append(_as_file(document))
        item.leaves.append(Leaf(document, pdf, _page_count(pdf), f"{part.anchor}-{number}"))
    _write_first_page(item, source)
    return item


def _write_first_page(item: Item, source: Mapping[str, Any]) -> None:
    """What is proposed, and which documents follow. It names references, no running numbers: so
    it stays as it is whatever happens in other items. Written again until its own length is that
    which the references were counted with.
    """
    for counted in range(1, 6):
        item.pages = counted
        refer(item)
        item.pdf = _rendered(
            "documents/packet/item.html",
            source,
            title=f"{item.part.number} {item.part.title}",
            part=item.part,
            leaves=item.leaves,
            files=item.files,
            anchor=ANCHOR,
        )
        found = _page_count(item.pdf)
        if found == counted:
            return
    item.pages = found
    refer(item)


def _as_file(document: PacketDocument) -> PacketFile:
    kind = mimetypes.guess_type(document.name)[0] or "application/octet-stream"
    return PacketFile(document.name, document.data, kind, document.title)


def _front(items: list[Item], source: Mapping[str, Any], about: _About) -> list[Section]:
    """Cover, changes and agenda. Written again until they fill the pages they were counted for."""
    title = source["document"]["title"]
    made: list[Section] = []
    before_agenda = 2 if about.changes else 1
    counted = before_agenda + _agenda_length(items, source, before_agenda)
    for _ in range(5):
        total = number_pages(items, counted)
        facts = [*about.facts, ("Omfattning", f"{total} sidor")]
        made = [
            Section(
                title,
                _rendered(
                    "documents/packet/cover.html", source,
                    title=title, facts=facts, ingress=about.ingress,
                ),
                anchor="omslag",
            ),
            *_changes(items, source, about),
            Section("Dagordning", _agenda(items, source), anchor="dagordning"),
        ]  # fmt: skip
        found = sum(_page_count(section.data) for section in made)
        if found == counted:
            break
        counted = found
    return made


def _agenda(items: list[Item], source: Mapping[str, Any]) -> bytes:
    title = f"Dagordning {source['document']['title']}"
    return _rendered(
        "documents/packet/agenda.html", source, title=title, items=items, anchor=ANCHOR
    )


def _agenda_length(items: list[Item], source: Mapping[str, Any], before: int) -> int:
    """How many pages an agenda of these words fills, as it did in the version before.

    A guess that spares laying out cover and agenda twice: the front is counted again when made.
    """

    def laid_out() -> bytes:
        number_pages(items, before + 1)
        return str(_page_count(_agenda(items, source))).encode()

    words = [
        repr((item.part.number, item.part.title, item.part.presenter, *item.part.clauses,
              item.part.has_page, *(leaf.document.title for leaf in item.leaves)))
        for item in items
    ]  # fmt: skip
    return int(remembered("agenda", words, laid_out))


def _changes(items: list[Item], source: Mapping[str, Any], about: _About) -> list[Section]:
    if not about.changes:
        return []
    heading = f"Ändrat sedan version {about.since}"
    by_number = {item.part.number: item for item in items}
    rows = [(change, by_number.get(change.number)) for change in about.changes]
    page = _rendered(
        "documents/packet/changes.html", source,
        title=heading, heading=heading, rows=rows, anchor=ANCHOR,
    )  # fmt: skip
    return [Section(heading, page, anchor="andringar")]


def _sections(item: Item) -> list[Section]:
    if not item.part.has_page:
        return []
    title = f"{item.part.number} {item.part.title}"
    return [
        Section(title, item.pdf, 1, item.part.anchor),
        *(
            Section(leaf.document.title, leaf.pdf, 2, leaf.anchor, leaf.document.marks)
            for leaf in item.leaves
            if leaf.document.is_shown
        ),
    ]


def _rendered(template: str, source: Mapping[str, Any], **context: Any) -> bytes:
    html = render_to_string(template, {**source, **context})
    title = context["title"]
    return remembered("page", [html, title], lambda: render_section(html, title=title))


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


def _page_count(data: bytes) -> int:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return len(pdf.pages)
