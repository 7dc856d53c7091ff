"""Judging a PDF: what the validator says, and what no validator looks at."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import page as validator
import pikepdf
from pikepdf import Array, Dictionary, Name

from finsam.documents.pdf_tags import contents, elements, is_element, kids, pairs
from finsam.documents.pdf_text import text_by_mcid

UA, A = "ua1", "3a"
# Our largest packets; the validator's own limits are for files of strangers.
LIMITS = validator.SafetyLimits(
    max_input_size=400 * 1024 * 1024,
    max_decoded_stream_size=200 * 1024 * 1024,
    max_total_decoded_content_size=1024 * 1024 * 1024,
    max_object_count=3_000_000,
)
HEADINGS = {f"/H{level}": level for level in range(1, 7)}
_file_name = re.compile(r"^\S*\.(pdf|png|jpe?g|gif|svg|tiff?|webp|docx?|xlsx?)$", re.IGNORECASE)
_meaningless = re.compile(r"^(untitled|namnlös|dokument|document|utan titel|\d+)$", re.IGNORECASE)


@dataclass(frozen=True)
class Heading:
    level: int
    text: str


def validator_faults(data: bytes, profile: str) -> list[str]:
    """What the validator finds against PDF/UA-1 ("ua1") or PDF/A-3a ("3a"); nothing: it holds."""
    try:
        report = validator.validate_pdf_bytes(data, profile=profile, limits=LIMITS)
    except validator.PageError as fault:
        return [f"unreadable: {fault}"]
    if report.is_compliant:
        return []
    return [f"{failure.rule_id}: {failure.message}" for failure in report.failures]


def own_faults(data: bytes) -> list[str]:
    """What reads badly although every validator is content with it (TRUST X-07)."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        tree = pdf.Root.get("/StructTreeRoot")
        if tree is None:
            return ["structure: the file has no structure tree"]
        tags = list(elements(tree))
        return [
            *_title_faults(pdf),
            *_heading_faults(_headings(pdf, tags)),
            *_figure_faults(tags),
            *_table_faults(tags),
            *_id_faults(tree, tags),
            *_page_faults(pdf, tree, tags),
            *_link_faults(pdf, tree),
            *_label_faults(pdf),
        ]


def headings_of(data: bytes) -> list[Heading]:
    """The headings as the structure tree gives them, in reading order."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        tree = pdf.Root.get("/StructTreeRoot")
        return [] if tree is None else _headings(pdf, list(elements(tree)))


def _headings(pdf: pikepdf.Pdf, tags: list[Any]) -> list[Heading]:
    texts = {where.obj.objgen: text_by_mcid(where) for where in pdf.pages}
    found = []
    for tag in tags:
        level = HEADINGS.get(str(tag.S))
        if level is None:
            continue
        pieces = [
            texts.get(content.page, {}).get(content.mcid, "")
            for below in elements(tag)
            for content in contents(below)
        ]
        found.append(Heading(level, " ".join(" ".join(pieces).replace("\u00a0", " ").split())))
    return found


def _title_faults(pdf: pikepdf.Pdf) -> list[str]:
    title = str(pdf.docinfo.get("/Title", "")).strip()
    if len(title) < 3 or _file_name.match(title) or _meaningless.match(title):
        return [f"title: {title!r} says nothing"]
    with pdf.open_metadata() as xmp:
        in_xmp = str(xmp.get("dc:title", ""))
    return [] if in_xmp == title else [f"title: {title!r} in the file, {in_xmp!r} in its metadata"]


def _heading_faults(headings: list[Heading]) -> list[str]:
    if not headings:
        return ["headings: there are none"]
    faults = [f"headings: an empty one of level {head.level}" for head in headings if not head.text]
    if headings[0].level != 1:
        faults.append(f"headings: the first is of level {headings[0].level}")
    for before, after in pairwise(headings):
        if after.level > before.level + 1:
            faults.append(f"headings: {after.text!r} skips a level after {before.text!r}")
    return faults


def _figure_faults(tags: list[Any]) -> list[str]:
    faults = []
    for tag in tags:
        if str(tag.S) != "/Figure":
            continue
        alternative = str(tag.get("/Alt", "")).strip()
        if len(alternative) < 3 or _file_name.match(alternative):
            faults.append(f"figure: the alternative text {alternative!r} says nothing")
    return faults


def _table_faults(tags: list[Any]) -> list[str]:
    faults = []
    for table in tags:
        if str(table.S) != "/Table":
            continue
        rows = [tag for tag in elements(table) if str(tag.S) == "/TR"]
        widths = {sum(_span(cell) for cell in kids(row) if is_element(cell)) for row in rows}
        spans_rows = any("/RowSpan" in _attributes(cell) for row in rows for cell in kids(row))
        if len(widths) > 1 and not spans_rows:
            faults.append(f"table: rows of different width {sorted(widths)}")
        if not any(str(tag.S) == "/TH" for tag in elements(table)):
            faults.append("table: no header cells")
    return faults


def _id_faults(tree: Any, tags: list[Any]) -> list[str]:
    ids = Counter(bytes(tag.ID) for tag in tags if "/ID" in tag)
    faults = [f"id: {name!r} is there {count} times" for name, count in ids.items() if count > 1]
    named = {bytes(name) for tag in tags for name in _attributes(tag).get("/Headers", [])}
    faults += [f"id: a cell names the header {name!r}, which is not" for name in named - set(ids)]
    if "/IDTree" in tree:
        listed = {bytes(name) for name, _ in pairs(tree.IDTree, "/Names")}
        if listed != set(ids):
            faults.append("id: the tree of ids and the elements differ")
    return faults


def _page_faults(pdf: pikepdf.Pdf, tree: Any, tags: list[Any]) -> list[str]:
    """Each piece of marked content has one owner in the tree, and the page's row says the same."""
    faults = []
    rows = {int(key): row for key, row in pairs(tree.ParentTree, "/Nums")}
    owners: dict[Any, list[Any]] = {}
    for tag in tags:
        for content in contents(tag):
            owners.setdefault(content, []).append(tag)
    for number, where in enumerate(pdf.pages, 1):
        if where.obj.get("/Tabs") != Name.S:
            faults.append(f"page {number}: the tab order is not that of the structure")
        row = rows.get(int(where.obj.get("/StructParents", -1)))
        for mcid in _marked(where):
            owned = owners.get((where.obj.objgen, mcid), [])
            entry = row[mcid] if isinstance(row, Array) and mcid < len(row) else None
            if len(owned) != 1 or entry is None or entry.objgen != owned[0].objgen:
                faults.append(f"page {number}: content {mcid} has {len(owned)} owners in the tree")
    return faults


