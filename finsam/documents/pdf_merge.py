"""Joining tagged PDFs into one that is still tagged, linked and bookmarked.

Every tool that joins pages drops the structure tree; here the trees are joined too.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from finsam.documents.pdf_bytes import written
from finsam.documents.pdf_tags import elements, kids, pairs

# A link with this address becomes a link to the section of that anchor.
ANCHOR = "https://paket.invalid/"


@dataclass(frozen=True)
class Section:
    """One tagged PDF and where it stands: its bookmark, its level (1 or 2), its anchor.

    `marks` get bookmarks beside its own: the name, and the words of a heading that it has.
    """

    title: str
    data: bytes
    level: int = 1
    anchor: str = ""
    marks: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Place:
    """A bookmark and what links lead to: on a page (from 0), or to a heading so high on it."""

    title: str
    page: int
    level: int = 1
    anchor: str = ""
    is_heading: bool = False
    top: float | None = None


@dataclass(frozen=True)
class Bound:
    """Sections that were joined before (by `bind`) and are taken as they are."""

    data: bytes
    places: Sequence[Place]


@dataclass
class Joined:
    """The file under way, and what has to be put together over all of it."""

    pdf: pikepdf.Pdf
    top: Any
    rows: list[Any] = field(default_factory=list)
    ids: list[tuple[bytes, Any]] = field(default_factory=list)
    roles: dict[str, Any] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)


def join_tagged(sections: Sequence[Section | Bound]) -> pikepdf.Pdf:
    """One open PDF of all sections.

    Structure trees are joined under one document, a level 2 section under the level 1 before it;
    ids of table headers stay unique, links within a section and between sections are kept, and
    bookmarks lead to each section. Metadata are the caller's to write. Raises ValueError for a
    file without tags.
    """
    joined = _joined(sections, "s")
    anchors = {place.anchor: place.page for place in joined.places if place.anchor}
    unknown = _resolve_anchors(joined.pdf, anchors)
    if unknown:
        raise ValueError(f"Links lead to {unknown!r}, which no section is called.")
    _write_outline(joined)
    return joined.pdf


def bind(sections: Sequence[Section], prefix: str) -> Bound:
    """The sections joined into one that can be kept, and joined with others again and again.

    `prefix` must be its own among those it will be joined with. Links to anchors that none of the
    sections bears are left for that time.
    """
    joined = _joined(sections, f"{prefix}-")
    with joined.pdf as pdf:
        anchors = {place.anchor: place.page for place in joined.places if place.anchor}
        _resolve_anchors(pdf, anchors)
        return Bound(written(pdf), joined.places)


def _joined(sections: Sequence[Section | Bound], prefix: str) -> Joined:
    pdf = pikepdf.new()
    top = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, K=Array()))
    joined = Joined(pdf, top)
    parent = top
    for number, section in enumerate(sections):
        if isinstance(section, Bound):
            _append_bound(joined, section)
            continue
        part = _append(joined, section, f"{prefix}{number}-")
        owner = parent if section.level > 1 else top
        part.P = owner
        owner.K.append(part)
        if section.level == 1:
            parent = part
    _write_tree(joined)
    return joined


def _append(joined: Joined, section: Section, prefix: str) -> Any:
    """Add the pages and the tree of one section; gives back the part that holds the tree."""
    pdf, start = joined.pdf, len(joined.pdf.pages)
    with pikepdf.open(io.BytesIO(section.data)) as source:
        joined.places.append(Place(section.title, start, section.level, section.anchor))
        joined.places.extend(_marks(source, section, start))
        tree = _taken(joined, source, section.title)
    _prefix_ids(joined, tree, prefix)
    part = pdf.make_indirect(
        Dictionary(Type=Name.StructElem, S=Name.Part, T=String(section.title), K=Array())
    )
    for kid in _without_document(tree):
        kid.P = part
        part.K.append(kid)
    return part


def _append_bound(joined: Joined, bound: Bound) -> None:
    """Add what was joined before: its parts become parts of the whole, its ids are its own."""
    start = len(joined.pdf.pages)
    with pikepdf.open(io.BytesIO(bound.data)) as source:
        tree = _taken(joined, source, bound.places[0].title)
    joined.places.extend(replace(place, page=start + place.page) for place in bound.places)
    if "/IDTree" in tree:
        joined.ids.extend((bytes(name), tag) for name, tag in pairs(tree.IDTree, "/Names"))
    for part in _without_document(tree):
        part.P = joined.top
        joined.top.K.append(part)


def _taken(joined: Joined, source: pikepdf.Pdf, title: str) -> Any:
    """Copy the pages and the tree of a file, with its links to itself; gives back the tree."""
    pdf, start = joined.pdf, len(joined.pdf.pages)
    if "/StructTreeRoot" not in source.Root:
        raise ValueError(f"{title!r} has no tags.")
    targets = list(_inner_links(source))
    pdf.pages.extend(source.pages)
    tree = pdf.copy_foreign(source.Root.StructTreeRoot)
    if start == 0:
        intents = source.make_indirect(source.Root.OutputIntents)
        pdf.Root.OutputIntents = pdf.copy_foreign(intents)
    added = [page.obj for page in list(pdf.pages)[start:]]
    _number_rows(joined, tree, added)
    for role, standard in tree.get("/RoleMap", Dictionary()).items():
        if joined.roles.setdefault(role, standard) != standard:
            raise ValueError(f"{title!r} gives the role {role} another meaning.")
    for page, link, target, view in targets:
        annotation = added[page].Annots[link]
        if "/A" in annotation:
            del annotation["/A"]
        annotation.Dest = Array([added[target], *view])
    return tree


def _marks(source: pikepdf.Pdf, section: Section, start: int) -> Iterator[Place]:
    """Where the headings of the section's marks stand, as its own bookmarks say."""
    if not section.marks:
        return
    names = {words: title for title, words in section.marks}
    numbers = {page.obj.objgen: number for number, page in enumerate(source.pages)}
    with source.open_outline() as outline:
        for item in _all_items(outline.root):
            place = item.destination
            title = names.pop(item.title.replace("\u00a0", " "), "")
            if title and isinstance(place, Array) and place[0].objgen in numbers:
                top = _plain(place[3]) if len(place) > 3 else None
                page = start + numbers[place[0].objgen]
                yield Place(title, page, 2, is_heading=True, top=top)


