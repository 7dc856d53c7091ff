"""Reading the text of a PDF page: for searching, for alternative text, and for checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pikepdf
from fontTools.agl import toUnicode  # type: ignore[import-untyped]
from pikepdf import Array, Dictionary, Name

from finsam.documents.pdf_bytes import data_of

_hex = re.compile(rb"<([0-9A-Fa-f\s]*)>")
_section = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_range = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(<[0-9A-Fa-f]*>|\[.*?\])", re.DOTALL)
MOST_CHARACTERS = 400_000
DEEPEST_FORM = 8
# A gap wider than this share of the font's size parts two words.
WORD_GAP = -180


@dataclass
class Reading:
    """What has been read of one page: pieces of text, and which marked content they belong to."""

    pieces: list[tuple[int | None, str]] = field(default_factory=list)
    marked: list[int | None] = field(default_factory=list)
    length: int = 0

    @property
    def mcid(self) -> int | None:
        return next((mark for mark in reversed(self.marked) if mark is not None), None)

    def add(self, text: str) -> None:
        self.length += len(text)
        if text and self.length <= MOST_CHARACTERS:
            self.pieces.append((self.mcid, text))


class Font:
    """How the codes of one font become letters."""

    def __init__(self, font: Any) -> None:
        self.bytes_a_code = 2 if font.get("/Subtype") == Name.Type0 else 1
        self.letters: dict[int, str] = {}
        self.read: dict[bytes, str] = {}
        if isinstance(font.get("/ToUnicode"), pikepdf.Stream):
            self.letters = _cmap(data_of(font.ToUnicode))
        elif self.bytes_a_code == 1:
            self.letters = _simple_encoding(font.get("/Encoding"))

    def decode(self, data: bytes) -> str:
        """The letters of a shown string; most strings are one letter, met again and again."""
        found = self.read.get(data)
        if found is None:
            found = self.read[data] = self._decoded(data)
        return found

    def _decoded(self, data: bytes) -> str:
        step = self.bytes_a_code
        codes = (int.from_bytes(data[at : at + step], "big") for at in range(0, len(data), step))
        return "".join(self.letters.get(code, "") for code in codes)


def page_text(page: pikepdf.Page) -> str:
    """The page's text in the order it is drawn, with spaces and lines as far as they show."""
    text = "".join(piece for _, piece in _read(page).pieces)
    return re.sub(r"[ \t]*\n\s*", "\n", re.sub(r"[ \t]+", " ", text)).strip()


def text_by_mcid(page: pikepdf.Page) -> dict[int, str]:
    """The text of each piece of marked content of a page."""
    found: dict[int, str] = {}
    for mcid, piece in _read(page).pieces:
        if mcid is not None:
            found[mcid] = found.get(mcid, "") + piece
    return found


def _read(page: pikepdf.Page) -> Reading:
    reading = Reading()
    _read_stream(page, page.obj.get("/Resources", Dictionary()), reading, {}, depth=0)
    return reading


def _read_stream(
    source: Any, resources: Any, reading: Reading, fonts: dict[Any, Font], *, depth: int
) -> None:
    font: Font | None = None
    before = len(reading.marked)
    for step in pikepdf.parse_content_stream(source):
        name, operands = str(step.operator), step.operands
        if name in ("BDC", "BMC"):
            reading.marked.append(_mcid(operands, resources))
        elif name == "EMC" and len(reading.marked) > before:
            reading.marked.pop()
        elif name == "Tf":
            font = _font(resources, operands[0], fonts)
        elif name == "Do" and depth < DEEPEST_FORM:
            _read_form(resources, operands[0], reading, fonts, depth)
        elif name in ("Td", "TD", "T*", "Tm", "ET"):
            reading.add(_gap(name, operands))
        elif font is not None and name in ("Tj", "TJ", "'", '"'):
            reading.add("".join(_shown(operands, font)))
        if reading.length > MOST_CHARACTERS:
            return
    del reading.marked[before:]


def _read_form(
    resources: Any, name: Any, reading: Reading, fonts: dict[Any, Font], depth: int
) -> None:
    form = resources.get("/XObject", Dictionary()).get(str(name))
    if isinstance(form, pikepdf.Stream) and form.get("/Subtype") == Name.Form:
        own = form.get("/Resources", resources)
        _read_stream(form, own, reading, fonts, depth=depth + 1)


def _gap(operator: str, operands: Any) -> str:
    """A move on the same line is a space, any other a new line."""
    if operator in ("Td", "TD"):
        return " " if not float(operands[1]) else "\n"
    return "\n"


def _shown(operands: Any, font: Font) -> Iterator[str]:
    shown = operands[-1]
    for part in shown if isinstance(shown, Array) else [shown]:
        if isinstance(part, pikepdf.String):
            yield font.decode(bytes(part))
        elif float(part) < WORD_GAP:
            yield " "


def _mcid(operands: Any, resources: Any) -> int | None:
    properties = operands[1] if len(operands) > 1 else None
    if isinstance(properties, Name):
        properties = resources.get("/Properties", Dictionary()).get(str(properties))
    if isinstance(properties, Dictionary) and "/MCID" in properties:
        return int(properties.MCID)
    return None


def _font(resources: Any, name: Any, fonts: dict[Any, Font]) -> Font | None:
    found = resources.get("/Font", Dictionary()).get(str(name))
    if not isinstance(found, Dictionary):
        return None
    key = found.objgen if found.is_indirect else id(found)
    if key not in fonts:
        fonts[key] = Font(found)
    return fonts[key]


def _cmap(data: bytes) -> dict[int, str]:
    letters: dict[int, str] = {}
    for kind, body in _section.findall(data):
        if kind == b"bfchar":
            codes = _hex.findall(body)
            for code, text in zip(codes[::2], codes[1::2], strict=False):
                letters[int(code, 16)] = _utf16(text)
        else:
            _add_ranges(body, letters)
    return letters


def _add_ranges(body: bytes, letters: dict[int, str]) -> None:
    for first, last, target in _range.findall(body):
        low, high = int(first, 16), min(int(last, 16), int(first, 16) + 65_535)
        if target.startswith(b"["):
            for code, text in zip(range(low, high + 1), _hex.findall(target), strict=False):
                letters[code] = _utf16(text)
            continue
        text = _utf16(target.strip(b"<>"))
        for code in range(low, high + 1):
            if text and ord(text[-1]) + code - low <= 0x10FFFF:
                letters[code] = text[:-1] + chr(ord(text[-1]) + code - low)


def _utf16(digits: bytes) -> str:
    data = bytes.fromhex(digits.decode())
    return data.decode("utf-16-be", errors="replace")


def _simple_encoding(encoding: Any) -> dict[int, str]:
    """A font without a map to Unicode: WinAnsi, or MacRoman, with the differences it names."""
    base = encoding.get("/BaseEncoding") if isinstance(encoding, Dictionary) else encoding
    letters = dict(_code_page("mac_roman" if base == Name.MacRomanEncoding else "cp1252"))
    if isinstance(encoding, Dictionary):
        code = 0
        for entry in encoding.get("/Differences", []):
            if isinstance(entry, Name):
                letters[code] = toUnicode(str(entry)[1:])
                code += 1
            else:
                code = int(entry)
    return letters


@lru_cache(maxsize=2)
def _code_page(name: str) -> tuple[tuple[int, str], ...]:
    codes = range(32, 256)
    return tuple((code, bytes([code]).decode(name, errors="ignore")) for code in codes)
