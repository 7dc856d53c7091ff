"""What a Word file says of a form: headings found, missing and unknown, answers, remarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from applications import answers
from applications.answers import Value
from applications.rich_text import plain, text_from_html
from applications.word_outline import Key, Outline, OutlineQuestion
from applications.word_sorting import Sorted, sort_blocks
from applications.word_values import html_of, not_chosen, rich_value, value_of
from finsam import typography
from finsam.documents.guard import PURPOSES, inspect
from finsam.documents.sandbox import Unreadable, call
from finsam.documents.word_reading import Block, Reading
from finsam.personal_numbers import masked, personal_numbers

LONGEST_SKETCH_ANSWER = 20_000

# What is told of a file beside its text: (count: int) and what was done with it.
NOTES: dict[str, tuple[str, str, str]] = {
    "insertion": (
        "tillagt ställe",
        "tillagda ställen",
        "Filen har spårade ändringar. De läses som om de hade godkänts. Tillagt",
    ),
    "deletion": ("struket ställe", "strukna ställen", "Struket i spårade ändringar, läses inte"),
    "comment": ("kommentar", "kommentarer", "Kommentarer i marginalen följer inte med"),
    "text_box": ("textruta", "textrutor", "Text i textrutor läses där rutan sitter"),
    "head_or_foot": ("text", "texter", "Sidhuvud och sidfot följer inte med"),
    "picture": ("bild", "bilder", "Bilder följer inte med. Lägg dem som bilagor"),
    "footnote": ("fotnot", "fotnoter", "Fotnoter läses in i texten inom hakparentes"),
    "formula": ("formel", "formler", "Formler läses som enkel text"),
    "hidden": ("dolt stycke", "dolda stycken", "Dold text följer inte med"),
    "embedded": ("inbäddat dokument", "inbäddade dokument", "Inbäddade dokument läses inte"),
}


@dataclass(frozen=True)
class Found:
    """The answer to one question, and what is wrong with it."""

    key: Key
    section: str
    heading: str
    value: Value
    faults: tuple[str, ...] = ()
    is_too_long: bool = False


@dataclass(frozen=True)
class LeftOver:
    """Text under a heading that the form does not have, or that no question there takes."""

    heading: str
    text: str
    value: Value


@dataclass(frozen=True)
class Verdict:
    """All that a file says. Headings are called as the form calls them, unknown ones as the file.

    `left_over` is text that has no place in the form.
    """

    found: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    answers: tuple[Found, ...] = ()
    left_over: tuple[LeftOver, ...] = ()
    notes: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    keywords: str = ""

    @property
    def ok(self) -> bool:
        return not self.missing and not self.too_long

    @property
    def too_long(self) -> tuple[str, ...]:
        return tuple(answer.heading for answer in self.answers if answer.is_too_long)

    def as_json(self) -> dict[str, Any]:
        """The answer of `check_word`."""
        said = [
            {"code": "too_long", "severity": "error", "message": f"{a.heading}: {a.faults[0]}"}
            for a in self.answers
            if a.is_too_long
        ]
        said += [
            {"code": "not_understood", "severity": "warning", "message": f"{a.heading}: {fault}"}
            for a in self.answers
            if not a.is_too_long
            for fault in a.faults
        ]
        said += [{"code": "noted", "severity": "info", "message": note} for note in self.notes]
        return {
            "ok": self.ok,
            "found": list(self.found),
            "missing": list(self.missing),
            "unknown": list(self.unknown),
            "findings": said,
        }


@dataclass
class _Answers:
    """Answers under way, with the questions under whose heading nothing stands."""

    found: list[Found] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)


def judge_word(data: bytes, outline: Outline, name: str = "fil.docx") -> Verdict:
    """Inspect and read a file that has not been received. Raises Unreadable with the sentence."""
    verdict = inspect(data, name, purpose=PURPOSES["word"].name)
    if not verdict.accepted:
        refused = Unreadable(verdict.reason, "error")
        refused.message = verdict.message
        raise refused
    return verdict_of(read_in_child(data), outline)


def unread_json(outline: Outline, reason: str) -> dict[str, Any]:
    """The answer of `check_word` for a file that cannot be read: nothing is found."""
    verdict = Verdict(missing=tuple(s.heading for s in outline.sections if s.is_needed))
    fault = {"code": "unreadable_word", "severity": "error", "message": reason}
    return {**verdict.as_json(), "findings": [fault]}


def read_in_child(data: bytes) -> Reading:
    """The file's blocks, read in a process of their own. Raises Unreadable (`unreadable_word`)."""
    read: Reading = call(
        "finsam.documents.word_reading.read_word", data=data, seconds=8, code="unreadable_word"
    )
    return read