def _all_items(items: Sequence[Any]) -> Iterator[Any]:
    for item in items:
        yield item
        yield from _all_items(item.children)


def _without_document(tree: Any) -> Iterator[Any]:
    """The elements under the section's own document element, which the joined file replaces."""
    for kid in kids(tree):
        if str(kid.S) == "/Document":
            yield from kids(kid)
        else:
            yield kid


def _inner_links(source: pikepdf.Pdf) -> Iterator[tuple[int, int, int, list[Any]]]:
    """Links to places of the same file: page, number of the annotation, target page, view.

    They are noted before the pages are copied, since a copy forgets pages that come later.
    """
    numbers = {page.obj.objgen: number for number, page in enumerate(source.pages)}
    names = source.Root.get("/Names", Dictionary()).get("/Dests", Dictionary())
    named = {str(name): place for name, place in pairs(names, "/Names")}
    for number, page in enumerate(source.pages):
        for link, annotation in enumerate(page.obj.get("/Annots", [])):
            place = annotation.get("/Dest", annotation.get("/A", Dictionary()).get("/D"))
            if isinstance(place, String | Name):
                place = named.get(str(place))
            if isinstance(place, Dictionary):
                place = place.get("/D")
            if isinstance(place, Array) and place[0].objgen in numbers:
                view = [part if isinstance(part, Name) else _plain(part) for part in place[1:]]
                yield number, link, numbers[place[0].objgen], view


def _plain(number: Any) -> float | None:
    return None if number is None else float(number)


def _number_rows(joined: Joined, tree: Any, added: Sequence[Any]) -> None:
    """Move the section's rows of the parent tree behind those that are there already."""
    base = len(joined.rows) // 2
    moved: dict[int, int] = {}
    for key, row in sorted(pairs(tree.ParentTree, "/Nums"), key=lambda pair: int(pair[0])):
        moved[int(key)] = base + len(moved)
        joined.rows.extend([moved[int(key)], row])
    for page in added:
        page.Tabs = Name.S
        if "/StructParents" in page:
            page.StructParents = moved[int(page.StructParents)]
        for annotation in page.get("/Annots", []):
            if "/StructParent" in annotation:
                annotation.StructParent = moved[int(annotation.StructParent)]