def _link_faults(pdf: pikepdf.Pdf, tree: Any) -> list[str]:
    faults = []
    rows = {int(key): row for key, row in pairs(tree.ParentTree, "/Nums")}
    names = pdf.Root.get("/Names", Dictionary())
    known = {str(name) for name, _ in pairs(names.get("/Dests", Dictionary()), "/Names")}
    pages = {where.obj.objgen for where in pdf.pages}
    for number, where in enumerate(pdf.pages, 1):
        for link in where.obj.get("/Annots", []):
            owner = rows.get(int(link.get("/StructParent", -1)))
            if not is_element(owner):
                faults.append(f"page {number}: a link outside the structure")
            target = link.get("/Dest", link.get("/A", Dictionary()).get("/D"))
            if isinstance(target, Array) and target[0].objgen not in pages:
                faults.append(f"page {number}: a link to a page that is not in the file")
            if isinstance(target, pikepdf.String) and str(target) not in known:
                faults.append(f"page {number}: a link to {str(target)!r}, which is nowhere")
    return faults


def _label_faults(pdf: pikepdf.Pdf) -> list[str]:
    """Bookmarks lead to pages of the file and have words."""
    pages = {where.obj.objgen for where in pdf.pages}
    faults = []
    with pdf.open_outline() as outline:
        waiting = list(outline.root)
        while waiting:
            item = waiting.pop()
            waiting.extend(item.children)
            target = item.destination
            lost = isinstance(target, Array) and target[0].objgen not in pages
            if not item.title.strip() or lost:
                faults.append(f"bookmark: {item.title!r} leads nowhere")
    return faults


def _marked(where: pikepdf.Page) -> Iterable[int]:
    for step in pikepdf.parse_content_stream(where):
        properties = step.operands[1] if str(step.operator) == "BDC" else None
        if isinstance(properties, Dictionary):
            mcid = properties.get("/MCID")
            if mcid is not None:
                yield int(mcid)


def _attributes(tag: Any) -> dict[str, Any]:
    """The table attributes of an element, one dictionary of them all."""
    if not is_element(tag) or "/A" not in tag:
        return {}
    owners = tag.A if isinstance(tag.A, Array) else [tag.A]
    return {key: value for owner in owners for key, value in owner.items()}


def _span(cell: Any) -> int:
    return int(_attributes(cell).get("/ColSpan", 1))
