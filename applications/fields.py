"""The questions of a section as fields of a page: what to draw, what is in it, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from applications import answers
from applications.answers import UNREAD, AnswerContext, Value
from applications.models import Question, QuestionType, Section
from applications.rich_text import text_from_html
from finsam import typography

EMPTY_ROWS = 2
FIRST_ROWS = 4


@dataclass(frozen=True)
class CellField:
    """One input of a table row."""

    name: str
    label: str
    value: str
    type: str = "text"
    numeric: bool = False
    fixed: bool = False
    heading: str = ""


@dataclass(frozen=True)
class RowField:
    """One row of inputs; `key` marks a row that the association has given."""

    at: int
    cells: tuple[CellField, ...]
    key: str = ""


@dataclass(frozen=True)
class AnswerField:
    """A question as it is drawn on the page."""

    question: Question
    value: Any
    errors: tuple[str, ...]
    options: tuple[answers.Option, ...] = ()
    headings: tuple[str, ...] = ()
    rows: tuple[RowField, ...] = ()
    shown: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return answers.field_name(self.question)

    @property
    def heading(self) -> str:
        return answers.heading_of(self.question)

    @property
    def type(self) -> str:
        return str(self.question.type)

    @property
    def described_by(self) -> str:
        """Ids of help and errors, for aria-describedby."""
        parts = [f"{self.name}-help"] if self.question.help else []
        parts += [f"{self.name}-fel"] if self.errors else []
        return " ".join(parts)

    @property
    def is_group(self) -> bool:
        """Whether the question holds several controls and needs a fieldset."""
        return self.type in (
            QuestionType.PERIOD, QuestionType.CHOICE, QuestionType.CHOICES,
            QuestionType.TARGET_GROUPS, QuestionType.PEOPLE_COUNT, QuestionType.GOALS,
            QuestionType.TABLE,
        )  # fmt: skip

    @property
    def template(self) -> str:
        return f"applications/applicant/questions/{TEMPLATES.get(self.type, self.type)}.html"


TEMPLATES: Mapping[str, str] = {
    QuestionType.TARGET_GROUPS: "choices",
    QuestionType.NUMBER: "short",
    QuestionType.AMOUNT: "short",
    QuestionType.DATE: "short",
    QuestionType.TEXT: "text",
    QuestionType.GOALS: "rows",
    QuestionType.TABLE: "rows",
}


def fields_of(
    section: Section,
    values: Mapping[str, Value],
    context: AnswerContext,
    *,
    show_missing: bool = False,
) -> list[AnswerField]:
    """The section's questions with their answers; missing ones are faults only when asked for."""
    found = []
    for question in section.questions.all():
        value = values.get(question.key)
        errors = answers.faults(question, value, context)
        if show_missing and (reason := answers.missing(question, value)):
            errors = [reason, *errors]
        drawn = _field(question, value, tuple(errors), context)
        found.append(replace(drawn, shown=answers.display(question, value, context)))
    return found


def error_links(fields: Sequence[AnswerField]) -> list[tuple[str, str]]:
    """For the summary on top: each fault with a link to its field."""
    return [
        (
            text if text.startswith("”") else f"{drawn.heading}: {text}",
            f"#{_first_control(drawn)}",
        )
        for drawn in fields
        for text in drawn.errors
    ]


def _field(
    question: Question, value: Value, errors: tuple[str, ...], context: AnswerContext
) -> AnswerField:
    match question.type:
        case QuestionType.GOALS:
            rows = _goal_rows(question, value, context)
            return AnswerField(question, None, errors, (), GOAL_HEADINGS, rows)
        case QuestionType.TABLE:
            columns = context.columns(question)
            names = context.members if any(c.type == "member" for c in columns) else ()
            headings = tuple(column.heading for column in columns)
            rows = _table_rows(question, value, context)
            return AnswerField(question, None, errors, (), headings, rows, names=names)
    options = tuple(context.options(question))
    return AnswerField(question, _editable(question, value), errors, options)


def _editable(question: Question, value: Value) -> Any:
    """What stands in the control: what was typed, or the typed value as people write it."""
    if answers.is_unread(value):
        return value[UNREAD]
    if value is None:
        return ""
    match question.type:
        case QuestionType.RICH_TEXT:
            return text_from_html(str(value))
        case QuestionType.NUMBER | QuestionType.AMOUNT:
            return typography.number(value)
    return value


GOAL_HEADINGS = ("Mål", "Indikator: hur det mäts", "Målvärde")


def _goal_rows(question: Question, value: Value, context: AnswerContext) -> tuple[RowField, ...]:
    given = {goal["goal"]: goal for goal in context.goals(question)}
    rows = list(value or given.values())
    rows += [{"goal": "", "text": "", "indicator": "", "target": ""}] * EMPTY_ROWS
    name = answers.field_name(question)
    labels = ("Mål", "Indikator", "Målvärde")
    return tuple(
        RowField(
            at,
            tuple(
                CellField(
                    f"{name}-{at}-{part}",
                    f"{label}, rad {at + 1}",
                    str(row.get(part) or ""),
                    "long" if part != "target" else "text",
                    fixed=part != "target" and row.get("goal") in given,
                    heading=label,
                )
                for part, label in zip(("text", "indicator", "target"), labels, strict=True)
            ),
            str(row.get("goal") or ""),
        )
        for at, row in enumerate(rows[: answers.MOST_ROWS])
    )


def _table_rows(question: Question, value: Value, context: AnswerContext) -> tuple[RowField, ...]:
    columns = context.columns(question)
    written = list(value[UNREAD] if answers.is_unread(value) else value or [])
    count = max(len(written) + EMPTY_ROWS, FIRST_ROWS)
    rows = (written + [{}] * count)[: min(count, answers.MOST_ROWS)]
    name = answers.field_name(question)
    return tuple(
        RowField(
            at,
            tuple(
                CellField(
                    f"{name}-{at}-{column.key}",
                    f"{column.heading}, rad {at + 1}",
                    _cell_value(column.type, row.get(column.key)),
                    column.type,
                    column.type in ("number", "amount", "percent", "year"),
                    heading=column.heading,
                )
                for column in columns
            ),
        )
        for at, row in enumerate(rows)
    )


def _cell_value(kind: str, value: Value) -> str:
    if value is None:
        return ""
    if kind in ("amount", "number") and isinstance(value, int):
        return typography.number(value)
    return str(value)


def _first_control(drawn: AnswerField) -> str:
    """The id of the first input of a field, where the link of a fault leads."""
    match drawn.type:
        case QuestionType.PERIOD:
            return f"{drawn.name}-from"
        case QuestionType.PEOPLE_COUNT:
            return f"{drawn.name}-women"
        case QuestionType.CHOICE | QuestionType.CHOICES | QuestionType.TARGET_GROUPS:
            return f"{drawn.name}-0" if drawn.options else drawn.name
        case QuestionType.GOALS | QuestionType.TABLE:
            open_cells = [c for row in drawn.rows for c in row.cells if not c.fixed]
            return open_cells[0].name if open_cells else drawn.name
    return drawn.name
