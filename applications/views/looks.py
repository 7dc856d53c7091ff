"""How statuses of an application are written in tags and lists, alike on all its pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from applications.completeness import Overview, Progress, SectionStatus
from finsam.ui import Cell, Column, Link, Status, Task

PROGRESS: dict[str, Status] = {
    Progress.NOT_STARTED: Status("Ej påbörjad", "neutral"),
    Progress.STARTED: Status("Påbörjad", "info"),
    Progress.FILLED: Status("Ifylld", "success"),
    Progress.DONE: Status("Klar", "success"),
    Progress.NEEDS_ACTION: Status("Behöver åtgärdas", "warning"),
    Progress.CANNOT_BEGIN: Status("Kan inte börja än", "neutral"),
}


def task_of(status: SectionStatus) -> Task:
    return Task(
        status.section.heading,
        status.url,
        Status("Ska kompletteras", "warning") if status.is_asked_for else PROGRESS[status.progress],
        status.note,
    )


def section_links(overview: Overview, current: str) -> list[dict[str, object]]:
    """The sections beside the page, each with its state as a word."""
    return [
        {
            "link": Link(status.section.heading, status.url, status.section.key == current),
            "status": PROGRESS[status.progress],
            "is_done": status.progress == Progress.DONE,
        }
        for status in overview.statuses
    ]


def page_tables(tables: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Tables of a budget as the pages' table component wants them."""
    return [
        {
            "caption": table["caption"],
            "columns": [Column(head["text"], head["numeric"]) for head in table["columns"]],
            "rows": [_cells(row) for row in table["rows"]],
            "foot": _cells(table["total"]),
        }
        for table in tables
    ]


def _cells(row: Sequence[Any]) -> list[Cell]:
    return [Cell(amount=cell) if isinstance(cell, int) else Cell(str(cell)) for cell in row]
