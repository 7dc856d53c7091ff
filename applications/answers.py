"""Answers typed by their question: read from a form, looked over, and written out for reading.

A value that could not be read is kept as `{"unread": what was typed}`, so that nothing is lost
and the writer sees it again together with what is wrong.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date

from applications.models import Application, Question, QuestionType, Round
from applications.rich_text import html_from_text, plain, text_from_html
from budgets.amounts import AmountError, read_kronor
from finsam import typography
from finsam.associations.models import Association, PartyKind
from finsam.documents.richtext import clean_rich_text
from finsam.errors import DomainError
from finsam.fields import DayField

UNREAD = "unread"
MOST_ROWS = 60
LONGEST_LINE = 500
LONGEST_TEXT = 20_000
LARGEST_NUMBER = 10**9

Value = Any  # "the JSON of one answer; its form depends on the question's type"


class Posted(Protocol):
    """What a form sends: the part of Django's QueryDict that is used here."""

    def get(self, key: str, default: str, /) -> Any: ...
    def getlist(self, key: str, /) -> list[Any]: ...
    def __contains__(self, key: object, /) -> bool: ...


@dataclass(frozen=True)
class Option:
    key: str
    name: str
    help: str = ""


@dataclass(frozen=True)
class ColumnOfTable:
    key: str
    heading: str
    type: str = "text"
    required: bool = True


@dataclass(frozen=True)
class AnswerContext:
    """Lists of the programme and the association that questions take their choices from."""

    members: tuple[str, ...] = ()
    municipalities: tuple[str, ...] = ()
    definition: Mapping[str, Any] = field(default_factory=dict)
    period_from: date | None = None
    period_to: date | None = None

    def options(self, question: Question) -> list[Option]:
        """What can be chosen: the question's own list, or one of the programme's."""
        own = question.options or {}
        if question.type == QuestionType.TARGET_GROUPS and not own.get("choices"):
            return _named(self.definition.get("target_groups", []))
        match own.get("choices_from"):
            case "kinds":
                return _named(self.definition.get("kinds", []))
            case "members":
                return [Option(name, name) for name in self.members]
            case "municipalities":
                return [Option(name, name) for name in self.municipalities]
        return _named(own.get("choices") or [])

    def columns(self, question: Question) -> list[ColumnOfTable]:
        return [
            ColumnOfTable(
                column["key"],
                column["heading"],
                column.get("type", "text"),
                column.get("required", True),
            )
            for column in (question.options or {}).get("columns", [])
        ]

    def goals(self, question: Question) -> list[dict[str, str]]:
        """The association's own goals, as the rows that an answer starts from."""
        listed = (question.options or {}).get("goals") or self.definition.get("goals", [])
        return [
            {
                "goal": goal["key"],
                "text": goal["text"],
                "indicator": goal["indicator"],
                "target": _target(goal),
            }
            for goal in listed
            if goal.get("answered_in_application", True)
        ]


def context_of(application: Application) -> AnswerContext:
    return context_for(application.association, application.round)


def context_for(association: Association, round: Round) -> AnswerContext:  # noqa: A002
    """The lists that hold for a round's questions; one query."""
    members = [
        member
        for member in association.members.all()
        if member.is_active and member.kind != PartyKind.EXTERNAL
    ]
    return AnswerContext(
        members=tuple(member.name for member in members),
        municipalities=tuple(m.name for m in members if m.kind == PartyKind.MUNICIPALITY),
        definition=round.definition,
        period_from=round.period_from,
        period_to=round.period_to,
    )


def heading_of(question: Question) -> str:
    """What documents and Word files call the question."""
    return str((question.options or {}).get("heading") or question.prompt)


# --- the whole ------------------------------------------------------------------------------------


def field_name(question: Question) -> str:
    return f"q-{question.key}"


def was_sent(question: Question, posted: Posted) -> bool:
    """Whether the form held the question at all; one that it did not hold is left as it is."""
    return f"{field_name(question)}-sent" in posted or field_name(question) in posted


