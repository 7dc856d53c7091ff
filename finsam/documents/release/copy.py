"""Making the masked copy: anew from pictures and words, so that nothing lies under a mask."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from finsam.associations.models import Association
from finsam.documents.documents import Rendered, document_kind, preview_source, render_document
from finsam.documents.models import StoredFile
from finsam.documents.previews import preview_kind
from finsam.documents.release.drawing import beyond_boxes, blackened
from finsam.documents.release.leaks import leaking
from finsam.documents.release.masks import Mask, of_page, without_hidden
from finsam.documents.release.own import copy_of_own
from finsam.documents.release.pages import NotReleasable, SourcePage, pages_of
from finsam.documents.storage import open_file

KIND = "released_copy"
# The room for a page of the original under its heading, in millimetres.
WIDE, HIGH = 162.0, 205.0
MOST_ALTERNATIVE = 6_000


@document_kind(KIND, label="Maskerad kopia")
def build_copy(source: dict[str, Any], association: Association) -> Rendered:
    """The copy as tagged PDF; raises NotReleasable rather than let through what is to be hidden.

    A document of our own stays text, anything else becomes pictures with the text beside them.
    """
    masks = [Mask(**facts) for facts in source["masks"]]
    original = StoredFile.objects.get(pk=source["file"], association=association)
    own = copy_of_own(original, source, association)
    if own is not None and not leaking(own, masks):
        return Rendered(own)
    pages = pages_of(open_file(original), original.name)
    shown = [_shown(number, page, masks) for number, page in enumerate(pages, 1)]
    pdf = render_document("documents/released_copy.html", {**source, "masks": []}, pages=shown)
    open_to_view = leaking(pdf, masks)
    if open_to_view:
        raise NotReleasable(
            "mask_leaks",
            f"”{open_to_view[0].words}” står också i kopians huvud eller fot, till exempel i "
            "förbundets namn, och kan inte maskas där. Markera fler ord runt omkring.",
        )
    return Rendered(pdf)


def look_source(
    *, original: StoredFile, masks: Sequence[Mask], facts: dict[str, Any], title: str
) -> dict[str, Any]:
    """The source of the copy as it would be, to be looked at before it is decided on."""
    return preview_source(
        association=original.association,
        kind=KIND,
        title=title,
        source={"file": original.pk, "masks": [mask.as_source() for mask in masks], **facts},
    )


preview_kind(
    KIND,
    title="Den maskerade kopian",
    origin="Maskera",
    build=build_copy,
    may_see=lambda visitor, preview: visitor.is_office,
)


def _shown(number: int, page: SourcePage, masks: Sequence[Mask]) -> dict[str, Any]:
    """One page of the original in the copy: nothing, a picture with its text, or the text."""
    whole = of_page(masks, number)
    if whole is not None:
        return {"masked": whole.label}
    if not page.picture:
        return {"lines": without_hidden(page.text, masks).splitlines()}
    missed = beyond_boxes(page, masks)
    if missed is not None:
        return {"masked": missed.label}
    scale = min(WIDE / page.width, HIGH / page.height)
    text = " ".join(without_hidden(page.text, masks).split())[:MOST_ALTERNATIVE]
    picture = base64.b64encode(blackened(page, masks)).decode()
    return {
        "picture": f"data:image/png;base64,{picture}",
        "width": f"{page.width * scale:.2f}",
        "height": f"{page.height * scale:.2f}",
        "alternative": f"Sida {number} av originalet. "
        + (f"Texten på sidan: {text}" if text else "Sidan har ingen text som kan läsas ut."),
    }
