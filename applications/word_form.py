"""The application or idea sketch as a Word file to write in: empty, or with the answers there are.

Every question has its heading, by which the file is known again when it comes back
(`word_import`). There are no content controls in it: LibreOffice takes the formatting out of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from applications import answers
from applications.answers import Value
from applications.ideas import texts_of
from applications.models import (
    Answer,
    Application,
    IdeaSketch,
    Programme,
    QuestionType,
    Round,
)
from applications.rich_text import html_from_text
from applications.word_outline import Key, Outline, OutlineQuestion, idea_outline, outline_of
from applications.word_text import write_html
from finsam.documents.word_template import writable

STAMP = datetime(2000, 1, 1)  # noqa: DTZ001 "the same content gives the same file"
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
TICKED, OPEN = "☒", "☐"
KEEP = (
    "Skriv under varje rubrik. Behåll rubrikerna som de är, så känner portalen igen dem när ni "
    "laddar upp filen. Texten i kursiv är hjälp och följer inte med."
)
BY_BOXES = {QuestionType.CHOICE, QuestionType.CHOICES, QuestionType.TARGET_GROUPS}
BASE = "portalen"  # "the first of the key words by which a file of ours is known"


def empty_form_docx(round_: Round) -> bytes:
    """The round's questions with room for the answers."""
    if round_.template is None:
        raise ValueError("The round has no template.")
    context = answers.context_for(round_.association, round_)
    outline = outline_of(round_.template, context)
    return _form(round_.name, round_.programme.name, outline, {}, keywords=f"{BASE} tom")


def application_docx(application: Application) -> bytes:
    """The application as it stands; its key words say which saving the file was made of."""
    context = answers.context_of(application)
    outline = outline_of(application.template, context)
    stored = Answer.objects.filter(application=application).select_related("question__section")
    values = {(row.question.section.key, row.question.key): row.value for row in stored}
    parties = ", ".join(
        f"{party.name} (huvudman)" if party.is_lead else party.name
        for party in application.parties.all()
    )
    about = f"{application.round.programme.name}, {application.round.name}. Parter: {parties}."
    keywords = f"{BASE} {application.public_id} {stamp_of(application.updated_at)}"
    return _form(application.title, about, outline, values, keywords=keywords)


def empty_idea_docx(programme: Programme) -> bytes:
    """The prompts of the programme's sketch with room for the answers."""
    return _form(
        programme.idea_name, programme.name, idea_outline(programme), {}, keywords=f"{BASE} tom"
    )


def idea_docx(sketch: IdeaSketch) -> bytes:
    """The sketch as it stands."""
    outline = idea_outline(sketch.programme)
    values = {(key, key): html_from_text(text) for key, text in texts_of(sketch).items()}
    about = f"{sketch.programme.idea_name}, {sketch.programme.name}, {sketch.member.name}."
    keywords = f"{BASE} {sketch.public_id} {stamp_of(sketch.updated_at)}"
    return _form(sketch.title, about, outline, values, keywords=keywords)


def stamp_of(moment: datetime) -> str:
    """A moment as digits alone: LibreOffice takes other signs out of key words."""
    return str(int((moment - EPOCH) / MICROSECOND))


def moment_of(stamp: str) -> datetime | None:
    """The moment of a stamp, None when it is none."""
    return EPOCH + int(stamp) * MICROSECOND if re.fullmatch(r"\d{13,18}", stamp) else None


# --- writing --------------------------------------------------------------------------------------


def _form(
    title: str, about: str, outline: Outline, values: Mapping[Key, Value], *, keywords: str
) -> bytes:
    document = _new(title, keywords)
    document.add_heading(writable(title), 0)
    document.add_paragraph(writable(about))
    document.add_paragraph(KEEP).runs[0].italic = True
    for section in outline.sections:
        if not section.questions:
            continue
        alone = len(section.questions) == 1 and section.questions[0].heading == section.heading
        document.add_heading(writable(section.heading), 1)
        if section.guidance:
            document.add_paragraph(writable(section.guidance)).runs[0].italic = True
        for question in section.questions:
            if not alone:
                document.add_heading(writable(question.heading), 2)
            _question(document, question, values.get(question.key), outline)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _question(document: Any, question: OutlineQuestion, value: Value, outline: Outline) -> None:
    if question.instruction:
        document.add_paragraph(writable(question.instruction)).runs[0].italic = True

    before = len(document.element.body)
    if question.row is None:
        write_html(document, str(value or ""))
    elif question.type in BY_BOXES:
        _boxes(document, question, value, outline)
    elif question.type == QuestionType.CONFIRM:
        document.add_paragraph(f"{TICKED if value else OPEN} Ja, det intygas.")
    else:
        shown = answers.display(question.row, value, outline.context)
        _answer(document, question, shown, outline)
    if len(document.element.body) == before:
        document.add_paragraph()


def _boxes(document: Any, question: OutlineQuestion, value: Value, outline: Outline) -> None:
    if question.row is None:
        return
    chosen = value if isinstance(value, list) else [value]
    for option in outline.context.options(question.row):
        mark = TICKED if option.key in chosen else OPEN
        document.add_paragraph(writable(f"{mark} {option.name}"))


def _answer(
    document: Any, question: OutlineQuestion, shown: Mapping[str, Any], outline: Outline
) -> None:
    match shown["form"]:
        case "html":
            write_html(document, shown["html"])
        case "table":
            _table(document, shown["columns"], shown["rows"])
        case "text":
            document.add_paragraph(writable(shown["text"]))
        case _ if question.row is not None and question.type == QuestionType.TABLE:
            columns = [column.heading for column in outline.context.columns(question.row)]
            _table(document, columns, [[""] * len(columns)] * 3)
        case _ if question.row is not None and question.type == QuestionType.GOALS:
            goals = outline.context.goals(question.row)
            rows = [[goal["text"], goal["indicator"], goal["target"]] for goal in goals]
            _table(document, ["Mål", "Indikator", "Målvärde"], [*rows, [""] * 3])


def _table(document: Any, columns: list[str], rows: list[list[str]]) -> None:
    table = document.add_table(rows=1, cols=len(columns), style="Table Grid")
    for cell, text in zip(table.rows[0].cells, columns, strict=True):
        cell.text = writable(text)
        cell.paragraphs[0].runs[0].bold = True
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = writable(str(text))


def _new(title: str, keywords: str) -> Any:
    document = Document()
    about = document.core_properties
    about.title, about.author, about.language = writable(title), "", "sv-SE"
    about.created = about.modified = STAMP
    about.keywords = keywords
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(24)
    _look(document)
    properties = document.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    language = properties.find(qn("w:lang"))
    if language is not None:
        language.set(qn("w:val"), "sv-SE")
    return document


def _look(document: Any) -> None:
    """A calm page: one font, dark headings."""
    for name, size in (("Normal", 10.5), ("Title", 20), ("Heading 1", 14), ("Heading 2", 11.5)):
        style = document.styles[name]
        style.font.name, style.font.size = "Arial", Pt(size)
        style.font.color.rgb = RGBColor(0x1C, 0x24, 0x30)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for part in list(fonts.attrib):
            del fonts.attrib[part]
        for part in ("w:ascii", "w:hAnsi", "w:cs"):
            fonts.set(qn(part), "Arial")
