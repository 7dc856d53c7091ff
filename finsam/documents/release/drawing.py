"""Blackening what is masked on the picture of a page."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from finsam.documents.release.masks import Mask, Span, hidden_spans, shows, without_hidden
from finsam.documents.release.pages import SourcePage

# Letters may reach outside their box by so much of its height.
MARGIN = 0.08
# So much may the picture's sides differ from the page's before a box would lie beside its word.
UNEVEN = 0.02


def beyond_boxes(page: SourcePage, masks: Sequence[Mask]) -> Mask | None:
    """A mask whose words the page's boxes do not hold, or whose box would lie beside them."""
    left = without_hidden(page.text, masks)
    missed = next((mask for mask in masks if shows(left, mask)), None)
    if missed is not None:
        return missed
    with Image.open(io.BytesIO(page.picture)) as picture:
        across, up = picture.width / page.width, picture.height / page.height
    hidden = hidden_spans(page.text, masks)
    return hidden[0].mask if hidden and abs(across - up) > UNEVEN * across else None


def blackened(page: SourcePage, masks: Sequence[Mask]) -> bytes:
    """The picture, made anew, with a black box over each word that a mask hides."""
    with Image.open(io.BytesIO(page.picture)) as opened:
        picture = opened.convert("RGB")
    scale = picture.width / page.width
    pen = ImageDraw.Draw(picture)
    for span in hidden_spans(page.text, masks):
        for word in page.words:
            if word.start < span.end and span.start < word.end:
                _box(pen, word.box, scale, span)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _box(
    pen: ImageDraw.ImageDraw, box: tuple[float, float, float, float], scale: float, span: Span
) -> None:
    left, top, right, bottom = (side * scale for side in box)
    more = (bottom - top) * MARGIN
    pen.rectangle((left - more, top - more, right + more, bottom + more), fill="black")
    font = ImageFont.load_default(size=max((bottom - top) * 0.6, 8))
    if pen.textlength(span.mask.section, font=font) <= right - left:
        middle = ((left + right) / 2, (top + bottom) / 2)
        pen.text(middle, span.mask.section, fill="white", font=font, anchor="mm")
