"""What the packet writes in the margin of every page: item number, running page number."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

import pikepdf
from pikepdf import Dictionary

from finsam.documents.pdf import render_pdf
from finsam.documents.pdf_bytes import packed
from finsam.documents.pdf_tags import PAGINATION
from finsam.documents.pdf_text import Font

MM = 72 / 25.4
LETTERS = (
    "0123456789 abcdefghijklmnopqrstuvwxyzåäöéüABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖÉÜ"
    "§().,:;·–-/&+'’”\u00a0"
)
GREY = "0.29 0.33 0.38"
TAB_WIDTH, TAB_HEIGHT = 9 * MM, 12 * MM
TABS_FROM_TOP, TAB_STEP, TABS_A_PAGE = 44 * MM, 15 * MM, 14
FOOT_FROM_BELOW = 8 * MM


@dataclass(frozen=True)
class Stamp:
    """The words at the foot of a page, and the item whose tab it carries (empty: none)."""

    foot: str
    item: str = ""
    position: int = 0


class Typeface:
    """One embedded font of a sheet that shows every letter a stamp may need."""

    def __init__(self, font: Any) -> None:
        self.font = font
        letters = Font(font).letters
        self.codes = {text: code for code, text in letters.items() if len(text) == 1}
        self.widths = dict(_widths(font.DescendantFonts[0].W))

    def width(self, text: str, size: float) -> float:
        codes = (self.codes.get(letter, 0) for letter in text)
        return sum(self.widths.get(code, 600) for code in codes) * size / 1000

    def encode(self, text: str) -> str:
        return "".join(f"{self.codes[letter]:04x}" for letter in text if letter in self.codes)


def stamp_pages(pdf: pikepdf.Pdf, stamps: list[Stamp], *, colour: str) -> None:
    """Write one stamp on each page, as an artifact that the structure tree knows nothing of."""
    with pikepdf.open(io.BytesIO(_sheet())) as sheet:
        fonts = sheet.pages[0].obj.Resources.Font
        copied = [pdf.copy_foreign(font) for font in fonts.values()]
    by_name = {str(font.BaseFont).endswith("Bold"): font for font in copied}
    regular, bold = Typeface(by_name[False]), Typeface(by_name[True])
    apart = packed(pdf, b"q\n")
    fill = " ".join(f"{int(colour[at : at + 2], 16) / 255:.4f}" for at in (1, 3, 5))
    for page, stamp in zip(pdf.pages, stamps, strict=True):
        _, _, width, height = (float(side) for side in page.mediabox)
        drawn = _foot(regular, stamp.foot, width)
        if stamp.item:
            drawn += _tab(bold, stamp, width, height, fill)
        _use(page, regular.font, bold.font)
        # The page's own drawing is set apart, so that its state does not reach ours.
        page.contents_add(apart, prepend=True)
        stamped = f"\nQ\n{PAGINATION.decode()} q {drawn} Q EMC"
        page.contents_add(packed(pdf, stamped.encode()))


def _foot(face: Typeface, text: str, page_width: float) -> str:
    start = (page_width - face.width(text, 7.5)) / 2
    return (
        f"BT {GREY} rg /PacketRegular 7.5 Tf 1 0 0 1 {start:.2f} {FOOT_FROM_BELOW:.2f} Tm"
        f" <{face.encode(text)}> Tj ET "
    )


def _tab(face: Typeface, stamp: Stamp, width: float, height: float, fill: str) -> str:
    """A tab at the outer edge, lower for each item, so that items are found by thumbing."""
    left = width - TAB_WIDTH
    place = stamp.position % TABS_A_PAGE if height > width else stamp.position % 8
    below = height - TABS_FROM_TOP - TAB_STEP * place - TAB_HEIGHT
    size = 11 if len(stamp.item) < 3 else 8
    middle = below + TAB_HEIGHT / 2 - size * 0.36
    start = left + (TAB_WIDTH - face.width(stamp.item, size)) / 2
    return (
        f"{fill} rg {left:.2f} {below:.2f} {TAB_WIDTH:.2f} {TAB_HEIGHT:.2f} re f "
        f"BT 1 1 1 rg /PacketBold {size} Tf 1 0 0 1 {start:.2f} {middle:.2f} Tm"
        f" <{face.encode(stamp.item)}> Tj ET"
    )


def _use(page: pikepdf.Page, regular: Any, bold: Any) -> None:
    """Make the stamps' fonts known to the page."""
    resources = page.obj.Resources
    if "/Font" not in resources:
        resources.Font = Dictionary()
    resources.Font.PacketRegular, resources.Font.PacketBold = regular, bold


def _widths(table: Any) -> list[tuple[int, float]]:
    """The widths of a composite font: "first [w w w]" and "first last w"."""
    found: list[tuple[int, float]] = []
    entries = list(table)
    while entries:
        first = int(entries.pop(0))
        after = entries.pop(0)
        if isinstance(after, pikepdf.Array):
            found += [(first + at, float(width)) for at, width in enumerate(after)]
        else:
            width = float(entries.pop(0))
            found += [(code, width) for code in range(first, int(after) + 1)]
    return found


@lru_cache(maxsize=1)
def _sheet() -> bytes:
    style = "font-family: Inter; font-feature-settings: 'tnum', 'kern' 0, 'liga' 0, 'calt' 0"
    rows = "".join(
        f'<p style="{style}; font-weight: {weight}">{" ".join(map(escape, LETTERS))}</p>'
        for weight in (400, 700)
    )
    return render_pdf(f"<html><body>{rows}</body></html>", title="Letters", tagged=False)
