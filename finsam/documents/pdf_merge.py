"""Joining tagged PDFs into one that is still tagged, linked and bookmarked.

Every tool that joins pages drops the structure tree; here the trees are joined too.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

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
class Mark:
    """A bookmark to a heading within a section: its name, the page there, how high on it."""

    title: str
    page: int
    top: float | None


@dataclass
class Joined:
    """The file under way, and what has to be put together over all of it."""

    pdf: pikepdf.Pdf
    top: Any
    rows: list[Any] = field(default_factory=list)
    ids: list[tuple[bytes, Any]] = field(default_factory=list)
    roles: dict[str, Any] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)
    marks: list[list[Mark]] = field(default_factory=list)


def join_tagged(sections: Sequence[Section]) -> pikepdf.Pdf:
    """One open PDF of all sections.

    Structure trees are joined under one document, a level 2 section under the level 1 before it;
    ids of table headers stay unique, links within a section and between sections are kept, and
    bookmarks lead to each section. Metadata are the caller's to write. Raises ValueError for a
    file without tags.
    """
    pdf = pikepdf.new()
    top = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, K=Array()))
    joined = Joined(pdf, top)
    parent = top
    for number, section in enumerate(sections):
        part = _append(joined, section, number)
        owner = parent if section.level > 1 else top
        part.P = owner
        owner.K.append(part)
        if section.level == 1:
            parent = part
    _write_tree(joined)
    anchors = {
        section.anchor: start
        for section, start in zip(sections, joined.starts, strict=True)
        if section.anchor
    }
    _resolve_anchors(pdf, anchors)
    _write_outline(joined, sections)
    return pdf


def _append(joined: Joined, section: Section, number: int) -> Any:
    """Add the pages and the tree of one section; gives back the part that holds the tree."""
    pdf, start = joined.pdf, len(joined.pdf.pages)
    joined.starts.append(start)
    with pikepdf.open(io.BytesIO(section.data)) as source:
        if "/StructTreeRoot" not in source.Root:
            raise ValueError(f"{section.title!r} has no tags.")
        targets = list(_inner_links(source))
        joined.marks.append(list(_marks(source, section)))
        pdf.pages.extend(source.pages)
        tree = pdf.copy_foreign(source.Root.StructTreeRoot)
        if start == 0:
            intents = source.make_indirect(source.Root.OutputIntents)
            pdf.Root.OutputIntents = pdf.copy_foreign(intents)
    _number_rows(joined, tree, start)
    _prefix_ids(joined, tree, f"s{number}-")
    for role, standard in tree.get("/RoleMap", Dictionary()).items():
        if joined.roles.setdefault(role, standard) != standard:
            raise ValueError(f"{section.title!r} gives the role {role} another meaning.")
    for page, link, target, view in targets:
        annotation = pdf.pages[start + page].obj.Annots[link]
        if "/A" in annotation:
            del annotation["/A"]
        annotation.Dest = Array([pdf.pages[start + target].obj, *view])
    part = pdf.make_indirect(
        Dictionary(Type=Name.StructElem, S=Name.Part, T=String(section.title), K=Array())
    )
    for kid in _without_document(tree):
        kid.P = part
        part.K.append(kid)
    return part


def _marks(source: pikepdf.Pdf, section: Section) -> Iterator[Mark]:
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
                yield Mark(title, numbers[place[0].objgen], top)


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


def _number_rows(joined: Joined, tree: Any, start: int) -> None:
    """Move the section's rows of the parent tree behind those that are there already."""
    base = len(joined.rows) // 2
    moved: dict[int, int] = {}
    for key, row in sorted(pairs(tree.ParentTree, "/Nums"), key=lambda pair: int(pair[0])):
        moved[int(key)] = base + len(moved)
        joined.rows.extend([moved[int(key)], row])
    for page in list(joined.pdf.pages)[start:]:
        page.obj.Tabs = Name.S
        if "/StructParents" in page.obj:
            page.obj.StructParents = moved[int(page.obj.StructParents)]
        for annotation in page.obj.get("/Annots", []):
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


def _resolve_anchors(pdf: pikepdf.Pdf, anchors: dict[str, int]) -> None:
    """Turn links to ANCHOR + name into links to the page where that section begins."""
    for page in pdf.pages:
        for link in page.obj.get("/Annots", []):
            address = str(link.get("/A", Dictionary()).get("/URI", ""))
            if not address.startswith(ANCHOR):
                continue
            target = anchors[address.removeprefix(ANCHOR)]
            del link["/A"]
            link.Dest = Array([pdf.pages[target].obj, Name.Fit])


def _write_outline(joined: Joined, sections: Sequence[Section]) -> None:
    """Two levels: items, and under each its documents with the marks within them."""
    pdf = joined.pdf
    with pdf.open_outline() as outline:
        above = outline.root
        for section, start, marks in zip(sections, joined.starts, joined.marks, strict=True):
            item = pikepdf.OutlineItem(section.title, start)
            item.is_closed = True
            if section.level > 1 and above is not outline.root:
                above.append(item)
            else:
                outline.root.append(item)
                above = item.children
            above.extend(
                pikepdf.OutlineItem(mark.title, start + mark.page, "XYZ", top=mark.top)
                for mark in marks
            )
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