def verdict_of(reading: Reading, outline: Outline) -> Verdict:
    """What the blocks say of the form."""
    placed = sort_blocks(outline, reading["blocks"])
    ours = reading["keywords"].startswith("portalen ")
    read = _answers(placed, outline)
    left_over = [
        LeftOver(heading, _text(blocks), rich_value(blocks)) for heading, blocks in placed.left_over
    ]
    return Verdict(
        found=tuple(s.heading for s in outline.sections if s.key in placed.found),
        missing=tuple(
            section.heading
            for section in outline.sections
            if section.is_needed and section.key not in placed.found
        ),
        unknown=tuple(placed.unknown),
        answers=tuple(read.found),
        left_over=tuple(left for left in left_over if left.text),
        notes=(*_notes(reading, ours=ours), *_personal(reading)),
        empty=tuple(read.empty),
        keywords=reading["keywords"],
    )


def _answers(placed: Sorted, outline: Outline) -> _Answers:
    read = _Answers()
    for section in outline.sections:
        for question in section.questions:
            blocks = placed.answers.get(question.key, [])
            answer = _answer(question, blocks, outline, section.heading)
            if answer is not None:
                read.found.append(answer)
            elif section.key in placed.found:
                read.empty.append(question.heading)
    return read


def _answer(
    question: OutlineQuestion, blocks: Sequence[Block], outline: Outline, section: str
) -> Found | None:
    if question.row is None:
        return _sketch_answer(question, blocks, section)
    value = value_of(question.row, blocks, outline.context) if blocks else None
    if not_chosen(question.row, blocks, value):
        said = _text(blocks)[:120]
        fault = f"”{said}” är inget av svaren som går att välja. Välj svaret i portalen."
        return Found(question.key, section, question.heading, None, (fault,))
    if answers.is_empty(value):
        return None
    faults = tuple(answers.faults(question.row, value, outline.context))
    limit = question.max_length or answers.LONGEST_TEXT
    too_long = isinstance(value, str) and bool(faults) and len(plain(value)) > limit
    return Found(question.key, section, question.heading, value, faults, too_long)


def _sketch_answer(
    question: OutlineQuestion, blocks: Sequence[Block], section: str
) -> Found | None:
    """A sketch keeps plain text with a few marks."""
    value = rich_value(blocks) if blocks else None
    if value is None:
        return None
    text = str(value[answers.UNREAD]) if answers.is_unread(value) else text_from_html(value)
    limit = question.max_length or LONGEST_SKETCH_ANSWER
    over = len(text) - limit
    fault = f"Texten är för lång. Korta den med {typography.number(over)} tecken."
    faults = (fault,) if over > 0 else ()
    return Found(question.key, section, question.heading, text, faults, over > 0)


def _notes(reading: Reading, *, ours: bool) -> list[str]:
    """A sentence for each kind of thing that was left out or read in a way of its own."""
    said = []
    for what, (one, many, sentence) in NOTES.items():
        quoted = reading["noted"].get(what, [])
        if not quoted or (ours and what == "head_or_foot"):
            continue
        words = [f"”{text[:90]}…”" if len(text) > 90 else f"”{text}”" for text in quoted if text]
        shown = f": {', '.join(words[:3])}" if words else ""
        more = " med flera" if len(words) > 3 else ""
        count = typography.plural(len(quoted), one, many)
        said.append(f"{sentence} ({count}){shown}{more}.")
    return said


def _personal(reading: Reading) -> list[str]:
    """A warning when a personal identity number seems to stand anywhere in the file."""
    words = "\n".join(
        "\n".join(" ".join(row) for row in block["rows"])
        if block["kind"] == "table"
        else block.get("plain", "")
        for block in reading["blocks"]
    )
    numbers = dict.fromkeys(map(masked, personal_numbers(words)))
    if not numbers:
        return []
    shown = ", ".join(numbers)
    return [f"Det ser ut att stå personnummer i filen. Ta bort dem före inlämning: {shown}."]


def _text(blocks: Sequence[Block]) -> str:
    return text_from_html(html_of(blocks)) if blocks else ""
