"""Puts what a Word file says under the questions it answers, by its headings and controls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from applications.models import QuestionType
from applications.word_headings import SURE, Names, best_match, likeness, normalise
from applications.word_outline import Key, Outline, OutlineQuestion, OutlineSection
from applications.word_values import table_fits
from finsam.documents.word_reading import Block

# "Period: helåret 2024.": a label at the beginning of a sentence, and the rest of the sentence.
LABEL = re.compile(r"(?:^|(?<=[.;]\s))([A-ZÅÄÖ][^.:;\n]{2,40}):\s+([^\n]+?)(?=[.;]\s|[.;]?$)")
LONGEST_BOLD_HEADING = 110
ENOUGH_HEADINGS = 3
BOLD_LEVEL = 9
LONG = {QuestionType.RICH_TEXT}
OTHER_NAMES = {
    "title": ("Namn", "Benämning", "Projektnamn", "Titel", "Rubrik"),
    "kind": ("Typ", "Kategori", "Inriktning", "Slag", "Form"),
    "continuation": ("Ny eller fortsatt", "Nytt eller fortsatt projekt", "Status"),
    "period": ("Tid", "Projektperiod", "Projekttid", "Tidsperiod"),
    "area": ("Geografiskt område", "Kommun", "Kommuner"),
}


@dataclass
class Sorted:
    """Where every block went. `found` are keys of sections in the order of the form."""

    found: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)
    answers: dict[Key, list[Block]] = field(default_factory=dict)
    left_over: list[tuple[str, list[Block]]] = field(default_factory=list)

    def put(self, key: Key, block: Block) -> None:
        self.answers.setdefault(key, []).append(block)


@dataclass
class _Place:
    """Where the reader stands: in a section, perhaps under one of its questions, or nowhere."""

    section: OutlineSection | None = None
    question: OutlineQuestion | None = None
    level: int = 0
    heading: str = ""


def sort_blocks(outline: Outline, blocks: Sequence[Block]) -> Sorted:
    """Sort the blocks of a file. What stands before the first known heading is left aside."""
    return _Sorter(outline, blocks).sort()


class _Sorter:
    def __init__(self, outline: Outline, blocks: Sequence[Block]) -> None:
        self.outline = outline
        self.blocks = blocks
        self.sections = [section.names for section in outline.sections]
        self.tags = {question.tag: question for question in outline.questions()}
        self.sorted = Sorted()
        self.place = _Place()
        self.loose: dict[str, list[Block]] = {}
        self.styled = self._known(block for block in blocks if block["kind"] == "heading")
        bold = [block for block in blocks if _is_bold_line(block)]
        self.bold_counts = len(self.styled) < ENOUGH_HEADINGS
        self.bold_numbered = self.bold_counts and len(self._known(bold)) >= ENOUGH_HEADINGS

    def sort(self) -> Sorted:
        for block in self.blocks:
            if block["kind"] == "control":
                self._enter_control(block)
            elif not self._is_heading(block):
                self._put(block)
        for section in self.outline.sections:
            self._place_loose(section, self.loose.get(section.key, []))
        self._drop_instructions()
        return self.sorted

    # --- headings -------------------------------------------------------------------------

    def _is_heading(self, block: Block) -> bool:
        """Whether the block is a heading; if so the place has moved there."""
        if block["kind"] == "heading":
            return self._enter(block["plain"], block["level"], styled=True)
        if _is_bold_line(block):
            return self._enter(block["plain"], BOLD_LEVEL, styled=False)
        return self._plain_heading(block)

    def _enter(self, text: str, level: int, *, styled: bool) -> bool:
        place, deeper = self.place, self.place.section is not None and level > self.place.level
        if place.section is not None and (deeper or not styled or place.question is not None):
            question = _question_of(text, place.section)
            if question is not None:
                self._go(place.section, question, place.level, text)
                return True
        least = {"least": SURE} if deeper else {}
        key = best_match(text, self.sections, **least)
        if key is not None and (styled or self.bold_counts or key not in self.styled):
            section = self.outline.section(key)
            self._go(section, None, level, text)
            return True
        question = self._question_anywhere(text)
        if question is not None and styled:
            section = self.outline.section(question.key[0])
            self._go(section, question, level, text)
            return True
        return self._unknown(text, level, styled=styled)

    def _unknown(self, text: str, level: int, *, styled: bool) -> bool:
        """A heading of the file's own; below another heading it is part of what stands there."""
        if level == 0:
            return True  # the document's title
        if styled and self.place.heading and level > self.place.level:
            return False
        if not styled and not (self.bold_numbered and re.match(r"\s*\d", text)):
            return False
        self.sorted.unknown.append(text)
        self.place = _Place(heading=text, level=level)
        self.sorted.left_over.append((text, []))
        return True

    def _plain_heading(self, block: Block) -> bool:
        """A line without style that is, sign for sign, a heading that is nowhere else."""
        text = block.get("plain", "")
        if block["kind"] != "text" or len(text) > LONGEST_BOLD_HEADING or "\n" in text:
            return False
        for names in self.sections:
            exact = normalise(text) in names.plain and not text.rstrip().endswith(".")
            if exact and names.key not in self.styled and not self._has_bold(names.key):
                self._go(self.outline.section(names.key), None, 0, text)
                return True
        return False

    def _has_bold(self, key: str) -> bool:
        return any(
            best_match(block["plain"], self.sections) == key
            for block in self.blocks
            if _is_bold_line(block)
        )

    def _enter_control(self, block: Block) -> None:
        """A content control of somebody's own form names the question that its text answers."""
        question = self.tags.get(block["tag"]) or self._question_anywhere(block["plain"])
        key = best_match(block["plain"], self.sections, least=SURE)
        if question is not None:
            section = self.outline.section(question.key[0])
            self._go(section, question, self.place.level, question.heading)
        elif key is not None:
            self._go(self.outline.section(key), None, self.place.level, block["plain"])

    def _go(
        self,
        section: OutlineSection,
        question: OutlineQuestion | None,
        level: int,
        heading: str,
    ) -> None:
        if question is None and len(section.questions) == 1:
            question = section.questions[0]
        self.sorted.found.add(section.key)
        self.place = _Place(section, question, level, heading)

    def _question_anywhere(self, text: str) -> OutlineQuestion | None:
        by_tag = [Names(q.tag, q.names.names) for q in self.outline.questions()]
        tag = best_match(text, by_tag, least=SURE)
        return self.tags[tag] if tag else None

    def _known(self, blocks: Iterator[Block] | Sequence[Block]) -> set[str]:
        found = {best_match(block["plain"], self.sections) for block in blocks}
        return {key for key in found if key is not None}

    # --- text -----------------------------------------------------------------------------

    def _put(self, block: Block) -> None:
        place = self.place
        if place.question is not None and not self._is_elsewhere(block):
            self.sorted.put(place.question.key, block)
        elif place.section is not None:
            self.loose.setdefault(place.section.key, []).append(block)
        elif place.heading:
            self.sorted.left_over[-1][1].append(block)

    def _is_elsewhere(self, block: Block) -> bool:
        """A table under a question that takes none may be the answer to its neighbour."""
        place = self.place
        if block["kind"] != "table" or place.section is None or place.question is None:
            return False
        if len(place.section.questions) == 1 or place.question.type not in LONG:
            return False
        return self._table_question(place.section, block) is not None

    def _place_loose(self, section: OutlineSection, blocks: Sequence[Block]) -> None:
        """Text right under a section: labels and tables find their question, the rest the first."""
        main = next((q for q in section.questions if q.type in LONG), None)
        for block in blocks:
            for rest in self._labelled(section, block):
                question = self._table_question(section, rest) if rest["kind"] == "table" else None
                question = question or main
                if question is not None:
                    self.sorted.put(question.key, rest)
                elif rest.get("plain", "").strip() or rest.get("rows"):
                    self._leave(section.heading, rest)

    def _leave(self, heading: str, block: Block) -> None:
        for held, blocks in self.sorted.left_over:
            if held == heading:
                blocks.append(block)
                return
        self.sorted.left_over.append((heading, [block]))

    def _table_question(self, section: OutlineSection, block: Block) -> OutlineQuestion | None:
        context = self.outline.context
        for question in section.questions:
            if question.row is not None and table_fits(question.row, block["rows"], context):
                return question
        return None

    def _labelled(self, section: OutlineSection, block: Block) -> Iterator[Block]:
        """Take out rows "Period | 2024" and words "Period: 2024"; give back what is left."""
        if block["kind"] == "table" and max(map(len, block["rows"]), default=0) == 2:
            left = [row for row in block["rows"] if not self._label(section, *_two(row))]
            if len(left) < len(block["rows"]):
                left = [row for row in left if _is_row_of_its_own(row)]
                yield from (_line_of(row) for row in left)
                return
        elif block["kind"] == "text":
            text, has_marks = block["plain"], "<" in block["html"]
            taken = [m for m in LABEL.finditer(text) if self._label(section, m[1], m[2], has_marks)]
            if taken:
                for match in reversed(taken):
                    text = f"{text[: match.start()].rstrip()} {text[match.end() :].lstrip('.; ')}"
                if text.strip():
                    yield _text_block(text.strip())
                return
        yield block

    def _label(
        self, section: OutlineSection, label: str, text: str, only_short: bool = False
    ) -> bool:
        """Whether the label is a question of the section; if so its text has found its place."""
        for question in section.questions:
            if only_short and question.type in LONG:
                continue  # taking it out would cost the rest its formatting
            names = Names("", (question.heading, *OTHER_NAMES.get(question.key[1], ())))
            if likeness(label, names) < SURE or question.key in self.sorted.answers:
                continue
            plain = text.strip()
            if plain:
                self.sorted.put(question.key, _text_block(plain))
            return True
        return False

    def _drop_instructions(self) -> None:
        """The form's own lines of help are no part of an answer."""
        for question in self.outline.questions():
            section = self.outline.section(question.key[0])
            helps = {_squeezed(question.instruction), _squeezed(section.guidance)} - {""}
            kept = self.sorted.answers.get(question.key)
            if kept is not None:
                self.sorted.answers[question.key] = [
                    block for block in kept if _squeezed(block.get("plain", "")) not in helps
                ]


def _is_bold_line(block: Block) -> bool:
    return (
        block["kind"] == "text"
        and bool(block.get("bold"))
        and "\n" not in block["plain"]
        and len(block["plain"]) <= LONGEST_BOLD_HEADING
    )


def _question_of(text: str, section: OutlineSection) -> OutlineQuestion | None:
    key = best_match(text, [q.names for q in section.questions], least=SURE - 0.1)
    return next((q for q in section.questions if q.key[1] == key), None)


def _two(row: Sequence[str]) -> tuple[str, str]:
    cells = [*row, "", ""]
    return cells[0], cells[1]


def _is_row_of_its_own(row: Sequence[str]) -> bool:
    """The head "Uppgift | Svar" says nothing."""
    heads = {"uppgift", "svar", "fråga", "rubrik", "innehåll"}
    return any(cell.strip() and normalise(cell) not in heads for cell in row)


def _line_of(row: Sequence[str]) -> Block:
    return _text_block(": ".join(cell for cell in row if cell.strip()))


def _text_block(text: str) -> Block:
    return {"kind": "text", "plain": text, "html": escape(text, quote=False), "bold": False}


def _squeezed(text: str) -> str:
    return " ".join(text.split())