def read(question: Question, posted: Posted, context: AnswerContext) -> Value:
    """The typed answer of a form, None when it is empty, `unread` when it cannot be understood."""
    return KINDS[QuestionType(question.type)].read(question, field_name(question), posted, context)


def is_empty(value: Value) -> bool:
    return value in (None, "", [], {})


def is_unread(value: Value) -> bool:
    return isinstance(value, dict) and UNREAD in value


def faults(question: Question, value: Value, context: AnswerContext) -> list[str]:
    """What is wrong with an answer that is there; a sentence each. Says nothing of missing ones."""
    if is_empty(value):
        return []
    return KINDS[QuestionType(question.type)].faults(question, value, context)


def missing(question: Question, value: Value) -> str:
    """Why a required question still waits for its answer; empty when it does not."""
    if question.required and is_empty(value):
        return f"”{heading_of(question)}” är inte besvarad."
    return ""


def display(question: Question, value: Value, context: AnswerContext) -> dict[str, Any]:
    """The answer for reading: `form` says how (none, text, html, list, table)."""
    if is_empty(value):
        return {"form": "none"}
    if is_unread(value):
        return {"form": "text", "text": _raw_text(value[UNREAD])}
    return KINDS[QuestionType(question.type)].display(question, value, context)


def words(question: Question, value: Value, context: AnswerContext) -> str:
    """The answer as plain text: for comparing, for Word and for the page of a conflict."""
    return words_of(display(question, value, context))


def words_of(shown: Mapping[str, Any]) -> str:
    """The plain text of what `display` gives."""
    match shown["form"]:
        case "text":
            return str(shown["text"])
        case "html":
            return text_from_html(shown["html"])
        case "list":
            return "\n".join(shown["items"])
        case "table":
            rows = [shown["columns"], *shown["rows"]]
            return "\n".join(" | ".join(cells) for cells in rows)
    return ""


# --- one type each --------------------------------------------------------------------------------


class AnswerKind:
    """A line of text; the other types say what they do otherwise."""

    def read(self, question: Question, name: str, posted: Posted, context: AnswerContext) -> Value:
        return " ".join(_clean(posted.get(name, "")).split()) or None

    def faults(self, question: Question, value: Value, context: AnswerContext) -> list[str]:
        return _too_long(str(value), question.max_length or LONGEST_LINE)

    def display(self, question: Question, value: Value, context: AnswerContext) -> dict[str, Any]:
        return {"form": "text", "text": str(value)}


class RichText(AnswerKind):
    def read(self, question: Question, name: str, posted: Posted, context: AnswerContext) -> Value:
        text = _clean(posted.get(name, "")).strip()
        if not text:
            return None
        try:
            return clean_rich_text(html_from_text(text))
        except DomainError:
            return {UNREAD: text}

    def faults(self, question: Question, value: Value, context: AnswerContext) -> list[str]:
        if is_unread(value):
            try:
                clean_rich_text(html_from_text(str(value[UNREAD])))
            except DomainError as error:
                return [error.message]
            return []
        return _too_long(plain(value), question.max_length or LONGEST_TEXT)

    def display(self, question: Question, value: Value, context: AnswerContext) -> dict[str, Any]:
        return {"form": "html", "html": clean_rich_text(str(value), strict=False)}


class Number(AnswerKind):
    unit = ""

    def read(self, question: Question, name: str, posted: Posted, context: AnswerContext) -> Value:
        return _whole(posted.get(name, ""))

    def faults(self, question: Question, value: Value, context: AnswerContext) -> list[str]:
        return ["Skriv ett heltal med siffror, till exempel 25."] if is_unread(value) else []

    def display(self, question: Question, value: Value, context: AnswerContext) -> dict[str, Any]:
        return {"form": "text", "text": typography.number(value)}


class Amount(AnswerKind):
    def read(self, question: Question, name: str, posted: Posted, context: AnswerContext) -> Value:
        return _kronor(posted.get(name, ""))

    def faults(self, question: Question, value: Value, context: AnswerContext) -> list[str]:
        return [_amount_fault(value[UNREAD])] if is_unread(value) else []

    def display(self, question: Question, value: Value, context: AnswerContext) -> dict[str, Any]:
        return {"form": "text", "text": typography.kronor(value)}


