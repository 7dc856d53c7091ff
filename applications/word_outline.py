"""The headings of a form as Word files know them: of an application's template, or of a sketch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from applications.answers import AnswerContext, heading_of
from applications.ideas import prompts_of
from applications.models import ApplicationTemplate, Programme, Question, QuestionType
from applications.word_headings import Names

Key = tuple[str, str]  # "of a section and of a question in it"


@dataclass(frozen=True)
class OutlineQuestion:
    """One question; a prompt of a sketch has no row of its own and is read as long text."""

    key: Key
    heading: str
    names: Names
    instruction: str
    type: str
    required: bool
    max_length: int | None
    row: Question | None = None

    @property
    def tag(self) -> str:
        """The question's name in the whole form, as a content control may bear it."""
        return ".".join(self.key)


@dataclass(frozen=True)
class OutlineSection:
    key: str
    heading: str
    names: Names
    guidance: str = ""
    questions: tuple[OutlineQuestion, ...] = ()

    @property
    def is_needed(self) -> bool:
        """Whether the heading must be there: something under it has to be answered."""
        return any(question.required for question in self.questions)


@dataclass(frozen=True)
class Outline:
    """A whole form. `context` holds the lists that the questions choose from."""

    sections: tuple[OutlineSection, ...]
    context: AnswerContext = field(default_factory=AnswerContext)

    def questions(self) -> Iterator[OutlineQuestion]:
        for section in self.sections:
            yield from section.questions

    def section(self, key: str) -> OutlineSection:
        return next(section for section in self.sections if section.key == key)


def outline_of(template: ApplicationTemplate, context: AnswerContext) -> Outline:
    """The template's headings, with what the programme says that they are also called."""
    also = _also_called(template.programme)
    sections = []
    for section in template.sections.prefetch_related("questions").order_by("position"):
        names = (section.heading, *also.get(section.key, ()))
        questions = tuple(_question(section.key, row, context) for row in section.questions.all())
        sections.append(
            OutlineSection(
                section.key,
                section.heading,
                Names(section.key, names),
                section.guidance,
                questions,
            )
        )
    return Outline(tuple(sections), context)


def idea_outline(programme: Programme) -> Outline:
    """The prompts of the programme's sketch: each is a heading with its answer."""
    sections = []
    for prompt in prompts_of(programme):
        names = Names(prompt.key, (prompt.text,))
        question = OutlineQuestion(
            key=(prompt.key, prompt.key),
            heading=prompt.text,
            names=names,
            instruction=prompt.help,
            type=QuestionType.RICH_TEXT,
            required=prompt.required,
            max_length=prompt.max_length,
        )
        sections.append(OutlineSection(prompt.key, prompt.text, names, "", (question,)))
    return Outline(tuple(sections))


def _question(section: str, row: Question, context: AnswerContext) -> OutlineQuestion:
    heading = heading_of(row)
    return OutlineQuestion(
        key=(section, row.key),
        heading=heading,
        names=Names(row.key, (heading, row.prompt)),
        instruction=_instruction(row, context),
        type=row.type,
        required=row.required,
        max_length=row.max_length,
        row=row,
    )


def _instruction(row: Question, context: AnswerContext) -> str:
    """The line under the heading that says what to write, left out again when the file is read."""
    limit = f"Högst {row.max_length} tecken." if row.max_length else ""
    how = {
        QuestionType.CHOICE: "Sätt ett kryss framför det som stämmer.",
        QuestionType.CHOICES: "Sätt kryss framför allt som stämmer.",
        QuestionType.TARGET_GROUPS: "Sätt kryss framför allt som stämmer.",
        QuestionType.PERIOD: "Skriv två datum, till exempel 2024-01-01 – 2024-12-31.",
        QuestionType.PEOPLE_COUNT: "Skriv till exempel: 12 kvinnor och 14 män.",
    }.get(QuestionType(row.type), limit)
    return " ".join(part for part in (row.prompt, row.help, how) if part)


def _also_called(programme: Programme) -> dict[str, tuple[str, ...]]:
    template: dict[str, Any] = (programme.definition or {}).get("template") or {}
    return {
        section["key"]: tuple(section.get("also_called") or ())
        for section in template.get("sections") or []
    }
