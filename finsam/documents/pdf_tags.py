"""The structure tree of a tagged PDF: walking it, and keeping page and tree in step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pikepdf
from pikepdf import Array, Dictionary

from finsam.documents.pdf_bytes import data_of

_MARKED = re.compile(rb"/\w+\s+<<\s*/MCID (\d+)\s*>>\s+BDC")
PAGINATION = b"/Artifact <</Type /Pagination>> BDC"


class Content(NamedTuple):
    """Marked content that belongs to an element: on which page, under which number."""

    page: tuple[int, int]
    mcid: int


def kids(node: Any) -> list[Any]:
    """What hangs directly under an element or the root."""
    below = node.get("/K")
    if below is None:
        return []
    return list(below) if isinstance(below, Array) else [below]


def is_element(node: Any) -> bool:
    return isinstance(node, Dictionary) and "/S" in node


def elements(node: Any) -> Iterator[Any]:
    """Every element under `node`, in reading order, `node` itself first when it is one."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if is_element(current):
            yield current
        waiting.extend(kid for kid in reversed(kids(current)) if is_element(kid))


def contents(element: Any) -> Iterator[Content]:
    """The marked content directly under an element."""
    page = element.get("/Pg")
    for kid in kids(element):
        if isinstance(kid, int):
            if page is not None:
                yield Content(page.objgen, kid)
        elif isinstance(kid, Dictionary) and "/MCID" in kid:
            where = kid.get("/Pg", page)
            if where is not None:
                yield Content(where.objgen, int(kid.MCID))


def pairs(node: Any, leaf: str) -> Iterator[tuple[Any, Any]]:
    """The entries of a number tree (leaf "/Nums") or a name tree ("/Names")."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        waiting.extend(reversed(list(current.get("/Kids", []))))
        entries = list(current.get(leaf, []))
        yield from zip(entries[::2], entries[1::2], strict=True)


def page_content(page: pikepdf.Page) -> bytes:
    """The page's content as one stream of operators."""
    page.contents_coalesce()
    stream = page.obj.get("/Contents")
    return data_of(stream) if isinstance(stream, pikepdf.Stream) else b""


def mark_running_matter(pdf: pikepdf.Pdf) -> None:
    """Make heads and feet artifacts: WeasyPrint numbers them but leaves them out of the tree.

    A reader of the tree never met them; one of the page did, and met content that belongs nowhere.
    """
    tree = pdf.Root.get("/StructTreeRoot")
    if tree is None:
        return
    known = {found for element in elements(tree) for found in contents(element)}
    rows = {int(key): row for key, row in pairs(tree.ParentTree, "/Nums")}
    for page in pdf.pages:
        changed, orphans = _as_artifacts(page_content(page), page.obj.objgen, known)
        if not orphans:
            continue
        page.obj.Contents = pdf.make_stream(changed)
        row = rows.get(int(page.obj.get("/StructParents", -1)))
        for mcid in orphans:
            if isinstance(row, Array) and mcid < len(row):
                row[mcid] = None


def _as_artifacts(
    data: bytes, page: tuple[int, int], known: set[Content]
) -> tuple[bytes, list[int]]:
    """The page's content with what no element owns turned into artifacts, and their numbers."""
    orphans: list[int] = []

    def turn(found: re.Match[bytes]) -> bytes:
        mcid = int(found.group(1))
        if Content(page, mcid) in known:
            return found.group(0)
        orphans.append(mcid)
        return PAGINATION

    return _MARKED.sub(turn, data), orphans
