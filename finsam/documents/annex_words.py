"""The words of a PDF, a Word file or a workbook, to be searched; runs in the sandbox."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pikepdf
from lxml import etree

from finsam.documents.pdf_text import page_text

MOST_PAGES = 200
MOST_SIGNS = 2_000_000
IN_PACKAGE = {
    "docx": ("word/", {"document.xml", "footnotes.xml", "endnotes.xml", "comments.xml"}, "p"),
    "xlsx": ("xl/", {"sharedStrings.xml"}, "si"),
}
HEADS = ("header", "footer")
SHEETS = "xl/worksheets/"


def words_of(data: bytes, kind: str) -> str:
    """All text of the file, line by line; what cannot be read as text is left out."""
    lines = _pdf(data) if kind == "pdf" else _package(data, kind)
    found: list[str] = []
    size = 0
    for line in lines:
        found.append(line)
        size += len(line)
        if size > MOST_SIGNS:
            break
    return "\n".join(found)[:MOST_SIGNS]


def _pdf(data: bytes) -> Iterator[str]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        with suppress(pikepdf.PdfError):
            # What is filled into a form stands on no page until it is drawn there.
            pdf.generate_appearance_streams()
            pdf.flatten_annotations("screen")
        for number, where in enumerate(pdf.pages):
            if number >= MOST_PAGES:
                return
            try:
                yield page_text(where)
            except (pikepdf.PdfError, ValueError, IndexError, TypeError, AttributeError):
                continue


def _package(data: bytes, kind: str) -> Iterator[str]:
    folder, wanted, paragraph = IN_PACKAGE[kind]
    with zipfile.ZipFile(io.BytesIO(data)) as box:
        for name in box.namelist():
            last = name.removeprefix(folder)
            is_head = kind == "docx" and last.startswith(HEADS)
            if name.startswith(folder) and (last in wanted or is_head):
                yield from _paragraphs(box.read(name), paragraph)
            elif kind == "xlsx" and name.startswith(SHEETS) and name.endswith(".xml"):
                yield from _cells(box.read(name))


def _paragraphs(xml: bytes, name: str) -> Iterator[str]:
    for element in _tree(xml).iter(f"{{*}}{name}"):
        yield "".join(part.text or "" for part in element.iter("{*}t"))


def _cells(xml: bytes) -> Iterator[str]:
    """Numbers, and texts that stand in the cell itself: a number may be kept as either."""
    for cell in _tree(xml).iter("{*}c"):
        said = [part.text or "" for part in cell.iter("{*}t", "{*}v")]
        if cell.get("t") != "s":
            yield "".join(said)


def _tree(xml: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return etree.fromstring(xml, parser)