class Day(AnswerKind):
    def read(self, question: Question, name: str, posted: Posted, context: AnswerContext) -> Value:
        return _day(posted.get(name, ""))

    def faults(self, question: Question, value: Value, context: AnswerContext) -> list[str]:
        return (
            ["Skriv dagen som år-månad-dag, till exempel 2024-01-31."] if is_unread(value) else []
        )

    def display(self, question: Question, value: Value, context: AnswerContext) -> dict[str, Any]:
        return {"form": "text", "text": typography.date_long(date.fromisoformat(value))}


class Period(AnswerKind):
    def read(self, question: Question, name: str, posted: Posted, context: AnswerContext) -> Value:
        raw = {end: _clean(posted.get(f"{name}-{end}", "")).strip() for end in ("from", "to")}
        if not any(raw.values()):
            return None
        days = {end: _day(text) for end, text in raw.items()}
        if any(day is None or is_unread(day) for day in days.values()):
            return {UNREAD: raw}
        return days

    def faults(self, question: Question, value: Value, context: AnswerContext) -> list[str]:
        if is_unread(value):
            return ["Skriv både första och sista dag som år-månad-dag, till exempel 2024-01-01."]
        first, last = (date.fromisoformat(value[end]) for end in ("from", "to"))
        if last < first:
            return ["Sista dagen ligger före den första. Ändra en av dem."]
        if (context.period_from and first < context.period_from) or (
            context.period_to and last > context.period_to
        ):
            return [f"Perioden ska ligga inom {_span(context.period_from, context.period_to)}."]
        return []

    def display(self, question: Question, value: Value, context: AnswerContext) -> dict[str, Any]:
        days = (date.fromisoformat(value[end]) for end in ("from", "to"))
        return {"form": "text", "text": _span(*days)}


class Choice(AnswerKind):
    def read(self, question: Question, name: str, posted: Posted, context: AnswerContext) -> Value:
        chosen = _clean(posted.get(name, ""))
        return chosen if chosen in {option.key for option in context.options(question)} else None

    def faults(self, question: Question, value: Value, context: AnswerContext) -> list[str]:
        known = {option.key for option in context.options(question)}
        return [] if value in known else ["Valet finns inte längre. Välj på nytt."]

    def display(self, question: Question, value: Value, context: AnswerContext) -> dict[str, Any]:
        names = {option.key: option.name for option in context.options(question)}
        return {"form": "text", "text": names.get(value, str(value))}


class Choices(AnswerKind):
    def read(self, question: Question, name: str, posted: Posted, context: AnswerContext) -> Value:
        chosen = set(posted.getlist(name))
        return [o.key for o in context.options(question) if o.key in chosen] or None

    def faults(self, question: Question, value: Value, context: AnswerContext) -> list[str]:
        known = {option.key for option in context.options(question)}
        return [] if set(value) <= known else ["Något av valen finns inte längre. Välj på nytt."]

    def display(self, question: Question, value: Value, context: AnswerContext) -> dict[str, Any]:
        names = {option.key: option.name for option in context.options(question)}
        return {"form": "list", "items": [names.get(key, str(key)) for key in value]}


class PeopleCount(AnswerKind):
    def read(self, question: Question, name: str, posted: Posted, context: AnswerContext) -> Value:
        raw = {who: _clean(posted.get(f"{name}-{who}", "")).strip() for who in ("women", "men")}
        if not any(raw.values()):
            return None
        counts = {who: _whole(text) for who, text in raw.items()}
        return {UNREAD: raw} if any(not isinstance(n, int) for n in counts.values()) else counts

    def faults(self, question: Question, value: Value, context: AnswerContext) -> list[str]:
        return ["Skriv antalet kvinnor och antalet män med siffror."] if is_unread(value) else []

    def display(self, question: Question, value: Value, context: AnswerContext) -> dict[str, Any]:
        women, men = value["women"], value["men"]
        sum_of = f"{typography.number(women)} kvinnor och {typography.number(men)} män, tillsammans"
        return {"form": "text", "text": f"{sum_of} {typography.number(women + men)}"}


