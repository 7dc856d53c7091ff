"""Looking into a file. Runs in the child process only: these are the parsers that may fall over."""

from __future__ import annotations

from finsam.documents.guard.findings import Findings
from finsam.documents.guard.kinds import IMAGES


def examine(data: bytes, kind: str) -> Findings:
    """What is found in a file that should be of `kind`; each library is loaded where needed."""
    if kind == "pdf":
        from finsam.documents.guard import pdf

        return pdf.examine(data)
    if kind in IMAGES:
        from finsam.documents.guard import image

        return image.examine(data, kind)
    from finsam.documents.guard import office

    return office.examine(data, kind)
