"""Making any annex fit for a packet: inlaid page by page, placed, or told of on a page."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pikepdf
from django.template.loader import render_to_string

from finsam.documents.annex_reading import MOST_PAGES
from finsam.documents.filenames import extension
from finsam.documents.images import as_data
from finsam.documents.office import pdf_of_office_file
from finsam.documents.pdf import render_section
from finsam.documents.pdf_bytes import describe, written
from finsam.documents.pdf_check import A, validator_faults
from finsam.documents.pdf_inlay import inlay
from finsam.documents.pdf_repair import with_fonts_inside
from finsam.documents.pdf_tags import mark_running_matter
from finsam.documents.render_cache import remembered
from finsam.documents.sandbox import Unreadable, call

PICTURES = {"png", "jpg", "jpeg", "gif", "webp", "tif", "tiff", "bmp"}
OFFICE = {"docx", "xlsx", "pptx", "odt", "ods", "odp", "doc", "xls", "ppt", "rtf", "csv"}
# The room for a page inside its frame, in millimetres: what the frame's margins and lines leave.
ROOM, WIDE_ROOM = (180.0, 248.0), (267.0, 162.0)
ALTERNATIVE = 3_000
# What a file that can be opened may still answer when its pages are taken out.
UNUSABLE = (pikepdf.PdfError, ValueError, KeyError, IndexError, TypeError)
SENTENCES = {
    "encrypted": (
        "Bilagan är låst med lösenord",
        "Filen är låst och kan inte visas här. Be den som lämnade in den om en fil utan lösenord.",
    ),
    "broken": (
        "Bilagan kan inte läsas",
        "Filen är skadad eller ofullständig. Be den som lämnade in den att spara den på nytt.",
    ),
    "empty": ("Bilagan är tom", "Filen har inga sidor."),
    "long": (
        "Bilagan är för lång för paketet",
        f"Filen har fler än {MOST_PAGES} sidor och ligger därför bara som fil i paketet.",
    ),
    "layers": (
        "Bilagan har dolda lager",
        "Delar av filen är dolda när den öppnas. Den visas därför inte här utan ligger som fil.",
    ),
    "office": (
        "Bilagan är en Office-fil",
        "Filen visas i det program den är gjord för och ligger som fil i paketet.",
    ),
    "unknown": (
        "Bilagan visas inte på papper",
        "Filen är av ett slag som inte kan skrivas ut och ligger som fil i paketet.",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Prepared:
    """An annex as tagged PDF, and whether the original belongs in the packet as a file."""

    pdf: bytes
    embed_original: bool

    def as_bytes(self) -> bytes:
        return json.dumps({"embed_original": self.embed_original}).encode() + b"\n" + self.pdf

    @classmethod
    def of_bytes(cls, data: bytes) -> Prepared:
        facts, _, pdf = data.partition(b"\n")
        return cls(pdf, **json.loads(facts))


def prepare_annex(
    *, data: bytes, name: str, title: str, origin: str, look: Mapping[str, str]
) -> Prepared:
    """The annex as a tagged PDF whose pages can stand in a packet; the same bytes each time.

    A PDF that is tagged already keeps its tags. Other PDFs are inlaid page by page as figures
    whose text is their alternative. Pictures are placed on a page, Office files are converted
    where LibreOffice is at hand, and what cannot be shown gets a page that says so.
    """
    frame = _Frame(title, origin, dict(look))

    def make() -> bytes:
        return _prepare(data, name, frame).as_bytes()

    known: list[str | bytes] = [data, name, title, origin, *map(str, look.items())]
    return Prepared.of_bytes(remembered("annex", known, make))


def _prepare(data: bytes, name: str, frame: _Frame) -> Prepared:
    kind = extension(name)
    if kind == "pdf" or data[:5] == b"%PDF-":
        return _from_pdf(data, name, frame)
    if kind in PICTURES:
        return _from_picture(data, name, frame)
    if kind in OFFICE:
        return _from_office(data, name, frame)
    return frame.notice("unknown", name)


@dataclass(frozen=True)
class _Frame:
    """The page of our own around an annex."""

    title: str
    origin: str
    look: dict[str, str]

    def render(self, template: str, **context: Any) -> bytes:
        html = render_to_string(
            template, {"title": self.title, "origin": self.origin, "look": self.look, **context}
        )
        return render_section(html, title=self.title)

    def notice(self, fault: str, name: str, *, embed: bool = True) -> Prepared:
        heading, text = SENTENCES[fault]
        made = self.render(
            "documents/packet/notice.html",
            heading=heading, text=text, file_name=name, embedded=embed,
        )  # fmt: skip
        return Prepared(made, embed_original=embed)


def _from_pdf(data: bytes, name: str, frame: _Frame) -> Prepared:
    try:
        read = call("finsam.documents.annex_reading.read_pdf", data=data, seconds=40, megabytes=900)
    except Unreadable:
        read = {"fault": "broken"}
    if read["fault"]:
        return frame.notice(read["fault"], name)
    if read["is_tagged"]:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            mark_running_matter(pdf)
            return Prepared(written(pdf), embed_original=False)
    pages = [_sheet(number, page) for number, page in enumerate(read["pages"], 1)]
    sheets = frame.render("documents/packet/annex.html", pages=pages)
    try:
        return Prepared(_inlaid(sheets, data, frame), embed_original=False)
    except UNUSABLE:
        return frame.notice("broken", name)


def _inlaid(sheets: bytes, data: bytes, frame: _Frame) -> bytes:
    """The pages set into their frames; written anew if that lets the packet be an archive file."""
    made = _in_frames(sheets, data, frame)
    if _can_be_kept(made):
        return made
    anew = with_fonts_inside(data)
    if anew is None:
        return made
    try:
        tried = _in_frames(sheets, anew, frame)
    except UNUSABLE:
        return made
    return tried if _can_be_kept(tried) else made


def _in_frames(sheets: bytes, data: bytes, frame: _Frame) -> bytes:
    with inlay(sheets, data) as pdf:
        describe(pdf, title=frame.title, language="sv")
        return written(pdf)


def _can_be_kept(data: bytes) -> bool:
    """Whether it keeps to PDF/A-3a, which asks for the fonts and is the stricter in all else."""
    return not validator_faults(data, A)


def _from_picture(data: bytes, name: str, frame: _Frame) -> Prepared:
    try:
        picture = as_data(data)
    except Unreadable:
        return frame.notice("broken", name)
    landscape = picture.width > picture.height * 1.1
    width, height = picture.fitted(*(WIDE_ROOM if landscape else ROOM))
    page = {
        "picture": picture.address,
        "width": f"{width:.2f}",
        "height": f"{height:.2f}",
        "landscape": landscape,
        "alternative": f"Bild som har lämnats in som bilaga med rubriken {frame.title}.",
    }
    made = frame.render("documents/packet/annex.html", pages=[page])
    return Prepared(made, embed_original=False)


def _from_office(data: bytes, name: str, frame: _Frame) -> Prepared:
    converted = pdf_of_office_file(data, extension(name))
    if converted is None:
        return frame.notice("office", name)
    return Prepared(_from_pdf(converted, name, frame).pdf, embed_original=True)


def _sheet(number: int, page: Mapping[str, Any]) -> dict[str, Any]:
    """One page of the frame, with a picture of its own in the place of the page to come."""
    landscape = page["width"] > page["height"] * 1.1
    room = WIDE_ROOM if landscape else ROOM
    scale = min(room[0] / page["width"], room[1] / page["height"], 25.4 / 72)
    text = " ".join(page["text"].split())[:ALTERNATIVE]
    said = f"Texten på sidan: {text}" if text else "Sidan har ingen text som kan läsas ut."
    return {
        "picture": _placeholder(number),
        "width": f"{page['width'] * scale:.2f}",
        "height": f"{page['height'] * scale:.2f}",
        "landscape": landscape,
        "alternative": f"Sida {number} av bilagan. {said}",
    }


def _placeholder(number: int) -> str:
    """A picture of one point in a colour of its own, so that each page has its own picture."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    point = zlib.compress(b"\x00" + number.to_bytes(3, "big"))
    out = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    out.seek(0, io.SEEK_END)
    for kind, body in ((b"IHDR", header), (b"IDAT", point), (b"IEND", b"")):
        check = struct.pack(">I", zlib.crc32(kind + body))
        out.write(struct.pack(">I", len(body)) + kind + body + check)
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
