"""What is done every few minutes with files: scan what was missed, clear what is past its day."""

from __future__ import annotations

from finsam.celery import app
from finsam.documents.previews import forget_old_previews
from finsam.documents.storage import sweep_unfinished
from finsam.documents.uploads import rescan_unchecked


@app.task(name="documents.upkeep", time_limit=290)  # type: ignore[untyped-decorator]
def upkeep() -> None:
    """Safe to run twice, and when the scanner is away."""
    rescan_unchecked()
    sweep_unfinished()
    forget_old_previews()
