"""Writing a stranger's PDF anew with its fonts inside, by Poppler; where it is at hand."""

from __future__ import annotations

import tempfile
from pathlib import Path

from finsam.documents.caged import run_caged

SECONDS, MEGABYTES = 60, 2_000


def with_fonts_inside(data: bytes) -> bytes | None:
    """The same pages with every font in the file, or None when they cannot be written here.

    Old programs leave out the fonts that every printer had; no archive format allows that.
    """
    with tempfile.TemporaryDirectory(prefix="finsam-repair-") as place:
        folder = Path(place)
        (folder / "bilaga.pdf").write_bytes(data)
        done = run_caged(
            "pdftocairo",
            ["-pdf", "bilaga.pdf", "anew.pdf"],
            folder=folder,
            seconds=SECONDS,
            megabytes=MEGABYTES,
            needs_cage=False,
        )
        made = folder / "anew.pdf"
        return made.read_bytes() if done and made.exists() else None
