"""Setting the pages of a stranger's PDF into pages of our own, as figures with a text."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name
from pikepdf.sanitize import Sanitizer

from finsam.documents.pdf_bytes import data_of

MARKS = {"BDC", "BMC", "EMC", "MP", "DP"}
DEEPEST_FORM = 6


def inlay(frame: bytes, source: bytes) -> pikepdf.Pdf:
    """The frame with the one picture of each of its pages replaced by that page of the source.

    The frame carries the tags: its pictures are figures with alternative text, and keep them.
    Scripts, files and actions of the source are left behind.
    """
    pdf = pikepdf.open(io.BytesIO(frame))
    with pikepdf.open(io.BytesIO(source)) as strange:
        Sanitizer().remove_javascript().remove_external_access().remove_multimedia().apply(strange)
        strange.generate_appearance_streams()
        strange.flatten_annotations("screen")
        for page, drawn in zip(pdf.pages, strange.pages, strict=True):
            picture = _picture_name(page)
            form = pdf.copy_foreign(strange.make_indirect(_as_unit(strange, drawn)))
            resources = page.obj.Resources
            own = Dictionary(dict(resources.items()))
            own.XObject = Dictionary(dict(own.XObject.items()))
            own.XObject[picture] = form
            page.obj.Resources = pdf.make_indirect(own)
    return pdf


def _picture_name(page: pikepdf.Page) -> str:
    pictures = page.obj.Resources.get("/XObject", Dictionary())
    for step in pikepdf.parse_content_stream(page):
        if str(step.operator) == "Do":
            name = str(step.operands[0])
            if pictures[name].get("/Subtype") == Name.Image:
                return name
    raise ValueError("A page of the frame has no picture.")


def _as_unit(pdf: pikepdf.Pdf, page: pikepdf.Page) -> Any:
    """The page as a form that fills the unit square, where pictures are drawn."""
    form = page.as_form_xobject()
    corners = _corners(form)
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    below, above = min(y for _, y in corners), max(y for _, y in corners)
    a, b, c, d, e, f = _matrix(form)
    across, up = 1 / ((right - left) or 1), 1 / ((above - below) or 1)
    form.Matrix = Array(
        [
            round(number, 9)
            for number in (
                a * across, b * up, c * across, d * up, (e - left) * across, (f - below) * up,
            )
        ]
    )  # fmt: skip
    _unmark(pdf, form, depth=0)
    return form


def _matrix(form: Any) -> list[float]:
    return [float(number) for number in form.get("/Matrix", [1, 0, 0, 1, 0, 0])]


def _corners(form: Any) -> list[tuple[float, float]]:
    """Where the form's box comes to lie by its own matrix (a page may be turned)."""
    a, b, c, d, e, f = _matrix(form)
    left, below, right, above = (float(side) for side in form.BBox)
    box = [(left, below), (right, below), (right, above), (left, above)]
    return [(a * x + c * y + e, b * x + d * y + f) for x, y in box]


def _unmark(pdf: pikepdf.Pdf, form: Any, *, depth: int) -> None:
    """Take away the source's own marks: they point into a tree that stays behind."""
    for key in ("/StructParents", "/StructParent", "/PieceInfo", "/Metadata", "/Group"):
        if key in form and not (key == "/Group" and form.Group.get("/S") == Name.Transparency):
            del form[key]
    data = data_of(form)
    if b"BDC" in data or b"BMC" in data:
        form.write(_without_marks(form))
    if depth >= DEEPEST_FORM:
        return
    for inner in form.get("/Resources", Dictionary()).get("/XObject", Dictionary()).values():
        if isinstance(inner, pikepdf.Stream) and inner.get("/Subtype") == Name.Form:
            _unmark(pdf, inner, depth=depth + 1)


def _without_marks(form: Any) -> bytes:
    steps = pikepdf.parse_content_stream(form)
    return pikepdf.unparse_content_stream(
        [step for step in steps if str(step.operator) not in MARKS]
    )