class Goals(AnswerKind):
    """Rows of goal, indicator and target; those of the association keep their key."""

    PARTS = ("text", "indicator", "target")
    LABELS: Mapping[str, str] = {"text": "mål", "indicator": "indikator", "target": "målvärde"}

    def read(self, question: Question, name: str, posted: Posted, context: AnswerContext) -> Value:
        given = {goal["goal"]: goal for goal in context.goals(question)}
        rows = []
        for at in range(MOST_ROWS):
            row = {part: _line(posted.get(f"{name}-{at}-{part}", "")) for part in self.PARTS}
            key = _clean(posted.get(f"{name}-{at}-goal", ""))
            if key in given:
                row |= {part: given[key][part] for part in ("text", "indicator")}
            if key in given or any(row.values()):
                rows.append({"goal": key if key in given else "", **row})
        return rows or None

    def faults(self, question: Question, value: Value, context: AnswerContext) -> list[str]:
        found = []
        for row in value:
            lacking = [self.LABELS[part] for part in self.PARTS if not row.get(part)]
            if lacking:
                name = row.get("text") or row.get("indicator") or "utan namn"
                found.append(f"Målet ”{name}” saknar {typography.enumerate_words(lacking)}.")
        return found

    def display(self, question: Question, value: Value, context: AnswerContext) -> dict[str, Any]:
        rows = [[row.get(part, "") for part in self.PARTS] for row in value]
        return {"form": "table", "columns": ["Mål", "Indikator", "Målvärde"], "rows": rows}


class Table(AnswerKind):
    def read(self, question: Question, name: str, posted: Posted, context: AnswerContext) -> Value:
        columns = context.columns(question)
        rows, understood = [], True
        for at in range(MOST_ROWS):
            raw = {c.key: _line(posted.get(f"{name}-{at}-{c.key}", "")) for c in columns}
            if not any(raw.values()):
                continue
            row = {c.key: _cell(c, raw[c.key], context) for c in columns}
            understood = understood and not any(is_unread(cell) for cell in row.values())
            rows.append((row, raw))
        if not rows:
            return None
        if not understood:
            return {UNREAD: [raw for _, raw in rows]}
        return [row for row, _ in rows]

    def faults(self, question: Question, value: Value, context: AnswerContext) -> list[str]:
        found = []
        for at, row in enumerate(value[UNREAD] if is_unread(value) else value, 1):
            for column in context.columns(question):
                raw = row.get(column.key)
                if raw in (None, ""):
                    if column.required:
                        found.append(f"Rad {at}: fyll i ”{column.heading}”.")
                elif is_unread(cell := _cell(column, str(raw), context)):
                    found.append(f"Rad {at}, {column.heading}: {_cell_fault(column, cell[UNREAD])}")
        return found

    def display(self, question: Question, value: Value, context: AnswerContext) -> dict[str, Any]:
        columns = context.columns(question)
        rows = [[_cell_text(column, row.get(column.key)) for column in columns] for row in value]
        numeric = [column.type in ("number", "amount", "percent") for column in columns]
        headings = [column.heading for column in columns]
        return {"form": "table", "columns": headings, "rows": rows, "numeric": numeric}


class Confirm(AnswerKind):
    def read(self, question: Question, name: str, posted: Posted, context: AnswerContext) -> Value:
        return True if posted.get(name, "") else None

    def faults(self, question: Question, value: Value, context: AnswerContext) -> list[str]:
        return []

    def display(self, question: Question, value: Value, context: AnswerContext) -> dict[str, Any]:
        return {"form": "text", "text": "Ja, det intygas."}


