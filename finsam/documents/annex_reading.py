"""Reading an annex before it goes into a packet; runs in the sandbox, without Django."""

from __future__ import annotations

import base64
import io
from typing import Any

import pikepdf
from pikepdf import Name

from finsam.documents.pdf_text import page_text

MOST_PAGES = 400
TEXT_A_PAGE = 4_000
# 200 dots an inch over the width of a page.
WIDEST = 1_650
MOST_POINTS = 120_000_000


def read_pdf(data: bytes) -> dict[str, Any]:
    """What a packet must know of a PDF: fault, pages with size and text, whether it is tagged.

    `fault` is "" or one of encrypted, broken, empty, long, layers.
    """
    try:
        pdf = pikepdf.open(io.BytesIO(data))
    except pikepdf.PasswordError:
        return {"fault": "encrypted"}
    except pikepdf.PdfError:
        return {"fault": "broken"}
    with pdf:
        if not len(pdf.pages):
            return {"fault": "empty"}
        if len(pdf.pages) > MOST_PAGES:
            return {"fault": "long"}
        if _hides_layers(pdf):
            return {"fault": "layers"}
        pages = [_page(where) for where in pdf.pages]
        return {"fault": "", "pages": pages, "is_tagged": _is_tagged(pdf, data)}


def _page(where: pikepdf.Page) -> dict[str, Any]:
    left, below, right, above = (float(side) for side in where.cropbox)
    width, height = abs(right - left), abs(above - below)
    if int(where.obj.get("/Rotate", 0)) % 180:
        width, height = height, width
    try:
        text = page_text(where)
    except (pikepdf.PdfError, ValueError, IndexError, TypeError, AttributeError):
        text = ""
    return {"width": width, "height": height, "text": text[:TEXT_A_PAGE]}


def _hides_layers(pdf: pikepdf.Pdf) -> bool:
    """Whether something would be seen in the packet that the file itself keeps hidden."""
    layers = pdf.Root.get("/OCProperties")
    return layers is not None and "/D" in layers and bool(len(layers.D.get("/OFF", [])))


def _is_tagged(pdf: pikepdf.Pdf, data: bytes) -> bool:
    """Whether its own tags can be kept: they hold, and need nothing that a joint file lacks."""
    tree = pdf.Root.get("/StructTreeRoot")
    if tree is None or "/ClassMap" in tree or "/AcroForm" in pdf.Root or pdf.is_encrypted:
        return False
    if any(int(where.obj.get("/Rotate", 0)) for where in pdf.pages):
        return False
    if any(note.get("/Subtype") != Name.Link for where in pdf.pages
           for note in where.obj.get("/Annots", [])):  # fmt: skip
        return False
    # Loaded by the few children that need it: most annexes are untagged, and starting is the
    # larger part of a child's work.
    import page as validator

    try:
        report = validator.validate_pdf_bytes(data, profile="ua1")
    except validator.PageError:
        return False
    return bool(report.is_compliant)


def read_picture(data: bytes) -> dict[str, Any]:
    """The picture upright, in plain colours, no larger than a page, without its hidden data."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_POINTS
    with Image.open(io.BytesIO(data)) as opened:
        picture: Image.Image = ImageOps.exif_transpose(opened) or opened
        has_few_colours = opened.format in ("PNG", "GIF", "BMP")
        if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
            white = Image.new("RGBA", picture.size, "white")
            picture = Image.alpha_composite(white, picture.convert("RGBA"))
        picture = picture.convert("RGB")
        picture.thumbnail((WIDEST, WIDEST * 3 // 2))
        out, kind = io.BytesIO(), "png" if has_few_colours else "jpeg"
        picture.save(out, kind.upper(), **({} if has_few_colours else {"quality": 88}))
    return {
        "kind": kind,
        "width": picture.width,
        "height": picture.height,
        "data": base64.b64encode(out.getvalue()).decode(),
    }
