"""What a member of a body reads before a meeting, with private notes that follow the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from applications.comparison import Piece, word_diff
from boards.memos import HEADINGS
from boards.models import AgendaItem, DecisionMemo, PrivateNote
from boards.queries import final_memo
from finsam import clock
from finsam.people.models import User
from finsam.typography import storable

LONGEST_NOTE = 8000
WHOLE = ""


@dataclass(frozen=True)
class Passage:
    """One heading of the item's text, with the reader's own note beside it."""

    place: str
    heading: str
    text: str
    note: PrivateNote | None

    @property
    def has_changed(self) -> bool:
        """Whether the text is another than the one the note was written beside."""
        return self.note is not None and bool(self.note.text) and self.note.quote != self.text

    @property
    def pieces(self) -> list[Piece]:
        return word_diff(self.note.quote, self.text) if self.note else []


def passages_of(
    item: AgendaItem, memo: DecisionMemo | None, notes: Mapping[str, PrivateNote]
) -> list[Passage]:
    """The item's text heading by heading, each with the reader's note, from whatever version.

    `memo` is its application's finished one. A note about a heading that is gone comes last, with
    the words it was written beside.
    """
    texts = texts_of(item, memo)
    found = [
        Passage(place, heading, text, notes.get(place)) for place, (heading, text) in texts.items()
    ]
    headings = {f"memo-{key}": heading for key, heading in HEADINGS}
    return found + [
        Passage(place, headings.get(place, "Text som inte finns kvar"), "", note)
        for place, note in notes.items()
        if place not in texts and place != WHOLE and note.text
    ]


def texts_of(item: AgendaItem, memo: DecisionMemo | None) -> dict[str, tuple[str, str]]:
    """Heading and text by place: the proposal, then the memo as it was made final."""
    if memo is None or memo.snapshot is None:
        said = {"background": ("Bakgrund", item.background), "proposal": ("Förslag", item.proposal)}
        return {place: row for place, row in said.items() if row[1]}
    snapshot: Mapping[str, Any] = memo.snapshot
    clauses = "\n".join(f"att {clause}" for clause in snapshot["clauses"])
    rows = {"proposal": ("Förslag till beslut", clauses)}
    if snapshot["conditions"]:
        rows["conditions"] = ("Villkor", snapshot["conditions"])
    for key, heading in HEADINGS:
        text = str(snapshot["texts"].get(key, "")).strip()
        if text:
            rows[f"memo-{key}"] = (heading, text)
    return rows


def notes_on(item: AgendaItem, user: User) -> dict[str, PrivateNote]:
    """The reader's notes on the item by place; notes on the same case at earlier meetings too."""
    rows = PrivateNote.objects.filter(user=user)
    rows = (
        rows.filter(item__application=item.application)
        if item.application
        else rows.filter(item=item)
    )
    return {note.place: note for note in rows.order_by("updated_at", "pk")}


def save_note(*, item: AgendaItem, place: str, text: str, user: User) -> PrivateNote:
    """Keep a private note beside a passage as it reads now; nobody else sees it, nor any event."""
    memo = final_memo(item.application) if item.application else None
    quote = texts_of(item, memo).get(place, ("", ""))[1]
    with transaction.atomic():
        note, _ = PrivateNote.objects.update_or_create(
            item=item,
            user=user,
            place=storable(place)[:40],
            defaults={
                "text": storable(text)[:LONGEST_NOTE],
                "quote": quote,
                "updated_at": clock.now(),
            },
        )
    return note