KINDS: Mapping[QuestionType, AnswerKind] = {
    QuestionType.TEXT: AnswerKind(),
    QuestionType.RICH_TEXT: RichText(),
    QuestionType.NUMBER: Number(),
    QuestionType.AMOUNT: Amount(),
    QuestionType.DATE: Day(),
    QuestionType.PERIOD: Period(),
    QuestionType.CHOICE: Choice(),
    QuestionType.CHOICES: Choices(),
    QuestionType.GOALS: Goals(),
    QuestionType.TARGET_GROUPS: Choices(),
    QuestionType.PEOPLE_COUNT: PeopleCount(),
    QuestionType.TABLE: Table(),
    QuestionType.CONFIRM: Confirm(),
}


# --- parts ----------------------------------------------------------------------------------------


def _named(items: Sequence[Mapping[str, Any]]) -> list[Option]:
    return [Option(item["key"], item["name"], item.get("help", "")) for item in items]


def _target(goal: Mapping[str, Any]) -> str:
    """90 procent → 90 %."""
    unit = str(goal.get("unit", ""))
    return f"{goal['target']} {'%' if unit == 'procent' else unit}".strip()


def _clean(raw: object) -> str:
    """The text as it is kept: one form of each letter and line break, nothing unstorable."""
    text = unicodedata.normalize("NFC", str(raw or "")).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign)[0] != "C")


def _line(raw: object) -> str:
    return " ".join(_clean(raw).split())


def _whole(raw: object) -> Value:
    text = _line(raw)
    digits = "".join(text.split())
    if not digits:
        return None
    if digits.isascii() and digits.isdigit() and int(digits[:12]) < LARGEST_NUMBER:
        return int(digits)
    return {UNREAD: text}


def _kronor(raw: object) -> Value:
    text = _line(raw)
    if not text:
        return None
    try:
        amount = read_kronor(text)
    except AmountError:
        return {UNREAD: text}
    return amount if amount >= 0 else {UNREAD: text}


def _amount_fault(raw: str) -> str:
    try:
        read_kronor(raw)
    except AmountError as error:
        return error.message
    return "Beloppet kan inte vara mindre än noll."


def _day(raw: object) -> Value:
    text = _line(raw)
    if not text:
        return None
    try:
        day = DayField(required=False).clean(text)
    except ValidationError:
        return {UNREAD: text}
    return day.isoformat() if isinstance(day, date) else None


def _cell(column: ColumnOfTable, raw: str, context: AnswerContext) -> Value:
    """The typed value of a table's cell; None when it is empty."""
    match column.type:
        case "number" | "percent" | "year":
            return _whole(raw.removesuffix("%"))
        case "amount":
            return _kronor(raw)
        case "date":
            return _day(raw)
        case "member":
            return raw or None
    return raw or None


def _cell_fault(column: ColumnOfTable, raw: str) -> str:
    if column.type == "amount":
        return _amount_fault(raw)
    if column.type == "date":
        return "skriv dagen som år-månad-dag, till exempel 2024-01-31."
    return "skriv ett heltal med siffror."


def _cell_text(column: ColumnOfTable, value: Value) -> str:
    if value in (None, ""):
        return ""
    if column.type == "amount" and isinstance(value, int):
        return typography.kronor(value)
    if column.type == "percent":
        return f"{value}{typography.NBSP}%"
    if column.type == "number" and isinstance(value, int):
        return typography.number(value)
    if column.type == "date" and (day := parse_date(str(value))):
        return typography.date_long(day)
    return str(value)


def _span(first: date | None, last: date | None) -> str:
    if first and last:
        return f"{typography.date_long(first)}–{typography.date_long(last)}"
    if first:
        return f"tiden från {typography.date_long(first)}"
    return f"tiden till {typography.date_long(last)}" if last else ""


def _too_long(text: str, limit: int) -> list[str]:
    if len(text) <= limit:
        return []
    over = typography.number(len(text) - limit)
    length, most = typography.number(len(text)), typography.number(limit)
    return [f"Texten är {length} tecken. Högst {most} får plats: korta den med {over}."]


def _raw_text(raw: Value) -> str:
    """What was typed and not understood, as text."""
    if isinstance(raw, dict):
        return " – ".join(str(part) for part in raw.values() if part)
    if isinstance(raw, list):
        return "\n".join(" | ".join(str(cell) for cell in row.values()) for row in raw)
    return str(raw)
