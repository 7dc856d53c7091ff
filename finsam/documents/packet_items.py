"""Making the pages of one item of a packet, kept whole: a changed item costs only itself."""

from __future__ import annotations

import io
import json
import mimetypes
from collections.abc import Iterator, Mapping
from dataclasses import astuple
from typing import Any

import pikepdf
from django.template.loader import render_to_string

from finsam.documents.annexes import prepare_annex
from finsam.documents.packet_layout import Item, Leaf, refer
from finsam.documents.packet_parts import PacketDocument, PacketFile, PacketPart
from finsam.documents.pdf import render_section
from finsam.documents.pdf_merge import ANCHOR, Bound, Place, Section, bind
from finsam.documents.render_cache import remembered

# All that the pages of an item may say of the packet: none of it is another in the next version.
ABOUT_DOCUMENT = ("title", "kind_label", "is_preview")


def prepared(part: PacketPart, source: Mapping[str, Any]) -> Item:
    """The item with its pages bound together; made only when it, or the look, has changed."""
    item = Item(part)
    if not part.has_page:
        return item
    about = source["document"]
    lasting = {
        "document": {name: about[name] for name in ABOUT_DOCUMENT},
        "association": source["association"],
        "look": source["look"],
    }
    kept = remembered("item", list(_known(part, lasting)), lambda: _made(part, lasting))
    facts, _, pdf = kept.partition(b"\n")
    said = json.loads(facts)
    item.bound = Bound(pdf, [Place(*place) for place in said["places"]])
    item.pages = said["pages"]
    item.files = [*part.files, *(_as_file(part.documents[at]) for at in said["originals"])]
    for number, (document, pages) in enumerate(zip(part.documents, said["leaves"], strict=True)):
        item.leaves.append(Leaf(document, pages, _anchor(part, number)))
    refer(item)
    return item


def rendered(template: str, source: Mapping[str, Any], **context: Any) -> bytes:
    """Pages of the packet's own; the same text gives the same bytes and is laid out once."""
    html = render_to_string(template, {**source, **context})
    title = context["title"]
    return remembered("page", [html, title], lambda: render_section(html, title=title))


def page_count(data: bytes) -> int:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return len(pdf.pages)


def _known(part: PacketPart, lasting: Mapping[str, Any]) -> Iterator[str | bytes]:
    """Everything that the pages of an item are made of."""
    yield json.dumps(lasting, sort_keys=True)
    words = (part.number, part.title, part.kind, part.register_number, part.presenter)
    yield repr((*words, part.background, part.intro, tuple(part.clauses)))
    for file in part.files:
        yield repr((file.name, file.description))
    for one in part.documents:
        yield repr((one.title, one.name, one.is_tagged, one.origin, one.is_shown))
        yield repr([tuple(mark) for mark in one.marks])
        yield one.data


def _made(part: PacketPart, lasting: Mapping[str, Any]) -> bytes:
    """The bound pages behind a line that says what they are."""
    leaves = []
    originals = []
    for at, document in enumerate(part.documents):
        pdf = document.data
        if not document.is_tagged:
            annex = prepare_annex(
                data=document.data,
                name=document.name,
                title=document.title,
                origin=document.origin or "bilaga",
                look=lasting["look"],
            )
            pdf = annex.pdf
            if annex.embed_original and document.is_shown:
                originals.append(at)
        leaves.append((Leaf(document, page_count(pdf), _anchor(part, at)), pdf))
    files = [*part.files, *(_as_file(part.documents[at]) for at in originals)]
    item = Item(part, [leaf for leaf, _ in leaves], files)
    first = _first_page(item, lasting)
    sections = [
        Section(f"{part.number} {part.title}", first, 1, part.anchor),
        *(
            Section(leaf.document.title, pdf, 2, leaf.anchor, leaf.document.marks)
            for leaf, pdf in leaves
            if leaf.document.is_shown
        ),
    ]
    bound = bind(sections, part.anchor)
    said = {
        "pages": item.pages,
        "leaves": [leaf.pages for leaf in item.leaves],
        "originals": originals,
        "places": [astuple(place) for place in bound.places],
    }
    return json.dumps(said).encode() + b"\n" + bound.data


def _first_page(item: Item, lasting: Mapping[str, Any]) -> bytes:
    """What is proposed, and which documents follow. It names references, no running numbers: so
    it stays as it is whatever happens in other items. Written again until its own length is that
    which the references were counted with.
    """
    for counted in range(1, 6):
        item.pages = counted
        refer(item)
        made = rendered(
            "documents/packet/item.html",
            lasting,
            title=f"{item.part.number} {item.part.title}",
            part=item.part,
            leaves=item.leaves,
            files=item.files,
            anchor=ANCHOR,
        )
        found = page_count(made)
        if found == counted:
            break
    item.pages = found
    refer(item)
    return made


def _anchor(part: PacketPart, at: int) -> str:
    return f"{part.anchor}-{at + 1}"


def _as_file(document: PacketDocument) -> PacketFile:
    kind = mimetypes.guess_type(document.name)[0] or "application/octet-stream"
    return PacketFile(document.name, document.data, kind, document.title)
