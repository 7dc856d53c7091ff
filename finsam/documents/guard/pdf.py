"""The checks of a PDF: whole, open, passive, alone, and of reasonable size."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import pikepdf

from finsam.documents.guard import limits
from finsam.documents.guard.container import Container
from finsam.documents.guard.findings import Findings, refused, taken

ACTIVE_ACTIONS = frozenset(
    {
        *("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE"),
        *("/Rendition", "/RichMediaExecute", "/Movie", "/Sound", "/GoTo3DView"),
    }
)
ACTIVE_SUBTYPES = frozenset({"/RichMedia", "/Movie", "/Sound", "/Screen", "/3D", "/PS"})
ACTIVE_KEYS = frozenset({"/JS", "/JavaScript"})
EMBEDDING_KEYS = frozenset({"/EF", "/EmbeddedFiles"})
EMBEDDING_NAMES = frozenset({"/EmbeddedFile", "/FileAttachment"})
ACTIVE_ADDRESS = re.compile(
    rb"\s*(javascript|vbscript|data|file|ms-[a-z-]+):|\s*\\\\", re.IGNORECASE
)
REPAIRED = re.compile(r"file is damaged|reconstruct cross-reference", re.IGNORECASE)
PAGE_LOST = re.compile(r"Pages tree includes non-dictionary|ignoring kid", re.IGNORECASE)
# Holders of text structure, fonts and colours: large, and nothing a reader acts on.
PASSIVE_KEYS = frozenset({"/StructTreeRoot", "/Font", "/ColorSpace", "/Parent"})
PIECE = 1024 * 1024
BRANCHES = (pikepdf.Array, pikepdf.Dictionary, pikepdf.Stream)


class UnsizedError(Exception):
    """A page's text unpacks to more than a page can hold."""


@dataclass
class Opened:
    """A PDF that opened, with what a walk through its objects has found."""

    data: bytes
    pdf: pikepdf.Pdf
    marks: set[str] = field(default_factory=set)

    @cached_property
    def complaints(self) -> list[str]:
        return [str(warning) for warning in self.pdf.get_warnings()]

    @cached_property
    def is_repaired(self) -> bool:
        return any(REPAIRED.search(complaint) for complaint in self.complaints)

    def walk(self) -> None:
        """Look at everything a reader can come to from the document's root."""
        for dictionary in _dictionaries(self.pdf.Root):
            self.marks |= _marks(dictionary)


def examine(data: bytes) -> Findings:
    """What is found in a file that begins as a PDF."""
    if Container(data).entries:
        return refused("polyglot")
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            return _examine_opened(Opened(data, pdf))
    except pikepdf.PasswordError:
        return refused("password_protected")
    except pikepdf.PdfError:
        return refused("pdf_damaged")


def _examine_opened(opened: Opened) -> Findings:
    opened.walk()
    reason = next((reason for reason, strikes in CHECKS if strikes(opened)), "")
    if reason:
        return refused(reason)
    return taken(warnings={code for code, is_so in WARNINGS if is_so(opened)})


def has_no_pages(opened: Opened) -> bool:
    return len(opened.pdf.pages) == 0


def has_lost_pages(opened: Opened) -> bool:
    """Whether the repair of a damaged file left pages, or what stood on them, behind."""
    if not opened.is_repaired:
        return False
    return any(PAGE_LOST.search(complaint) for complaint in opened.complaints) or any(
        page.obj.get("/Contents") is None for page in opened.pdf.pages
    )


def is_too_complex(opened: Opened) -> bool:
    if len(opened.pdf.pages) > limits.PAGES:
        return True
    return any(_is_huge(page) for page in opened.pdf.pages) or _has_too_much_text(opened)


def _is_huge(page: pikepdf.Page) -> bool:
    left, bottom, right, top = (float(side) for side in page.mediabox.as_list())
    unit = float(page.obj.get("/UserUnit", 1))
    return max(abs(right - left), abs(top - bottom)) * unit > limits.PAGE_SIDE


def _has_too_much_text(opened: Opened) -> bool:
    """Whether the pages' texts unpack to more than all pages can need."""
    left = limits.PAGE_TEXT
    try:
        for page in opened.pdf.pages:
            for stream in _contents(page):
                left -= _unpacked_size(stream, left)
    except UnsizedError:
        return True
    return False


def _contents(page: pikepdf.Page) -> Iterator[pikepdf.Object]:
    contents = page.obj.get("/Contents")
    parts = contents if isinstance(contents, pikepdf.Array) else [contents]
    yield from (part for part in parts if isinstance(part, pikepdf.Stream))


def _unpacked_size(stream: pikepdf.Object, most: int) -> int:
    """How many bytes a stream becomes; only the common packing is followed, piece by piece."""
    named = stream.get("/Filter", pikepdf.Array())
    filters = named.as_list() if isinstance(named, pikepdf.Array) else [named]
    pieces: Iterator[bytes] = iter([stream.read_raw_bytes()])
    for packing in filters:
        if str(packing) not in {"/FlateDecode", "/Fl"}:
            break
        pieces = _inflated(pieces)
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise UnsizedError
    return size


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The unpacked bytes; what is broken in the middle counts as far as it goes."""
    unpacker = zlib.decompressobj()
    try:
        for piece in pieces:
            left = piece
            while left:
                yield unpacker.decompress(left, PIECE)
                left = unpacker.unconsumed_tail
    except zlib.error:
        return


def _dictionaries(root: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Every dictionary that can be reached, each once; not the structure of the text, not fonts."""
    waiting, seen = [root], set()
    while waiting:
        thing = waiting.pop()
        if thing.is_indirect:
            if thing.objgen in seen:
                continue
            seen.add(thing.objgen)
        if isinstance(thing, pikepdf.Array):
            inner: list[pikepdf.Object] = list(thing.as_list())
        else:
            yield thing
            inner = [value for key, value in thing.items() if key not in PASSIVE_KEYS]
        waiting += [value for value in inner if isinstance(value, BRANCHES)]


def _marks(dictionary: pikepdf.Object) -> set[str]:
    """What one dictionary gives away."""
    keys = dictionary.keys()
    named = {str(dictionary[key]) for key in ("/Type", "/Subtype") if key in keys}
    found = {
        "pdf_xfa": "/XFA" in keys,
        "pdf_embedded_file": bool(EMBEDDING_KEYS & keys or EMBEDDING_NAMES & named),
        "pdf_active_content": bool(
            ACTIVE_KEYS & keys
            or ACTIVE_SUBTYPES & named
            or ("/S" in keys and str(dictionary["/S"]) in ACTIVE_ACTIONS)
            or ("/URI" in keys and ACTIVE_ADDRESS.match(bytes(dictionary["/URI"])))
            or ("/F" in keys and isinstance(dictionary, pikepdf.Stream))
        ),
    }
    return {mark for mark, is_so in found.items() if is_so}


def _marked(mark: str) -> Callable[[Opened], bool]:
    return lambda opened: mark in opened.marks


CHECKS: tuple[tuple[str, Callable[[Opened], bool]], ...] = (
    ("pdf_damaged", has_no_pages),
    ("pdf_damaged", has_lost_pages),
    ("pdf_xfa", _marked("pdf_xfa")),
    ("pdf_embedded_file", _marked("pdf_embedded_file")),
    ("pdf_active_content", _marked("pdf_active_content")),
    ("pdf_too_complex", is_too_complex),
)

WARNINGS: tuple[tuple[str, Callable[[Opened], bool]], ...] = (
    ("encrypted_no_user_password", lambda opened: opened.pdf.is_encrypted),
    ("pdf_repaired", lambda opened: opened.is_repaired),
)
