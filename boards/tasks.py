"""What Celery is told to do for the boards; thin, and safe to run twice."""

from __future__ import annotations

from boards.masked_minutes import promise_missing_copies
from boards.reminders import remind_everyone
from finsam.celery import app


@app.task(name="boards.remind")  # type: ignore[untyped-decorator]
def remind() -> None:
    """Promise the reminders that are due today, and masked copies that are missing."""
    remind_everyone()
    promise_missing_copies()
