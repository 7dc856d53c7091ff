"""The kinds of file the portal takes, and how each is known by its first bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

ZIP = b"PK\x03\x04"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PDF = b"%PDF-"
# Readers look for the header of a PDF this far in; only blank space may stand before it.
PDF_HEADER_WINDOW = 1024
BLANK = b"\xef\xbb\xbf \t\r\n\0"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
UNKNOWN_MEDIA_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class Kind:
    """A kind of file: its name in code, what it is served as, what users call it."""

    name: str
    media_type: str
    extensions: tuple[str, ...]
    in_words: str

    @property
    def is_office(self) -> bool:
        return self.name in {"xlsx", "docx"}


_OFFICE = "application/vnd.openxmlformats-officedocument"

KINDS = {
    kind.name: kind
    for kind in (
        Kind("pdf", "application/pdf", ("pdf",), "PDF (.pdf)"),
        Kind("xlsx", f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",), "Excel (.xlsx)"),
        Kind("docx", f"{_OFFICE}.wordprocessingml.document", ("docx",), "Word (.docx)"),
        Kind("png", "image/png", ("png",), "PNG-bild (.png)"),
        Kind("jpg", "image/jpeg", ("jpg", "jpeg"), "JPEG-bild (.jpg)"),
        Kind("webp", "image/webp", ("webp",), "WebP-bild (.webp)"),
    )
}

IMAGES = ("png", "jpg", "webp")

_BY_EXTENSION = {extension: kind for kind in KINDS.values() for extension in kind.extensions}


def kind_of_name(extension: str) -> Kind | None:
    """The kind that a file name's extension (small letters, no dot) promises."""
    return _BY_EXTENSION.get(extension)


def kind_of_content(data: bytes) -> str:
    """What the first bytes show: a picture's name, `pdf`, `zip`, `old_office` or nothing."""
    if data[:PDF_HEADER_WINDOW].lstrip(BLANK).startswith(PDF):
        return "pdf"
    return next((name for start, name in _STARTS if start.match(data)), "")


def hides_a_pdf(data: bytes) -> bool:
    """Whether a reader would find a PDF in what begins as something else."""
    return PDF in data[:PDF_HEADER_WINDOW] and kind_of_content(data) != "pdf"


_STARTS = (
    (re.compile(re.escape(ZIP)), "zip"),
    (re.compile(re.escape(OLD_OFFICE)), "old_office"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "png"),
    (re.compile(rb"\xff\xd8\xff"), "jpg"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "webp"),
)
