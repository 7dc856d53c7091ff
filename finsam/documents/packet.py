"""Putting a meeting's documents together into one PDF to be read, searched and listened to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from finsam.documents.packet_items import page_count, prepared, rendered
from finsam.documents.packet_layout import Item, label_pages, number_pages, stamps_for
from finsam.documents.packet_parts import (
    PacketChange,
    PacketDocument,
    PacketFile,
    PacketPart,
)
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
    bound = [item.bound for item in items if item.bound]
    title = source["document"]["title"]
    with join_tagged([*front, *bound]) as pdf:
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
        made = workers.map(lambda part: prepared(part, source), parts)
        for count, item in enumerate(made, 1):
            tell(
                5 + (PREPARED - 5) * count // len(parts),
                f"Ärende {count} av {len(parts)} är klart: {item.part.title}",
            )
            yield item


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
                rendered(
                    "documents/packet/cover.html", source,
                    title=title, facts=facts, ingress=about.ingress,
                ),
                anchor="omslag",
            ),
            *_changes(items, source, about),
            Section("Dagordning", _agenda(items, source), anchor="dagordning"),
        ]  # fmt: skip
        found = sum(page_count(section.data) for section in made)
        if found == counted:
            break
        counted = found
    return made


def _agenda(items: list[Item], source: Mapping[str, Any]) -> bytes:
    title = f"Dagordning {source['document']['title']}"
    return rendered("documents/packet/agenda.html", source, title=title, items=items, anchor=ANCHOR)


def _agenda_length(items: list[Item], source: Mapping[str, Any], before: int) -> int:
    """How many pages an agenda of these words fills, as it did in the version before.

    A guess that spares laying out cover and agenda twice: the front is counted again when made.
    """

    def laid_out() -> bytes:
        number_pages(items, before + 1)
        return str(page_count(_agenda(items, source))).encode()

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
    page = rendered(
        "documents/packet/changes.html", source,
        title=heading, heading=heading, rows=rows, anchor=ANCHOR,
    )  # fmt: skip
    return [Section(heading, page, anchor="andringar")]


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
