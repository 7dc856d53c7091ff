"""From what stands under a heading to the typed answer of its question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from applications import answers
from applications.answers import AnswerContext, Option, Value
from applications.models import Question, QuestionType
from applications.rich_text import text_from_html
from applications.word_headings import Names, likeness, normalise
from finsam.documents.richtext import COLUMNS, ROWS, clean_rich_text
from finsam.documents.word_reading import Block
from finsam.errors import DomainError
from finsam.typography import MONTHS

TICKED = re.compile(r"^\s*(?:[☒☑✓✔✗■]|[\[(]\s*[xX]\s*[\])]|[xX]\s)\s*(.+)$")
OPEN_BOX = re.compile(r"^\s*(?:[☐□]|[\[(]\s*[\])])\s*(.*)$")
WOMEN = re.compile(
    r"(\d[\d\s]*)\s*(?:st\s+)?(?:kvinn|flick|tjej)|kvinnor\D{0,12}?(\d[\d\s]*)", re.IGNORECASE
)
MEN = re.compile(
    r"(\d[\d\s]*)\s*(?:st\s+)?(?:män|man\b|pojk|kill)|\bmän\D{0,12}?(\d[\d\s]*)", re.IGNORECASE
)
NUMBER = re.compile(
    r"^\s*(?:ca\.?|cirka|omkring)?\s*(\d[\d\s]*?)\s*(?:år|st|personer|stycken)?\.?\s*$",
    re.IGNORECASE,
)
MONTH = "|".join(name[:3] for name in MONTHS)
ISO_DAY = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
WRITTEN_DAY = re.compile(
    rf"\b(\d{{1,2}})\s+((?:{MONTH})[a-zåäö]*)\.?(?:\s+(\d{{4}}))?", re.IGNORECASE
)
WHOLE_YEAR = re.compile(r"\b(?:helåret|hela året|kalenderåret)\s+(\d{4})\b", re.IGNORECASE)
ALIKE = 0.8
CELLS_IN_A_LIST_ROW = 2


class _Posted(dict[str, Any]):
    """What the file says, in the shape of what a form sends."""

    def getlist(self, key: str) -> list[Any]:
        found = self.get(key, [])
        return found if isinstance(found, list) else [found]


def value_of(question: Question, blocks: Sequence[Block], context: AnswerContext) -> Value:
    """The typed answer, None when nothing stands there, `unread` when it is not understood."""
    name = answers.field_name(question)
    kind = QuestionType(question.type)
    if kind == QuestionType.RICH_TEXT:
        return rich_value(blocks)
    posted = _Posted()
    match kind:
        case QuestionType.CHOICE | QuestionType.CHOICES | QuestionType.TARGET_GROUPS:
            chosen = _chosen(blocks, context.options(question), one=kind == QuestionType.CHOICE)
            posted[name] = chosen[0] if chosen and kind == QuestionType.CHOICE else chosen
        case QuestionType.TABLE:
            columns = [(column.key, column.heading) for column in context.columns(question)]
            posted.update(_posted_rows(name, _table_rows(blocks, columns)))
        case QuestionType.GOALS:
            posted.update(_posted_rows(name, _goals(question, blocks, context)))
        case QuestionType.PERIOD:
            posted.update(zip((f"{name}-from", f"{name}-to"), _period(_text(blocks)), strict=True))
        case QuestionType.PEOPLE_COUNT:
            posted.update(_people(name, _text(blocks)))
        case QuestionType.CONFIRM:
            posted[name] = "1" if _is_yes(blocks) else ""
        case QuestionType.NUMBER if found := NUMBER.match(_text(blocks)):
            posted[name] = found[1]
        case _:
            posted[name] = _text(blocks)
    return answers.read(question, posted, context)


def rich_value(blocks: Sequence[Block]) -> Value:
    """Paragraphs, lists, headings and tables as the HTML that the form keeps."""
    markup = html_of(blocks)
    try:
        return clean_rich_text(markup) or None
    except DomainError:
        return {answers.UNREAD: text_from_html(markup)}


def not_chosen(question: Question, blocks: Sequence[Block], value: Value) -> bool:
    """Whether the file answers a question of choice with something that is not on the list."""
    kinds = (QuestionType.CHOICE, QuestionType.CHOICES, QuestionType.TARGET_GROUPS)
    return question.type in kinds and answers.is_empty(value) and bool(_marked(_lines(blocks)))


def html_of(blocks: Sequence[Block]) -> str:
    """The blocks as HTML; list items that follow each other make one list."""
    parts: list[str] = []
    open_list = ""
    for block in blocks:
        wanted = ("ol" if block.get("ordered") else "ul") if block["kind"] == "item" else ""
        if wanted != open_list:
            parts += [f"</{open_list}>"] if open_list else []
            parts += [f"<{wanted}>"] if wanted else []
            open_list = wanted
        parts.append(_block_html(block))
    return "".join([*parts, f"</{open_list}>" if open_list else ""])


def table_fits(question: Question, rows: Sequence[Sequence[str]], context: AnswerContext) -> bool:
    """Whether a table in the file is the one that a question asks for."""
    heads = [normalise(cell) for cell in rows[0]] if rows else []
    if question.type == QuestionType.GOALS:
        return "mål" in heads and bool({"indikator", "målvärde"} & set(heads))
    if question.type != QuestionType.TABLE:
        return False
    columns = context.columns(question)
    known = [_column_of(head, [(c.key, c.heading) for c in columns]) for head in rows[0]]
    count = len({key for key in known if key})
    same_width = len(rows[0]) == len(columns)
    return count * 2 > len(columns) or (same_width and count > 0 and len(columns) > 1)


# --- parts ----------------------------------------------------------------------------------------


def _block_html(block: Block) -> str:
    if block["kind"] == "table":
        return _table_html(block["rows"])
    if block["kind"] == "item":
        return f"<li>{block['html']}</li>"
    if block["kind"] == "heading":
        return f"<h3>{escape(block['plain'], quote=False)}</h3>"
    return f"<p>{block['html']}</p>"


def _table_html(rows: list[list[str]]) -> str:
    if not rows or len(rows) > ROWS or max(map(len, rows)) > COLUMNS:
        # Wider than a text can hold: the words are kept, row by row.
        return "".join(f"<p>{escape(' · '.join(row), quote=False)}</p>" for row in rows)
    written = []
    for at, row in enumerate(rows):
        tag = "th" if at == 0 else "td"
        cells = (escape(" ".join(cell.replace("|", "/").split()), quote=False) for cell in row)
        written.append(f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>")
    return f"<table><tbody>{''.join(written)}</tbody></table>"


def _lines(blocks: Sequence[Block]) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        if block["kind"] == "table":
            lines += [" ".join(row) for row in block["rows"]]
        else:
            lines += block["plain"].split("\n")
    return [line.strip() for line in lines if line.strip()]


def _text(blocks: Sequence[Block]) -> str:
    return " ".join(_lines(blocks))


def _marked(lines: Sequence[str]) -> list[str]:
    """Where there are boxes, the lines whose box is ticked; else all lines."""
    ticked = [found[1].strip() for line in lines if (found := TICKED.match(line))]
    if ticked or any(OPEN_BOX.match(line) for line in lines):
        return ticked
    return list(lines)


def _chosen(blocks: Sequence[Block], options: Sequence[Option], *, one: bool) -> list[str]:
    lines = _marked(_lines(blocks))
    text = f" {normalise(' '.join(lines))} "
    inside = [option for option in options if f" {normalise(option.name)} " in text]
    # "Fortsatt insats" also stands inside "Fortsatt insats med ändrad inriktning".
    longest = [
        option
        for option in inside
        if not any(o != option and normalise(option.name) in normalise(o.name) for o in inside)
    ]
    if not longest:
        parts = [part for line in lines for part in re.split(r"[,;/]", line)]
        longest = [
            option
            for option in options
            if any(likeness(part, Names("", (option.name,))) >= ALIKE for part in parts)
        ]
    if not longest and text.strip():
        # "Ny" is short for "Ny insats", where nothing else begins so.
        begun = [o for o in options if f"{normalise(o.name)} ".startswith(text.lstrip())]
        longest = begun if len(begun) == 1 else []
    ordered = sorted(longest, key=lambda option: text.find(normalise(option.name)))
    return [option.key for option in (ordered[:1] if one else ordered)]


def _column_of(head: str, columns: Sequence[tuple[str, str]]) -> str:
    scored = [(likeness(head, Names(key, (heading,))), key) for key, heading in columns]
    score, key = max(scored, default=(0.0, ""))
    if score >= ALIKE:
        return key
    wanted = normalise(head).split()
    return next((k for k, h in columns if wanted and normalise(h).split()[:1] == wanted[:1]), "")


def _table_rows(
    blocks: Sequence[Block], columns: Sequence[tuple[str, str]]
) -> Iterator[dict[str, str]]:
    """The rows of the tables, each cell by the column that its head means."""
    for block in blocks:
        rows = block["rows"] if block["kind"] == "table" else []
        if not rows:
            continue
        keys = [_column_of(head, columns) for head in rows[0]]
        has_head = any(keys)
        if not has_head or (len(rows[0]) == len(columns) and len(set(keys) - {""}) < len(columns)):
            keys = [key for key, _ in columns]
        for row in rows[1:] if has_head else rows:
            cells = dict(zip(keys, row, strict=False))
            if any(text.strip() for key, text in cells.items() if key):
                yield {key: " ".join(text.split()) for key, text in cells.items() if key}


def _posted_rows(name: str, rows: Any) -> Iterator[tuple[str, str]]:
    for at, row in enumerate(rows):
        for key, text in row.items():
            yield f"{name}-{at}-{key}", text


def _goals(
    question: Question, blocks: Sequence[Block], context: AnswerContext
) -> Iterator[dict[str, str]]:
    """Goals of a table or a list; the association's own are known by their text."""
    parts = (("text", "Mål"), ("indicator", "Indikator"), ("target", "Målvärde"))
    given = context.goals(question)
    rows = list(_table_rows(blocks, parts))
    if not rows:
        items = [line for block in blocks if block["kind"] != "table" for line in _lines([block])]
        rows = [{"text": item} for item in items]
    for row in rows:
        text = row.get("text", "")
        same = next((g for g in given if likeness(text, Names("", (g["text"],))) >= ALIKE), None)
        yield {**row, "goal": same["goal"]} if same else row


def _people(name: str, text: str) -> Iterator[tuple[str, str]]:
    for who, pattern in (("women", WOMEN), ("men", MEN)):
        found = pattern.search(text)
        number = next((group for group in found.groups() if group), "") if found else ""
        yield f"{name}-{who}", number or (text[:60] if text and who == "women" else "")


def _period(text: str) -> tuple[str, str]:
    """The first and the last day that the text names, as they are to be typed."""
    if year := WHOLE_YEAR.search(text):
        return f"{year[1]}-01-01", f"{year[1]}-12-31"
    days = [found[0] for found in ISO_DAY.finditer(text)]
    if len(days) < 2:
        written = list(WRITTEN_DAY.finditer(text))
        year_of_last = written[-1][3] if written else None
        days = [
            f"{found[1]} {found[2]} {found[3] or year_of_last}"
            for found in written
            if found[3] or year_of_last
        ]
    if len(days) >= 2:
        return days[0], days[1]
    return text[:80], ""


def _is_yes(blocks: Sequence[Block]) -> bool:
    lines = _marked(_lines(blocks))
    return any(re.match(r"(?:ja|intygas|vi intygar)\b", line, re.IGNORECASE) for line in lines)
