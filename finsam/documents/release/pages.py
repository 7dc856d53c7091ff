"""The pages of a file to be released: their text, and where Poppler is at hand how they look."""

from __future__ import annotations

import base64
import io
import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pikepdf
from lxml import etree
from pikepdf import Array
from PIL import Image

from finsam.documents.annexes import PICTURES
from finsam.documents.caged import run_caged
from finsam.documents.filenames import extension
from finsam.documents.images import as_data
from finsam.documents.release.masks import plain
from finsam.documents.render_cache import remembered
from finsam.documents.sandbox import Unreadable, call
from finsam.errors import DomainError

MOST_PAGES = 120
DOTS_AN_INCH = 130
SECONDS, MEGABYTES = 120, 2_000
OFFICE = {"docx", "xlsx"}
UNUSABLE = (pikepdf.PdfError, ValueError, KeyError, IndexError, TypeError)


class NotReleasable(DomainError):
    """A file of which no masked copy can be made here."""


@dataclass(frozen=True)
class Word:
    """A word of a page: where it begins in the page's text, and its box in points from the top."""

    start: int
    end: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class SourcePage:
    """One page: its text, and if it can be drawn its picture, its size in points, its words."""

    text: str
    picture: bytes = b""
    width: float = 0
    height: float = 0
    words: tuple[Word, ...] = field(default=())


def texts_of(data: bytes, name: str) -> list[str]:
    """The text of each page of a file (a sheet of a workbook is a page); raises NotReleasable."""
    kind = _kind(data, name)
    if kind in PICTURES:
        return [""]
    if kind in OFFICE:
        return _read(data, kind)
    known = remembered("release", [data], lambda: json.dumps(_pdf_texts(data)).encode())
    texts: list[str] = json.loads(known)
    return texts


def pages_of(data: bytes, name: str) -> list[SourcePage]:
    """The pages to be copied, drawn where that can be done; raises NotReleasable."""
    kind = _kind(data, name)
    if kind in PICTURES:
        return [_picture(data)]
    if kind in OFFICE:
        return [SourcePage(text) for text in _read(data, kind)]
    even = _evened(data)
    with tempfile.TemporaryDirectory(prefix="finsam-release-") as place:
        folder = Path(place)
        (folder / "original.pdf").write_bytes(even)
        return _drawn(folder) or [SourcePage(text) for text in _read(even)]


def _kind(data: bytes, name: str) -> str:
    kind = "pdf" if data[:5] == b"%PDF-" else extension(name)
    if kind not in PICTURES | OFFICE | {"pdf"}:
        raise NotReleasable(
            "kind_not_masked",
            "Av en fil av det här slaget kan ingen maskerad kopia göras i portalen. "
            "Spara den som PDF och maskera den för hand, eller lämna inte ut den.",
        )
    return kind


def _pdf_texts(data: bytes) -> list[str]:
    even = _evened(data)
    with tempfile.TemporaryDirectory(prefix="finsam-release-") as place:
        folder = Path(place)
        (folder / "original.pdf").write_bytes(even)
        return [page.text for page in _worded(folder)] or _read(even)


def _evened(data: bytes) -> bytes:
    """The PDF with what is filled in and noted drawn on its pages, and each page one plain box."""
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            if not 0 < len(pdf.pages) <= MOST_PAGES:
                raise NotReleasable(
                    "too_long_to_mask",
                    f"Filen har fler än {MOST_PAGES} sidor. Dela upp den och maskera delarna.",
                )
            pdf.generate_appearance_streams()
            pdf.flatten_annotations("screen")
            for page in pdf.pages:
                page.obj.MediaBox = Array([*page.cropbox])
                for key in ("/CropBox", "/UserUnit", "/Annots"):
                    if key in page.obj:
                        del page.obj[key]
            out = io.BytesIO()
            pdf.save(out)
            return out.getvalue()
    except UNUSABLE as fault:
        raise NotReleasable(
            "unreadable_original",
            "Filen är låst eller skadad, så ingen maskerad kopia kan göras av den.",
        ) from fault


def _read(data: bytes, kind: str = "pdf") -> list[str]:
    """The text of each page, read in the sandbox: for a copy in words alone."""
    try:
        texts: list[str] = call(
            "finsam.documents.release.file_reading.texts_of",
            data=data, arguments={"kind": kind}, seconds=40, megabytes=900,
        )  # fmt: skip
    except Unreadable as fault:
        raise NotReleasable("unreadable_original", fault.message) from fault
    return [plain(text) for text in texts]


def _picture(data: bytes) -> SourcePage:
    try:
        read = as_data(data)
    except Unreadable as fault:
        raise NotReleasable("unreadable_original", fault.message) from fault
    drawn = base64.b64decode(read.address.partition(",")[2])
    return SourcePage("", drawn, read.width * 72 / 96, read.height * 72 / 96)


# --- Poppler --------------------------------------------------------------------------------------


def _drawn(folder: Path) -> list[SourcePage]:
    """Every page with its words and its picture; none when Poppler is not here or fails."""
    worded = _worded(folder)
    if not worded or not _run(
        folder, "pdftoppm", ["-png", "-r", str(DOTS_AN_INCH), "original.pdf", "sida"]
    ):
        return []
    pictures = sorted(folder.glob("sida-*.png"), key=_number)
    if len(pictures) != len(worded):
        return []
    return [
        _with_picture(page, path.read_bytes()) for page, path in zip(worded, pictures, strict=True)
    ]


def _worded(folder: Path) -> list[SourcePage]:
    if not _run(folder, "pdftotext", ["-bbox", "original.pdf", "ord.html"]):
        return []
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    tree = etree.fromstring((folder / "ord.html").read_bytes(), parser)
    return [_page(element) for element in tree.iter("{*}page")]


def _page(element: Any) -> SourcePage:
    parts: list[str] = []
    words: list[Word] = []
    at = 0
    for text, box in _boxes(element):
        gap = _gap(words[-1].box, box) if words else ""
        words.append(Word(at + len(gap), at + len(gap) + len(text), box))
        parts += [gap, text]
        at += len(gap) + len(text)
    width, height = float(element.get("width")), float(element.get("height"))
    return SourcePage("".join(parts), b"", width, height, tuple(words))


def _with_picture(page: SourcePage, picture: bytes) -> SourcePage:
    """Of a turned page Poppler tells the boxes as it is seen, but the size as it was before."""
    with Image.open(io.BytesIO(picture)) as drawn:
        is_turned = (drawn.width > drawn.height) != (page.width > page.height)
    width, height = (page.height, page.width) if is_turned else (page.width, page.height)
    return replace(page, picture=picture, width=width, height=height)


def _boxes(element: Any) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    for word in element.iter("{*}word"):
        text = plain(word.text or "")
        left, top, right, bottom = (
            float(word.get(side)) for side in ("xMin", "yMin", "xMax", "yMax")
        )
        yield text, (left, top, right, bottom)


def _gap(before: tuple[float, ...], box: tuple[float, ...]) -> str:
    """A space on the same line, else a new line."""
    middle = (box[1] + box[3]) / 2
    return " " if before[1] <= middle <= before[3] and box[0] >= before[0] else "\n"


def _number(path: Path) -> int:
    return int(re.sub(r"\D", "", path.stem))


def _run(folder: Path, program: str, arguments: list[str]) -> bool:
    return run_caged(
        program,
        arguments,
        folder=folder,
        seconds=SECONDS,
        megabytes=MEGABYTES,
        needs_cage=False,
    )
