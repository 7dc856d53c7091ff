"""The application as a Word file: headings as styles, each answer under its question."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

from applications.models import Round
from applications.rich_text import text_from_html

STAMP = datetime(2000, 1, 1)  # noqa: DTZ001 "the same content gives the same file"
BULLET, NUMBER = "List Bullet", "List Number"


def application_docx(content: Mapping[str, Any]) -> bytes:
    """The content of an application, every question with its answer or a line to write on."""
    document = _new(str(content["title"]))
    document.add_heading(str(content["title"]), 0)
    document.add_paragraph(f"{content['programme']['name']}, {content['round']['name']}")
    document.add_heading("Parter", 1)
    for party in content["parties"]:
        lead = " (huvudman)" if party["is_lead"] else ""
        unit = f", {party['unit']}" if party["unit"] else ""
        document.add_paragraph(f"{party['name']}{lead}{unit}", style=BULLET)
    for section in content["sections"]:
        if section["questions"]:
            document.add_heading(section["heading"], 1)
        for question in section["questions"]:
            document.add_heading(question["heading"], 2)
            _answer(document, question["shown"])
    return _bytes(document)


def empty_form_docx(round_: Round) -> bytes:
    """The round's questions with room for the answers."""
    document = _new(f"Blankett: {round_.name}")
    document.add_heading(round_.name, 0)
    document.add_paragraph(
        "Skriv under varje rubrik. Behåll rubrikerna som de är, så känner portalen igen dem."
    )
    template = round_.template
    for section in template.sections.prefetch_related("questions") if template else []:
        if not section.questions.all():
            continue
        document.add_heading(section.heading, 1)
        if section.guidance:
            document.add_paragraph(section.guidance, style="Intense Quote")
        for question in section.questions.all():
            options = question.options or {}
            document.add_heading(options.get("heading") or question.prompt, 2)
            document.add_paragraph().add_run(_instruction(question)).italic = True
            columns = options.get("columns") or []
            if columns:
                _table(document, [column["heading"] for column in columns], [[""] * len(columns)])
            else:
                document.add_paragraph()
    return _bytes(document)


def _instruction(question: Any) -> str:
    choices = [choice["name"] for choice in (question.options or {}).get("choices") or []]
    listed = f" Välj bland: {', '.join(choices)}." if choices else ""
    return f"{question.prompt} {question.help}{listed}".strip()


def _answer(document: Any, shown: Mapping[str, Any]) -> None:
    match shown["form"]:
        case "html":
            _text(document, text_from_html(shown["html"]))
        case "list":
            for item in shown["items"]:
                document.add_paragraph(item, style=BULLET)
        case "table":
            _table(document, shown["columns"], shown["rows"])
        case "text":
            document.add_paragraph(shown["text"])
        case _:
            document.add_paragraph()


def _text(document: Any, text: str) -> None:
    """Marked text as paragraphs, lists and strong words."""
    for line in text.split("\n"):
        if line.startswith("- "):
            _runs(document.add_paragraph(style=BULLET), line[2:])
        elif line[:1].isdigit() and ". " in line[:5]:
            _runs(document.add_paragraph(style=NUMBER), line.split(". ", 1)[1])
        elif line.startswith("### "):
            document.add_heading(line[4:], 3)
        elif line.strip():
            _runs(document.add_paragraph(), line)


def _runs(paragraph: Any, line: str) -> None:
    for at, part in enumerate(line.split("**")):
        if part:
            paragraph.add_run(part).bold = at % 2 == 1 or None


def _table(document: Any, columns: list[str], rows: list[list[str]]) -> None:
    from docx.oxml import OxmlElement

    table = document.add_table(rows=1, cols=len(columns), style="Table Grid")
    for cell, text in zip(table.rows[0].cells, columns, strict=True):
        cell.text = text
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = str(text)


def _new(title: str) -> Any:
    from docx import Document
    from docx.oxml.ns import qn

    document = Document()
    document.core_properties.title = title
    document.core_properties.author = ""
    document.core_properties.language = "sv-SE"
    document.core_properties.created = document.core_properties.modified = STAMP
    properties = document.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    language = properties.find(qn("w:lang"))
    if language is not None:
        language.set(qn("w:val"), "sv-SE")
    return document


def _bytes(document: Any) -> bytes:
    out = BytesIO()
    document.save(out)
    return out.getvalue()