def _prefix_ids(joined: Joined, tree: Any, prefix: str) -> None:
    """Header cells are found by id: each section's ids get a prefix of their own."""
    for element in elements(tree):
        if "/ID" in element:
            element.ID = String(prefix + str(element.ID))
            joined.ids.append((bytes(element.ID), element))
        attributes = element.get("/A")
        for owner in attributes if isinstance(attributes, Array) else [attributes]:
            if isinstance(owner, Dictionary) and "/Headers" in owner:
                owner.Headers = Array([String(prefix + str(name)) for name in owner.Headers])


def _write_tree(joined: Joined) -> None:
    pdf = joined.pdf
    tree = Dictionary(Type=Name.StructTreeRoot, K=Array([joined.top]))
    tree.ParentTree = pdf.make_indirect(Dictionary(Nums=Array(joined.rows)))
    tree.ParentTreeNextKey = len(joined.rows) // 2
    if joined.ids:
        flat: list[Any] = []
        for name, element in sorted(joined.ids, key=lambda pair: pair[0]):
            flat += [String(name), element]
        tree.IDTree = pdf.make_indirect(Dictionary(Names=Array(flat)))
    if joined.roles:
        tree.RoleMap = Dictionary(joined.roles)
    pdf.Root.StructTreeRoot = pdf.make_indirect(tree)
    joined.top.P = pdf.Root.StructTreeRoot
    pdf.Root.MarkInfo = Dictionary(Marked=True)


def _resolve_anchors(pdf: pikepdf.Pdf, anchors: dict[str, int]) -> set[str]:
    """Turn links to ANCHOR + name into links to the page where that section begins.

    Gives back the names that no section bears, whose links are left as they are.
    """
    pages = [page.obj for page in pdf.pages]
    unknown = set()
    for page in pages:
        for link in page.get("/Annots", []):
            address = str(link.get("/A", Dictionary()).get("/URI", ""))
            if not address.startswith(ANCHOR):
                continue
            name = address.removeprefix(ANCHOR)
            if name in anchors:
                del link["/A"]
                link.Dest = Array([pages[anchors[name]], Name.Fit])
            else:
                unknown.add(name)
    return unknown


def _write_outline(joined: Joined) -> None:
    """Two levels: items, and under each its documents with the marks within them."""
    pdf = joined.pdf
    with pdf.open_outline() as outline:
        above = outline.root
        for place in joined.places:
            if place.is_heading:
                above.append(pikepdf.OutlineItem(place.title, place.page, "XYZ", top=place.top))
                continue
            item = pikepdf.OutlineItem(place.title, place.page)
            item.is_closed = True
            if place.level > 1 and above is not outline.root:
                above.append(item)
            else:
                outline.root.append(item)
                above = item.children
    pdf.Root.PageMode = Name.UseOutlines


def embed_files(pdf: pikepdf.Pdf, files: Sequence[tuple[str, bytes, str, str]]) -> None:
    """Put files (name, data, MIME type, description) into the PDF as PDF/A-3 wants them."""
    if not files:
        return
    specifications = []
    for name, data, mime, description in files:
        stream = pikepdf.Stream(pdf, data)
        stream.Type, stream.Subtype = Name.EmbeddedFile, Name(f"/{mime}")
        stream.Params = Dictionary(Size=len(data), ModDate=String("D:20000101000000Z"))
        embedded = pdf.make_indirect(stream)
        specification = Dictionary(
            Type=Name.Filespec,
            F=String(name),
            UF=String(name),
            Desc=String(description),
            AFRelationship=Name.Supplement,
            EF=Dictionary(F=embedded, UF=embedded),
        )
        specifications.append((name, pdf.make_indirect(specification)))
    specifications.sort(key=lambda pair: pair[0].encode("utf-16-be"))
    tree: list[Any] = []
    for name, specification in specifications:
        tree += [String(name), specification]
    names = pdf.Root.get("/Names", Dictionary())
    names.EmbeddedFiles = pdf.make_indirect(Dictionary(Names=Array(tree)))
    pdf.Root.Names = names
    pdf.Root.AF = pdf.make_indirect(Array([specification for _, specification in specifications]))
